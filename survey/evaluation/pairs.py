"""Which of several groups differ: every two of them, p-values adjusted for there being many."""

from collections.abc import Sequence

import msgspec

from survey.analysis.effects import cliffs_delta, cohens_d, cohens_h
from survey.analysis.equivalence import verdict
from survey.analysis.results import Comparison as TestedPair
from survey.analysis.results import ConfInt, Difference, EffectSize, PairwiseResult, Verdict
from survey.analysis.significance.column_letters import letter_of
from survey.analysis.significance.post_hoc import games_howell
from survey.analysis.sufficient import Moments
from survey.evaluation.arms import Arm
from survey.evaluation.evidence import Evidence, run
from survey.evaluation.groups import GroupOutcome
from survey.evaluation.plans import pairs_test

MOST_GROUPS = 40
"""So many groups are compared pair by pair at most."""
FEW_PAIRS = 10
"""Up to here Holm keeps the chance of any false positive; beyond, Benjamini-Hochberg keeps their share."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two of several groups, first minus second; `pvalue_adjusted` allows for all pairs shown."""

    a: str
    b: str
    test: str
    pvalue: float | None
    pvalue_adjusted: float | None
    effect_size: EffectSize | None
    difference: Difference | None
    verdict: Verdict | None = None


def pairs_of(evidence: Evidence, arms: Sequence[Arm], sesoi: float | None) -> tuple[tuple[Pair, ...], str]:
    """All pairs of groups, and how their p-values were adjusted; none where no test of pairs fits."""
    name = pairs_test(evidence)
    if len(arms) > MOST_GROUPS or name is None:
        return (), ""
    many = len(arms) * (len(arms) - 1) // 2 > FEW_PAIRS
    found = run(name, evidence, adjustment="bh" if many else "holm")
    if not isinstance(found, PairwiseResult):
        raise TypeError(f"{name} is no test of pairs")
    differences = _differences(evidence, found)
    pairs = tuple(
        Pair(
            a=arms[one.first].name,
            b=arms[one.second].name,
            test=name,
            pvalue=one.pvalue,
            pvalue_adjusted=one.adjusted_pvalue,
            effect_size=_effect(evidence, one.first, one.second),
            difference=differences.get((one.first, one.second)),
            verdict=_verdict(one, differences, sesoi),
        )
        for one in found.comparisons
    )
    return pairs, found.adjustment


def overall(pairs: Sequence[Pair], pvalue: float | None, level: float = 0.05) -> Verdict | None:
    """What all pairs together say: one that differs after a test that does, or all equivalent."""
    verdicts = [pair.verdict for pair in pairs]
    if not verdicts or None in verdicts:
        return None
    if pvalue is not None and pvalue < level and "different" in verdicts:
        return "different"
    return "equivalent" if set(verdicts) == {"equivalent"} else "inconclusive"


def lettered(groups: Sequence[GroupOutcome], pairs: Sequence[Pair], level: float = 0.05) -> tuple[GroupOutcome, ...]:
    """Each group with a letter, and the letters of the groups that it is above beyond chance."""
    if not any(pair.difference is not None for pair in pairs):
        return tuple(groups)
    letter = {group.group: letter_of(place) for place, group in enumerate(groups)}
    above: dict[str, list[str]] = {name: [] for name in letter}
    for pair in pairs:
        value = None if pair.difference is None else pair.difference.value
        if value and pair.pvalue_adjusted is not None and pair.pvalue_adjusted < level:
            higher, lower = (pair.a, pair.b) if value > 0.0 else (pair.b, pair.a)
            above[higher].append(letter[lower])
    return tuple(
        msgspec.structs.replace(group, letter=letter[group.group], above=tuple(sorted(above[group.group])))
        for group in groups
    )


Differences = dict[tuple[int, int], Difference]


def _differences(evidence: Evidence, found: PairwiseResult) -> Differences:
    """First minus second of each pair, in the unit of the outcome, with intervals for all pairs at once."""
    sign = 1.0 if found.test == "pairwise_proportions" else -1.0
    if evidence.worth is None:
        return {}
    if found.test == "dunn":
        found = games_howell(evidence.table, evidence.worth)
    return {
        (one.first, one.second): in_unit(one.difference, sign)
        for one in found.comparisons
        if one.difference is not None and one.difference.value is not None
    }


def in_unit(difference: Difference, sign: float = 1.0) -> Difference:
    """The difference with its sign turned, shares as percentages."""
    scale = sign * (100.0 if difference.unit == "proportion" else 1.0)
    interval = difference.confint
    if interval is not None:
        low, high = sorted((scale * interval.low, scale * interval.high))
        interval = ConfInt(low, high, interval.level, interval.method)
    return Difference(None if difference.value is None else scale * difference.value, interval, difference.unit)


def _verdict(one: TestedPair, differences: Differences, sesoi: float | None) -> Verdict | None:
    """By the interval shown, which is wider than two one-sided tests would need: there are many pairs."""
    difference = differences.get((one.first, one.second))
    if sesoi is None or difference is None:
        return None
    return verdict(difference.value, difference.confint, one.adjusted_pvalue, sesoi)


def _effect(evidence: Evidence, a: int, b: int) -> EffectSize | None:
    if evidence.rows is not None:
        return None
    first, second = evidence.table[a], evidence.table[b]
    if min(first.sum(), second.sum()) == 0:
        return None
    if evidence.outcome.level == "ordinal" or evidence.worth is None:
        return cliffs_delta(first, second)
    if evidence.outcome.level == "binary":
        return EffectSize("Cohen's h", cohens_h(*(float(row[-1] / row.sum()) for row in (first, second))))
    moments = [Moments.from_counts(row, evidence.worth) for row in (first, second)]
    return cohens_d(*moments)[1] if min(one.n for one in moments) > 1 else None
