"""One group of a comparison: its answers, and its index with an interval."""

import msgspec
import numpy as np

from survey.analysis import estimation
from survey.analysis.results import Estimate
from survey.evaluation.arms import Arm
from survey.evaluation.evidence import Evidence
from survey.evaluation.gathering import Gathered
from survey.evaluation.indices import IndexValue, in_percent, index_value
from survey.evaluation.outcomes import Outcome
from survey.evaluation.weighted import weighted_estimate
from survey.forms.wording import Text


class GroupOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One group's answers, and its index where the measure has one; `unweighted` when the index is weighted.

    Of several groups each has a `letter`, and `above` has the letters of those that it is above beyond chance.
    """

    group: str
    title: Text
    n: int
    counts: dict[str, int]
    index: IndexValue | None = None
    unweighted: IndexValue | None = None
    letter: str | None = None
    above: tuple[str, ...] = ()


def group_outcome(found: Gathered, row: int, arm: Arm) -> GroupOutcome:
    outcome, counts = found.measured.outcome, found.table[row]
    pairs = zip(outcome.codes, counts, strict=True)
    return GroupOutcome(
        group=arm.name,
        title=arm.title,
        n=int(counts.sum()),
        # levels of a score are many: those that nobody has are left out
        counts={str(code): int(count) for code, count in pairs if count or outcome.level not in ("score", "nps")},
        index=_index(outcome, counts),
    )


def _index(outcome: Outcome, counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> IndexValue | None:
    if outcome.worth is None:
        return None
    if outcome.unit == "percent":
        return _value(outcome, in_percent(estimation.proportion(float(counts @ outcome.worth) / 100.0, counts.sum())))
    if outcome.level == "nps":
        sides = (float(counts[outcome.worth == worth].sum()) for worth in (100.0, 0.0, -100.0))
        return _value(outcome, estimation.net_promoter(*sides))
    return _value(outcome, estimation.level_mean(counts, outcome.worth, ends=outcome.ends))


def under_design(group: GroupOutcome, evidence: Evidence, row: int) -> GroupOutcome:
    """The group with its index under weights and clusters, where it is a group of the design."""
    rows = evidence.rows
    if rows is None or rows.values is None or evidence.design in ("two-paired", "did-panel"):
        return group
    found = weighted_estimate(rows, row, share=evidence.outcome.unit == "percent")
    return msgspec.structs.replace(group, index=_value(evidence.outcome, found), unweighted=group.index)


def _value(outcome: Outcome, found: Estimate) -> IndexValue:
    figure = outcome.figure or "mean"
    return index_value(figure, found, definition=f"{figure}@1", unit=outcome.unit)
