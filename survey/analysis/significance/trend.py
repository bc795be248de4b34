"""Ordered groups and waves."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_ns, table_of
from survey.analysis.distributions import z_pvalue
from survey.analysis.ranks import normal_z, u_statistic
from survey.analysis.results import Alternative, Caution, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="ordinal", design="ordered")
def jonckheere(table: ArrayLike, *, alternative: Alternative = "two-sided") -> TestResult:
    r"""Jonckheere-Terpstra test that levels rise (or fall) with the order of the groups.

    :math:`JT=\sum_{i<k} U_{ki}`, the pairs in which the later group is higher, ties counting half; its z equals that of
    Kendall's S. Effect size: tau-b.

    Parameters
    ----------
    table
        Counts, ordered groups x levels in ascending order.

    Notes
    -----
    Assumes independent respondents; variance corrected for ties in both margins.

    References
    ----------
    Hollander, M., Wolfe, D. A. & Chicken, E. (2013). Nonparametric Statistical Methods, 3rd ed., section 6.2.

    Examples
    --------
    >>> result = jonckheere([[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])
    >>> result.statistic, round(result.pvalue, 5)
    (1941.5, 0.08603)
    """
    counts = table_of(table)
    sizes, totals = counts.sum(axis=1), counts.sum(axis=0)
    total = float(counts.sum())
    rule = {"ties": "variance corrected", "continuity": "none"}
    if (sizes > 0).sum() < 2 or (totals > 0).sum() < 2:
        single = Caution("empty-group" if (sizes > 0).sum() < 2 else "single-level")
        return TestResult(
            test="jonckheere", alternative=alternative, n=as_ns(sizes), rule=rule, cautions=(single,),
            reason="fewer than two groups or levels have answers",
        )  # fmt: skip
    below = np.cumsum(counts, axis=0) - counts
    statistic = sum(u_statistic(counts[i], below[i]) for i in range(1, counts.shape[0]))
    center = (total * total - float(sizes @ sizes)) / 4.0
    variance = _tie_variance(sizes, totals, total)
    z = normal_z(statistic, center, variance)
    return TestResult(
        test="jonckheere",
        statistic=statistic,
        pvalue=None if z is None else z_pvalue(z, alternative),
        alternative=alternative,
        effect_size=EffectSize("tau-b", 2.0 * (statistic - center) / math.sqrt(_untied(sizes) * _untied(totals))),
        n=as_ns(sizes),
        rule=rule,
        details={"mean": center, "variance": variance, "z": z},
    )


def _untied(margin: Floats) -> float:
    """Pairs that differ on this margin."""
    total = float(margin.sum())
    return (total * total - float(margin @ margin)) / 2.0


def _tie_variance(sizes: Floats, totals: Floats, total: float) -> float:
    def first(m: Floats) -> float:
        return float((m * (m - 1.0) * (2.0 * m + 5.0)).sum())

    def second(m: Floats) -> float:
        return float((m * (m - 1.0) * (m - 2.0)).sum())

    def third(m: Floats) -> float:
        return float((m * (m - 1.0)).sum())

    variance = (total * (total - 1.0) * (2.0 * total + 5.0) - first(sizes) - first(totals)) / 72.0
    if total > 2:
        variance += second(sizes) * second(totals) / (36.0 * total * (total - 1.0) * (total - 2.0))
    return variance + third(sizes) * third(totals) / (8.0 * total * (total - 1.0))
