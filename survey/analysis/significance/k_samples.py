"""More than two independent groups."""

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import as_ns, listed, table_of
from survey.analysis.distributions import chi2_sf
from survey.analysis.ranks import midranks, tie_sum
from survey.analysis.results import Caution, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="ordinal", design="k-independent")
def kruskal_wallis(table: ArrayLike) -> TestResult:
    r"""Kruskal-Wallis test that no group tends to higher levels than the others.

    :math:`H = \frac{12}{N(N+1)}\sum n_i(\bar R_i - \frac{N+1}{2})^2 \big/ (1-\sum(t^3-t)/(N^3-N))`;
    effect size :math:`\varepsilon^2 = H/(N-1)`.

    Parameters
    ----------
    table
        Counts, groups x levels in ascending order.

    Notes
    -----
    Assumes independent respondents; groups without answers are left out.

    References
    ----------
    Kruskal, W. H. & Wallis, W. A. (1952). Journal of the American Statistical Association 47, 583-621.

    Examples
    --------
    >>> result = kruskal_wallis([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90], [8, 14, 28, 60, 90]])
    >>> round(result.statistic, 4), result.df, round(result.pvalue, 4)
    (13.4479, 2.0, 0.0012)
    """
    full = table_of(table)
    sizes = full.sum(axis=1)
    counts, n = full[sizes > 0], as_ns(sizes)
    cautions = (Caution("empty-group", {"groups": int((sizes == 0).sum())}),) if (sizes == 0).any() else ()
    rule = {"ties": "corrected", "empty": "groups without answers left out"}
    totals, total = counts.sum(axis=0), float(counts.sum())
    varied = int((totals > 0).sum()) > 1
    if counts.shape[0] < 2 or not varied:
        return TestResult(
            test="kruskal_wallis", n=n, rule=rule,
            cautions=cautions if varied else (*cautions, Caution("single-level")),
            reason="fewer than two groups have answers" if varied or total == 0 else "every answer has the same level",
        )  # fmt: skip
    size = counts.sum(axis=1)
    mean_ranks = counts @ midranks(totals) / size
    between = 12.0 / (total * (total + 1.0)) * float(size @ (mean_ranks - (total + 1.0) / 2.0) ** 2)
    statistic = between / (1.0 - tie_sum(totals) / (total * (total - 1.0) * (total + 1.0)))
    groups = counts.shape[0]
    epsilon = EffectSize("epsilon squared", statistic / (total - 1.0))
    eta = (statistic - groups + 1.0) / (total - groups) if total > groups else None
    return TestResult(
        test="kruskal_wallis",
        statistic=statistic,
        pvalue=chi2_sf(statistic, groups - 1.0),
        df=groups - 1.0,
        effect_size=epsilon,
        effect_sizes=(epsilon, EffectSize("eta squared (H)", eta)),
        n=n,
        rule=rule,
        details={"mean_ranks": listed(np.asarray(mean_ranks))},
        cautions=cautions,
    )
