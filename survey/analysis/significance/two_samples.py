"""Two independent groups: ordinal levels, scores, shares."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, in_open_unit, listed, scores_for, table_of
from survey.analysis.contrasts import newcombe, odds_ratio, risk_ratio
from survey.analysis.distributions import critical_t, t_pvalue, z_pvalue
from survey.analysis.effects import auc, cliffs_delta, cohens_d, cohens_h
from survey.analysis.fisher import fisher_pvalue
from survey.analysis.ranks import exact_tails, normal_z, u_statistic, u_variance
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments

EXACT_UP_TO = 20  # smaller group: below, the normal approximation is doubtful


@significance_test(level="ordinal", design="two-independent")
def mann_whitney(
    table: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    continuity: bool = True,
    exact: bool | None = None,
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Mann-Whitney test that neither group tends to the higher levels.

    :math:`U = \sum_j a_j (B_{<j} + b_j/2)` counts the pairs in which the first group is higher. The effect size
    is Cliff's delta :math:`2U/(mn) - 1`: 1 when every answer of the first group is higher, 0 when neither tends to be.

    Parameters
    ----------
    table
        Counts, 2 groups x levels in ascending order.
    continuity
        Move U half a pair towards its mean before the normal approximation (the default of R and scipy).
    exact
        Permutation p-value with ties; by default when the smaller group has at most 20 answers.

    Notes
    -----
    Assumes independent respondents. Variance corrected for ties.

    References
    ----------
    Mann, H. B. & Whitney, D. R. (1947). Annals of Mathematical Statistics 18(1), 50-60.

    Examples
    --------
    >>> result = mann_whitney([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90]])
    >>> result.statistic, round(result.pvalue, 6), round(result.effect_size.value, 4)
    (23384.0, 0.001342, 0.1692)
    """
    in_open_unit(confidence_level, "confidence_level")
    a, b = table_of(table, rows=2)
    m, n = float(a.sum()), float(b.sum())
    common = {"ties": "variance corrected", "continuity": "0.5" if continuity else "none"}
    if m == 0 or n == 0:
        return _empty("mann_whitney", (m, n), alternative, common)
    u, center, variance = u_statistic(a, b), m * n / 2.0, u_variance(a, b)
    z = normal_z(u, center, variance, continuity=continuity)
    tails = _exact_tails(a, b, exact=exact)
    delta = cliffs_delta(a, b, confidence_level=confidence_level)
    details = {
        "mean": center,
        "variance": variance,
        "z": z,
        "pvalue_asymptotic": None if z is None else z_pvalue(z, alternative),
    }
    cautions = () if exact is not True or tails is not None else (Caution("exact-not-computed", {"n": m + n}),)
    if z is None:
        return TestResult(
            test="mann_whitney", statistic=u, alternative=alternative, effect_size=delta, n=as_ns((m, n)),
            rule=common, details=details, cautions=(Caution("single-level"),), reason="every answer has the same level",
        )  # fmt: skip
    return TestResult(
        test="mann_whitney",
        statistic=u,
        pvalue=z_pvalue(z, alternative) if tails is None else _tail(tails, alternative),
        alternative=alternative,
        effect_size=delta,
        effect_sizes=(delta, auc(a, b, confidence_level=confidence_level)),
        n=as_ns((m, n)),
        rule=common | {"pvalue": "normal approximation" if tails is None else "exact permutation with ties"},
        details=details,
        cautions=cautions,
    )


@significance_test(level="score", design="two-independent")
def welch(
    table: ArrayLike,
    scores: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Welch's t test of two means with unequal variances.

    :math:`t = (\bar x_1-\bar x_2)/\sqrt{s_1^2/n_1+s_2^2/n_2}`, Satterthwaite's degrees of freedom.

    Parameters
    ----------
    table
        Counts, 2 groups x levels.
    scores
        One score per level.

    Notes
    -----
    Assumes independent respondents; the scores are taken as equidistant measurements.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35.

    Examples
    --------
    >>> result = welch([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90]], [0, 25, 50, 75, 100])
    >>> round(result.statistic, 4), round(result.df, 2), round(result.pvalue, 6), result.difference.value
    (3.0999, 388.34, 0.002077, 8.0)
    """
    counts = table_of(table, rows=2)
    s = scores_for(scores, counts.shape[1])
    a, b = (Moments.from_counts(row, s) for row in counts)
    return welch_of(a, b, alternative=alternative, confidence_level=confidence_level)


def welch_of(
    a: Moments, b: Moments, *, alternative: Alternative = "two-sided", confidence_level: float = 0.95
) -> TestResult:
    """`welch` from the n, means and sums of squares of two groups."""
    in_open_unit(confidence_level, "confidence_level")
    rule = {"variances": "not pooled", "missing": "listwise"}
    if a.n == 0 or b.n == 0:
        return _empty("welch", (a.n, b.n), alternative, rule)
    difference = a.mean - b.mean
    details = {"mean": [a.mean, b.mean], "variance": [a.variance, b.variance]}
    if a.variance is None or b.variance is None or a.variance + b.variance == 0:
        too_few = min(a.n, b.n) < 2
        return TestResult(
            test="welch", alternative=alternative, difference=Difference(difference), n=as_ns((a.n, b.n)), rule=rule,
            details=details, cautions=(Caution("too-few" if too_few else "no-variance"),),
            reason="a group has fewer than two answers" if too_few else "no group varies",
        )  # fmt: skip
    u, v = a.variance / a.n, b.variance / b.n
    se = math.sqrt(u + v)
    df = (u + v) ** 2 / (u * u / (a.n - 1.0) + v * v / (b.n - 1.0))
    half = critical_t(confidence_level, df) * se
    d, g = cohens_d(a, b, confidence_level=confidence_level)
    return TestResult(
        test="welch",
        statistic=difference / se,
        pvalue=t_pvalue(difference / se, df, alternative),
        df=df,
        alternative=alternative,
        effect_size=g,
        effect_sizes=(g, d),
        difference=Difference(difference, ConfInt(difference - half, difference + half, confidence_level, "welch")),
        n=as_ns((a.n, b.n)),
        rule=rule,
        details=details | {"se": se},
    )


@significance_test(level="binary", design="two-independent")
def two_proportions(
    successes: ArrayLike, n: ArrayLike, *, alternative: Alternative = "two-sided", confidence_level: float = 0.95
) -> TestResult:
    r"""Compare two shares: pooled z test (chi-squared without Yates), Fisher's exact test when small.

    :math:`z=(p_1-p_2)/\sqrt{p(1-p)(1/n_1+1/n_2)}`. The difference has Newcombe's interval.

    Notes
    -----
    Assumes independent respondents. Fisher's p-value is reported when an expected count is below 5.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> result = two_proportions((156, 90), (200, 200))
    >>> round(result.statistic, 3), round(result.difference.confint.low, 3)
    (6.782, 0.237)
    """
    in_open_unit(confidence_level, "confidence_level")
    x, size = _pairs(successes, n)
    rule = {"continuity": "none", "variance": "pooled"}
    if min(size) == 0:
        return _empty("two_proportions", size, alternative, rule)
    shares = (x[0] / size[0], x[1] / size[1])
    pooled = (x[0] + x[1]) / (size[0] + size[1])
    expected = min(pooled, 1.0 - pooled) * min(size)
    h = EffectSize("Cohen's h", cohens_h(*shares))
    effects = (
        h,
        odds_ratio(x, size, confidence_level=confidence_level),
        risk_ratio(x, size, confidence_level=confidence_level),
    )
    difference = Difference(shares[0] - shares[1], newcombe(x, size, confidence_level=confidence_level), "proportion")
    if pooled in (0.0, 1.0):
        return TestResult(
            test="two_proportions", alternative=alternative, effect_size=h, effect_sizes=effects, difference=difference,
            n=as_ns(size), rule=rule, cautions=(Caution("single-level"),), reason="every answer is the same",
        )  # fmt: skip
    z = (shares[0] - shares[1]) / math.sqrt(pooled * (1.0 - pooled) * (1.0 / size[0] + 1.0 / size[1]))
    whole = all(v.is_integer() for v in (*x, *size))
    fisher = fisher_pvalue(x[0], size[0] - x[0], x[1], size[1] - x[1], alternative) if whole else None
    use_fisher = expected < 5.0 and fisher is not None
    return TestResult(
        test="two_proportions",
        statistic=z,
        pvalue=fisher if use_fisher else z_pvalue(z, alternative),
        df=1.0,
        alternative=alternative,
        effect_size=h,
        effect_sizes=effects,
        difference=difference,
        n=as_ns(size),
        rule=rule | {"pvalue": "Fisher's exact test" if use_fisher else "normal approximation"},
        details={
            "p": list(shares),
            "chi2": z * z,
            "pvalue_z": z_pvalue(z, alternative),
            "pvalue_fisher": fisher,
            "min_expected": expected,
        },
        cautions=(Caution("small-expected", {"min_expected": expected}),) if expected < 5.0 else (),
    )


def _pairs(successes: ArrayLike, n: ArrayLike) -> tuple[tuple[float, float], tuple[float, float]]:
    table = table_of(
        [listed(np.asarray(successes, dtype=float)), listed(np.asarray(n, dtype=float))], "successes and n", cols=2
    )
    if (table[0] > table[1]).any():
        raise BadData("successes", "must not exceed n")
    return (float(table[0, 0]), float(table[0, 1])), (float(table[1, 0]), float(table[1, 1]))


def _exact_tails(a: Floats, b: Floats, *, exact: bool | None) -> tuple[float, float, float] | None:
    wanted = min(a.sum(), b.sum()) <= EXACT_UP_TO if exact is None else exact
    whole = bool((a == np.floor(a)).all() and (b == np.floor(b)).all())
    return exact_tails(a, b) if wanted and whole else None


def _tail(tails: tuple[float, float, float], alternative: Alternative) -> float:
    return tails[{"less": 0, "greater": 1, "two-sided": 2}[alternative]]


def _empty(test: str, n: tuple[float, float], alternative: Alternative, rule: dict[str, str]) -> TestResult:
    return TestResult(
        test=test, alternative=alternative, n=as_ns(n), rule=rule, cautions=(Caution("empty-group"),),
        reason="a group has no answers",
    )  # fmt: skip
