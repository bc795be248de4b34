"""Populations whose truth is known, and samples of counts from them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Draw = Callable[[Generator, int], Floats]

SIZES = (10, 30, 100, 1000)
SHARES = (0.5, 0.9, 0.97, 0.995)
SCORES = np.array([0.0, 25.0, 50.0, 75.0, 100.0])
LEVELS = SCORES.size
TYPICAL = (0.02, 0.03, 0.15, 0.40, 0.40)
SATISFIED = (0.002, 0.003, 0.005, 0.02, 0.97)
POLARISED = (0.40, 0.08, 0.04, 0.08, 0.40)
UNIFORM = (0.2, 0.2, 0.2, 0.2, 0.2)
MIDDLING = (0.02, 0.13, 0.70, 0.13, 0.02)
WORSE = (0.08, 0.12, 0.25, 0.35, 0.20)
ALTERED = {
    "typical": WORSE,
    "nearly everyone satisfied": (0.01, 0.02, 0.04, 0.10, 0.83),
    "polarised": (0.20, 0.08, 0.04, 0.08, 0.60),
    "uniform": (0.08, 0.14, 0.20, 0.26, 0.32),
}
"""For each shape a true difference that a test should find."""
SHAPES = {"typical": TYPICAL, "nearly everyone satisfied": SATISFIED, "polarised": POLARISED, "uniform": UNIFORM}
ICC = 0.05


def tables(*groups: tuple[int, Sequence[float]]) -> Draw:
    """Counts of several groups, each of a size and a distribution: samples x groups x levels."""

    def draw(rng: Generator, runs: int) -> Floats:
        return np.stack([rng.multinomial(n, p, size=runs) for n, p in groups], axis=1).astype(np.float64)

    return draw


def successes(*groups: tuple[int, float]) -> Draw:
    """Successes of several groups: samples x groups."""

    def draw(rng: Generator, runs: int) -> Floats:
        return np.stack([rng.binomial(n, p, size=runs) for n, p in groups], axis=1).astype(np.float64)

    return draw


def events(*means: float) -> Draw:
    """Poisson counts: samples x groups."""

    def draw(rng: Generator, runs: int) -> Floats:
        return rng.poisson(means, size=(runs, len(means))).astype(np.float64)

    return draw


def pairs(n: int, first: Sequence[float], second: Sequence[float], again: float = 0.5) -> Draw:
    """Two waves of one panel, of whom a share `again` gives the first answer again: samples x levels x levels.

    With `first` = `second` nothing has changed, though many have.
    """
    joint = joint_shares(first, second, again)

    def draw(rng: Generator, runs: int) -> Floats:
        counts = rng.multinomial(n, joint.ravel(), size=runs)
        return counts.reshape(runs, len(first), len(second)).astype(np.float64)

    return draw


def joint_shares(first: ArrayLike, second: ArrayLike, again: float) -> Floats:
    """First wave x second wave.

    >>> joint_shares([0.5, 0.5], [0.5, 0.5], 0.6).round(2).tolist()
    [[0.4, 0.1], [0.1, 0.4]]
    """
    p = np.asarray(first, dtype=np.float64)
    return again * np.diag(p) + (1.0 - again) * np.outer(p, np.asarray(second, dtype=np.float64))


def thresholds(shares: Sequence[float]) -> Floats:
    """Where a standard normal is cut so that the levels have these shares."""
    return np.asarray(special.ndtri(np.cumsum(shares)[:-1]))


def given_common(shares: Sequence[float], level: Floats, rho: float) -> Floats:
    """Shares of the levels when the common part of satisfaction, a share `rho` of its variance, is known."""
    below = special.ndtr((thresholds(shares) - level[..., None]) / np.sqrt(1.0 - rho))
    ends = np.zeros((*level.shape, 1))
    return np.diff(np.concatenate([ends, below, ends + 1.0], axis=-1), axis=-1)


def related_shares(shares: Sequence[float], rho: float) -> Floats:
    """Level x level shares of two answers cut from normals that correlate by `rho`.

    >>> related_shares((0.5, 0.5), 0.5).round(6).tolist()
    [[0.333333, 0.166667], [0.166667, 0.333333]]
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    levels = given_common(shares, np.sqrt(rho) * nodes, rho)
    return np.asarray((levels * (weights / weights.sum())[:, None]).T @ levels)


def halls(sizes: Sequence[int], shares: Sequence[float], *, shifts: ArrayLike = 0.0, icc: float = ICC) -> Draw:
    """Counts of clusters whose people are alike: samples x halls x levels.

    Satisfaction is normal with intraclass correlation `icc`, moved by `shifts` in each hall, and cut where the levels
    have these shares.
    """
    moved = np.broadcast_to(np.asarray(shifts, dtype=np.float64), (len(sizes),))

    def draw(rng: Generator, runs: int) -> Floats:
        level = moved + np.sqrt(icc) * rng.standard_normal((runs, len(sizes)))
        return rng.multinomial(np.asarray(sizes), given_common(shares, level, icc)).astype(np.float64)

    return draw


def mean_of(shares: ArrayLike, scores: Floats = SCORES) -> float:
    """Mean score of a distribution.

    >>> mean_of(UNIFORM)
    50.0
    """
    return float(np.asarray(shares, dtype=np.float64) @ scores)


def variance_of(shares: ArrayLike, scores: Floats = SCORES) -> float:
    """Variance of the scores of a distribution."""
    return float(np.asarray(shares, dtype=np.float64) @ (scores - mean_of(shares, scores)) ** 2)


def percent(share: float) -> str:
    """As it is written in the tables.

    >>> percent(0.97), percent(0.995)
    ('97 %', '99.5 %')
    """
    return f"{100.0 * share:g} %"
