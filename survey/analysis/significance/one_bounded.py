"""One group whose answers lean to one side against a target."""

from numpy.typing import ArrayLike

from survey.analysis.bounded import bounded_interval, tails
from survey.analysis.checks import as_ns, floats
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments


@significance_test(level="score", design="one-sample")
def bounded_mean(
    counts: ArrayLike,
    scores: ArrayLike,
    target: float,
    ends: tuple[float, float],
    *,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""One mean against a target, from nothing but the lowest and the highest score: Gaffke's test.

    Twice the smaller of :math:`P(\sum_jG_j(s_j-\mu_0)\le0)`, :math:`G_j` gamma variables of shape :math:`n_j` with one
    answer more at the lowest score, and its mirror image. Of two levels it is the exact binomial test, of more its
    generalisation: how likely answers this high (or low) would be in a population whose mean is the target. The
    interval is that of all targets it does not reject.

    Parameters
    ----------
    ends
        The lowest and the highest score that could have been given; the target lies between them.

    Notes
    -----
    Assumes independent respondents, and no more. Errs on the safe side.

    References
    ----------
    Gaffke, N. (2005). Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
    variable. Mathematical Methods of Statistics 14(4), 451-467. Learned-Miller, E. & Thomas, P. S. (2019). A new
    confidence interval for the mean of a bounded random variable. arXiv:1905.06208.

    Examples
    --------
    >>> result = bounded_mean([0, 0, 1, 2, 97], [0, 25, 50, 75, 100], 95, (0, 100))
    >>> round(result.pvalue, 4), round(result.difference.confint.low, 3), round(result.difference.confint.high, 3)
    (0.0419, 0.169, 4.802)
    """
    moments = Moments.from_counts(counts, scores)
    goal = floats(target, "target", ndim=0).item()
    if moments.n == 0:
        return TestResult(
            test="bounded_mean", alternative=alternative, n=(0,), cautions=(Caution("empty-group"),),
            reason="no valid answers",
        )  # fmt: skip
    high, low = tails(counts, scores, goal, ends=ends)
    pvalue = {"greater": high, "less": low, "two-sided": min(1.0, 2.0 * min(high, low))}[alternative]
    limits = bounded_interval(counts, scores, ends=ends, confidence_level=confidence_level)
    gap, variance = moments.mean - goal, moments.variance
    return TestResult(
        test="bounded_mean",
        pvalue=pvalue,
        alternative=alternative,
        effect_size=EffectSize("Cohen's d", gap / variance**0.5) if variance else None,
        difference=Difference(gap, ConfInt(limits.low - goal, limits.high - goal, confidence_level, limits.method)),
        n=as_ns((moments.n,)),
        rule={"pvalue": "gamma mixture, one answer added at either end", "tails": "twice the smaller"},
        details={"mean": moments.mean, "pvalue_greater": high, "pvalue_less": low},
    )
