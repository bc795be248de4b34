"""Tests of rates against a target and of repeated units, and of the waves before a pilot."""

import numpy as np

from survey.analysis.results import ConfInt
from survey.analysis.shrinkage import shrink_means
from survey.analysis.significance import TESTS
from validity.answers import SCORES, SHAPES, TYPICAL, WORSE, Draw, Floats, events, tables
from validity.errors import errs, finds
from validity.scenarios import Measured, Part, Samples, Scenario
from validity.two_groups import SHORT
from validity.two_shares import coverage

EXPECTED = 20.0
WAVES = 4
DISPERSED = ("quasi_poisson_rates", "negative_binomial_rates")


def units(each: int, alpha: float, ratio: float = 1.0) -> Draw:
    """Events of units of two groups, of variance mean + alpha mean squared; `ratio` times as many in the first."""
    means = np.repeat([EXPECTED * ratio, EXPECTED], each)

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        luck = rng.gamma(1.0 / alpha, alpha, size=(runs, 2 * each)) if alpha else 1.0
        return rng.poisson(means * luck, size=(runs, 2 * each)).astype(np.float64)

    return draw


def _told(x: Samples) -> tuple[object, ...]:
    return x, np.ones(x.size), np.repeat([0, 1], x.size // 2)


def _dispersed(name: str, each: int) -> list[Scenario]:
    def measure(x: Samples) -> Measured:
        effect = TESTS[name].function(*_told(x)).effect_size
        return effect.confint if effect else None

    label, clustering = f"{each} + {each} units", f"{EXPECTED:g} events a unit, variance 5 times the mean"
    poisson = f"{EXPECTED:g} events a unit, Poisson"
    return [
        errs(name, poisson, label, units(each, 0.0), _told, 1000),
        errs(name, clustering, label, units(each, 0.2), _told, 1000),
        finds(name, f"{clustering}, twice as many", label, units(each, 0.2, 2.0), _told, 500),
        coverage(name, f"{clustering}, ratio 1.5", label, units(each, 0.2, 1.5), measure, 1.5, 1000),
    ]


def several(each: int, alpha: float, ratio: float = 1.0) -> Draw:
    """Events of units of four groups; `ratio` times as many in the last."""
    means = np.repeat([EXPECTED] * 3 + [EXPECTED * ratio], each)

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        luck = rng.gamma(1.0 / alpha, alpha, size=(runs, means.size)) if alpha else 1.0
        return rng.poisson(means * luck, size=(runs, means.size)).astype(np.float64)

    return draw


def _several_dispersed(each: int) -> list[Scenario]:
    def told(x: Samples) -> tuple[object, ...]:
        return x, np.ones(x.size), np.repeat(np.arange(4), each)

    name, label = "quasi_poisson_k_rates", f"4 x {each} units"
    clustering = f"{EXPECTED:g} events a unit, variance 5 times the mean"
    return [
        errs(name, f"{EXPECTED:g} events a unit, Poisson", label, several(each, 0.0), told, 2000),
        errs(name, clustering, label, several(each, 0.2), told, 2000),
        finds(name, f"{clustering}, twice as many in one", label, several(each, 0.2, 2.0), told, 500),
    ]


def _several_rates(expected: float) -> list[Scenario]:
    """Four groups of unequal exposure; `expected` events an exposure of 1."""
    exposure = np.array([1.0, 1.0, 2.0, 4.0])

    def told(x: Samples) -> tuple[object, ...]:
        return x, exposure

    label, said = "exposures 1, 1, 2, 4", f"{expected:g} events expected an exposure"
    more = exposure * expected * np.array([2.5, 1.0, 1.0, 1.0])
    return [
        errs("k_rates", said, label, events(*(exposure * expected)), told, 2000),
        finds("k_rates", f"{said}, 2.5 times in one", label, events(*more), told, 500),
    ]


def _one_rate(expected: float) -> Scenario:
    return errs(
        "one_rate", f"{expected:g} events expected", "1 exposure", events(expected),
        lambda x: (float(x[0]), 1.0, expected),
    )  # fmt: skip


def _parallel(shape: str, n: int) -> Scenario:
    draw = tables(*[(n, SHAPES[shape])] * (2 * WAVES))
    return errs("parallel_trends", shape, f"2 x {WAVES} waves x {n}", draw, _before, 2000)


def _slopes(n: int) -> Scenario:
    """The difference of the slopes of pilot and control, which move in parallel."""

    def measure(x: Samples) -> Measured:
        difference = TESTS["parallel_trends"].function(*_before(x)).difference
        return difference.confint if difference else None

    draw = tables(*[(n, TYPICAL)] * (2 * WAVES))
    return coverage("parallel_trends", "typical", f"2 x {WAVES} waves x {n}", draw, measure, 0.0, 2000)


def _shrunken(count: int) -> Scenario:
    """Units whose true means are normal about 75: how far the interval of the first lies from its own truth."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        truth = rng.normal(75.0, 5.0, size=(runs, count))
        return np.stack([truth, rng.normal(truth, 4.0)], axis=1)

    def measure(x: Samples) -> Measured:
        limits = shrink_means(x[1], np.full(count, 4.0)).units[0].confint
        return None if limits is None else ConfInt(limits.low - x[0, 0], limits.high - x[0, 0], 0.95, limits.method)

    return coverage("shrink_means", "units 5 apart, errors of 4", f"{count} units", draw, measure, 0.0, 2000)


def _before(x: Samples) -> tuple[object, ...]:
    return x[:WAVES], x[WAVES:], SCORES


SCENARIOS = (
    *(s for expected in (1.0, 3.0, 30.0) for s in _several_rates(expected)),
    *(s for each in (3, 6, 12) for s in _several_dispersed(each)),
    *(scenario for name in DISPERSED for each in (6, 20) for scenario in _dispersed(name, each)),
    *(_one_rate(expected) for expected in (1.0, 10.0, 100.0)),
    finds("one_rate", "45 expected, 30 the target", "1 exposure", events(45.0), lambda x: (float(x[0]), 1.0, 30.0)),
    *(_shrunken(count) for count in (5, 20)),
    *(_slopes(n) for n in (30, 300)),
    *(_parallel(shape, n) for shape in SHORT for n in (30, 300)),
    finds(
        "parallel_trends", "typical, the pilot falls in its last wave", f"2 x {WAVES} waves x 100",
        tables(*[(100, TYPICAL)] * (2 * WAVES - 1), (100, WORSE)), _before,
    ),
)  # fmt: skip
PART = Part(
    "Rates of repeated units, one rate, trends before a pilot, means of many units",
    "Where units such as halls by month have more variance than Poisson's law allows, `two_rates` is too sure; these "
    "two tests estimate it.",
    SCENARIOS,
)
