"""One number about one group, with its interval, from level counts."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.bounded import bounded_interval, leans
from survey.analysis.checks import BadData, Floats, as_n, counts_of, floats, in_open_unit, scores_for, successes_of
from survey.analysis.distributions import critical_t, critical_z
from survey.analysis.proportions import INTERVALS
from survey.analysis.results import Caution, ConfInt, Estimate
from survey.analysis.sufficient import Moments

EMPTY = "no valid answers"
ProportionMethod = Literal["wilson", "exact", "jeffreys", "agresti-coull", "wald"]


def mean(counts: ArrayLike, scores: ArrayLike, *, confidence_level: float = 0.95) -> Estimate:
    r"""Mean of level scores with Student's t interval: :math:`\bar x \pm t_{n-1}\, s/\sqrt n`.

    Notes
    -----
    Assumes independent respondents. One answer gives a mean but no interval.

    References
    ----------
    Student (1908). Biometrika 6(1), 1-25.

    Examples
    --------
    >>> index = mean([4, 8, 18, 50, 120], [0, 25, 50, 75, 100])
    >>> index.value, round(index.confint.low, 3), round(index.confint.high, 3)
    (84.25, 80.947, 87.553)
    """
    return mean_of(Moments.from_counts(counts, scores), confidence_level=confidence_level)


def mean_of(moments: Moments, *, confidence_level: float = 0.95) -> Estimate:
    """`mean` from n, mean and sum of squares."""
    in_open_unit(confidence_level, "confidence_level")
    n = as_n(moments.n)
    if moments.n == 0:
        return Estimate("t", None, n=0, reason=EMPTY)
    variance = moments.variance
    if variance is None:
        return Estimate("t", moments.mean, n=n, cautions=(Caution("too-few-for-interval", {"n": n}),))
    se = math.sqrt(variance / moments.n)
    half = critical_t(confidence_level, moments.n - 1.0) * se
    interval = ConfInt(moments.mean - half, moments.mean + half, confidence_level, "t")
    cautions = (Caution("no-variance", {"n": n}),) if variance == 0 else ()
    return Estimate("t", moments.mean, se, interval, n, cautions=cautions)


def level_mean(
    counts: ArrayLike,
    scores: ArrayLike,
    *,
    ends: tuple[float, float] | None = None,
    confidence_level: float = 0.95,
) -> Estimate:
    """Mean of scores that have a lowest and a highest level: t's interval or, where the answers lean, Gaffke's.

    Where nearly everybody gave one answer t covers far too little (27 % of 10 answers, 60 % of 30); `leans` says when.

    Parameters
    ----------
    ends
        The lowest and the highest score that could be given; left out, those of `scores`.

    References
    ----------
    Student (1908). Biometrika 6(1), 1-25. Gaffke, N. (2005). Mathematical Methods of Statistics 14(4), 451-467.

    Examples
    --------
    >>> index = level_mean([0, 0, 0, 1, 29], [0, 25, 50, 75, 100])
    >>> round(index.value, 3), round(index.confint.low, 3), round(index.confint.high, 3), index.confint.method
    (99.167, 87.586, 99.979, 'gaffke')
    """
    found = mean(counts, scores, confidence_level=confidence_level)
    if found.confint is None or not leans(counts_of(counts), floats(scores, "scores")):
        return found
    limits = bounded_interval(counts, scores, ends=ends, confidence_level=confidence_level)
    return Estimate("gaffke", found.value, found.se, limits, found.n)


def proportion(
    successes: float, n: float, *, confidence_level: float = 0.95, method: ProportionMethod = "wilson"
) -> Estimate:
    """Share of successes with the Wilson (default) or exact Clopper-Pearson interval.

    Notes
    -----
    Assumes independent respondents. The value is a share (0-1).

    References
    ----------
    Brown, L. D., Cai, T. T. & DasGupta, A. (2001). Statistical Science 16(2), 101-133.

    Examples
    --------
    >>> share = proportion(170, 200)
    >>> share.value, round(100 * share.confint.low, 2), round(100 * share.confint.high, 2)
    (0.85, 79.39, 89.29)
    """
    in_open_unit(confidence_level, "confidence_level")
    x, total = successes_of(successes, n)
    if method not in INTERVALS:
        raise BadData("method", f"must be one of {', '.join(INTERVALS)}")
    if total == 0:
        return Estimate(method, None, n=0, reason=EMPTY)
    share = x / total
    se = math.sqrt(share * (1.0 - share) / total)
    return Estimate(method, share, se, INTERVALS[method](x, total, confidence_level=confidence_level), as_n(total))


def net_promoter(promoters: float, passives: float, detractors: float, *, confidence_level: float = 0.95) -> Estimate:
    r"""Net promoter score, -100 to 100 points, with the adjusted Wald interval.

    :math:`100(p - d)`, variance :math:`(p + d - (p-d)^2)/n`. The interval adds three answers:
    3/4 promoters, 3/2 passives, 3/4 detractors.

    References
    ----------
    Rocks, B. (2016). The American Statistician 70(4), 365-372.

    Examples
    --------
    >>> score = net_promoter(110, 50, 40)
    >>> round(score.value, 3), round(score.se, 3)
    (35.0, 5.601)
    """
    in_open_unit(confidence_level, "confidence_level")
    up, middle, down = counts_of([promoters, passives, detractors], "promoters, passives and detractors").tolist()
    n = up + middle + down
    if n == 0:
        return Estimate("adjusted-wald", None, n=0, reason=EMPTY)
    score, se = _net_share(up, down, n)
    adjusted, spread = _net_share(up + 0.75, down + 0.75, n + 3.0)
    half = critical_z(confidence_level) * spread
    low, high = max(-1.0, adjusted - half), min(1.0, adjusted + half)
    interval = ConfInt(100.0 * low, 100.0 * high, confidence_level, "adjusted-wald")
    cautions = (Caution("small-base", {"n": n}),) if n < 30 else ()
    return Estimate("adjusted-wald", 100.0 * score, 100.0 * se, interval, as_n(n), cautions=cautions)


def quantile(counts: ArrayLike, scores: ArrayLike, probability: float) -> Estimate:
    """Quantile of level scores by linear interpolation of order statistics (Hyndman & Fan type 7).

    References
    ----------
    Hyndman, R. J. & Fan, Y. (1996). The American Statistician 50(4), 361-365.

    Examples
    --------
    >>> quantile([1, 1, 1, 1], [0, 1, 2, 3], 0.5).value
    1.5
    """
    if not 0.0 <= probability <= 1.0:
        raise BadData("probability", "must lie in [0, 1]")
    k, s = _sorted(counts, scores)
    n = float(k.sum())
    if n == 0:
        return Estimate("quantile", None, n=0, reason=EMPTY)
    position = (n - 1.0) * probability
    below = math.floor(position)
    cumulative = np.cumsum(k)
    first = float(s[int(np.searchsorted(cumulative, below, side="right"))])
    after = min(below + 1.0, n - 1.0)
    second = float(s[int(np.searchsorted(cumulative, after, side="right"))])
    return Estimate("quantile", first + (position - below) * (second - first), n=as_n(n))


def median(counts: ArrayLike, scores: ArrayLike) -> Estimate:
    """Middle score: half the answers lie at or below, half at or above.

    Examples
    --------
    >>> median([4, 8, 18, 50, 120], [0, 25, 50, 75, 100]).value
    100.0
    """
    middle = quantile(counts, scores, 0.5)
    return Estimate("median", middle.value, n=middle.n, reason=middle.reason)


def trimmed_mean(counts: ArrayLike, scores: ArrayLike, proportion: float = 0.1) -> Estimate:
    """Mean after dropping the share `proportion` of answers at each end (whole answers, as R and scipy do).

    References
    ----------
    Tukey, J. W. & McLaughlin, D. H. (1963). Sankhya A 25(3), 331-352.

    Examples
    --------
    >>> trimmed_mean([1, 8, 1], [0, 50, 100]).value
    50.0
    """
    if not 0.0 <= proportion < 0.5:
        raise BadData("proportion", "must lie in [0, 0.5)")
    k, s = _sorted(counts, scores)
    n = float(k.sum())
    if n == 0:
        return Estimate("trimmed-mean", None, n=0, reason=EMPTY)
    cut = math.floor(proportion * n)
    cumulative = np.cumsum(k)
    kept = np.clip(np.minimum(cumulative, n - cut) - np.maximum(cumulative - k, cut), 0.0, None)
    return Estimate("trimmed-mean", float(kept @ s / kept.sum()), n=as_n(n))


def _net_share(up: float, down: float, n: float) -> tuple[float, float]:
    share = (up - down) / n
    return share, math.sqrt(max(0.0, (up + down) / n - share * share) / n)


def _sorted(counts: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    k, s = counts_of(counts), floats(scores, "scores")
    s = scores_for(s, k.size)
    order = np.argsort(s, kind="stable")
    return k[order], s[order]
