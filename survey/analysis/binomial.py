"""Exact binomial and hypergeometric probabilities, to full precision at any n."""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from survey.analysis.checks import Floats
from survey.analysis.results import Alternative

RELATIVE = 1.0 + 1e-7  # as likely as: probabilities equal up to rounding count as equal (R's rule)


def binomial_pmf(k: Floats, n: float, p: float) -> Floats:
    """P(X = k) by Loader's saddle-point form: full precision at n = 10 million.

    References
    ----------
    Loader, C. (2000). Fast and accurate computation of binomial probabilities.

    Examples
    --------
    >>> binomial_pmf(np.array([0.0, 1, 2]), 2, 0.5).round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    k = np.asarray(k, dtype=np.float64)
    if p in (0.0, 1.0):
        return np.asarray(k == n * p, dtype=np.float64)
    inner = np.clip(k, 1.0, max(n - 1.0, 1.0))
    log_pmf = _stirling_error(np.asarray(n)) - _stirling_error(inner) - _stirling_error(np.maximum(n - inner, 1.0))
    log_pmf = log_pmf - _deviance(inner, n * p) - _deviance(np.maximum(n - inner, 1.0), n * (1.0 - p))
    with np.errstate(under="ignore"):
        middle = np.exp(log_pmf) * np.sqrt(n / (2.0 * math.pi * inner * np.maximum(n - inner, 1.0)))
        ends = np.where(k == 0, np.exp(n * math.log1p(-p)), np.exp(n * math.log(p)))
    return np.asarray(np.where((k > 0) & (k < n), middle, np.where((k == 0) | (k == n), ends, 0.0)))


def binomial_sf(k: float, n: float, p: float) -> float:
    """P(X > k)."""
    if k < 0:
        return 1.0
    return 0.0 if k >= n else float(special.betainc(k + 1.0, n - k, p))


def binomial_cdf(k: float, n: float, p: float) -> float:
    """P(X <= k)."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else float(special.betainc(n - k, k + 1.0, 1.0 - p))


def binomial_test(successes: float, n: float, p: float, alternative: Alternative = "two-sided") -> float:
    """Exact p-value; two-sided = all outcomes at most as likely as the observed one.

    Examples
    --------
    >>> binomial_test(7, 9, 0.5)
    0.1796875
    """
    if alternative == "greater":
        return binomial_sf(successes - 1.0, n, p)
    if alternative == "less":
        return binomial_cdf(successes, n, p)
    if p in (0.0, 1.0):
        return float(successes == n * p)
    center = n * p
    if successes == center:
        return 1.0
    limit = float(binomial_pmf(np.array([successes]), n, p)[0]) * RELATIVE
    if successes < center:
        cut = _first(lambda k: float(binomial_pmf(np.array([k]), n, p)[0]) <= limit, math.ceil(center), n + 1.0)
        return min(1.0, binomial_cdf(successes, n, p) + binomial_sf(cut - 1.0, n, p))
    cut = -_first(lambda k: float(binomial_pmf(np.array([-k]), n, p)[0]) <= limit, -math.floor(center), 1.0)
    return min(1.0, binomial_sf(successes - 1.0, n, p) + binomial_cdf(cut, n, p))


def hypergeometric_pmf(k: Floats, good: float, bad: float, draws: float) -> Floats:
    """P(X = k) of `good` among `draws` taken from good + bad, as a ratio of binomials (Loader)."""
    total = good + bad
    p = draws / total
    top = binomial_pmf(k, good, p) * binomial_pmf(draws - k, bad, p)
    return top / float(binomial_pmf(np.array([draws]), total, p)[0])


def _first(condition: Callable[[float], bool], low: float, high: float) -> float:
    """Smallest whole number in [low, high] where a monotone condition holds (high if none)."""
    while low < high:
        middle = math.floor((low + high) / 2.0)
        low, high = (low, middle) if condition(middle) else (middle + 1.0, high)
    return high


def _stirling_error(n: Floats) -> Floats:
    """log n! minus Stirling's approximation."""
    n = np.asarray(n, dtype=np.float64)
    m = np.maximum(n, 16.0)
    square = m * m
    tail = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / m
    small = np.minimum(n, 16.0)
    exact = special.gammaln(small + 1.0) - (small + 0.5) * np.log(np.maximum(small, 1e-300)) + small
    return np.where(n > 15.5, tail, exact - 0.5 * math.log(2.0 * math.pi))


def _deviance(x: Floats, mean: float) -> Floats:
    """x log(x / mean) + mean - x without cancellation."""
    v = (x - mean) / (x + mean)
    near = np.abs(v) < 0.1
    u = np.where(near, v, 0.0)
    square = u * u
    series = sum((square**j / (2 * j + 1) for j in range(1, 10)), np.zeros_like(square))
    close = (x - mean) * u + 2.0 * x * u * series
    return np.where(near, close, x * np.log(x / mean) + mean - x)
