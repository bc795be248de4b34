"""Weighted and clustered tables of two items."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_n, rows_of
from survey.analysis.design import SurveyDesign, without_empty
from survey.analysis.distributions import chi2_sf, f_sf
from survey.analysis.group_means import Variance, from_the_first
from survey.analysis.linearised import design_variance
from survey.analysis.results import EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.tables import expected_counts
from survey.analysis.significance.weighted_checks import cannot
from survey.analysis.small_samples import bias_reduced
from survey.analysis.stages import Codes, codes_of


@significance_test(level="nominal", design="weighted")
def rao_scott(
    design: SurveyDesign, rows: ArrayLike, columns: ArrayLike, *, variance: Variance = "linearised"
) -> TestResult:
    r"""Rao-Scott test of independence of two items: Pearson's chi-squared corrected twice, on F.

    :math:`F=X^2/\mathrm{tr}\,\Delta`, :math:`\Delta=(C'D^{-1}C/n)^{-1}C'D^{-1}VD^{-1}C`,
    df :math:`\mathrm{tr}^2\Delta/\mathrm{tr}\,\Delta^2` and that times (units - strata).

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.
    """
    design, labels = without_empty(design, rows=rows, columns=columns)
    size, n = design.weights.size, design.n
    if design.sum_of_weights == 0:
        return cannot("rao_scott", design, "empty-group")
    a, b = codes_of(labels["rows"], size, "rows"), codes_of(labels["columns"], size, "columns")
    r, c = int(a.max()) + 1, int(b.max()) + 1
    if r < 2 or c < 2 or design.df <= 0:
        return cannot("rao_scott", design, "single-level" if min(r, c) < 2 else "no-degrees-of-freedom")
    cell = a * c + b
    w = design.weights * design.count
    table = np.bincount(cell, weights=w, minlength=r * c).reshape(r, c) / w.sum()
    expected = expected_counts(table)
    pearson = n * float(((table - expected) ** 2 / np.where(expected > 0, expected, 1.0)).sum())
    p = table.ravel()
    covariance, units, lonely = _covariance(design, a, cell, table, variance)
    if lonely:
        return cannot("rao_scott", design, "no-degrees-of-freedom")
    inverse = np.where(p > 0, 1.0 / np.where(p > 0, p, 1.0), 0.0)
    contrast = np.kron(_helmert(r), _helmert(c)) * inverse[:, None]
    numerator = contrast.T @ covariance @ contrast
    denominator = contrast.T @ (p[:, None] * contrast) / n
    delta = np.linalg.pinv(denominator, hermitian=True) @ numerator
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    if trace <= 0:
        return cannot("rao_scott", design, "no-variance")
    statistic, df1 = pearson / trace, trace**2 / square
    unit = trace / ((r - 1.0) * (c - 1.0))
    v = math.sqrt(pearson / (n * (min(r, c) - 1.0)))
    return TestResult(
        test="rao_scott",
        statistic=statistic,
        pvalue=f_sf(statistic, df1, df1 * units),
        df=(df1, df1 * units),
        effect_size=EffectSize("Cramer's V (weighted)", v),
        n=(as_n(n),),
        effective_n=n / unit,
        rule={"correction": "Rao-Scott second order", "variance": variance},
        details={
            "chi2_weighted": pearson,
            "design_effect": unit,
            "pvalue_first_order": chi2_sf(pearson / unit, (r - 1.0) * (c - 1.0)),
            "proportions": rows_of(table),
        },
        cautions=design.cautions(),
    )


def _covariance(
    design: SurveyDesign, row: Codes, cell: Codes, table: Floats, variance: Variance
) -> tuple[Floats, float, bool]:
    """Of the shares of the cells within their rows; the degrees of freedom of a row's; whether a row has one unit only.

    Contrasts of interaction do not see how large the rows are, so that their sizes may be taken as known.
    """
    r, c = table.shape
    if variance == "linearised":
        influence = np.eye(r * c)[cell] - table.ravel()
        return design_variance(design, influence * design.weights[:, None] / design.sum_of_weights), design.df, False
    weight = table.sum(axis=1) * design.sum_of_weights
    within = (table / table.sum(axis=1, keepdims=True))[row]
    influence = np.eye(r * c)[cell]
    places = np.arange(row.size)[:, None], c * row[:, None] + np.arange(c)
    influence[places] -= within
    influence *= design.weights[:, None] / design.sum_of_weights
    reduced = bias_reduced(design, influence, row, weight, each=c)
    return reduced.covariance, reduced.df_of_sum(from_the_first(r)) / (r - 1.0), reduced.lonely


def _helmert(levels: int) -> Floats:
    """Contrasts orthogonal to a constant: levels x (levels - 1)."""
    matrix = np.zeros((levels, levels - 1))
    for j in range(1, levels):
        matrix[:j, j - 1] = -1.0
        matrix[j, j - 1] = j
    return matrix
