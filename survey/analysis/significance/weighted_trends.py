"""Weighted answers over time."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_ns, floats, in_open_unit, listed
from survey.analysis.design import SurveyDesign
from survey.analysis.distributions import t_pvalue
from survey.analysis.group_means import Variance, group_means, t_interval
from survey.analysis.linearised import design_variance, effective_n
from survey.analysis.results import Caution, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.weighted_checks import Grouped, cannot, grouped


@significance_test(level="score", design="weighted")
def weighted_trend(
    design: SurveyDesign,
    values: ArrayLike,
    times: ArrayLike,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Slope of a weighted regression on time, linearised standard error, df = units - strata - 1.

    :math:`b=\sum w(x-\bar x)y/S_{xx}`, :math:`S_{xx}=\sum w(x-\bar x)^2`, influence :math:`w(x-\bar x)e/S_{xx}`.

    Parameters
    ----------
    values, times
        One per row of the design; times are numbers, at least two of them different.

    Notes
    -----
    Assumes one slope for all; below 4 times a caution. Clusters that take part in several waves must keep their id.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 5.2. Binder, D. A. (1983). International Statistical Review 51, 279-292.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_trend(survey_design([1, 2] * 4), [1, 2, 2, 3, 2, 4, 5, 4], [1, 1, 2, 2, 3, 3, 4, 4])
    >>> round(result.difference.value, 4), round(result.pvalue, 4)
    (0.8667, 0.0015)
    """
    in_open_unit(confidence_level, "confidence_level")
    moments = floats(times, "times")
    g = grouped(design, values, moments, "times")
    waves = np.unique(moments)
    if g.groups < 2 or g.design.df <= 1:
        return cannot("weighted_trend", g.design, "too-few" if g.groups < 2 else "no-degrees-of-freedom", g.sizes)
    x, w = waves[list(g.weighs)][g.group], g.design.weights * g.design.count
    total = float(w.sum())
    u = x - float(w @ x) / total
    v = g.y - float(w @ g.y) / total
    sxx, syy = float(w @ u**2), float(w @ v**2)
    slope = float((w * u) @ v) / sxx
    difference = Difference(slope, unit="per unit of time")
    se, df, rule, lack = _error(g, u, v - slope * u, sxx, variance)
    if lack:
        return cannot("weighted_trend", g.design, lack, g.sizes, difference)
    few = (Caution("few-waves", {"waves": g.groups}),) if g.groups < 4 else ()
    return TestResult(
        test="weighted_trend",
        statistic=slope / se,
        pvalue=t_pvalue(slope / se, df),
        df=df,
        effect_size=EffectSize("Pearson's r (weighted)", slope * math.sqrt(sxx / syy)),
        difference=t_interval(slope, se, df, confidence_level, "per unit of time"),
        n=as_ns(g.sizes),
        effective_n=effective_n(g.design, g.y),
        rule=rule,
        details={
            "se": se,
            "times": listed(waves[list(g.weighs)]),
            "mean": listed(np.bincount(g.group, weights=w * g.y) / np.bincount(g.group, weights=w)),
        },
        cautions=(*few, *g.cautions()),
    )


def _error(
    g: Grouped, u: Floats, residual: Floats, sxx: float, variance: Variance
) -> tuple[float, float, dict[str, str], str | None]:
    """Standard error of the slope, its degrees of freedom, how they came about, and why there are none if so.

    Bias-reduced it is that of the slope as a contrast of the means of the times: residuals about them, not the line.
    """
    if variance == "CR2":
        means = group_means(g.design, g.y, g.group, g.groups, variance)
        pulls = np.bincount(g.group, weights=g.design.weights * g.design.count * u, minlength=g.groups) / sxx
        se = means.contrast(pulls.tolist())[1]
        return se, means.df(pulls.tolist()), means.rule(), means.lacks(se)
    residual[np.abs(residual) <= 1e-12 * np.abs(g.y).max()] = 0.0  # what rounding leaves of a perfect line
    se = math.sqrt(max(0.0, float(design_variance(g.design, g.design.weights * u * residual / sxx)[0, 0])))
    return se, g.design.df - 1.0, {"variance": "linearised"}, None if se else "no-variance"
