"""Trends over ordered groups and waves: shares, means, wave means."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, counts_of, floats, in_open_unit, scores_for, table_of
from survey.analysis.distributions import chi2_sf, critical_t, t_pvalue, z_pvalue
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.k_means import moments_of
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.trend import jonckheere


@significance_test(level="binary", design="ordered")
def cochran_armitage(successes: ArrayLike, n: ArrayLike, scores: ArrayLike) -> TestResult:
    r"""Cochran-Armitage test that a share rises or falls steadily with the scores of ordered groups.

    :math:`z=\sum x_i(s_i-\bar s)/\sqrt{pq\sum n_i(s_i-\bar s)^2}`; details carry the departure from a straight line.

    Notes
    -----
    Assumes independent respondents; groups without answers are left out.

    References
    ----------
    Armitage, P. (1955). Biometrics 11(3), 375-386.

    Examples
    --------
    >>> round(cochran_armitage([10, 14, 20], [40, 40, 40], [1, 2, 3]).statistic, 4)
    2.3201
    """
    x, size = counts_of(successes, "successes"), counts_of(n, "n")
    s = scores_for(scores, x.size)
    if x.size != size.size or (x > size).any():
        raise BadData("successes", "must be one per group and not exceed n")
    seen = size > 0
    cautions = () if seen.all() else (Caution("empty-group", {"groups": int((~seen).sum())}),)
    x, w, s = x[seen], size[seen], s[seen]
    total = float(w.sum())
    p = float(x.sum()) / total if total else 0.0
    center = s - (float(w @ s) / total if total else 0.0)
    spread = p * (1.0 - p) * float(w @ center**2)
    if spread <= 0:
        return TestResult(
            test="cochran_armitage", n=as_ns(size), cautions=(*cautions, Caution("single-level")),
            reason="fewer than two groups, or every answer is the same",
        )  # fmt: skip
    z = float(x @ center) / math.sqrt(spread)
    slope = float(x @ center) / float(w @ center**2)
    overall = float(((x - w * p) ** 2 / (w * p * (1.0 - p))).sum())
    departure, df = max(0.0, overall - z * z), w.size - 2.0
    return TestResult(
        test="cochran_armitage",
        statistic=z,
        pvalue=z_pvalue(z),
        df=1.0,
        effect_size=EffectSize("slope per unit of score", slope),
        n=as_ns(size),
        rule={"empty": "groups without answers left out", "continuity": "none"},
        details={
            "chi2": z * z,
            "chi2_mantel": z * z * (total - 1.0) / total,
            "chi2_overall": overall,
            "chi2_departure": departure,
            "pvalue_departure": chi2_sf(departure, df) if df > 0 else None,
        },
        cautions=cautions,
    )


@significance_test(level="score", design="ordered")
def trend_slope(table: ArrayLike, scores: ArrayLike, times: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Slope of the mean over waves by least squares, standard error robust to unequal variances (HC1).

    :math:`HC1=\sum n_{wj}e_{wj}^2(x_w-\bar x)^2/S_{xx}^2\cdot N/(N-2)`; the classical test is in the details.

    Notes
    -----
    Assumes independent respondents within and across waves, one slope for all; below 4 waves a caution.

    References
    ----------
    White, H. (1980). Econometrica 48(4), 817-838.

    Examples
    --------
    >>> result = trend_slope([[9, 5, 1], [7, 6, 3], [4, 5, 9], [2, 6, 9]], [0, 50, 100], [2021, 2022, 2023, 2024])
    >>> round(result.difference.value, 4), round(result.pvalue, 6)
    (16.8208, 3.8e-05)
    """
    in_open_unit(confidence_level, "confidence_level")
    counts, y, x = table_of(table), scores_for(scores, np.shape(table)[1]), floats(times, "times")
    sizes, total = counts.sum(axis=1), float(counts.sum())
    if x.size != counts.shape[0]:
        raise BadData("times", "must be one per wave")
    center = x - (float(sizes @ x) / total if total else 0.0)
    sxx = float(sizes @ center**2)
    if sxx <= 0 or total < 3:
        return TestResult(
            test="trend_slope",
            n=as_ns(sizes),
            cautions=(Caution("too-few"),),
            reason="fewer than two waves have answers",
        )
    slope = float(center @ counts @ y) / sxx
    mean = float(counts.sum(axis=0) @ y) / total
    residuals = (y[None, :] - mean) - slope * center[:, None]
    squares = float((counts * residuals**2).sum())
    ols = math.sqrt(squares / (total - 2.0) / sxx)
    robust = math.sqrt(float((counts * residuals**2).sum(axis=1) @ center**2) / sxx**2 * total / (total - 2.0))
    if robust == 0:
        return TestResult(
            test="trend_slope", n=as_ns(sizes), cautions=(Caution("no-variance"),), reason="the answers do not vary"
        )
    df, half = total - 2.0, critical_t(confidence_level, total - 2.0) * robust
    waves = int((sizes > 0).sum())
    return TestResult(
        test="trend_slope",
        statistic=slope / robust,
        pvalue=t_pvalue(slope / robust, df),
        df=df,
        difference=Difference(slope, ConfInt(slope - half, slope + half, confidence_level, "HC1"), "per unit of time"),
        n=as_ns(sizes),
        rule={"variance": "HC1"},
        details={
            "se_hc1": robust,
            "se_ols": ols,
            "t_ols": slope / ols,
            "pvalue_ols": t_pvalue(slope / ols, df),
            "mean": [m.mean if m.n else None for m in moments_of(counts, y)],
        },
        cautions=(Caution("few-waves", {"waves": waves}),) if waves < 4 else (),
    )


@significance_test(level="score", design="ordered")
def mann_kendall(values: ArrayLike, times: ArrayLike) -> TestResult:
    r"""Mann-Kendall test of a monotone trend of a series: Kendall's tau of value and time.

    Exact below 50 values without ties, else normal. Needs five waves to be able to show anything.

    References
    ----------
    Kendall, M. G. (1975). Rank Correlation Methods, 4th ed. Griffin.

    Examples
    --------
    >>> result = mann_kendall([70, 72, 71, 75, 78], [1, 2, 3, 4, 5])
    >>> result.effect_size.value, round(result.pvalue, 6)
    (0.8, 0.083333)
    """
    y, x = floats(values, "values"), floats(times, "times")
    if y.size != x.size:
        raise BadData("times", "must be one per value")
    n = y.size
    x_codes, y_codes = np.unique(x, return_inverse=True)[1], np.unique(y, return_inverse=True)[1]
    if n < 3 or x_codes.max() == 0 or y_codes.max() == 0:
        return TestResult(test="mann_kendall", n=(n,), cautions=(Caution("too-few"),), reason="fewer than three values")
    table = np.zeros((x_codes.max() + 1, y_codes.max() + 1))
    np.add.at(table, (x_codes, y_codes), 1.0)
    asymptotic = jonckheere(table)
    tau = asymptotic.effect_size.value if asymptotic.effect_size else None
    untied = table.shape == (n, n)
    exact = untied and n < 50
    pvalue = _kendall_exact(asymptotic.statistic or 0.0, n) if exact else asymptotic.pvalue
    return TestResult(
        test="mann_kendall",
        statistic=asymptotic.statistic,
        pvalue=pvalue,
        effect_size=EffectSize("tau-b", tau),
        n=(n,),
        rule={"pvalue": "exact" if exact else "normal approximation"},
        details={"z": asymptotic.details["z"]},
        cautions=(Caution("few-waves", {"waves": n}),) if n < 5 else (),
    )


def _kendall_exact(concordant: float, n: int) -> float:
    """Two-sided tail of the number of concordant pairs over all orders of n values."""
    ways: Floats = np.ones(1)
    for i in range(2, n + 1):
        ways = np.convolve(ways, np.full(i, 1.0 / i))
    t = round(concordant)
    lower, upper = float(ways[: t + 1].sum()), float(ways[t:].sum())
    return min(1.0, 2.0 * min(lower, upper))


@significance_test(level="ordinal", design="ordered")
def linear_by_linear(
    table: ArrayLike, row_scores: ArrayLike | None = None, column_scores: ArrayLike | None = None
) -> TestResult:
    r"""Mantel's linear-by-linear test: :math:`z=r\sqrt{N-1}`, r the correlation of row and column scores (1, 2, 3,
    ...).

    References
    ----------
    Mantel, N. (1963). Journal of the American Statistical Association 58, 690-700.

    Examples
    --------
    >>> table = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]
    >>> round(linear_by_linear(table).statistic, 5)
    1.72713
    """
    counts = table_of(table)
    rows, cols = counts.shape
    x = scores_for(np.arange(1.0, rows + 1.0) if row_scores is None else row_scores, rows)
    y = scores_for(np.arange(1.0, cols + 1.0) if column_scores is None else column_scores, cols)
    n = as_ns(counts.sum(axis=1))
    r, total = correlation(counts, x, y), float(counts.sum())
    if r is None:
        return TestResult(
            test="linear_by_linear", n=n, cautions=(Caution("single-level"),),
            reason="fewer than two rows or columns have answers",
        )  # fmt: skip
    z = r * math.sqrt(total - 1.0)
    return TestResult(
        test="linear_by_linear", statistic=z, pvalue=z_pvalue(z), df=1.0, effect_size=EffectSize("Pearson's r", r), n=n,
        rule={"scores": "1, 2, 3, ... unless given"}, details={"m2": z * z},
    )  # fmt: skip


def correlation(counts: Floats, x: Floats, y: Floats) -> float | None:
    """Pearson correlation of row and column scores of a table; None when one does not vary."""
    total = float(counts.sum())
    if total == 0:
        return None
    rows, cols = counts.sum(axis=1), counts.sum(axis=0)
    u, v = x - float(rows @ x) / total, y - float(cols @ y) / total
    scale = math.sqrt(float(rows @ u**2) * float(cols @ v**2))
    return float(u @ counts @ v) / scale if scale > 0 else None
