"""Intervals of effect sizes, agreement, correlation and reliability."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from survey.analysis.agreement import cohen_kappa, ordinal_association
from survey.analysis.effects import auc, cliffs_delta, cohens_d
from survey.analysis.reliability import cronbach_alpha
from survey.analysis.results import ConfInt, TestResult
from survey.analysis.significance import TESTS
from survey.analysis.sufficient import CrossProducts, Moments
from validity.answers import (
    ALTERED,
    SCORES,
    SHAPES,
    TYPICAL,
    WORSE,
    Draw,
    Floats,
    joint_shares,
    mean_of,
    pairs,
    related_shares,
    tables,
    thresholds,
    variance_of,
)  # fmt: skip
from validity.scenarios import Measured, Part, Samples, Scenario
from validity.two_shares import coverage

PAIRS = ((10, 10), (30, 30), (100, 100), (30, 300))
SHORT = ("typical", "nearly everyone satisfied", "polarised")
LEANING = (0.10, 0.15, 0.30, 0.25, 0.20)
RUNS = 2000
Kind = Literal["feldt", "normal"]
Items = Literal["normal items", "five levels"]
ALPHA: tuple[Kind, ...] = ("feldt", "normal")
ITEMS: tuple[Items, ...] = ("normal items", "five levels")


def dominance(first: Floats, second: Floats) -> float:
    """Cliff's delta of two distributions: how much oftener an answer of the first is the higher one.

    >>> dominance(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    0.5
    """
    levels = np.arange(len(first))
    return float(np.asarray(first) @ np.sign(levels[:, None] - levels) @ np.asarray(second))


def _rank_effect(name: str, shape: str, n: tuple[int, int]) -> Scenario:
    groups = (np.array(SHAPES[shape]), np.array(ALTERED[shape]))
    delta = dominance(*groups)
    ways: dict[str, tuple[Callable[[Samples], ConfInt | None], float]] = {
        "cliffs_delta": (lambda x: cliffs_delta(x[0], x[1]).confint, delta),
        "auc": (lambda x: auc(x[0], x[1]).confint, (1.0 + delta) / 2.0),
        "brunner_munzel": (lambda x: _effect(TESTS["brunner_munzel"].function(x)), (1.0 - delta) / 2.0),
    }
    measure, truth = ways[name]
    draw = tables(*zip(n, [tuple(g) for g in groups], strict=True))
    return coverage(name, f"{shape} and worse", _sizes(n), draw, measure, truth, RUNS)


def _normal(n: tuple[int, int], d: float) -> Draw:
    """Mean and sum of squares of two normal groups that differ by d standard deviations: samples x 2 x 2."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        means = [rng.normal(shift, 1.0 / np.sqrt(size), runs) for size, shift in zip(n, (d, 0.0), strict=True)]
        squares = [rng.chisquare(size - 1, runs) for size in n]
        return np.stack([np.stack(means, axis=1), np.stack(squares, axis=1)], axis=2)

    return draw


def _d(index: int, answers: str, n: tuple[int, int]) -> Scenario:
    """Cohen's d or Hedges' g. Two distributions that mirror each other have the same variance."""
    mirrored = LEANING[::-1]
    truth = 0.5
    draw = _normal(n, truth)

    def measure(x: Samples) -> Measured:
        a, b = (Moments(float(size), *map(float, pair)) for size, pair in zip(n, x, strict=True))
        return cohens_d(a, b)[index].confint

    def counted(x: Samples) -> Measured:
        a, b = (Moments.from_counts(row, SCORES) for row in x)
        return cohens_d(a, b)[index].confint

    name = ("cohens_d", "hedges_g")[index]
    if answers == "normal":
        return coverage(name, answers, _sizes(n), draw, measure, truth, RUNS)
    gap = (mean_of(LEANING) - mean_of(mirrored)) / np.sqrt(variance_of(LEANING))
    return coverage(name, answers, _sizes(n), tables((n[0], LEANING), (n[1], mirrored)), counted, float(gap), RUNS)


def _one_d(n: int) -> Scenario:
    target = 75.0
    truth = (mean_of(TYPICAL) - target) / variance_of(TYPICAL) ** 0.5
    return coverage(
        "one_mean, d", "typical", str(n), tables((n, TYPICAL)),
        lambda x: _effect(TESTS["one_mean"].function(x[0], SCORES, target)), truth, RUNS,
    )  # fmt: skip


def _v(answers: str, groups: tuple[tuple[float, ...], ...], n: int) -> Scenario:
    shares = np.array(groups) / len(groups)
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    truth = float(np.sqrt(((shares - expected) ** 2 / expected).sum() / (min(shares.shape) - 1)))
    return coverage(
        "chi_squared, Cramer's V", answers, f"{len(groups)} x {n}", tables(*((n, g) for g in groups)),
        lambda x: _effect(TESTS["chi_squared"].function(x)), truth, RUNS,
    )  # fmt: skip


def _kappa(weights: str, n: int) -> Scenario:
    """Two raters who agree at once in half the cases, else by chance."""
    joint = joint_shares(WORSE, WORSE, 0.5)
    return coverage(
        "cohen_kappa" if weights == "none" else f"cohen_kappa, {weights}", "five levels, kappa 0.5", str(n),
        pairs(n, WORSE, WORSE), lambda x: cohen_kappa(x, weights=weights).confint, _kappa_of(joint, weights), RUNS,
    )  # fmt: skip


def _kappa_of(joint: Floats, weights: str) -> float:
    gaps = np.abs(np.subtract.outer(np.arange(len(joint)), np.arange(len(joint)))) / (len(joint) - 1.0)
    apart = {"none": (gaps > 0).astype(float), "linear": gaps, "quadratic": gaps**2}[weights]
    return 1.0 - float((apart * joint).sum() / (apart * np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum())


def _r(rho: float, n: int) -> Scenario:
    """Two items of five levels, cut from normals that correlate by `rho`."""
    joint = related_shares(WORSE, rho)

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return rng.multinomial(n, joint.ravel(), size=runs).reshape(runs, *joint.shape).astype(np.float64)

    return coverage(
        "ordinal_association, Pearson", f"five levels, r {_correlation(joint):.2f}", str(n), draw,
        lambda x: ordinal_association(x).pearson_confint, _correlation(joint), RUNS,
    )  # fmt: skip


def _correlation(joint: Floats) -> float:
    centred = SCORES - mean_of(joint.sum(axis=1))
    return float(centred @ joint @ centred) / variance_of(joint.sum(axis=1))


def _alpha(n: int, kind: Kind, items: Items) -> Scenario:
    """Four items that share half of their variance, or are cut from such; alpha is 4r / (1 + 3r)."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        latent = np.sqrt(0.5) * (rng.standard_normal((runs, n, 1)) + rng.standard_normal((runs, n, 4)))
        return latent if items == "normal items" else np.digitize(latent, thresholds(TYPICAL)).astype(np.float64)

    def measure(x: Samples) -> Measured:
        found = cronbach_alpha(CrossProducts.of(x))
        return found.confint if kind == "feldt" else found.confint_normal

    r = 0.5 if items == "normal items" else _correlation(related_shares(TYPICAL, 0.5))
    return coverage(f"cronbach_alpha, {kind}", items, str(n), draw, measure, 4.0 * r / (1.0 + 3.0 * r), RUNS)


def _effect(result: TestResult) -> ConfInt | None:
    return result.effect_size.confint if result.effect_size else None


def _sizes(n: tuple[int, int]) -> str:
    return f"{n[0]} + {n[1]}"


SCENARIOS = (
    *(
        _rank_effect(name, shape, n)
        for name in ("cliffs_delta", "auc", "brunner_munzel")
        for shape in SHORT
        for n in PAIRS
    ),
    *(_d(index, answers, n) for index in (0, 1) for answers in ("normal", "five levels") for n in PAIRS),
    *(_one_d(n) for n in (10, 30, 100)),
    *(_v("typical, no difference", (TYPICAL, TYPICAL), n) for n in (30, 100, 1000)),
    *(_v("typical, worse, worse", (TYPICAL, WORSE, WORSE), n) for n in (30, 100, 1000)),
    *(_kappa(weights, n) for weights in ("none", "linear", "quadratic") for n in (30, 100, 1000)),
    *(_r(again, n) for again in (0.0, 0.5, 0.9) for n in (10, 30, 100)),
    *(_alpha(n, kind, items) for kind in ALPHA for items in ITEMS for n in (10, 30, 100)),
)
PART = Part(
    "Intervals of effect sizes, agreement, correlation and reliability",
    "An interval for five levels that assumes normal answers is an approximation; how good, is seen here.",
    SCENARIOS,
)
