"""Contingency tables: rows = groups, columns = answers without or with an order."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_ns, in_open_unit, rows_of, table_of
from survey.analysis.distributions import chi2_sf, z_pvalue
from survey.analysis.effects import noncentrality_chi2
from survey.analysis.fisher import fisher_pvalue
from survey.analysis.results import Alternative, Caution, ConfInt, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="nominal", design="k-independent")
def chi_squared(table: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Pearson's chi-squared test that rows and columns are independent, without continuity correction.

    :math:`\chi^2=\sum (o-e)^2/e` with :math:`(r-1)(c-1)` degrees of freedom; effect size Cramer's V with the
    interval of the inverted noncentral chi-squared. Residuals are adjusted (standard normal under independence).

    Notes
    -----
    Assumes independent respondents and expected counts of 5 or more (else a caution: see `fisher_exact`).
    Empty rows and columns are left out and named in a caution.

    References
    ----------
    Agresti, A. (2013). Categorical Data Analysis, 3rd ed., chapter 3. Bergsma, W. (2013). Journal of the Korean
    Statistical Society 42(3), 323-328 (bias-corrected V).

    Examples
    --------
    >>> result = chi_squared([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90]])
    >>> round(result.statistic, 3), result.df, round(result.pvalue, 4)
    (10.338, 4.0, 0.0351)
    """
    in_open_unit(confidence_level, "confidence_level")
    full = table_of(table)
    observed, cautions = _without_empty(full)
    n = as_ns(full.sum(axis=1))
    rule = {"continuity": "none", "empty": "empty rows and columns left out"}
    if min(observed.shape) < 2:
        return TestResult(
            test="chi_squared", n=n, rule=rule, cautions=(*cautions, Caution("single-level")),
            reason="fewer than two rows or columns have answers",
        )  # fmt: skip
    expected = expected_counts(observed)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    r, c = observed.shape
    df, total = float((r - 1) * (c - 1)), float(observed.sum())
    ratio = np.divide(observed, expected, out=np.ones_like(observed), where=observed > 0)
    likelihood_ratio = 2.0 * float((observed * np.log(ratio)).sum())
    smallest = float(expected.min())
    if smallest < 5.0:
        cautions = (*cautions, Caution("small-expected", {"min_expected": smallest}))
    v = cramers_v(statistic, observed, confidence_level)
    return TestResult(
        test="chi_squared",
        statistic=statistic,
        pvalue=chi2_sf(statistic, df),
        df=df,
        effect_size=v,
        effect_sizes=(v, *_other_effects(statistic, total, r, c)),
        n=n,
        rule=rule,
        details={
            "min_expected": smallest,
            "g_statistic": likelihood_ratio,
            "g_pvalue": chi2_sf(likelihood_ratio, df),
            "expected": rows_of(expected),
            "std_residuals": rows_of(adjusted_residuals(observed, expected)),
        },
        cautions=cautions,
    )


def expected_counts(observed: Floats) -> Floats:
    """Row total times column total over the grand total."""
    total = observed.sum()
    return np.asarray(observed.sum(axis=1)[:, None] * (observed.sum(axis=0) / total)[None, :])


def adjusted_residuals(observed: Floats, expected: Floats) -> Floats:
    """(o - e) / sqrt(e (1 - row share)(1 - column share)): standard normal under independence."""
    total = observed.sum()
    rows, cols = observed.sum(axis=1) / total, observed.sum(axis=0) / total
    return np.asarray((observed - expected) / np.sqrt(expected * (1.0 - rows)[:, None] * (1.0 - cols)[None, :]))


def cramers_v(statistic: float, observed: Floats, confidence_level: float) -> EffectSize:
    """Cramer's V with the interval of the inverted noncentral chi-squared."""
    r, c = observed.shape
    scale = float(observed.sum()) * (min(r, c) - 1)
    low, high = noncentrality_chi2(statistic, float((r - 1) * (c - 1)), confidence_level)
    interval = ConfInt(math.sqrt(low / scale), min(1.0, math.sqrt(high / scale)), confidence_level, "noncentral-chi2")
    return EffectSize("Cramer's V", math.sqrt(statistic / scale), interval)


def _other_effects(statistic: float, total: float, r: int, c: int) -> tuple[EffectSize, ...]:
    phi2 = statistic / total
    corrected = None
    if total > 1:
        excess = max(0.0, phi2 - (r - 1) * (c - 1) / (total - 1.0))
        width = min(r - (r - 1) ** 2 / (total - 1.0), c - (c - 1) ** 2 / (total - 1.0)) - 1.0
        corrected = math.sqrt(excess / width) if width > 0 else None
    return (
        EffectSize("Cramer's V (bias-corrected)", corrected),
        EffectSize("Tschuprow's T", math.sqrt(phi2 / math.sqrt((r - 1) * (c - 1)))),
        EffectSize("Cohen's w", math.sqrt(phi2)),
        EffectSize("contingency coefficient", math.sqrt(statistic / (statistic + total))),
    )


def _without_empty(table: Floats) -> tuple[Floats, tuple[Caution, ...]]:
    rows, cols = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    if rows.all() and cols.all():
        return table, ()
    detail: dict[str, float | int | str] = {"rows": int((~rows).sum()), "columns": int((~cols).sum())}
    return table[rows][:, cols], (Caution("empty-left-out", detail),)


def two_by_two(table: ArrayLike, *, alternative: Alternative = "two-sided") -> TestResult:
    r"""Chi-squared of a 2 x 2 table (no Yates), Fisher's p-value when an expected count is below 5; phi.

    Details carry Yates' corrected version and the sample odds ratio, for comparison with other software.

    References
    ----------
    Yates, F. (1934). Supplement to the Journal of the Royal Statistical Society 1, 217-235.

    Examples
    --------
    >>> result = two_by_two([[8, 2], [1, 5]])
    >>> round(result.details["pvalue_chi2"], 7), round(result.pvalue, 6)
    (0.0134254, 0.034965)
    """
    counts = table_of(table, rows=2, cols=2)
    (a, b), (c, d) = counts.tolist()
    margins = (a + b, c + d, a + c, b + d)
    if min(margins) == 0:
        return TestResult(
            test="chi_squared", alternative=alternative, n=as_ns(margins[:2]), cautions=(Caution("single-level"),),
            reason="a row or column has no answers",
        )  # fmt: skip
    n, scale = a + b + c + d, math.sqrt(margins[0] * margins[1]) * math.sqrt(margins[2] * margins[3])
    phi = (a * d - b * c) / scale
    smallest = min(margins[:2]) * min(margins[2:]) / n
    gap = abs(a * d - b * c) / n
    corrected = n * ((gap - min(0.5, gap)) * n / scale) ** 2
    whole = all(float(v).is_integer() for v in (a, b, c, d))
    exact = fisher_pvalue(a, b, c, d, alternative) if whole else None
    use_exact = smallest < 5.0 and exact is not None
    z = phi * math.sqrt(n)
    return TestResult(
        test="chi_squared",
        statistic=n * phi * phi,
        pvalue=exact if use_exact else z_pvalue(z, alternative),
        df=1.0,
        alternative=alternative,
        effect_size=EffectSize("phi", phi),
        n=as_ns(margins[:2]),
        rule={"pvalue": "Fisher's exact test" if use_exact else "chi-squared", "continuity": "none"},
        details={
            "chi2": n * phi * phi,
            "pvalue_chi2": chi2_sf(n * phi * phi, 1.0),
            "chi2_yates": corrected,
            "pvalue_yates": chi2_sf(corrected, 1.0),
            "pvalue_fisher": exact,
            "odds_ratio_sample": a * d / (b * c) if b * c > 0 else None,
            "min_expected": smallest,
        },
        cautions=(Caution("small-expected", {"min_expected": smallest}),) if smallest < 5.0 else (),
    )
