"""Intervals of a share, of a whole distribution of shares, and of a rate."""

from collections.abc import Callable

import numpy as np

from survey.analysis import proportions
from survey.analysis.results import ConfInt
from survey.analysis.significance.rates import rate
from validity.answers import SHAPES, SHARES, SIZES, events, percent, successes, tables
from validity.scenarios import Part, Samples, Scenario

METHODS: dict[str, Callable[[float, float], ConfInt]] = {
    "wilson": proportions.wilson,
    "wilson_continuity": proportions.wilson_continuity,
    "clopper_pearson": proportions.clopper_pearson,
    "jeffreys": proportions.jeffreys,
    "agresti_coull": proportions.agresti_coull,
    "wald": proportions.wald,
}
POPULATION = 200
RUNS = 20_000


def _share(name: str, share: float, n: int) -> Scenario:
    method = METHODS[name]
    return Scenario(
        name=name, answers=percent(share), n=str(n), what="coverage", draw=successes((n, share)),
        measure=lambda x: method(float(x[0]), float(n)), truth=share, runs=RUNS,
    )  # fmt: skip


def _goodman(shape: str, n: int) -> Scenario:
    shares = SHAPES[shape]
    return Scenario(
        name="goodman", answers=f"{shape}, all five levels at once", n=str(n), what="coverage",
        draw=tables((n, shares)), measure=lambda x: proportions.goodman(x[0]), truth=shares,
    )  # fmt: skip


def _finite(share: float, n: int, *, textbook: bool = False) -> Scenario:
    """Drawn without replacement from a population of 200."""
    good = round(share * POPULATION)

    def draw(rng: np.random.Generator, runs: int) -> Samples:
        return rng.hypergeometric(good, POPULATION - good, n, size=(runs, 1)).astype(np.float64)

    def measure(x: Samples) -> ConfInt | None:
        estimate, wald = proportions.finite_proportion(float(x[0]), n, POPULATION)
        return wald if textbook else estimate.confint

    return Scenario(
        name="finite_proportion, Wald" if textbook else "finite_proportion", n=f"{n} of {POPULATION}",
        answers=percent(share), what="coverage", draw=draw, measure=measure, truth=good / POPULATION, runs=RUNS,
    )  # fmt: skip


def _rate(expected: float) -> Scenario:
    return Scenario(
        name="rate (Garwood)", answers=f"{expected:g} events expected", n="1 exposure", what="coverage",
        draw=events(expected), measure=lambda x: rate(float(x[0]), 1.0).confint, truth=expected, runs=RUNS,
    )  # fmt: skip


SCENARIOS = (
    *(_share(name, share, n) for name in METHODS for share in SHARES for n in SIZES),
    *(_finite(share, n) for share in (0.5, 0.9, 0.97) for n in (30, 100)),
    *(_finite(share, n, textbook=True) for share in (0.5, 0.97) for n in (30, 100)),
    *(_goodman(shape, n) for shape in SHAPES for n in SIZES),
    *(_rate(expected) for expected in (0.5, 3.0, 30.0)),
)
PART = Part(
    "Intervals of one share, one distribution, one rate",
    "The service shows Wilson's interval. The coverage of discrete answers jumps with n and with the share: an "
    "interval may lie somewhat below its level at one place and above at the next.",
    SCENARIOS,
)
