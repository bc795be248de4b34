"""One group against a target."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.binomial import binomial_test
from survey.analysis.checks import BadData, as_ns, counts_of, floats, in_open_unit, listed, successes_of
from survey.analysis.distributions import chi2_sf, t_pvalue, z_pvalue
from survey.analysis.effects import cohens_h, hedges_correction, noncentrality_t
from survey.analysis.estimation import mean_of, net_promoter
from survey.analysis.proportions import wilson
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments

NO_ANSWERS = "no valid answers"


@significance_test(level="binary", design="one-sample")
def one_proportion(
    successes: float,
    n: float,
    target: float,
    *,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""One share against a target: score test, exact binomial when :math:`np_0(1-p_0)<10`.

    :math:`z=(\hat p-p_0)/\sqrt{p_0(1-p_0)/n}`; the difference has the Wilson limits minus the target.

    Notes
    -----
    Assumes independent respondents.

    References
    ----------
    Wilson, E. B. (1927). Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> one_proportion(7, 9, 0.5).pvalue
    0.1796875
    """
    x, total = successes_of(successes, n)
    p0 = in_open_unit(target, "target")
    in_open_unit(confidence_level, "confidence_level")
    if total == 0:
        return TestResult(
            test="one_proportion",
            alternative=alternative,
            n=(0,),
            cautions=(Caution("empty-group"),),
            reason=NO_ANSWERS,
        )
    share, scale = x / total, math.sqrt(p0 * (1.0 - p0) / total)
    z = (share - p0) / scale
    shift = min(0.5, abs(x - total * p0)) / total
    corrected = (abs(share - p0) - shift) / scale
    exact = binomial_test(x, total, p0, alternative) if x.is_integer() and total.is_integer() else None
    use_exact = exact is not None and total * p0 * (1.0 - p0) < 10.0
    limits = wilson(x, total, confidence_level=confidence_level)
    return TestResult(
        test="one_proportion",
        statistic=z,
        pvalue=exact if use_exact else z_pvalue(z, alternative),
        df=1.0,
        alternative=alternative,
        effect_size=EffectSize("Cohen's h", cohens_h(share, p0)),
        difference=Difference(
            share - p0, ConfInt(limits.low - p0, limits.high - p0, confidence_level, "wilson"), "proportion"
        ),
        n=as_ns((total,)),
        rule={"pvalue": "exact binomial" if use_exact else "score test", "continuity": "none"},
        details={
            "p": share,
            "pvalue_score": z_pvalue(z, alternative),
            "pvalue_exact": exact,
            "z_continuity": math.copysign(corrected, z),
            "pvalue_continuity": z_pvalue(math.copysign(corrected, z), alternative),
        },
    )


@significance_test(level="score", design="one-sample")
def one_mean(
    counts: ArrayLike,
    scores: ArrayLike,
    target: float,
    *,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""One mean against a target: Student's t, :math:`t=(\bar x-\mu_0)\sqrt n/s`.

    Notes
    -----
    Assumes independent respondents; robust to skew from about 15 answers.

    References
    ----------
    Student (1908). Biometrika 6(1), 1-25.

    Examples
    --------
    >>> round(one_mean([4, 8, 18, 50, 120], [0, 25, 50, 75, 100], 80).statistic, 4)
    2.5376
    """
    moments = Moments.from_counts(counts, scores)
    goal = floats(target, "target", ndim=0).item()
    estimate = mean_of(moments, confidence_level=confidence_level)
    if estimate.value is None or not estimate.se or estimate.confint is None:
        code = "empty-group" if moments.n == 0 else "too-few" if moments.n < 2 else "no-variance"
        gap = None if estimate.value is None else Difference(estimate.value - goal)
        return TestResult(
            test="one_mean", alternative=alternative, difference=gap, n=as_ns((moments.n,)), cautions=(Caution(code),),
            reason=estimate.reason or "the answers do not vary",
        )  # fmt: skip
    gap_value, df = estimate.value - goal, moments.n - 1.0
    t = gap_value / estimate.se
    d, root_n = t / math.sqrt(moments.n), math.sqrt(moments.n)
    low, high = (limit / root_n for limit in noncentrality_t(t, df, confidence_level))
    limits = estimate.confint
    return TestResult(
        test="one_mean",
        statistic=t,
        pvalue=t_pvalue(t, df, alternative),
        df=df,
        alternative=alternative,
        effect_size=EffectSize("Cohen's d", d, ConfInt(low, high, confidence_level, "noncentral-t")),
        effect_sizes=(EffectSize("Hedges' g", d * hedges_correction(df)),),
        difference=Difference(gap_value, ConfInt(limits.low - goal, limits.high - goal, confidence_level, "t")),
        n=as_ns((moments.n,)),
        rule={"variance": "n - 1"},
        details={"mean": estimate.value, "se": estimate.se, "sd": estimate.se * root_n},
    )


@significance_test(level="nps", design="one-sample", version=2)
def one_net_promoter(
    promoters: float,
    passives: float,
    detractors: float,
    target: float,
    *,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Net promoter score against a target: z with the trinomial variance, three answers added as in its interval.

    :math:`z=(\tilde s-\mu_0)/se(\tilde s)`, :math:`\tilde s` the score of 3/4 more promoters, 3/2 passives and 3/4
    detractors: it rejects exactly the targets that the adjusted interval leaves out. Without the three answers it errs
    where nearly all are promoters.

    Notes
    -----
    Assumes independent respondents.

    References
    ----------
    Rocks, B. (2016). The American Statistician 70(4), 365-372.

    Examples
    --------
    >>> round(one_net_promoter(110, 50, 40, 25).statistic, 3)
    1.706
    """
    score = net_promoter(promoters, passives, detractors, confidence_level=confidence_level)
    goal = floats(target, "target", ndim=0).item()
    if score.value is None or score.confint is None:
        return TestResult(
            test="one_net_promoter", version=2, alternative=alternative, n=(score.n,),
            cautions=(Caution("empty-group"),), reason=score.reason,
        )  # fmt: skip
    adjusted = net_promoter(promoters + 0.75, passives + 1.5, detractors + 0.75)
    z = ((adjusted.value or 0.0) - goal) / (adjusted.se or 1.0)
    limits = ConfInt(score.confint.low - goal, score.confint.high - goal, confidence_level, "adjusted-wald")
    return TestResult(
        test="one_net_promoter",
        version=2,
        statistic=z,
        pvalue=z_pvalue(z, alternative),
        alternative=alternative,
        difference=Difference(score.value - goal, limits, "points"),
        n=(score.n,),
        rule={"variance": "trinomial, three answers added"},
        details={"nps": score.value, "se": score.se, "nps_adjusted": adjusted.value, "se_adjusted": adjusted.se},
        cautions=score.cautions,
    )


@significance_test(level="ordinal", design="one-sample")
def goodness_of_fit(counts: ArrayLike, probabilities: ArrayLike, *, draws: int = 9999, seed: int = 1) -> TestResult:
    r"""A distribution against a target distribution: :math:`\chi^2=\sum(o-np)^2/(np)`, Monte Carlo when small.

    Parameters
    ----------
    draws, seed
        Multinomial samples under the target, used when an expected count is below 5; the seed is in the result.

    References
    ----------
    Pearson, K. (1900). Philosophical Magazine 50, 157-175.

    Examples
    --------
    >>> round(goodness_of_fit([37, 257, 607, 542, 82], [0.05, 0.15, 0.4, 0.3, 0.1]).statistic, 4)
    71.9066
    """
    k, p = counts_of(counts), counts_of(probabilities, "probabilities")
    if p.size != k.size or (p <= 0).any() or not math.isclose(float(p.sum()), 1.0, rel_tol=1e-9):
        raise BadData("probabilities", "must be positive, one per level, and sum to 1")
    n = float(k.sum())
    if n == 0 or k.size < 2:
        return TestResult(test="goodness_of_fit", n=as_ns((n,)), cautions=(Caution("empty-group"),), reason=NO_ANSWERS)
    expected = n * p
    statistic, df, smallest = float(((k - expected) ** 2 / expected).sum()), k.size - 1.0, float(expected.min())
    asymptotic = chi2_sf(statistic, df)
    small = smallest < 5.0 and n.is_integer() and n < 1e7
    pvalue = simulated(statistic, int(n), p.tolist(), draws, seed) if small else asymptotic
    return TestResult(
        test="goodness_of_fit",
        statistic=statistic,
        pvalue=pvalue,
        df=df,
        effect_size=EffectSize("Cohen's w", math.sqrt(statistic / n)),
        n=as_ns((n,)),
        rule={"pvalue": f"Monte Carlo, {draws} draws, seed {seed}" if small else "chi-squared"},
        details={
            "expected": listed(expected),
            "std_residuals": listed((k - expected) / np.sqrt(expected * (1.0 - p))),
            "pvalue_chi2": asymptotic,
            "min_expected": smallest,
        },
        cautions=(Caution("small-expected", {"min_expected": smallest}),) if smallest < 5.0 else (),
    )


def simulated(statistic: float, n: int, probabilities: list[float], draws: int, seed: int) -> float:
    """P-value of Pearson's chi-squared among multinomial samples."""
    p = np.asarray(probabilities)
    samples = np.random.default_rng(seed).multinomial(n, p / p.sum(), size=draws)
    simulated = ((samples - n * p) ** 2 / (n * p)).sum(axis=1)
    return float(1.0 + (simulated >= statistic * (1.0 - 1e-12)).sum()) / (draws + 1.0)
