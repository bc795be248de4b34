"""Weighted and clustered samples: the same questions, with the design's variance."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_n, as_ns, rows_of
from survey.analysis.distributions import chi2_sf, critical_t, f_sf, t_pvalue
from survey.analysis.linearised import (
    Codes,
    SurveyDesign,
    codes_of,
    design_variance,
    mean_influence,
    values_for,
    without_empty,
)
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.tables import expected_counts


@significance_test(level="nominal", design="weighted")
def rao_scott(design: SurveyDesign, rows: ArrayLike, columns: ArrayLike) -> TestResult:
    r"""Rao-Scott test of independence of two items: Pearson's chi-squared corrected twice, on F.

    :math:`F=X^2/\mathrm{tr}\,\Delta`, :math:`\Delta=(C'D^{-1}C/n)^{-1}C'D^{-1}VD^{-1}C`,
    df :math:`\mathrm{tr}^2\Delta/\mathrm{tr}\,\Delta^2` and that times (units - strata).

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.
    """
    design, labels = without_empty(design, rows=rows, columns=columns)
    size = design.weights.size
    if size == 0:
        return _cannot("rao_scott", design, "empty-group")
    a, b = codes_of(labels["rows"], size, "rows"), codes_of(labels["columns"], size, "columns")
    r, c, n = int(a.max()) + 1, int(b.max()) + 1, design.n
    if r < 2 or c < 2 or design.df <= 0:
        return _cannot("rao_scott", design, "single-level" if min(r, c) < 2 else "no-degrees-of-freedom")
    cell = a * c + b
    w = design.weights * design.count
    table = np.bincount(cell, weights=w, minlength=r * c).reshape(r, c) / w.sum()
    expected = expected_counts(table)
    pearson = n * float(((table - expected) ** 2 / np.where(expected > 0, expected, 1.0)).sum())
    p = table.ravel()
    member = np.eye(r * c)[cell]
    influence = design.weights[:, None] * (member - p) / w.sum()
    inverse = np.where(p > 0, 1.0 / np.where(p > 0, p, 1.0), 0.0)
    contrast = np.kron(_helmert(r), _helmert(c)) * inverse[:, None]
    numerator = contrast.T @ design_variance(design, influence) @ contrast
    denominator = contrast.T @ (p[:, None] * contrast) / n
    delta = np.linalg.pinv(denominator, hermitian=True) @ numerator
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    if trace <= 0:
        return _cannot("rao_scott", design, "no-variance")
    statistic, df1 = pearson / trace, trace**2 / square
    unit = trace / ((r - 1.0) * (c - 1.0))
    v = math.sqrt(pearson / (n * (min(r, c) - 1.0)))
    return TestResult(
        test="rao_scott",
        statistic=statistic,
        pvalue=f_sf(statistic, df1, df1 * design.df),
        df=(df1, df1 * design.df),
        effect_size=EffectSize("Cramer's V (weighted)", v),
        n=(as_n(n),),
        effective_n=n / unit,
        rule={"correction": "Rao-Scott second order"},
        details={
            "chi2_weighted": pearson,
            "design_effect": unit,
            "pvalue_first_order": chi2_sf(pearson / unit, (r - 1.0) * (c - 1.0)),
            "proportions": rows_of(table),
        },
        cautions=design.cautions(),
    )


@significance_test(level="score", design="weighted")
def weighted_welch(
    design: SurveyDesign, values: ArrayLike, group: ArrayLike, *, confidence_level: float = 0.95
) -> TestResult:
    r"""Compare two weighted means: t with linearised variance, second group minus first, df = units - strata - 1.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2.
    """
    design, labels = without_empty(design, values=values, group=group)
    y, g = values_for(design, labels["values"]), codes_of(labels["group"], design.weights.size, "group")
    if not _all_weigh(design, g, 2) or design.df <= 1:
        return _cannot("weighted_welch", design, "no-degrees-of-freedom" if _all_weigh(design, g, 2) else "empty-group")
    inside = [(g == i).astype(np.float64) for i in (0, 1)]
    z = [mean_influence(design, y, m) for m in inside]
    means = [float(design.count @ (design.weights * m * y) / (design.count @ (design.weights * m))) for m in inside]
    cov = design_variance(design, np.column_stack([z[0], z[1], z[1] - z[0]]))
    se, df, gap = math.sqrt(max(0.0, float(cov[2, 2]))), design.df - 1.0, means[1] - means[0]
    if se == 0:
        return _cannot("weighted_welch", design, "no-variance")
    half = critical_t(confidence_level, df) * se
    return TestResult(
        test="weighted_welch",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df),
        df=df,
        difference=Difference(gap, ConfInt(gap - half, gap + half, confidence_level, "t")),
        n=as_ns(float(design.count @ m) for m in inside),
        rule={"variance": "linearised"},
        details={"mean": means, "se_mean": [math.sqrt(float(cov[i, i])) for i in (0, 1)], "se": se},
        cautions=design.cautions(),
    )


@significance_test(level="ordinal", design="weighted")
def weighted_rank(design: SurveyDesign, values: ArrayLike, group: ArrayLike, *, ties: str = "midrank") -> TestResult:
    r"""Rank test of two or more groups under a design: regression of weighted ranks on group, linearised variance.

    Two groups: t (Wilcoxon); more: F (Kruskal-Wallis). Ranks are weighted shares below, 0 to 1. `ties="row-order"`
    averages cumulated weights over tied rows as R's survey does; it depends on the order of rows when weights differ.

    References
    ----------
    Lumley, T. & Scott, A. J. (2013). Biometrika 100(4), 831-842.
    """
    design, labels = without_empty(design, values=values, group=group)
    y, g = values_for(design, labels["values"]), codes_of(labels["group"], design.weights.size, "group")
    k = max(2, int(g.max(initial=0)) + 1)
    if not _all_weigh(design, g, k) or design.df <= k - 1:
        return _cannot("weighted_rank", design, "no-degrees-of-freedom" if _all_weigh(design, g, k) else "empty-group")
    ranks = weighted_ranks(design, y, row_order=ties == "row-order")
    x = np.column_stack([np.ones(y.size), np.eye(k)[g][:, 1:]])
    w = design.weights * design.count
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    beta = bread @ (x * w[:, None]).T @ ranks
    influence = design.weights[:, None] * ((x * (ranks - x @ beta)[:, None]) @ bread)
    variance = design_variance(design, influence)[1:, 1:]
    n = as_ns(np.bincount(g, weights=design.count))
    if np.linalg.matrix_rank(variance) < k - 1:
        return _cannot("weighted_rank", design, "no-variance")
    chi2 = float(beta[1:] @ np.linalg.solve(variance, beta[1:]))
    ddf = design.df - (k - 1.0)
    two = k == 2
    statistic = float(beta[1]) / math.sqrt(float(variance[0, 0])) if two else chi2 / (k - 1.0)
    return TestResult(
        test="weighted_rank",
        statistic=statistic,
        pvalue=t_pvalue(statistic, ddf) if two else f_sf(statistic, k - 1.0, ddf),
        df=ddf if two else (k - 1.0, ddf),
        effect_size=EffectSize("difference of mean ranks", float(beta[1])) if two else None,
        n=n,
        rule={"ties": ties, "variance": "linearised"},
        details={"chi2": chi2, "difference": float(beta[1])},
        cautions=design.cautions(),
    )


def weighted_ranks(design: SurveyDesign, y: Floats, *, row_order: bool = False) -> Floats:
    """Share of the weight below each value, half of its own tie included."""
    order = np.argsort(y, kind="stable")
    w = (design.weights * design.count)[order]
    middle = np.cumsum(w) - w / 2.0
    level = np.unique(y[order], return_inverse=True)[1].ravel()
    if row_order:
        shares = np.bincount(level, weights=middle) / np.bincount(level)
    else:
        per_level = np.bincount(level, weights=w)
        shares = np.cumsum(per_level) - per_level / 2.0
    ranks = np.empty_like(y)
    ranks[order] = shares[level] / w.sum()
    return ranks


@significance_test(level="score", design="weighted")
def weighted_did(
    design: SurveyDesign, values: ArrayLike, pilot: ArrayLike, after: ArrayLike, *, confidence_level: float = 0.95
) -> TestResult:
    """Difference in differences of four weighted means with linearised variance, df = units - strata - 3.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, chapter 5.
    """
    design, labels = without_empty(design, values=values, pilot=pilot, after=after)
    y, size = values_for(design, labels["values"]), design.weights.size
    cell = 2 * codes_of(labels["pilot"], size, "pilot") + codes_of(labels["after"], size, "after")
    if not _all_weigh(design, cell, 4) or design.df <= 3:
        return _cannot(
            "weighted_did", design, "no-degrees-of-freedom" if _all_weigh(design, cell, 4) else "empty-group"
        )
    seen = np.bincount(cell, weights=design.count, minlength=4)
    signs, w, n = np.array([1.0, -1.0, -1.0, 1.0]), design.weights * design.count, design.n
    weight = np.bincount(cell, weights=w)
    means = np.bincount(cell, weights=w * y) / weight
    residual = y - means[cell]
    z = design.weights * residual * (signs / weight)[cell]
    effect, df = float(signs @ means), design.df - 3.0
    se = math.sqrt(max(0.0, float(design_variance(design, z)[0, 0])))
    if se == 0:
        return _cannot("weighted_did", design, "no-variance")
    half = critical_t(confidence_level, df) * se
    squares = float(design.count @ (design.weights * residual**2)) / (n - 4.0)
    return TestResult(
        test="weighted_did",
        statistic=effect / se,
        pvalue=t_pvalue(effect / se, df),
        df=df,
        difference=Difference(effect, ConfInt(effect - half, effect + half, confidence_level, "t")),
        n=as_ns(seen),
        rule={"variance": "linearised"},
        details={
            "se": se,
            "se_wls_hc1": math.sqrt(float(design.count @ z**2) * n / (n - 4.0)),
            "se_wls_naive": math.sqrt(squares * float((1.0 / weight).sum())),
            "mean": means.tolist(),
        },
        cautions=design.cautions(),
    )


def _all_weigh(design: SurveyDesign, group: Codes, groups: int) -> bool:
    weight = np.bincount(group, weights=design.weights * design.count, minlength=groups)
    return weight.size == groups and bool((weight > 0).all())


def _helmert(levels: int) -> Floats:
    """Contrasts orthogonal to a constant: levels x (levels - 1)."""
    matrix = np.zeros((levels, levels - 1))
    for j in range(1, levels):
        matrix[:j, j - 1] = -1.0
        matrix[j, j - 1] = j
    return matrix


def _cannot(test: str, design: SurveyDesign, code: str) -> TestResult:
    reasons = {
        "single-level": "fewer than two rows or columns have answers",
        "empty-group": "a group has no answers",
        "no-degrees-of-freedom": "too few sampling units",
        "no-variance": "the answers do not vary between sampling units",
    }
    return TestResult(test=test, n=(as_n(design.n),), cautions=(Caution(code),), reason=reasons[code])
