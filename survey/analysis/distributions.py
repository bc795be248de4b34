"""Tail areas and quantiles by `scipy.special` alone: `scipy.stats` takes two seconds to import.

Tails are computed as tails (never 1 - cdf), so p = 1e-300 is a number and not zero.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy import special

from survey.analysis.checks import Floats, in_open_unit
from survey.analysis.results import Alternative


def normal_quantile(probability: float) -> float:
    """Inverse of the standard normal distribution function."""
    return float(special.ndtri(probability))


def critical_z(confidence_level: float) -> float:
    """Two-sided standard normal critical value: 1.96 for 0.95."""
    in_open_unit(confidence_level, "confidence_level")
    return -normal_quantile((1.0 - confidence_level) / 2.0)


def normal_sf(z: float) -> float:
    """P(Z > z)."""
    return float(special.ndtr(-z))


def z_pvalue(z: float, alternative: Alternative = "two-sided") -> float:
    """p-value of a standard normal statistic."""
    return _by_alternative(normal_sf, z, alternative)


def t_sf(t: float, df: float) -> float:
    """P(T > t) for Student's t; `df` may be infinite."""
    if math.isinf(df):
        return normal_sf(t)
    half = 0.5 * _beta_sf(t * t, 1.0, df)
    return half if t >= 0 else 1.0 - half


def t_pvalue(t: float, df: float, alternative: Alternative = "two-sided") -> float:
    """p-value of a Student t statistic."""
    return _by_alternative(lambda value: t_sf(value, df), t, alternative)


def critical_t(confidence_level: float, df: float) -> float:
    """Two-sided Student t critical value."""
    in_open_unit(confidence_level, "confidence_level")
    if math.isinf(df):
        return critical_z(confidence_level)
    y = float(special.betaincinv(0.5, df / 2.0, confidence_level))
    return math.sqrt(df * y / (1.0 - y)) if y < 1.0 - 1e-6 else _critical_t_few_df(confidence_level, df)


def _critical_t_few_df(confidence_level: float, df: float) -> float:
    x = float(special.betaincinv(df / 2.0, 0.5, 1.0 - confidence_level))
    return math.sqrt(df * (1.0 - x) / x)


def chi2_sf(x: float, df: float) -> float:
    """P(X > x) for chi-squared."""
    return float(special.gammaincc(df / 2.0, max(x, 0.0) / 2.0))


def chi2_cdf(x: float, df: float) -> float:
    """P(X <= x) for chi-squared."""
    return float(special.gammainc(df / 2.0, max(x, 0.0) / 2.0))


def chi2_quantile(probability: float, df: float) -> float:
    """Inverse of the chi-squared distribution function."""
    return 2.0 * float(special.gammaincinv(df / 2.0, probability))


def f_sf(x: float, df1: float, df2: float) -> float:
    """P(X > x) for Snedecor's F; `df2` may be infinite."""
    if x <= 0:
        return 1.0
    if math.isinf(df2):
        return chi2_sf(x * df1, df1)
    return _beta_sf(df1 * x, df1, df2)


def _beta_sf(x: float, df1: float, df2: float) -> float:
    """P(df1 F > x), from the smaller of the two shares of x + df2: the other is 1 but for lost digits."""
    if x < df2:
        return float(special.betaincc(df1 / 2.0, df2 / 2.0, x / (df2 + x)))
    return float(special.betainc(df2 / 2.0, df1 / 2.0, df2 / (df2 + x)))


def f_quantile(probability: float, df1: float, df2: float) -> float:
    """Inverse of the F distribution function."""
    y = float(special.betaincinv(df1 / 2.0, df2 / 2.0, probability))
    if y < 0.5:
        return df2 * y / (df1 * (1.0 - y))
    x = float(special.betaincinv(df2 / 2.0, df1 / 2.0, 1.0 - probability))
    return df2 * (1.0 - x) / (df1 * x)


def noncentral_chi2_cdf(x: float, df: float, noncentrality: float) -> float:
    """P(X <= x) for noncentral chi-squared; Sankaran's normal approximation beyond 1e5."""
    if noncentrality <= 0:
        return chi2_cdf(x, df)
    if noncentrality < 1e5 and x < 1e6:
        return float(special.chndtr(x, df, noncentrality))
    total = df + noncentrality
    spread = df + 2.0 * noncentrality
    h = 1.0 - 2.0 * total * (df + 3.0 * noncentrality) / (3.0 * spread**2)
    p = spread / total**2
    m = (h - 1.0) * (1.0 - 3.0 * h)
    center = 1.0 + h * p * (h - 1.0 - 0.5 * (2.0 - h) * m * p)
    scale = h * math.sqrt(2.0 * p) * (1.0 + 0.5 * m * p)
    return float(special.ndtr(((x / total) ** h - center) / scale))


def noncentral_t_cdf(t: float, df: float, noncentrality: float) -> float:
    """P(T <= t) for noncentral t, by quadrature over the chi distribution of the denominator.

    A normal approximation (Abramowitz & Stegun 26.7.10) when df or the noncentrality is huge.
    """
    if df > 4e5 or abs(noncentrality) > 37.62:
        shrink = 1.0 / (4.0 * df)
        return float(special.ndtr((t * (1.0 - shrink) - noncentrality) / math.sqrt(1.0 + 2.0 * t * t * shrink)))
    scale, weights = chi_nodes(df)
    return float(np.clip(weights @ special.ndtr(t * scale - noncentrality), 0.0, 1.0))


def chi_nodes(df: float) -> tuple[Floats, Floats]:
    """Nodes and weights to integrate over chi / sqrt(df): Gauss-Legendre on its logarithm."""
    nodes, weights = gauss_legendre(160)
    low = -(6.5 / math.sqrt(df) + 40.0 / df)
    high = 6.5 / math.sqrt(df) + 0.5 * math.log1p(80.0 / df)
    half, width = df / 2.0, (high - low) / 2.0
    x = (low + high) / 2.0 + nodes * width
    # exponent relative to its maximum at x = 0: no cancellation of large logarithms
    peak = half * (2.0 * x - np.expm1(2.0 * x))
    constant = math.log(2.0) + half * math.log(half) - half - float(special.gammaln(half))
    mass = weights * width * np.exp(peak + constant)
    seen = mass > 1e-19
    return np.exp(x[seen]), mass[seen]


@functools.cache
def gauss_legendre(points: int) -> tuple[Floats, Floats]:
    """Nodes and weights on [-1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a continuous function of one variable changes sign between `low` and `high` (Brent)."""
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-14 * max(1.0, abs(low), abs(high)), rtol=1e-14, maxiter=500))


def _by_alternative(upper_tail: Callable[[float], float], value: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return min(1.0, 2.0 * upper_tail(abs(value)))
    return upper_tail(value) if alternative == "greater" else upper_tail(-value)
