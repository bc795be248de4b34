"""Means of more than two independent groups."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import as_n, as_ns, listed, scores_for, table_of
from survey.analysis.distributions import critical_t, f_sf
from survey.analysis.results import Caution, ConfInt, EffectSize, Estimate, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments


@significance_test(level="score", design="k-independent")
def welch_anova(table: ArrayLike, scores: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Welch's F test that all means are equal, variances free.

    With :math:`w_i=n_i/s_i^2`:
    :math:`F=\frac{\sum w_i(\bar x_i-\bar x_w)^2/(k-1)}{1+\frac{2(k-2)}{k^2-1}\sum\frac{(1-w_i/W)^2}{n_i-1}}`.

    Notes
    -----
    Assumes independent respondents. Each group's mean and t interval are in the details.

    References
    ----------
    Welch, B. L. (1951). Biometrika 38, 330-336.

    Examples
    --------
    >>> result = welch_anova([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90], [2, 9, 30, 60, 99]], [0, 25, 50, 75, 100])
    >>> round(result.statistic, 4), round(result.pvalue, 5)
    (4.8041, 0.00868)
    """
    groups = moments_of(table, scores)
    usable = [g for g in groups if g.variance]
    if len(usable) < 2 or len(usable) < len(groups):
        return _cannot("welch_anova", groups)
    n = np.array([g.n for g in usable])
    means = np.array([g.mean for g in usable])
    weights = n / np.array([g.variance for g in usable])
    share, k = weights / weights.sum(), len(usable)
    center = float(share @ means)
    spread = float(((1.0 - share) ** 2 / (n - 1.0)).sum())
    between = float(weights @ (means - center) ** 2) / (k - 1.0)
    statistic = between / (1.0 + 2.0 * (k - 2.0) / (k * k - 1.0) * spread)
    df = (k - 1.0, (k * k - 1.0) / (3.0 * spread))
    plain = anova(table, scores)
    return TestResult(
        test="welch_anova",
        statistic=statistic,
        pvalue=f_sf(statistic, *df),
        df=df,
        effect_size=plain.effect_size,
        effect_sizes=plain.effect_sizes,
        n=as_ns(n),
        rule={"variances": "not pooled"},
        details={
            "mean": listed(means),
            "confint": [group_interval(g, confidence_level) for g in usable],
        },
    )


@significance_test(level="score", design="k-independent")
def anova(table: ArrayLike, scores: ArrayLike) -> TestResult:
    r"""One-way analysis of variance with equal variances: :math:`F=\frac{SS_b/(k-1)}{SS_w/(N-k)}`.

    Effect sizes: omega squared, eta squared and Cohen's f. `welch_anova` is preferred.

    References
    ----------
    Fisher, R. A. (1925). Statistical Methods for Research Workers.

    Examples
    --------
    >>> result = anova([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90], [2, 9, 30, 60, 99]], [0, 25, 50, 75, 100])
    >>> round(result.statistic, 4), result.df
    (5.135, (2.0, 597.0))
    """
    groups = [g for g in moments_of(table, scores) if g.n > 0]
    within, total = sum(g.ss for g in groups), sum(g.n for g in groups)
    k = float(len(groups))
    if k < 2 or total <= k or within == 0:
        return _cannot("anova", groups)
    grand = sum(g.n * g.mean for g in groups) / total
    between = sum(g.n * (g.mean - grand) ** 2 for g in groups)
    noise = within / (total - k)
    statistic = between / (k - 1.0) / noise
    omega = (between - (k - 1.0) * noise) / (between + within + noise)
    return TestResult(
        test="anova",
        statistic=statistic,
        pvalue=f_sf(statistic, k - 1.0, total - k),
        df=(k - 1.0, total - k),
        effect_size=EffectSize("omega squared", omega),
        effect_sizes=(
            EffectSize("omega squared", omega),
            EffectSize("eta squared", between / (between + within)),
            EffectSize("Cohen's f", math.sqrt(between / within)),
        ),
        n=as_ns(g.n for g in groups),
        rule={"variances": "pooled"},
        details={"mean": [g.mean for g in groups]},
    )


def moments_of(table: ArrayLike, scores: ArrayLike) -> list[Moments]:
    """Moments of each group."""
    counts = table_of(table)
    s = scores_for(scores, counts.shape[1])
    return [Moments.from_counts(row, s) for row in counts]


def group_interval(group: Moments, confidence_level: float) -> Estimate:
    """Mean of one group with its own t interval."""
    variance = group.variance
    if variance is None:
        return Estimate("t", group.mean if group.n else None, n=as_n(group.n), reason="fewer than two answers")
    se = math.sqrt(variance / group.n)
    half = critical_t(confidence_level, group.n - 1.0) * se
    interval = ConfInt(group.mean - half, group.mean + half, confidence_level, "t")
    return Estimate("t", group.mean, se, interval, as_n(group.n))


def _cannot(test: str, groups: list[Moments]) -> TestResult:
    few = sum(g.n < 2 for g in groups)
    code = "too-few" if few else "no-variance"
    return TestResult(
        test=test, n=as_ns(g.n for g in groups), cautions=(Caution(code, {"groups": few}),),
        reason="a group has fewer than two answers" if few else "a group's answers do not vary",
    )  # fmt: skip
