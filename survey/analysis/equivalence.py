"""Is the difference too small to matter? Two one-sided tests, and the verdict against the least that matters."""

import math

from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, in_open_unit, successes_of, two_counts
from survey.analysis.contrasts import Pair, newcombe
from survey.analysis.distributions import normal_sf, t_sf
from survey.analysis.results import ConfInt, Verdict
from survey.analysis.significance.two_samples import welch


class Equivalence(Struct, frozen=True, kw_only=True):
    """Two one-sided tests: both small p-values together show a difference within the margin."""

    test: str
    version: int = 1
    margin: float
    difference: float | None
    statistic_lower: float | None = None
    statistic_upper: float | None = None
    pvalue_lower: float | None = None
    pvalue_upper: float | None = None
    pvalue: float | None = None
    df: float | None = None
    confint: ConfInt | None = None
    equivalent: bool | None = None
    reason: str | None = None


def tost_means(table: ArrayLike, scores: ArrayLike, margin: float, *, significance_level: float = 0.05) -> Equivalence:
    r"""Equivalence of two means: two one-sided Welch tests against :math:`\pm` `margin`.

    Equivalent when the :math:`1-2\alpha` interval lies within the margin.

    References
    ----------
    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> table = [[23, 138, 341, 273, 37], [14, 119, 266, 269, 45]]
    >>> round(tost_means(table, [1, 2, 3, 4, 5], 0.2).pvalue, 7)
    0.0111613
    """
    _positive(margin)
    in_open_unit(significance_level, "significance_level")
    result = welch(table, scores, confidence_level=1.0 - 2.0 * significance_level)
    gap = result.difference.value if result.difference else None
    if gap is None or result.statistic is None or not isinstance(result.df, float):
        return Equivalence(test="tost_means", margin=margin, difference=gap, reason=result.reason)
    se = float(result.details["se"])
    low, high = (gap + margin) / se, (gap - margin) / se
    below, above = t_sf(low, result.df), t_sf(-high, result.df)
    return Equivalence(
        test="tost_means", margin=margin, difference=gap, statistic_lower=low, statistic_upper=high, pvalue_lower=below,
        pvalue_upper=above, pvalue=max(below, above), df=result.df,
        confint=result.difference.confint if result.difference else None,
        equivalent=max(below, above) < significance_level,
    )  # fmt: skip


def tost_proportions(x: Pair, n: Pair, margin: float, *, significance_level: float = 0.05) -> Equivalence:
    """Equivalence of two shares: two one-sided z tests with unpooled variance; interval by Newcombe.

    References
    ----------
    Chow, S.-C., Shao, J. & Wang, H. (2008). Sample Size Calculations in Clinical Research, section 4.2.

    Examples
    --------
    >>> tost_proportions((7412345, 7408012), (10_000_000, 10_000_000), 0.01).equivalent
    True
    """
    _positive(margin)
    in_open_unit(significance_level, "significance_level")
    two_counts(x, "x")
    two_counts(n, "n")
    pairs = [successes_of(*pair) for pair in zip(x, n, strict=True)]
    if min(n) == 0:
        return Equivalence(test="tost_proportions", margin=margin, difference=None, reason="a group has no answers")
    p1, p2 = (a / b for a, b in pairs)
    gap, se = p1 - p2, math.sqrt(p1 * (1.0 - p1) / n[0] + p2 * (1.0 - p2) / n[1])
    interval = newcombe(x, n, confidence_level=1.0 - 2.0 * significance_level)
    if se == 0:
        reason = "no group varies"
        return Equivalence(test="tost_proportions", margin=margin, difference=gap, confint=interval, reason=reason)
    low, high = (gap + margin) / se, (gap - margin) / se
    below, above = normal_sf(low), normal_sf(-high)
    return Equivalence(
        test="tost_proportions", margin=margin, difference=gap, statistic_lower=low, statistic_upper=high,
        pvalue_lower=below, pvalue_upper=above, pvalue=max(below, above),
        confint=interval,
        equivalent=max(below, above) < significance_level,
    )  # fmt: skip


def verdict(
    difference: float | None,
    confint: ConfInt | None,
    pvalue: float | None,
    margin: float,
    *,
    significance_level: float = 0.05,
) -> Verdict:
    r"""What a test and an interval say of a difference against the smallest effect of interest, `margin`.

    `different`: :math:`p<\alpha` and the difference is at least the margin; `equivalent`: the :math:`1-2\alpha`
    interval lies within the margin, which is two one-sided tests; `inconclusive`: neither. Each of the first two is
    wrong in at most :math:`\alpha` of all samples; a p-value alone cannot tell them apart.

    Parameters
    ----------
    confint
        The interval of the difference at the level :math:`1-2\alpha`.
    margin
        The smallest effect of interest, in the unit of the difference.

    References
    ----------
    Lakens, D. (2017). Social Psychological and Personality Science 8(4), 355-362.

    Examples
    --------
    >>> verdict(8.0, ConfInt(3.7, 12.3, 0.9), 0.002, 2.0), verdict(0.04, ConfInt(0.01, 0.07, 0.9), 0.027, 2.0)
    ('different', 'equivalent')
    >>> verdict(1.5, ConfInt(0.2, 2.8, 0.9), 0.04, 2.0)
    'inconclusive'
    """
    _positive(margin)
    if difference is None:
        return "inconclusive"
    if pvalue is not None and pvalue < significance_level and abs(difference) >= margin:
        return "different"
    within = confint is not None and -margin < confint.low and confint.high < margin
    return "equivalent" if within else "inconclusive"


def _positive(margin: float) -> None:
    if not margin > 0 or math.isinf(margin):
        raise BadData("margin", "must be positive")
