"""Weighted means of more than two groups, all at once and pair by pair."""

import itertools

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import as_ns, in_open_unit, listed
from survey.analysis.design import SurveyDesign
from survey.analysis.distributions import f_sf, t_pvalue
from survey.analysis.group_means import GroupMeans, Variance, group_means, t_interval, wald_f
from survey.analysis.linearised import effective_n
from survey.analysis.multiplicity import Adjustment, adjust
from survey.analysis.results import Comparison, Difference, EffectSize, PairwiseResult, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.weighted_checks import REASONS, Grouped, cannot, grouped


@significance_test(level="score", design="weighted")
def weighted_anova(
    design: SurveyDesign,
    values: ArrayLike,
    group: ArrayLike,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Compare k weighted means: Wald's F on their linearised covariance.

    :math:`F=(C\bar y)'(CVC')^{-1}(C\bar y)/(k-1)`, C the differences from the first mean, on k - 1 and
    units - strata - (k - 1) degrees of freedom. Effect size: weighted eta squared. The difference is that of the
    largest mean from the smallest: it describes, as its interval does not allow for having been picked.

    Parameters
    ----------
    values, group
        One per row of the design; groups without weight are left out with a caution.

    Notes
    -----
    Assumes that units were sampled independently within strata, and many more of them than groups.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2. Korn, E. L. & Graubard, B. I. (1990). The American Statistician 44,
    270-276.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_anova(survey_design([1, 2, 1, 2, 1, 2, 1]), [1, 2, 3, 4, 5, 4, 6], list("aabbccc"))
    >>> round(result.statistic, 4), result.df
    (15.0582, (2.0, 4.0))
    """
    in_open_unit(confidence_level, "confidence_level")
    g = grouped(design, values, group)
    if lack := g.lacks():
        return cannot("weighted_anova", g.design, lack, g.sizes)
    means = group_means(g.design, g.y, g.group, g.groups, variance)
    if (found := wald_f(means)) is None:
        return cannot("weighted_anova", g.design, means.lacks() or "no-variance", g.sizes)
    chi2, statistic, df = found
    eta = means.eta_squared()
    return TestResult(
        test="weighted_anova",
        statistic=statistic,
        pvalue=f_sf(statistic, *df),
        df=df,
        effect_size=eta,
        effect_sizes=(eta, _range(means)),
        difference=_widest(means, confidence_level),
        n=as_ns(g.sizes),
        effective_n=effective_n(g.design, g.y),
        rule=means.rule() | {"difference": "largest minus smallest mean"},
        details={"chi2": chi2, "mean": listed(means.mean), "se_mean": means.errors(), "groups": list(g.weighs)},
        cautions=g.cautions(),
    )


@significance_test(level="score", design="weighted")
def weighted_pairs(
    design: SurveyDesign,
    values: ArrayLike,
    group: ArrayLike,
    *,
    adjustment: Adjustment = "holm",
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> PairwiseResult:
    r"""Every pair of k weighted means, from one covariance matrix: respondents who share a cluster are related.

    :math:`t=(\bar y_b-\bar y_a)/\sqrt{V_{aa}+V_{bb}-2V_{ab}}`, second minus first, df = units - strata - (k - 1) as in
    `weighted_anova`; p-values adjusted for there being many, intervals not.

    Parameters
    ----------
    values, group
        One per row of the design; groups are numbered in sorted order of their labels.

    Notes
    -----
    Assumes that units were sampled independently within strata.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2. Holm, S. (1979). Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_pairs(survey_design([1, 2, 1, 2, 1, 2, 1]), [1, 2, 3, 4, 5, 4, 6], list("aabbccc"))
    >>> [(c.first, c.second, round(c.adjusted_pvalue, 4)) for c in result.comparisons]
    [(0, 1, 0.0281), (0, 2, 0.0243), (1, 2, 0.161)]
    """
    in_open_unit(confidence_level, "confidence_level")
    g = grouped(design, values, group)
    lack = g.lacks()
    means = None if lack else group_means(g.design, g.y, g.group, g.groups, variance)
    lack = lack or (None if means is None else means.lacks())
    pairs = [
        _pair(g, means, a, b, REASONS[lack or "empty-group"], confidence_level)
        for a, b in itertools.combinations(range(g.sizes.size), 2)
    ]
    adjusted = adjust([c.pvalue for c in pairs], adjustment)
    return PairwiseResult(
        test="weighted_pairs",
        adjustment=adjustment,
        comparisons=tuple(msgspec.structs.replace(c, adjusted_pvalue=p) for c, p in zip(pairs, adjusted, strict=True)),
        n=as_ns(g.sizes),
        rule=({} if means is None else means.rule()) | {"covariance": "one of all means"},
        details={} if means is None else _described(g, means),
        cautions=g.cautions(),
    )


def _pair(g: Grouped, means: GroupMeans | None, a: int, b: int, reason: str, confidence_level: float) -> Comparison:
    if means is None or means.lacks() or a not in g.weighs or b not in g.weighs:
        return Comparison(first=a, second=b, reason=reason)
    signs = np.zeros(g.groups)
    signs[[g.weighs.index(a), g.weighs.index(b)]] = -1.0, 1.0
    (gap, se), df = means.contrast(signs.tolist()), means.df(signs.tolist())
    if se == 0:
        return Comparison(first=a, second=b, difference=Difference(gap), reason=REASONS["no-variance"])
    return Comparison(
        first=a, second=b, statistic=gap / se, df=df, pvalue=t_pvalue(gap / se, df),
        difference=t_interval(gap, se, df, confidence_level),
    )  # fmt: skip


def _described(g: Grouped, means: GroupMeans) -> dict[str, object]:
    return {
        "mean": listed(means.mean),
        "se_mean": means.errors(),
        "groups": list(g.weighs),
        "effective_n": effective_n(g.design, g.y),
    }


def _widest(means: GroupMeans, confidence_level: float) -> Difference:
    order, signs = np.argsort(means.mean, kind="stable"), np.zeros(means.mean.size)
    signs[[order[0], order[-1]]] = -1.0, 1.0
    gap, se = means.contrast(signs.tolist())
    return t_interval(gap, se, means.df(signs.tolist()), confidence_level)


def _range(means: GroupMeans) -> EffectSize:
    return EffectSize("largest standardised difference", means.standardised(float(np.ptp(means.mean))))
