"""Comparing groups or waves: the test chosen by level and design, why, and what it says in plain words."""

from collections.abc import Sequence

import msgspec

from survey.analysis.equivalence import verdict
from survey.analysis.results import Caution, Difference, EffectSize, TestResult, Verdict
from survey.analysis.significance import TESTS
from survey.errors import Refused
from survey.evaluation.arms import Round
from survey.evaluation.dif import ItemDif
from survey.evaluation.disclosure import FLOOR, HeldBack
from survey.evaluation.evidence import Design, Evidence, run
from survey.evaluation.gathering import Gathered, gather
from survey.evaluation.groups import GroupOutcome, group_outcome, under_design
from survey.evaluation.outcomes import Outcome
from survey.evaluation.pairs import Pair, in_unit, lettered, overall, pairs_of
from survey.evaluation.plans import plan
from survey.evaluation.pre_trends import pre_trend_caution, pre_trends
from survey.evaluation.questions import Question
from survey.evaluation.reasons import ASKED_FOR, INSTEAD, WHY
from survey.evaluation.sentences import BEYOND_CHANCE, Finding, sentence
from survey.evaluation.weights import Margins, Weighting
from survey.forms.wording import Text

ONE_TEST = "none: one test is confirmatory; the others look at the same difference in other ways"
SESOI = {"points": 2.0, "percent": 2.0}
"""The smallest effect of interest where the question names none, in points of an index and percentage points."""
EQUIVALENCE_LEVEL = 0.9
"""Within this interval two one-sided tests at 5 % find equivalence."""
SEVERAL: tuple[Design, ...] = ("k-independent", "ordered", "waves")


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, the chosen test in the first fields, and every test made with all its details.

    `verdict` holds the difference against `sesoi`, the smallest effect of interest; `groups` are first, second and so
    on, of a pilot control before and after, then pilot before and after.
    """

    survey: str
    measure: str
    title: Text
    index: str | None
    level: str
    design: Design | None = None
    by: str | None = None
    synthetic: bool = False
    test: str | None = None
    version: int | None = None
    why: Text = {}
    statistic: float | None = None
    pvalue: float | None = None
    pvalue_adjusted: float | None = None
    adjustment: str = ONE_TEST
    df: float | tuple[float, float] | None = None
    effect_size: EffectSize | None = None
    difference: Difference | None = None
    sesoi: float | None = None
    verdict: Verdict | None = None
    target: float | None = None
    n: tuple[int | float, ...] = ()
    effective_n: float | None = None
    sentence: dict[str, str] = {}
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None
    groups: tuple[GroupOutcome, ...] = ()
    tests: tuple[TestResult, ...] = ()
    pairs: tuple[Pair, ...] = ()
    pre_trends: TestResult | None = None
    """For a pilot with waves before: whether it and its control moved in parallel."""
    dif: tuple[ItemDif, ...] = ()
    """For two groups and a test: whether its items are as hard for equally able persons of both."""
    weighting: tuple[Weighting, ...] = ()
    cluster: str | None = None
    suppressed: int = 0
    held_back: tuple[HeldBack, ...] = ()
    """The groups that are not shown, and why."""


def compare(
    survey: str, question: Question, rounds: list[Round], margins: Margins | None = None, earlier: Sequence[Round] = ()
) -> Comparison:
    """Compare what the question asks for; groups too small to be shown are left out; raises Refused.

    `earlier` are the waves before those of a pilot, oldest first.
    """
    if question.test is not None and question.test not in TESTS:
        raise Refused("There is no test '%(test)s'; there are %(tests)s", test=question.test, tests=", ".join(TESTS))
    found = gather(question, rounds, margins)
    outcome, evidence = found.measured.outcome, found.evidence
    bare = Comparison(
        survey=survey,
        measure=outcome.measure,
        title=outcome.title,
        index=outcome.figure,
        level=outcome.level,
        design=None if evidence is None else evidence.design,
        by=question.by,
        synthetic=any(one.wave.synthetic for one in rounds),
        sesoi=SESOI.get(outcome.unit) if question.sesoi is None else question.sesoi,
        target=question.target,
        suppressed=len(found.held_back),
        held_back=found.held_back,
        groups=tuple(group_outcome(found, row, arm) for row, arm in enumerate(found.arms)),
        cautions=found.cautions,
        dif=found.dif,
        weighting=found.weightings,
        cluster=question.cluster,
        reason=found.reason,
    )
    if question.kind == "pilot":
        bare = _with_pre_trends(
            bare, question, [*earlier, *(one for one in rounds if one.wave.wave == question.before)]
        )
    return bare if evidence is None else _tested(bare, found, evidence, question)


def _with_pre_trends(bare: Comparison, question: Question, before: list[Round]) -> Comparison:
    """Whether the assumption of a pilot can be held; under weights and clusters it is not looked at."""
    looked_at = not bare.weighting and question.cluster is None
    found = pre_trends(question, before) if looked_at and bare.groups else None
    caution = pre_trend_caution(found)
    cautions = bare.cautions if caution is None else (*bare.cautions, caution)
    return msgspec.structs.replace(bare, pre_trends=found, cautions=cautions)


def _tested(bare: Comparison, found: Gathered, evidence: Evidence, question: Question) -> Comparison:
    _in_range(question, evidence)
    names = plan(evidence, test=question.test)
    tests = [result for name in names if isinstance(result := run(name, evidence), TestResult)]
    stands_in = question.test is None and tests[0].pvalue is None and any(test.pvalue is not None for test in tests)
    if stands_in:  # what cannot be computed gives way to the first that can
        tests.sort(key=lambda test: test.pvalue is None)
    chosen = tests[0]
    difference, name = _difference(tests)
    several = evidence.design in SEVERAL
    pairs, adjustment = pairs_of(evidence, found.arms, bare.sesoi) if several else ((), "")
    judged = _verdict(evidence, chosen, difference, name, bare.sesoi)
    if evidence.design in ("k-independent", "ordered"):
        judged = overall(pairs, chosen.pvalue)
    cautions = {one.code: one for one in (*_disagreeing(tests), *chosen.cautions, *bare.cautions)}
    done = msgspec.structs.replace(
        bare,
        test=chosen.test,
        version=chosen.version,
        why=_why(chosen.test, asked=question.test is not None, stands_in=stands_in),
        statistic=chosen.statistic,
        pvalue=chosen.pvalue,
        pvalue_adjusted=chosen.pvalue,
        df=chosen.df,
        effect_size=chosen.effect_size,
        difference=None if difference is None else _named(difference, evidence.outcome, evidence.design),
        verdict=judged,
        n=chosen.n,
        effective_n=_effective_n(bare, tests),
        cautions=tuple(cautions.values()),
        reason=chosen.reason,
        tests=tuple(tests),
        pairs=pairs,
        adjustment=f"{ONE_TEST}; the pairs by {adjustment}" if pairs else ONE_TEST,
        groups=lettered([under_design(group, evidence, row) for row, group in enumerate(bare.groups)], pairs),
    )
    said = Finding(
        found.measured.outcome, evidence.design, done.groups, chosen, difference, judged, bare.sesoi, question.target
    )
    return msgspec.structs.replace(done, sentence=sentence(said))


def _in_range(question: Question, evidence: Evidence) -> None:
    """A target of a share is a percentage that can be missed."""
    if evidence.outcome.unit == "percent" and question.target is not None and not 0.0 < question.target < 100.0:
        raise Refused("target of a share is a percentage between 0 and 100, for example target=90")


def _why(test: str, *, asked: bool, stands_in: bool) -> Text:
    reason = WHY.get(test, {})
    first = ASKED_FOR if asked else INSTEAD if stands_in else None
    if first is None:
        return reason
    return {locale: f"{first[locale]} {reason.get(locale, '')}".strip() for locale in first}


def _difference(tests: list[TestResult]) -> tuple[Difference | None, str]:
    """The difference in the unit of the outcome, first minus second, and the test that it comes from."""
    for test in tests:
        if test.difference is not None and test.difference.value is not None:
            return in_unit(test.difference), test.test
    return None, ""


def _named(difference: Difference, outcome: Outcome, design: Design) -> Difference:
    unit = {"percent": "percentage points", "points": "points", "number": "number"}[outcome.unit]
    return msgspec.structs.replace(difference, unit=f"{unit} a year" if design == "waves" else unit)


def _verdict(
    evidence: Evidence, chosen: TestResult, difference: Difference | None, name: str, sesoi: float | None
) -> Verdict | None:
    if difference is None or sesoi is None:
        return None
    wider = run(name, evidence, confidence_level=EQUIVALENCE_LEVEL)
    interval = in_unit(wider.difference).confint if isinstance(wider, TestResult) and wider.difference else None
    return verdict(difference.value, interval, chosen.pvalue, sesoi)


def _disagreeing(tests: list[TestResult]) -> tuple[Caution, ...]:
    """A second test that says otherwise of the same difference."""
    known = [(test.test, test.pvalue) for test in tests if test.pvalue is not None][:2]
    if len({pvalue < BEYOND_CHANCE for _, pvalue in known}) < 2:
        return ()
    return (Caution("tests-disagree", {"test": known[1][0], "pvalue": known[1][1]}),)


def _effective_n(bare: Comparison, tests: list[TestResult]) -> float | None:
    """How many independent answers the answers are worth; of few clusters, never more than there are.

    The variance between few clusters is told so badly that it may come out as next to nothing.
    """
    for test in tests:
        if test.effective_n is not None:
            few = any(caution.code == "few-clusters" for caution in test.cautions)
            return min(test.effective_n, float(sum(test.n))) if few else test.effective_n
    return sum(one.effective_n for one in bare.weighting) if bare.weighting else None


__all__ = ["FLOOR", "Comparison", "GroupOutcome", "Pair", "compare"]
