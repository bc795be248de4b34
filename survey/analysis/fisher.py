"""Fisher's exact test of a 2 x 2 table and the conditional odds ratio."""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from survey.analysis.binomial import RELATIVE, hypergeometric_pmf
from survey.analysis.checks import Floats, at_least, checked, in_open_unit
from survey.analysis.distributions import root
from survey.analysis.results import Alternative

LARGEST_WINDOW = 5_000_000
COUNT = at_least(0)


@checked(a=COUNT, b=COUNT, c=COUNT, d=COUNT)
def fisher_pvalue(a: float, b: float, c: float, d: float, alternative: Alternative = "two-sided") -> float | None:
    """P-value of [[a, b], [c, d]] given all margins; None when the support is too wide to sum.

    Two-sided = all tables at most as likely as the observed one.

    References
    ----------
    Fisher, R. A. (1935). Journal of the Royal Statistical Society 98, 39-82.

    Examples
    --------
    >>> round(fisher_pvalue(8, 2, 1, 5), 6)
    0.034965
    """
    good, bad, draws = a + c, b + d, a + b
    low, high = max(0.0, draws - bad), min(draws, good)
    if low == high:
        return 1.0
    total = good + bad
    sd = math.sqrt(max(1.0, draws * good * bad * (total - draws) / total**2 / max(total - 1.0, 1.0)))
    mode = draws * good / total
    width = math.ceil(9.0 * sd + 60.0)
    first, last = max(low, math.floor(min(a, mode) - width)), min(high, math.ceil(max(a, mode) + width))
    if last - first > LARGEST_WINDOW:
        return None
    support = np.arange(first, last + 1.0)
    probability = hypergeometric_pmf(support, good, bad, draws)
    if alternative == "less":
        chosen = support <= a
    elif alternative == "greater":
        chosen = support >= a
    else:
        chosen = probability <= probability[int(a - first)] * RELATIVE
    return min(1.0, float(np.sort(probability[chosen]).sum()))


@checked(a=COUNT, b=COUNT, c=COUNT, d=COUNT, confidence_level=in_open_unit)
def conditional_odds_ratio(
    a: float, b: float, c: float, d: float, *, confidence_level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """Conditional maximum likelihood odds ratio of [[a, b], [c, d]], and both limits of Fisher's exact interval.

    None stands for infinity; all three are None for a support beyond 200,000 tables.

    References
    ----------
    Agresti, A. (1992). Statistical Science 7(1), 131-153.

    Examples
    --------
    >>> estimate, low, high = conditional_odds_ratio(21, 9, 12, 20)
    >>> round(estimate, 5), round(low, 5), round(high, 4)
    (3.79838, 1.20068, 12.8949)
    """
    good, bad, draws = a + c, b + d, a + b
    low, high = max(0.0, draws - bad), min(draws, good)
    if low == high or high - low > 200_000:
        return None, None, None
    k = np.arange(low, high + 1.0)
    logs = -(special.gammaln(k + 1.0) + special.gammaln(good - k + 1.0))
    logs -= special.gammaln(draws - k + 1.0) + special.gammaln(bad - draws + k + 1.0)
    tail = (1.0 - confidence_level) / 2.0

    def weights(log_odds: float) -> Floats:
        v = logs + log_odds * k
        w = np.exp(v - v.max())
        return np.asarray(w / w.sum())

    def solve(target: Callable[[Floats], float]) -> float:
        return math.exp(root(lambda log_odds: target(weights(log_odds)), -60.0, 60.0))

    estimate = None if a == high else 0.0 if a == low else solve(lambda w: float(w @ k) - a)
    lower = 0.0 if a == low else solve(lambda w: float(w[k >= a].sum()) - tail)
    upper = None if a == high else solve(lambda w: float(w[k <= a].sum()) - tail)
    return estimate, lower, upper
