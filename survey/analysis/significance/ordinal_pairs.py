"""Two independent groups, further tests: when variances differ, and classical Student."""

import math

from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, counts_of, in_open_unit, scores_for, table_of
from survey.analysis.distributions import critical_t, critical_z, t_pvalue, z_pvalue
from survey.analysis.effects import cohens_d, pooled_variance
from survey.analysis.estimation import net_promoter
from survey.analysis.ranks import midranks
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.two_samples import welch
from survey.analysis.sufficient import Moments


@significance_test(level="ordinal", design="two-independent")
def brunner_munzel(
    table: ArrayLike, *, alternative: Alternative = "two-sided", confidence_level: float = 0.95
) -> TestResult:
    r"""Brunner-Munzel test of :math:`P(A<B)+\tfrac12P(A=B)=\tfrac12`, valid when the groups spread differently.

    Parameters
    ----------
    table
        Counts, 2 groups x levels in ascending order. Positive statistics: the second group is higher.

    Notes
    -----
    Assumes independent respondents; t approximation, good from 10 answers per group.

    References
    ----------
    Brunner, E. & Munzel, U. (2000). Biometrical Journal 42, 17-25.

    Examples
    --------
    >>> result = brunner_munzel([[21, 140, 200, 92, 9], [12, 51, 260, 333, 64]])
    >>> round(result.statistic, 4), round(result.df, 3)
    (14.9047, 949.692)
    """
    in_open_unit(confidence_level, "confidence_level")
    a, b = table_of(table, rows=2)
    m, n = float(a.sum()), float(b.sum())
    if min(m, n) < 2:
        return TestResult(
            test="brunner_munzel", alternative=alternative, n=as_ns((m, n)), cautions=(Caution("too-few"),),
            reason="a group has fewer than two answers",
        )  # fmt: skip
    rank_a, spread_a = _placements(a, b, m)
    rank_b, spread_b = _placements(b, a, n)
    share = (rank_b - (n + 1.0) / 2.0) / m
    effect = "P(first < second) + P(equal)/2"
    pooled = m * spread_a + n * spread_b
    if pooled <= 0:
        return TestResult(
            test="brunner_munzel", alternative=alternative, effect_size=EffectSize(effect, share), n=as_ns((m, n)),
            cautions=(Caution("complete-separation" if share in (0.0, 1.0) else "single-level"),),
            reason="placements do not vary",
        )  # fmt: skip
    statistic = m * n * (rank_b - rank_a) / ((m + n) * math.sqrt(pooled))
    df = pooled**2 / ((m * spread_a) ** 2 / (m - 1.0) + (n * spread_b) ** 2 / (n - 1.0))
    half = critical_t(confidence_level, df) * math.sqrt(spread_a / (m * n * n) + spread_b / (n * m * m))
    return TestResult(
        test="brunner_munzel",
        statistic=statistic,
        pvalue=t_pvalue(statistic, df, alternative),
        df=df,
        alternative=alternative,
        effect_size=EffectSize(effect, share, ConfInt(share - half, share + half, confidence_level, "brunner-munzel")),
        n=as_ns((m, n)),
        rule={"ties": "midranks"},
    )


def _placements(own: Floats, other: Floats, size: float) -> tuple[float, float]:
    """Mean rank in the pooled sample and variance of the placements."""
    pooled, inner = midranks(own + other), midranks(own)
    center = float(own @ pooled) / size
    return center, float(own @ (pooled - inner - center + (size + 1.0) / 2.0) ** 2) / (size - 1.0)


@significance_test(level="score", design="two-independent")
def student(
    table: ArrayLike, scores: ArrayLike, *, alternative: Alternative = "two-sided", confidence_level: float = 0.95
) -> TestResult:
    r"""Student's t test with pooled variance, for comparison: :math:`t=d/\sqrt{1/n_1+1/n_2}`. Prefer `welch`.

    Notes
    -----
    Assumes independent respondents and equal variances.

    References
    ----------
    Student (1908). Biometrika 6(1), 1-25.

    Examples
    --------
    >>> round(student([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90]], [0, 25, 50, 75, 100]).statistic, 4)
    3.0999
    """
    in_open_unit(confidence_level, "confidence_level")
    counts = table_of(table, rows=2)
    s = scores_for(scores, counts.shape[1])
    a, b = (Moments.from_counts(row, s) for row in counts)
    if min(a.n, b.n) == 0 or a.n + b.n < 3 or a.ss + b.ss == 0:
        return TestResult(
            test="student", alternative=alternative, n=as_ns((a.n, b.n)),
            cautions=(Caution("empty-group" if min(a.n, b.n) == 0 else "no-variance"),),
            reason="a group has no answers" if min(a.n, b.n) == 0 else "no group varies",
        )  # fmt: skip
    df, gap = a.n + b.n - 2.0, a.mean - b.mean
    se = math.sqrt(pooled_variance(a, b) * (1.0 / a.n + 1.0 / b.n))
    half = critical_t(confidence_level, df) * se
    d, g = cohens_d(a, b, confidence_level=confidence_level)
    return TestResult(
        test="student",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df, alternative),
        df=df,
        alternative=alternative,
        effect_size=g,
        effect_sizes=(g, d, EffectSize("Glass's delta", gap / math.sqrt(b.variance) if b.variance else None)),
        difference=Difference(gap, ConfInt(gap - half, gap + half, confidence_level, "student")),
        n=as_ns((a.n, b.n)),
        rule={"variances": "pooled"},
    )


@significance_test(level="nps", design="two-independent")
def two_net_promoters(first: ArrayLike, second: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    """Difference of two net promoter scores: z with trinomial variances; Welch on -100/0/100 in the details.

    Parameters
    ----------
    first, second
        Detractors, passives, promoters.

    References
    ----------
    Rocks, B. (2016). The American Statistician 70(4), 365-372.

    Examples
    --------
    >>> round(two_net_promoters((40, 50, 110), (60, 60, 80)).statistic, 3)
    3.08
    """
    pair = [counts_of(first, "first"), counts_of(second, "second")]
    if any(counts.size != 3 for counts in pair):
        raise BadData("first and second", "must be detractors, passives, promoters")
    a, b = (
        net_promoter(float(row[2]), float(row[1]), float(row[0]), confidence_level=confidence_level) for row in pair
    )
    if a.value is None or b.value is None or not (a.se or b.se):
        empty = a.value is None or b.value is None
        return TestResult(
            test="two_net_promoters", n=(a.n, b.n), cautions=(Caution("empty-group" if empty else "no-variance"),),
            reason="a group has no answers" if empty else "no group varies",
        )  # fmt: skip
    gap, se = a.value - b.value, math.hypot(a.se or 0.0, b.se or 0.0)
    half = critical_z(confidence_level) * se
    means = welch(pair, (-100.0, 0.0, 100.0), confidence_level=confidence_level)
    limits = means.difference.confint if means.difference else None
    return TestResult(
        test="two_net_promoters",
        statistic=gap / se,
        pvalue=z_pvalue(gap / se),
        difference=Difference(gap, ConfInt(gap - half, gap + half, confidence_level, "wald"), "points"),
        n=(a.n, b.n),
        rule={"variance": "trinomial, not pooled"},
        details={
            "se": se,
            "nps": [a.value, b.value],
            "welch_statistic": means.statistic,
            "welch_df": means.df,
            "welch_pvalue": means.pvalue,
            "welch_confint": None if limits is None else [limits.low, limits.high],
        },
        cautions=(*a.cautions, *b.cautions),
    )
