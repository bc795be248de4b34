"""Two weighted or clustered groups, ranks of any number, and difference in differences: the design's variance."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, in_open_unit, listed
from survey.analysis.design import SurveyDesign
from survey.analysis.distributions import f_sf, t_pvalue
from survey.analysis.effects import cohens_h
from survey.analysis.group_means import Variance, group_means, t_interval, wald_f
from survey.analysis.linearised import effective_n
from survey.analysis.results import Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.weighted_checks import cannot, grouped, hits_of, two_groups
from survey.analysis.stages import codes_of


@significance_test(level="score", design="weighted")
def weighted_welch(
    design: SurveyDesign,
    values: ArrayLike,
    group: ArrayLike,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Compare two weighted means: t with linearised variance, second group minus first, df = units - strata - 1.

    Parameters
    ----------
    values, group
        One per row of the design; two labels, the first is the one that sorts first.

    Notes
    -----
    Assumes that units were sampled independently within strata; with few clusters t rejects too often.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_welch(survey_design([1, 1, 2, 2, 1, 2]), [1, 2, 3, 4, 5, 4], [0, 0, 0, 1, 1, 1])
    >>> round(result.difference.value, 4), round(result.statistic, 4)
    (1.95, 3.3605)
    """
    in_open_unit(confidence_level, "confidence_level")
    g = two_groups(design, values, group)
    if lack := g.lacks():
        return cannot("weighted_welch", g.design, lack, g.sizes)
    means = group_means(g.design, g.y, g.group, 2, variance)
    (gap, se), df = means.contrast((-1.0, 1.0)), means.df((-1.0, 1.0))
    if lack := means.lacks(se):
        return cannot("weighted_welch", g.design, lack, g.sizes, Difference(gap))
    return TestResult(
        test="weighted_welch",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df),
        df=df,
        effect_size=EffectSize("standardised difference", means.standardised(gap)),
        difference=t_interval(gap, se, df, confidence_level),
        n=as_ns(g.sizes),
        effective_n=effective_n(g.design, g.y),
        rule=means.rule(),
        details={"mean": listed(means.mean), "se_mean": means.errors(), "se": se},
        cautions=g.cautions(),
    )


@significance_test(level="binary", design="weighted")
def weighted_two_shares(
    design: SurveyDesign,
    hits: ArrayLike,
    group: ArrayLike,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Compare two weighted shares: t of their difference, linearised variance, df = units - strata - 1.

    Second group minus first, like `weighted_welch`, of which it is the case of values 0 and 1; Cohen's h likewise.

    Parameters
    ----------
    hits, group
        1 where the answer counts, else 0; two labels, the first is the one that sorts first.

    Notes
    -----
    Assumes that units were sampled independently within strata; the t interval may leave [-1, 1] near the ends.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_two_shares(survey_design([1, 1, 2, 2] * 5), [1, 0, 1, 1, 0] * 4, [0, 1] * 10)
    >>> round(result.difference.value, 4), round(result.pvalue, 4)
    (0.0, 1.0)
    """
    in_open_unit(confidence_level, "confidence_level")
    g = two_groups(design, hits_of(hits), group)
    if lack := g.lacks():
        return cannot("weighted_two_shares", g.design, lack, g.sizes)
    means = group_means(g.design, g.y, g.group, 2, variance)
    (gap, se), df = means.contrast((-1.0, 1.0)), means.df((-1.0, 1.0))
    if lack := means.lacks(se):
        return cannot("weighted_two_shares", g.design, lack, g.sizes, Difference(gap, unit="proportion"))
    shares = [min(1.0, max(0.0, p)) for p in listed(means.mean)]
    return TestResult(
        test="weighted_two_shares",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df),
        df=df,
        effect_size=EffectSize("Cohen's h", cohens_h(shares[1], shares[0])),
        difference=t_interval(gap, se, df, confidence_level, "proportion"),
        n=as_ns(g.sizes),
        effective_n=effective_n(g.design, g.y),
        rule=means.rule(),
        details={"p": shares, "se_p": means.errors(), "se": se},
        cautions=g.cautions(),
    )


@significance_test(level="ordinal", design="weighted")
def weighted_rank(
    design: SurveyDesign,
    values: ArrayLike,
    group: ArrayLike,
    *,
    ties: str = "midrank",
    variance: Variance = "linearised",
) -> TestResult:
    r"""Rank test of two or more groups under a design: regression of weighted ranks on group, linearised variance.

    Two groups: t (Wilcoxon); more: F (Kruskal-Wallis). Ranks are weighted shares below, 0 to 1. `ties="row-order"`
    averages cumulated weights over tied rows as R's survey does; it depends on the order of rows when weights differ.

    References
    ----------
    Lumley, T. & Scott, A. J. (2013). Biometrika 100(4), 831-842.
    """
    g = grouped(design, values, group)
    if lack := g.lacks():
        return cannot("weighted_rank", g.design, lack, g.sizes)
    k, ranks = g.groups, weighted_ranks(g.design, g.y, row_order=ties == "row-order")
    means = group_means(g.design, ranks, g.group, k, variance)
    found, two = wald_f(means), k == 2
    if found is None:
        return cannot("weighted_rank", g.design, means.lacks() or "no-variance", g.sizes)
    chi2, statistic, df = found
    gaps, covariance = means.from_first()
    if two:
        statistic = float(gaps[0]) / math.sqrt(float(covariance[0, 0]))
    return TestResult(
        test="weighted_rank",
        statistic=statistic,
        pvalue=t_pvalue(statistic, df[1]) if two else f_sf(statistic, *df),
        df=df[1] if two else df,
        effect_size=EffectSize("difference of mean ranks", float(gaps[0])) if two else means.eta_squared(),
        n=as_ns(g.sizes),
        effective_n=effective_n(g.design, ranks),
        rule={"ties": ties} | means.rule(),
        details={"chi2": chi2, "difference": float(gaps[0]), "mean_rank": listed(means.mean)},
        cautions=g.cautions(),
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
    design: SurveyDesign,
    values: ArrayLike,
    pilot: ArrayLike,
    after: ArrayLike,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    """Difference in differences of four weighted means with linearised variance, df = units - strata - 3.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, chapter 5.
    """
    in_open_unit(confidence_level, "confidence_level")
    size = design.weights.size
    parts = [codes_of(labels, size, name) for labels, name in ((pilot, "pilot"), (after, "after"))]
    for part, name in zip(parts, ("pilot", "after"), strict=True):
        if part.max(initial=0) > 1:
            raise BadData(name, "must be two labels, such as 0 and 1")
    g = grouped(design, values, 2 * parts[0] + parts[1])
    if lack := g.lacks(4):
        return cannot("weighted_did", g.design, lack, g.sizes)
    design, cells = g.design, group_means(g.design, g.y, g.group, 4, variance)
    signs, n = np.array([1.0, -1.0, -1.0, 1.0]), design.n
    (effect, se), df = cells.contrast(signs.tolist()), cells.df(signs.tolist())
    if lack := cells.lacks(se):
        return cannot("weighted_did", design, lack, g.sizes, Difference(effect))
    z = design.weights * (g.y - cells.mean[g.group]) * (signs / cells.weight)[g.group]
    squares = float(design.count @ (design.weights * (g.y - cells.mean[g.group]) ** 2)) / (n - 4.0)
    return TestResult(
        test="weighted_did",
        statistic=effect / se,
        pvalue=t_pvalue(effect / se, df),
        df=df,
        effect_size=EffectSize("standardised difference", cells.standardised(effect)),
        difference=t_interval(effect, se, df, confidence_level),
        n=as_ns(g.sizes),
        effective_n=effective_n(design, g.y),
        rule=cells.rule(),
        details={
            "se": se,
            "se_wls_hc1": math.sqrt(float(design.count @ z**2) * n / (n - 4.0)),
            "se_wls_naive": math.sqrt(squares * float((1.0 / cells.weight).sum())),
            "mean": listed(cells.mean),
        },
        cautions=g.cautions(),
    )
