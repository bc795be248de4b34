"""One weighted mean or share against a target."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.calibrated import proportion_intervals
from survey.analysis.checks import Floats, as_ns, floats, in_open_unit
from survey.analysis.design import SurveyDesign, values_for, without_empty
from survey.analysis.distributions import critical_t, t_pvalue
from survey.analysis.effects import cohens_h
from survey.analysis.group_means import Variance, reduced_mean
from survey.analysis.linearised import effective_n, weighted_mean
from survey.analysis.proportions import clopper_pearson
from survey.analysis.results import ConfInt, Difference, EffectSize, Estimate, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.weighted_checks import cannot, hits_of
from survey.analysis.weighting import kish


@significance_test(level="score", design="weighted")
def weighted_one_mean(
    design: SurveyDesign,
    values: ArrayLike,
    target: float,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""One weighted mean against a target: :math:`t=(\bar y-\mu_0)/se`, linearised variance, df = units - strata.

    Parameters
    ----------
    values
        One per row of the design.

    Notes
    -----
    Assumes that units were sampled independently within strata; with few units t rejects too often.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, chapter 2.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_one_mean(survey_design([1, 1, 2, 2]), [50, 100, 75, 100], 60)
    >>> round(result.statistic, 4), result.df, round(result.difference.value, 4)
    (2.3004, 3.0, 23.3333)
    """
    in_open_unit(confidence_level, "confidence_level")
    goal = floats(target, "target", ndim=0).item()
    design, columns = without_empty(design, values=values)
    y = values_for(design, columns["values"])
    mean, df, rule = _mean(design, y, variance, confidence_level)
    if mean.value is None or mean.se is None or mean.confint is None:
        return cannot("weighted_one_mean", design, "empty-group" if mean.value is None else "no-degrees-of-freedom")
    gap, se, limits = mean.value - goal, mean.se, mean.confint
    if se <= 1e-12 * float(np.abs(y).max()):
        return cannot("weighted_one_mean", design, "no-variance", difference=Difference(gap))
    w = design.weights * design.count
    sd = math.sqrt(float(w @ (y - mean.value) ** 2) / float(w.sum()) * design.n / (design.n - 1.0))
    return TestResult(
        test="weighted_one_mean",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df),
        df=df,
        effect_size=EffectSize("standardised difference", gap / sd),
        difference=Difference(gap, ConfInt(limits.low - goal, limits.high - goal, confidence_level, "t")),
        n=as_ns((design.n,)),
        effective_n=effective_n(design, y),
        rule=rule,
        details={"mean": mean.value, "se": se, "sd": sd},
        cautions=design.cautions(),
    )


@significance_test(level="binary", design="weighted")
def weighted_one_share(
    design: SurveyDesign,
    hits: ArrayLike,
    target: float,
    *,
    variance: Variance = "linearised",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""One weighted share against a target: :math:`t=(\hat p-p_0)/se`, linearised variance, df = units - strata.

    The difference has Korn and Graubard's limits minus the target. When every hit is 0, or every one 1, there is no
    t; the limits are then exact ones on Kish's effective size, shortened for the design's degrees of freedom.

    Parameters
    ----------
    hits
        1 where the answer counts, else 0; one per row of the design.

    Notes
    -----
    Assumes that units were sampled independently within strata.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24, 193-201.

    Examples
    --------
    >>> from survey.analysis.linearised import survey_design
    >>> result = weighted_one_share(survey_design([1, 1, 2, 2] * 5), [1, 0, 1, 1] * 5, 0.5)
    >>> round(result.statistic, 4), round(result.difference.confint.low, 4)
    (4.4853, 0.132)
    """
    in_open_unit(confidence_level, "confidence_level")
    p0 = in_open_unit(target, "target")
    design, columns = without_empty(design, hits=hits)
    y = hits_of(columns["hits"])
    share, df, rule = _mean(design, y, variance, confidence_level)
    if share.value is None or share.se is None:
        return cannot("weighted_one_share", design, "empty-group" if share.value is None else "no-degrees-of-freedom")
    gap, se = share.value - p0, share.se
    limits = proportion_intervals(share, design, df=df, confidence_level=confidence_level).get("korn-graubard")
    if limits is None or se <= 1e-12:
        limits = _limits_at_the_edge(design, share.value, confidence_level)
        interval = ConfInt(limits.low - p0, limits.high - p0, confidence_level, limits.method)
        return cannot("weighted_one_share", design, "no-variance", difference=Difference(gap, interval, "proportion"))
    return TestResult(
        test="weighted_one_share",
        statistic=gap / se,
        pvalue=t_pvalue(gap / se, df),
        df=df,
        effect_size=EffectSize("Cohen's h", cohens_h(share.value, p0)),
        difference=Difference(
            gap, ConfInt(limits.low - p0, limits.high - p0, confidence_level, limits.method), "proportion"
        ),
        n=as_ns((design.n,)),
        effective_n=effective_n(design, y),
        rule=rule | {"interval": "Korn-Graubard"},
        details={"p": share.value, "se": se},
        cautions=design.cautions(),
    )


def _mean(design: SurveyDesign, y: Floats, variance: Variance, level: float) -> tuple[Estimate, float, dict[str, str]]:
    """The mean with its standard error, the error's degrees of freedom, and how they came about."""
    if variance == "linearised":
        return weighted_mean(design, y, confidence_level=level), design.df, {"variance": "linearised"}
    return *reduced_mean(design, y, confidence_level=level), {
        "variance": "CR2 (Bell and McCaffrey)",
        "df": "Satterthwaite",
    }


def _limits_at_the_edge(design: SurveyDesign, share: float, confidence_level: float) -> ConfInt:
    """Clopper-Pearson on Kish's n times Korn and Graubard's factor: without variance there is no design effect."""
    size = kish(design.weights, design.count).effective_n
    if design.n > 1:
        size *= (critical_t(confidence_level, design.n - 1.0) / critical_t(confidence_level, design.df)) ** 2
    sure = 0.0 if share < 1e-12 else 1.0 if share > 1.0 - 1e-12 else share
    limits = clopper_pearson(size * sure, size, confidence_level=confidence_level)
    return ConfInt(limits.low, limits.high, confidence_level, "exact on the effective n")
