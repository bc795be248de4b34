"""One scenario: answers drawn from a known population, and what a method makes of them, thousands of times."""

import math
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct, structs
from numpy.random import Generator
from numpy.typing import NDArray

from survey.analysis.checks import BadData
from survey.analysis.results import ConfInt

What = Literal["coverage", "type I error", "power"]
Verdict = Literal["keeps", "liberal", "conservative", "detects", "hardly detects"]
Outcome = Literal["yes", "no", "nothing", "broken"]
Samples = NDArray[np.float64]
Truth = float | tuple[float, ...]
Measured = ConfInt | tuple[ConfInt, ...] | float | None

SEED = 20_240_229
LEVEL, ERROR = 0.95, 0.05
COVERAGE_TOLERANCE, ERROR_TOLERANCE = 0.015, 0.005
STANDARD_ERRORS = 3.0
ROUNDING = 1e-9


class Scenario(Struct, frozen=True, kw_only=True):
    """A method, a population, and how often to draw from it."""

    name: str
    answers: str
    n: str
    what: What
    draw: Callable[[Generator, int], Samples]
    """So many samples, the first axis numbering them."""
    measure: Callable[[Samples], Measured]
    """An interval, or several that hold together; or a p-value; None when the method gives none."""
    truth: Truth = 0.0
    runs: int = 4000


class Row(Struct, frozen=True, kw_only=True):
    """What came out: one figure and its Monte-Carlo standard error."""

    name: str
    answers: str
    n: str
    what: What
    estimate: float
    se: float
    target: float | None
    verdict: Verdict
    runs: int
    without: float = 0.0
    """Share of the samples in which the method gave no interval or no p-value, and said so."""
    broken: float = 0.0
    """Share of the samples in which it raised an error or gave something that is no number: a defect."""


class Part(Struct, frozen=True):
    """One table of the report: scenarios to be run, or rows that come from elsewhere."""

    title: str
    about: str
    scenarios: tuple[Scenario, ...] = ()
    rows: Callable[[], Sequence[Row]] | None = None


def simulate(scenario: Scenario, runs: int | None = None) -> Row:
    """Draw, measure, count. The same scenario gives the same row, whatever else is simulated.

    Equal samples are measured once. Coverage is among the samples that have an interval; a sample without a p-value
    rejects nothing. A method that breaks off does not stop the others.
    """
    size = scenario.runs if runs is None else runs
    samples = scenario.draw(_generator(scenario), size)
    shape = samples.shape[1:]
    distinct, times = np.unique(samples.reshape(size, -1), axis=0, return_counts=True)
    found: Counter[Outcome] = Counter()
    for sample, k in zip(distinct, times, strict=True):
        found[_outcome(scenario, sample.reshape(shape))] += int(k)
    base = found["yes"] + found["no"] if scenario.what == "coverage" else size
    made = row(
        scenario.name, scenario.answers, scenario.n, scenario.what, found["yes"] / base if base else 0.0, base,
        without=found["nothing"] / size,
    )  # fmt: skip
    return structs.replace(made, broken=found["broken"] / size)


def row(name: str, answers: str, n: str, what: What, estimate: float, runs: int, *, without: float = 0.0) -> Row:
    """A row with its standard error and verdict, for a share `estimate` of `runs` samples.

    >>> row("wald", "97 %", "50", "coverage", 0.78, 10_000).verdict
    'liberal'
    """
    # half a sample more: without a single miss the error of the estimate is not known to be 0
    inner = (estimate * runs + 0.5) / (runs + 1.0)
    se = math.sqrt(inner * (1.0 - inner) / runs) if runs else 0.0
    target = {"coverage": LEVEL, "type I error": ERROR, "power": None}[what]
    return Row(
        name=name, answers=answers, n=n, what=what, estimate=estimate, se=se, target=target,
        verdict=verdict(what, estimate, se), runs=runs, without=without,
    )  # fmt: skip


def verdict(what: What, estimate: float, se: float) -> Verdict:
    """The rule that marks a row, stated in the report.

    >>> verdict("type I error", 0.06, 0.0034), verdict("type I error", 0.27, 0.01), verdict("coverage", 0.99, 0.001)
    ('keeps', 'liberal', 'conservative')
    """
    if what == "power":
        return "detects" if estimate - STANDARD_ERRORS * se > 2.0 * ERROR else "hardly detects"
    if what == "coverage":
        if estimate < LEVEL - max(COVERAGE_TOLERANCE, STANDARD_ERRORS * se):
            return "liberal"
        return "conservative" if estimate > 1.0 - ERROR / 2.0 else "keeps"
    if estimate > ERROR + STANDARD_ERRORS * se + ERROR_TOLERANCE:
        return "liberal"
    return "conservative" if estimate < ERROR / 2.0 else "keeps"


def _generator(scenario: Scenario) -> Generator:
    label = f"{scenario.name}|{scenario.answers}|{scenario.n}|{scenario.what}"
    return np.random.default_rng([SEED, zlib.crc32(label.encode())])


def _outcome(scenario: Scenario, sample: Samples) -> Outcome:
    """Whether the interval covers, or the p-value rejects."""
    try:
        measured = scenario.measure(sample)
    except BadData:  # the sample cannot be analysed this way, such as raked to a category that nobody is in
        return "nothing"
    except (ArithmeticError, ValueError):
        return "broken"
    if measured is None:
        return "nothing"
    if isinstance(measured, float):
        return "broken" if math.isnan(measured) else "yes" if measured <= ERROR else "no"
    return "yes" if _covers(measured, scenario.truth) else "no"


def _covers(measured: ConfInt | tuple[ConfInt, ...], truth: Truth) -> bool:
    intervals = measured if isinstance(measured, tuple) else (measured,)
    truths = truth if isinstance(truth, tuple) else (truth,) * len(intervals)
    return all(c.low - ROUNDING <= true <= c.high + ROUNDING for c, true in zip(intervals, truths, strict=True))
