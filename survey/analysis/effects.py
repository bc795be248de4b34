"""Effect sizes and their intervals, from counts or moments."""

import math

import numpy as np
from scipy import special

from survey.analysis.checks import Floats, checked, in_open_unit, in_unit
from survey.analysis.distributions import critical_z, noncentral_chi2_cdf, noncentral_t_cdf, root
from survey.analysis.results import ConfInt, EffectSize
from survey.analysis.sufficient import Moments


def cliffs_variance(a: Floats, b: Floats) -> tuple[float, float | None]:
    """Delta and its unbiased variance (None when a group has fewer than two)."""
    m, n = float(a.sum()), float(b.sum())
    beats_b = (2.0 * (np.cumsum(b) - b) + b - n) / n
    beats_a = (m - 2.0 * (np.cumsum(a) - a) - a) / m
    delta = float(a @ beats_b) / m
    if m < 2 or n < 2:
        return delta, None
    rows = float(a @ (beats_b - delta) ** 2)
    cols = float(b @ (beats_a - delta) ** 2)
    levels = np.arange(a.size)
    dominance = np.sign(levels[:, None] - levels[None, :])
    cells = float(a @ (dominance - delta) ** 2 @ b)
    return delta, (n / m * rows + m / n * cols - cells / (m * n)) / ((m - 1.0) * (n - 1.0))


def cliffs_delta(a: Floats, b: Floats, *, confidence_level: float = 0.95) -> EffectSize:
    r"""Cliff's delta :math:`P(A>B) - P(A<B)` with the asymmetric interval of its unbiased variance.

    References
    ----------
    Cliff, N. (1996). Ordinal Methods for Behavioral Data Analysis. Lawrence Erlbaum, p. 137-140.

    Examples
    --------
    >>> a, b = np.array([4.0, 8, 18, 50, 120]), np.array([8.0, 14, 28, 60, 90])
    >>> round(cliffs_delta(a, b).value, 4)
    0.1692
    """
    delta, variance = cliffs_variance(a, b)
    if variance is None or abs(delta) == 1.0:
        return EffectSize("Cliff's delta", delta)  # complete separation: the variance estimate is 0, not known
    v, z = max(variance, 0.0), critical_z(confidence_level)
    half = z * math.sqrt(v) * math.sqrt((1.0 - delta**2) ** 2 + z * z * v)
    center, scale = delta - delta**3, 1.0 - delta**2 + z * z * v
    low, high = max(-1.0, (center - half) / scale), min(1.0, (center + half) / scale)
    return EffectSize("Cliff's delta", delta, ConfInt(low, high, confidence_level, "cliff"))


def delong_variance(a: Floats, b: Floats) -> tuple[float, float | None]:
    """P(A > B) + P(A = B)/2, the area under the ROC curve, and its DeLong variance.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Biometrics 44, 837-845.
    """
    m, n = float(a.sum()), float(b.sum())
    wins_a = (np.cumsum(b) - b / 2.0) / n
    wins_b = 1.0 - (np.cumsum(a) - a / 2.0) / m
    area = float(a @ wins_a) / m
    if m < 2 or n < 2:
        return area, None
    rows = float(a @ (wins_a - area) ** 2) / ((m - 1.0) * m)
    return area, rows + float(b @ (wins_b - area) ** 2) / ((n - 1.0) * n)


def auc(a: Floats, b: Floats, *, confidence_level: float = 0.95) -> EffectSize:
    """Probability that a random A exceeds a random B (ties count half), with DeLong's interval."""
    area, variance = delong_variance(a, b)
    if variance is None:
        return EffectSize("AUC", area)
    half = critical_z(confidence_level) * math.sqrt(variance)
    return EffectSize("AUC", area, ConfInt(max(0.0, area - half), min(1.0, area + half), confidence_level, "delong"))


def pooled_variance(a: Moments, b: Moments) -> float:
    """(ss_a + ss_b) / (n_a + n_b - 2)."""
    return (a.ss + b.ss) / (a.n + b.n - 2.0)


def hedges_correction(df: float) -> float:
    """Exact small-sample factor J(df)."""
    if df < 2:
        return 1.0
    if df > 1e6:
        return 1.0 - 3.0 / (4.0 * df - 1.0)
    return math.exp(special.gammaln(df / 2.0) - special.gammaln((df - 1.0) / 2.0)) / math.sqrt(df / 2.0)


@checked(confidence_level=in_open_unit)
def cohens_d(a: Moments, b: Moments, *, confidence_level: float = 0.95) -> tuple[EffectSize, EffectSize]:
    """Cohen's d and Hedges' g (pooled standard deviation), with noncentral-t intervals.

    References
    ----------
    Hedges, L. V. & Olkin, I. (1985). Statistical Methods for Meta-Analysis. Academic Press.

    Examples
    --------
    >>> d, g = cohens_d(Moments(10, 1.0, 9.0), Moments(10, 0.0, 9.0))
    >>> d.value, round(g.value, 4)
    (1.0, 0.9576)
    """
    if a.n + b.n <= 2 or min(a.n, b.n) < 1 or a.ss + b.ss <= 0:
        return EffectSize("Cohen's d", None), EffectSize("Hedges' g", None)
    df, scale = a.n + b.n - 2.0, math.sqrt(1.0 / a.n + 1.0 / b.n)
    d = (a.mean - b.mean) / math.sqrt(pooled_variance(a, b))
    j = hedges_correction(df)
    low, high = (limit * scale for limit in noncentrality_t(d / scale, df, confidence_level))
    return (
        EffectSize("Cohen's d", d, ConfInt(low, high, confidence_level, "noncentral-t")),
        EffectSize("Hedges' g", d * j, ConfInt(low * j, high * j, confidence_level, "noncentral-t")),
    )


def noncentrality_t(t: float, df: float, confidence_level: float) -> tuple[float, float]:
    """The noncentralities under which t is just not extreme."""
    tail = (1.0 - confidence_level) / 2.0
    width = 10.0 + abs(t)

    def limit(probability: float) -> float:
        return root(lambda value: noncentral_t_cdf(t, df, value) - probability, t - width, t + width)

    return limit(1.0 - tail), limit(tail)


def noncentrality_chi2(statistic: float, df: float, confidence_level: float) -> tuple[float, float]:
    """The noncentralities under which chi-squared is just not extreme (0 when it is too small)."""
    tail = (1.0 - confidence_level) / 2.0

    def limit(probability: float) -> float:
        if noncentral_chi2_cdf(statistic, df, 0.0) < probability:
            return 0.0
        high = statistic + 10.0 * math.sqrt(2.0 * df + 4.0 * statistic) + 50.0
        return root(lambda value: noncentral_chi2_cdf(statistic, df, value) - probability, 0.0, high)

    return limit(1.0 - tail), limit(tail)


@checked(p1=in_unit, p2=in_unit)
def cohens_h(p1: float, p2: float) -> float:
    """Cohen's h: difference of arcsine-transformed shares."""
    return 2.0 * math.asin(math.sqrt(p1)) - 2.0 * math.asin(math.sqrt(p2))
