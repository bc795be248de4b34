"""The mean of scores that have a lowest and a highest level, without any assumption on how the answers are spread."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.checks import BadData, Floats, counts_of, in_open_unit, scores_for, scores_of
from survey.analysis.results import ConfInt

FEW, FEW_AWAY, SKEWED = 15, 10, 1.0
WIDTH, STEP = 14.0, 0.1
"""Reach and step of the trapezoidal rule, in the logarithm of the distance from the saddle point."""
_NODES = np.arange(0.0, WIDTH, STEP)
_ACROSS, _STEPS = np.sinh(_NODES), np.cosh(_NODES)
_ALONG = _STEPS - 1.0
_WEIGHTS = np.full(_NODES.size, STEP / math.pi)
_WEIGHTS[0] /= 2.0


def leans(counts: Floats, scores: Floats) -> bool:
    """Whether Student's t cannot be trusted with this mean: few answers, or all but a few alike, and to one side.

    Below 15 answers, or below 10 that are not the commonest, when the skewness exceeds 1 or nobody differs.

    >>> leans(np.array([0.0, 0, 1, 2, 97]), np.arange(5.0)), leans(np.array([4.0, 8, 18, 50, 120]), np.arange(5.0))
    (True, False)
    """
    n, most = float(counts.sum()), float(counts.max())
    if n - most >= FEW_AWAY and n >= FEW:
        return False
    if n == most:
        return n > 0
    gaps = scores - float(counts @ scores) / n
    second, third = float(counts @ gaps**2) / n, float(counts @ gaps**3) / n
    return second > 0.0 and n > 2 and abs(third) > SKEWED * second**1.5


def tails(
    counts: ArrayLike, scores: ArrayLike, target: float, *, ends: tuple[float, float] | None = None
) -> tuple[float, float]:
    r"""How likely a sample at least as high, or at least as low, would be, were the mean `target`.

    :math:`P(\sum_j G_j(s_j-\mu_0)\le0)`, :math:`G_j` independent gamma variables of shape :math:`n_j`, with one answer
    more at the lowest possible score; and mirrored. For two values these are the binomial tails of Clopper and Pearson.

    Parameters
    ----------
    ends
        The lowest and the highest score that could be given; left out, those of `scores`.

    References
    ----------
    Gaffke, N. (2005). Mathematical Methods of Statistics 14(4), 451-467.

    Examples
    --------
    >>> [round(p, 7) for p in tails([7, 3], [0, 1], 0.5)]
    [0.9453125, 0.171875]
    """
    k, s, (low, high) = _answers(counts, scores, ends)
    return _tail(*_with_one_more(k, s, low), target, 1.0), _tail(*_with_one_more(k, s, high), target, -1.0)


def bounded_interval(
    counts: ArrayLike,
    scores: ArrayLike,
    *,
    ends: tuple[float, float] | None = None,
    confidence_level: float = 0.95,
) -> ConfInt:
    """All means that neither of the `tails` rejects; within the lowest and the highest score that could be given.

    Covers at least its level for scores of two values, and in every case simulated for more.

    References
    ----------
    Learned-Miller, E. & Thomas, P. S. (2019). A new confidence interval for the mean of a bounded random variable.
    arXiv:1905.06208.

    Examples
    --------
    >>> limits = bounded_interval([0, 0, 0, 0, 30], [0, 25, 50, 75, 100])
    >>> round(limits.low, 3), limits.high
    (88.43, 100.0)
    """
    level = (1.0 - in_open_unit(confidence_level, "confidence_level")) / 2.0
    k, s, (lowest, highest) = _answers(counts, scores, ends)
    low = _limit(*_with_one_more(k, s, lowest), level, 1.0)
    return ConfInt(low, _limit(*_with_one_more(k, s, highest), level, -1.0), confidence_level, "gaffke")


def _answers(
    counts: ArrayLike, scores: ArrayLike, ends: tuple[float, float] | None
) -> tuple[Floats, Floats, tuple[float, float]]:
    k = counts_of(counts)
    s = scores_for(scores, k.size)
    if k.sum() == 0:
        raise BadData("counts", "must not all be 0")
    low, high = (s.min(), s.max()) if ends is None else scores_of(ends, "ends")
    given = s[k > 0]
    if not low <= given.min() <= given.max() <= high:
        raise BadData("ends", "must be the lowest and the highest score that could be given")
    return k, s, (float(low), float(high))


def _with_one_more(counts: Floats, scores: Floats, at: float) -> tuple[list[float], list[float]]:
    """Counts and scores of the levels that have answers, one answer added at an end."""
    held = (counts > 0) & (scores != at)
    more = float(counts[scores == at].sum()) + 1.0
    return [more, *counts[held].tolist()], [float(at), *scores[held].tolist()]


def _limit(counts: list[float], scores: list[float], level: float, sign: float) -> float:
    """The mean at which the tail has this size, sought on the scale of a normal score, where it is nearly straight."""
    from scipy.optimize import brentq

    if len(scores) == 1:
        return scores[0]
    n = sum(counts)
    mean = sum(k * s for k, s in zip(counts, scores, strict=True)) / n
    sd = math.sqrt(sum(k * (s - mean) ** 2 for k, s in zip(counts, scores, strict=True)) / n / (n + 1.0))
    end, aim = (min(scores) if sign > 0 else max(scores)), float(special.ndtri(level))

    def gap(at: float) -> float:
        return float(special.ndtri(_tail(counts, scores, at, sign))) - aim

    inner, outer = mean, mean + sign * aim * sd
    if sign * (outer - end) <= 0.0:
        outer = (mean + end) / 2.0
    while gap(outer) > 0.0:
        inner, outer = outer, (outer + end) / 2.0
        if outer in (inner, end):
            return end
    return float(brentq(gap, inner, outer, xtol=1e-11 * sd, rtol=1e-14))


def _tail(counts: Sequence[float], scores: Sequence[float], target: float, sign: float) -> float:
    """P(sum of gamma variables times `sign (target - score)` >= 0), by inversion along the line of steepest descent."""
    pulls = [(k, sign * (target - s)) for k, s in zip(counts, scores, strict=True) if s != target]
    reach = max((abs(a) for _, a in pulls), default=0.0)
    if not any(a < 0.0 for _, a in pulls):
        return 1.0
    if not any(a > 0.0 for _, a in pulls):
        return 0.0
    pulls = [(k, a / reach) for k, a in pulls]
    if sum(k * a for k, a in pulls) > 0.0:  # the smaller tail has the digits
        return 1.0 - _tail(counts, scores, target, -sign)
    s = _saddle(pulls)
    height = -sum(k * math.log1p(-a * s) for k, a in pulls) - math.log(s)
    shape, slope = (np.array(column) for column in zip(*((k, a / (1.0 - a * s)) for k, a in pulls), strict=True))
    second = float(shape @ slope**2) + 1.0 / s**2
    third = 2.0 * (float(shape @ slope**3) - 1.0 / s**3)
    width = 1.0 / math.sqrt(second)
    bend = third * width**3 / 3.0  # the way the steepest descent turns, so that nothing oscillates along it
    x, y = width * bend * _ALONG, width * _ACROSS
    real, imaginary = 1.0 - np.outer(slope, x), np.outer(slope, y)
    size = np.log1p(np.outer(slope, -x) * (1.0 + real) + imaginary**2)
    angle = np.arctan2(imaginary, real)
    value = np.exp(shape @ (1j * angle - 0.5 * size)) / (1.0 + (x + 1j * y) / s) * (bend * _ACROSS + 1j * _STEPS)
    return min(1.0, max(0.0, float(value.imag @ _WEIGHTS) * width * math.exp(height)))


def _saddle(pulls: list[tuple[float, float]]) -> float:
    """Where the integrand is flat along the real line: between 0 and the pole of the largest pull."""
    low, high = 0.0, 1.0 / max(a for _, a in pulls)
    s = high / (2.0 + sum(k for k, a in pulls if a > 0.0))
    for _ in range(200):
        parts = [(k, a / (1.0 - a * s)) for k, a in pulls]
        slope = sum(k * a for k, a in parts) - 1.0 / s
        low, high = (s, high) if slope < 0.0 else (low, s)
        step = slope / (sum(k * a * a for k, a in parts) + 1.0 / s**2)
        if abs(step) <= 1e-9 * s:
            break
        s = s - step if low < s - step < high else (low + high) / 2.0
    return s
