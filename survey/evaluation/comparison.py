"""Comparing groups or waves: the test chosen by level and design, why, and what it says in plain words."""

from itertools import combinations
from typing import NamedTuple

import msgspec
import numpy as np

from survey.analysis import estimation
from survey.analysis.multiplicity import adjust
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, TestResult
from survey.evaluation.disclosure import FLOOR, hidden
from survey.evaluation.indices import IndexValue, in_percent, index_value
from survey.evaluation.outcomes import Outcome, outcome
from survey.evaluation.plans import WHY, Design, plan, run
from survey.evaluation.sample import Sample
from survey.evaluation.sentences import sentence
from survey.forms.wording import Text

MOST_PAIRED = 10
"""So many groups are compared pair by pair at most."""
ONE_TEST = "none: one test is confirmatory; the others look at the same difference in other ways"
TOO_FEW = f"a group has fewer than {FLOOR} answers: nothing is shown of it"


class Group(NamedTuple):
    """Some responses under the selector that chose them."""

    name: str
    title: Text
    sample: Sample


class GroupOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One group's answers, and its index where the measure has one."""

    group: str
    title: Text
    n: int
    counts: dict[str, int]
    index: IndexValue | None = None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two of several groups; `pvalue_adjusted` is Holm's over all pairs shown."""

    a: str
    b: str
    test: str
    pvalue: float | None
    pvalue_adjusted: float | None
    effect_size: EffectSize | None
    difference: Difference | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, the chosen test in the first fields, and every test made with all its details."""

    survey: str
    measure: str
    title: Text
    index: str | None
    level: str
    design: Design
    by: str | None = None
    synthetic: bool = False
    test: str | None = None
    why: Text = {}
    statistic: float | None = None
    pvalue: float | None = None
    pvalue_adjusted: float | None = None
    adjustment: str = ONE_TEST
    df: float | tuple[float, float] | None = None
    effect_size: EffectSize | None = None
    difference: Difference | None = None
    n: tuple[int | float, ...] = ()
    sentence: dict[str, str] = {}
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None
    groups: tuple[GroupOutcome, ...] = ()
    tests: tuple[TestResult, ...] = ()
    pairs: tuple[Pair, ...] = ()
    suppressed: int = 0


def compare(
    survey: str,
    measure: str,
    groups: list[Group],
    *,
    by: str | None = None,
    ordered: bool = False,
    test: str | None = None,
    synthetic: bool = False,
) -> Comparison:
    """Compare two groups or several on a measure; groups too small to be shown are left out."""
    found = outcome(measure, [group.sample for group in groups])
    sizes = [int(size) for size in found.table.sum(axis=1)]
    unseen = hidden(sizes)
    shown = [place for place, size in enumerate(sizes) if size and place not in unseen]
    if by is None and unseen:
        shown = []
    kept = found._replace(table=found.table[shown])
    several = (len(shown) if len(shown) > 1 else len(groups)) > 2
    design: Design = "two-independent" if not several else "ordered" if ordered else "k-independent"
    bare = Comparison(
        survey=survey,
        measure=found.measure,
        title=found.title,
        index=found.figure,
        level=found.level,
        design=design,
        by=by,
        synthetic=synthetic,
        suppressed=len(unseen),
        groups=tuple(_group(groups[place], kept, row) for row, place in enumerate(shown)),
    )
    names = plan(found, design, test=test)
    if len(shown) < 2:
        return msgspec.structs.replace(bare, reason=TOO_FEW if unseen else "fewer than two groups have valid answers")
    return _tested(bare, kept, names)


def _group(group: Group, found: Outcome, row: int) -> GroupOutcome:
    counts = found.table[row]
    return GroupOutcome(
        group=group.name,
        title=group.title,
        n=int(counts.sum()),
        counts=_counts(found, row),
        index=_index(found, row),
    )


def _counts(found: Outcome, row: int) -> dict[str, int]:
    """How often each level; levels of a score are many, so those that nobody has are left out."""
    pairs = zip(found.codes, found.table[row], strict=True)
    return {str(code): int(count) for code, count in pairs if count or found.level != "score"}


def _index(found: Outcome, row: int) -> IndexValue | None:
    if found.worth is None or found.figure is None:
        return None
    counts = found.table[row]
    if found.unit == "percent":
        share = estimation.proportion(float(counts @ found.worth) / 100.0, float(counts.sum()))
        return index_value(found.figure, in_percent(share), definition=f"{found.figure}@1", unit="percent")
    value = estimation.mean(counts, found.worth)
    return index_value(found.figure, value, definition=f"{found.figure}@1", unit=found.unit)


def _tested(bare: Comparison, found: Outcome, names: tuple[str, ...]) -> Comparison:
    tests = tuple(run(name, found) for name in names)
    chosen = tests[0]
    pairs = _pairs(bare, found) if bare.design != "two-independent" and len(bare.groups) <= MOST_PAIRED else ()
    return msgspec.structs.replace(
        bare,
        test=chosen.test,
        why=WHY[chosen.test],
        statistic=chosen.statistic,
        pvalue=chosen.pvalue,
        pvalue_adjusted=chosen.pvalue,
        df=chosen.df,
        effect_size=chosen.effect_size,
        difference=_difference(tests, found),
        n=chosen.n,
        cautions=chosen.cautions,
        reason=chosen.reason,
        tests=tests,
        pairs=pairs,
        adjustment=ONE_TEST if not pairs else f"{ONE_TEST}; the pairs by Holm",
        sentence=sentence(found, bare.groups, chosen, _difference(tests, found)),
    )


def _difference(tests: tuple[TestResult, ...], found: Outcome) -> Difference | None:
    """The difference of two groups in the unit of the index: that of the chosen test, or of one beside it."""
    value = next((test.difference for test in tests if test.difference is not None), None)
    if value is None or value.value is None:
        return None
    scale, unit = (100.0, "percentage points") if found.unit == "percent" else (1.0, found.unit)
    interval = value.confint
    if interval is not None:
        interval = ConfInt(scale * interval.low, scale * interval.high, interval.level, interval.method)
    return Difference(scale * value.value, interval, unit)


def _pairs(bare: Comparison, found: Outcome) -> tuple[Pair, ...]:
    names = plan(found, "two-independent", test=None)
    made = []
    for a, b in combinations(range(len(bare.groups)), 2):
        pair = found._replace(table=np.asarray(found.table[[a, b]]))
        tests = tuple(run(name, pair) for name in names[:2])
        made.append((a, b, tests[0], _difference(tests, pair)))
    adjusted = adjust([test.pvalue for _, _, test, _ in made], "holm")
    return tuple(
        Pair(
            a=bare.groups[a].group,
            b=bare.groups[b].group,
            test=test.test,
            pvalue=test.pvalue,
            pvalue_adjusted=pvalue,
            effect_size=test.effect_size,
            difference=difference,
        )
        for (a, b, test, difference), pvalue in zip(made, adjusted, strict=True)
    )
