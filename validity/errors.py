"""How a scenario of a test is written: what is drawn when nothing differs, and when something does."""

from collections.abc import Callable

from survey.analysis.results import PairwiseResult, TestResult
from survey.analysis.significance import TESTS
from validity.answers import Draw
from validity.scenarios import Samples, Scenario

Arguments = Callable[[Samples], tuple[object, ...]]
RUNS = 4000


def as_it_is(x: Samples) -> tuple[object, ...]:
    """The sample is the test's only argument."""
    return (x,)


def pvalue(result: TestResult | PairwiseResult) -> float | None:
    """The p-value; of many pairs the smallest adjusted one, which decides whether any pair is said to differ."""
    if isinstance(result, TestResult):
        return result.pvalue
    adjusted = [c.adjusted_pvalue for c in result.comparisons if c.adjusted_pvalue is not None]
    return min(adjusted) if adjusted else None


def errs(
    name: str, answers: str, n: str, draw: Draw, call: Arguments = as_it_is, runs: int = RUNS, **options: str
) -> Scenario:
    """How often a registered test rejects when nothing differs; the values of `options` stand behind its name."""
    return Scenario(
        name=", ".join((name, *options.values())), answers=answers, n=n, what="type I error", draw=draw, runs=runs,
        measure=lambda x: pvalue(TESTS[name].function(*call(x), **options)),
    )  # fmt: skip


def finds(
    name: str, answers: str, n: str, draw: Draw, call: Arguments = as_it_is, runs: int = 1000, **options: str
) -> Scenario:
    """How often a registered test rejects when something differs."""
    return Scenario(
        name=", ".join((name, *options.values())), answers=answers, n=n, what="power", draw=draw, runs=runs,
        measure=lambda x: pvalue(TESTS[name].function(*call(x), **options)),
    )  # fmt: skip
