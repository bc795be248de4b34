"""Intervals and effects for two independent proportions."""

import functools
import inspect
import math
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from survey.analysis.checks import BadData, in_open_unit, two_counts
from survey.analysis.distributions import chi2_quantile, critical_z, root
from survey.analysis.proportions import wilson
from survey.analysis.results import ConfInt, EffectSize

P = ParamSpec("P")
R = TypeVar("R")
Pair = tuple[float, float]


def _of_two_shares(function: Callable[P, R]) -> Callable[P, R]:
    """A method on successes `x` out of `n` in two groups, each of which has answers."""

    def successes(x: Pair, n: Pair) -> None:
        two_counts(x, "x")
        two_counts(n, "n")
        if min(n) == 0:
            raise BadData("n", "must not be 0")
        if x[0] > n[0] or x[1] > n[1]:
            raise BadData("x", "must not exceed n")

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
        successes(given["x"], given["n"])
        return function(*args, **kwargs)

    return call


@_of_two_shares
def newcombe(x: Pair, n: Pair, *, confidence_level: float = 0.95) -> ConfInt:
    """Difference of two proportions from their Wilson limits (method 10).

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> interval = newcombe((156, 90), (200, 200))
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.237, 0.415)
    """
    first = wilson(x[0], n[0], confidence_level=confidence_level)
    second = wilson(x[1], n[1], confidence_level=confidence_level)
    p1, p2 = x[0] / n[0], x[1] / n[1]
    low = p1 - p2 - math.hypot(p1 - first.low, second.high - p2)
    high = p1 - p2 + math.hypot(first.high - p1, p2 - second.low)
    return ConfInt(low, high, confidence_level, "newcombe")


@_of_two_shares
def wald_difference(x: Pair, n: Pair, *, confidence_level: float = 0.95, continuity: bool = False) -> ConfInt:
    """Textbook interval of a difference, cut to [-1, 1]; for comparison only."""
    p1, p2 = x[0] / n[0], x[1] / n[1]
    half = critical_z(confidence_level) * math.sqrt(p1 * (1.0 - p1) / n[0] + p2 * (1.0 - p2) / n[1])
    if continuity:
        unit = 1.0 / n[0] + 1.0 / n[1]
        half += min(0.5, abs(p1 - p2) / unit) * unit
    name = "wald-continuity" if continuity else "wald"
    return ConfInt(max(-1.0, p1 - p2 - half), min(1.0, p1 - p2 + half), confidence_level, name)


@_of_two_shares
def agresti_caffo(x: Pair, n: Pair, *, confidence_level: float = 0.95) -> ConfInt:
    """Wald after adding one success and one failure to each group.

    References
    ----------
    Agresti, A. & Caffo, B. (2000). The American Statistician 54(4), 280-288.
    """
    p1, p2 = (x[0] + 1.0) / (n[0] + 2.0), (x[1] + 1.0) / (n[1] + 2.0)
    half = critical_z(confidence_level) * math.sqrt(p1 * (1.0 - p1) / (n[0] + 2.0) + p2 * (1.0 - p2) / (n[1] + 2.0))
    return ConfInt(p1 - p2 - half, p1 - p2 + half, confidence_level, "agresti-caffo")


@_of_two_shares
def miettinen_nurminen(x: Pair, n: Pair, *, confidence_level: float = 0.95) -> ConfInt:
    """Score interval of a difference: constrained maximum likelihood, variance times N/(N-1).

    References
    ----------
    Miettinen, O. & Nurminen, M. (1985). Statistics in Medicine 4, 213-226.

    Examples
    --------
    >>> round(miettinen_nurminen((9, 3), (12, 11)).low, 6)
    0.060109
    """
    in_open_unit(confidence_level, "confidence_level")
    limit, d = chi2_quantile(confidence_level, 1.0), x[0] / n[0] - x[1] / n[1]

    def excess(delta: float) -> float:
        return _score_chi2(x, n, delta) - limit

    edge = 1.0 - 1e-12
    low = -1.0 if d <= -edge or excess(-edge) < 0 else root(excess, -edge, d)
    high = 1.0 if d >= edge or excess(edge) < 0 else root(excess, d, edge)
    return ConfInt(low, high, confidence_level, "miettinen-nurminen")


@_of_two_shares
def risk_ratio(x: Pair, n: Pair, *, confidence_level: float = 0.95) -> EffectSize:
    """Ratio of two proportions with the log-Wald interval (Katz et al. 1978)."""
    if x[0] == 0 or x[1] == 0:
        return EffectSize("risk ratio", None if x[1] == 0 else 0.0)
    ratio = (x[0] / n[0]) / (x[1] / n[1])
    se = math.sqrt(max(0.0, 1.0 / x[0] - 1.0 / n[0] + 1.0 / x[1] - 1.0 / n[1]))
    return EffectSize("risk ratio", ratio, _log_interval(ratio, se, confidence_level))


@_of_two_shares
def odds_ratio(x: Pair, n: Pair, *, confidence_level: float = 0.95) -> EffectSize:
    """Ratio of two odds with the log-Wald interval (Woolf 1955); None when a cell is empty."""
    y = (n[0] - x[0], n[1] - x[1])
    if min(*x, *y) == 0:
        value = 0.0 if min(x[0], y[1]) == 0 and min(x[1], y[0]) > 0 else None
        return EffectSize("odds ratio", value)
    ratio = (x[0] / x[1]) * (y[1] / y[0])
    se = math.sqrt(1.0 / x[0] + 1.0 / y[0] + 1.0 / x[1] + 1.0 / y[1])
    return EffectSize("odds ratio", ratio, _log_interval(ratio, se, confidence_level))


def _log_interval(ratio: float, se: float, confidence_level: float) -> ConfInt:
    factor = math.exp(critical_z(confidence_level) * se)
    return ConfInt(ratio / factor, ratio * factor, confidence_level, "log-wald")


def _score_chi2(x: Pair, n: Pair, delta: float) -> float:
    p1, p2 = _constrained(x, n, delta)
    total = n[0] + n[1]
    variance = (p1 * (1.0 - p1) / n[0] + p2 * (1.0 - p2) / n[1]) * total / (total - 1.0)
    gap = x[0] / n[0] - x[1] / n[1] - delta
    if variance <= 0:
        return 0.0 if gap == 0 else math.inf
    return gap * gap / variance


def _constrained(x: Pair, n: Pair, delta: float) -> Pair:
    """Maximum likelihood of p1, p2 given p1 - p2 = delta: the root of a cubic."""
    total, events = n[0] + n[1], x[0] + x[1]
    l3 = total
    l2 = (n[0] + 2.0 * n[1]) * delta - total - events
    l1 = (n[1] * delta - total - 2.0 * x[1]) * delta + events
    l0 = x[1] * delta * (1.0 - delta)
    q = (l2 / (3.0 * l3)) ** 3 - l1 * l2 / (6.0 * l3 * l3) + l0 / (2.0 * l3)
    p = math.copysign(math.sqrt(max(0.0, (l2 / (3.0 * l3)) ** 2 - l1 / (3.0 * l3))), q)
    angle = 0.0 if p == 0 else max(-1.0, min(1.0, q / p**3))
    p2 = 2.0 * p * math.cos((math.pi + math.acos(angle)) / 3.0) - l2 / (3.0 * l3)
    p2 = max(0.0, min(1.0, p2))
    return max(0.0, min(1.0, p2 + delta)), p2
