"""Intervals of means and of differences of means."""

from collections.abc import Callable

import numpy as np

from survey.analysis.bootstrap import bootstrap_difference
from survey.analysis.composites import composite
from survey.analysis.estimation import level_mean, mean
from survey.analysis.results import PairwiseResult
from survey.analysis.significance import TESTS
from survey.analysis.significance.k_means import group_interval, moments_of
from survey.analysis.sufficient import CrossProducts
from validity.answers import (
    ALTERED,
    LEVELS,
    MIDDLING,
    POLARISED,
    SCORES,
    SHAPES,
    SIZES,
    TYPICAL,
    Draw,
    Floats,
    halls,
    mean_of,
    pairs,
    tables,
)  # fmt: skip
from validity.scenarios import Measured, Part, Samples, Scenario
from validity.two_shares import coverage

PAIRS = ((10, 10), (30, 30), (100, 100), (30, 300))
UNEQUAL = "few with much variance, many with little"
WEIGHTS = (0.4, 0.3, 0.3)


def _mean(shape: str, n: int) -> Scenario:
    return coverage(
        "mean", shape, str(n), tables((n, SHAPES[shape])), lambda x: mean(x[0], SCORES).confint, mean_of(SHAPES[shape])
    )


def _level_mean(shape: str, n: int) -> Scenario:
    return coverage(
        "level_mean", shape, str(n), tables((n, SHAPES[shape])), lambda x: level_mean(x[0], SCORES).confint,
        mean_of(SHAPES[shape]),
    )  # fmt: skip


def _group_mean(n: int) -> Scenario:
    return coverage(
        "group_interval", "typical", str(n), tables((n, TYPICAL)),
        lambda x: group_interval(moments_of(x, SCORES)[0], 0.95).confint, mean_of(TYPICAL),
    )  # fmt: skip


def _of_test(name: str, *rest: object) -> Callable[[Samples], Measured]:
    def measure(x: Samples) -> Measured:
        difference = TESTS[name].function(x, SCORES, *rest).difference
        return difference.confint if difference else None

    return measure


def _two_means(name: str, shape: str, n: tuple[int, int]) -> Scenario:
    groups = (SHAPES[shape], ALTERED[shape])
    return coverage(
        name, f"{shape} and worse", f"{n[0]} + {n[1]}", tables(*zip(n, groups, strict=True)), _of_test(name),
        mean_of(groups[0]) - mean_of(groups[1]), 2000,
    )  # fmt: skip


def _unequal(name: str) -> Scenario:
    return coverage(name, UNEQUAL, "20 + 200", tables((20, POLARISED), (200, MIDDLING)), _of_test(name), 0.0, 2000)


def _bootstrap(shape: str, n: tuple[int, int]) -> Scenario:
    groups = (SHAPES[shape], ALTERED[shape])
    return coverage(
        "bootstrap_difference", f"{shape} and worse", f"{n[0]} + {n[1]}", tables(*zip(n, groups, strict=True)),
        lambda x: bootstrap_difference(x, SCORES, draws=999).confint, mean_of(groups[0]) - mean_of(groups[1]), 2000,
    )  # fmt: skip


def _paired(answers: str, again: float, n: int) -> Scenario:
    return coverage("paired_t", answers, str(n), pairs(n, TYPICAL, TYPICAL, again), _of_test("paired_t"), 0.0)


def _all_pairs(n: int) -> Scenario:
    """Four groups: all six intervals hold together."""

    def measure(x: Samples) -> Measured:
        result: PairwiseResult = TESTS["games_howell"].function(x, SCORES)
        limits = [c.difference.confint if c.difference else None for c in result.comparisons]
        return tuple(c for c in limits if c is not None) if all(limits) else None

    return coverage(
        "games_howell", "typical, all six pairs at once", f"4 x {n}", tables(*[(n, TYPICAL)] * 4), measure, 0.0, 1000
    )


def _did(shape: str, n: int) -> Scenario:
    draw = tables(*[(n, SHAPES[shape])] * 4)
    return coverage("did_means", shape, f"4 x {n}", draw, _of_test("did_means"), 0.0)


def _slope(shape: str, n: int) -> Scenario:
    draw = tables(*[(n, SHAPES[shape])] * 5)
    return coverage("trend_slope", shape, f"5 waves x {n}", draw, _of_test("trend_slope", [1, 2, 3, 4, 5]), 0.0)


def _did_halls(each: int) -> Scenario:
    """Pilot and control halls asked twice; the halls keep their level from wave to wave only in part."""
    pilot = np.repeat([0, 1], each)
    draw = halls([30] * (4 * each), TYPICAL)

    def measure(x: Samples) -> Measured:
        difference = TESTS["did_clusters"].function(x[: 2 * each], x[2 * each :], pilot, SCORES).difference
        return difference.confint if difference else None

    return coverage("did_clusters", f"typical, {each} + {each} halls", "30 a hall and wave", draw, measure, 0.0, 2000)


def persons(clusters: int, size: int) -> Draw:
    """A panel in clusters whose changes are alike: samples x (before, after) x persons."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        people = clusters * size
        before = rng.choice(LEVELS, p=TYPICAL, size=(runs, people))
        together = np.repeat(rng.standard_normal((runs, clusters)), size, axis=1)
        change = np.rint(0.3 * together + rng.standard_normal((runs, people)))
        return np.stack([before, before + change], axis=1)

    return draw


def _did_panel(clusters: int) -> Scenario:
    cluster = np.repeat(np.arange(clusters), 20)

    def measure(x: Samples) -> Measured:
        difference = TESTS["did_panel"].function(x[0], x[1], cluster % 2, cluster=cluster).difference
        return difference.confint if difference else None

    return coverage(
        "did_panel", f"changes alike within {clusters} clusters", f"{clusters} x 20", persons(clusters, 20), measure,
        0.0, 1000,
    )  # fmt: skip


def _composite(n: int) -> Scenario:
    """Three items of five levels that go together."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        common = rng.choice(LEVELS, p=TYPICAL, size=(runs, n, 1))
        own = rng.choice(LEVELS, p=TYPICAL, size=(runs, n, 3))
        return np.where(rng.random((runs, n, 3)) < 0.6, common, own).astype(np.float64)

    return coverage(
        "composite", "three items, typical", str(n), draw,
        lambda x: composite(CrossProducts.of(x), WEIGHTS, low=0, high=4).index.confint, mean_of(TYPICAL), 2000,
    )  # fmt: skip


SCENARIOS = (
    *(_mean(shape, n) for shape in SHAPES for n in SIZES),
    *(_level_mean(shape, n) for shape in SHAPES for n in SIZES),
    _group_mean(30),
    *(_two_means("welch", shape, n) for shape in SHAPES for n in PAIRS),
    _unequal("welch"),
    *(_two_means("student", shape, n) for shape in ("typical", "nearly everyone satisfied") for n in PAIRS),
    _unequal("student"),
    *(_bootstrap(shape, n) for shape in SHAPES for n in PAIRS[:3]),
    *(_paired("typical, half without change", 0.5, n) for n in (10, 30, 100)),
    *(_paired("typical, nine of ten without change", 0.9, n) for n in (10, 30, 100)),
    *(_all_pairs(n) for n in (30, 100)),
    *(_did(shape, n) for shape in SHAPES for n in (30, 300)),
    *(_slope(shape, n) for shape in ("typical", "nearly everyone satisfied") for n in (30, 300)),
    *(_did_halls(each) for each in (3, 6, 12)),
    *(_did_panel(clusters) for clusters in (6, 12, 24)),
    *(_composite(n) for n in (10, 30, 100)),
)
PART = Part(
    "Intervals of means and of differences of means",
    "Student's t of a mean, Welch's of a difference. Where nearly everyone is satisfied a small sample may hold no "
    "other answer: t's interval is then a point. The service shows that of `level_mean`, which leaves t for Gaffke's "
    "where answers lean so far.",
    SCENARIOS,
)
