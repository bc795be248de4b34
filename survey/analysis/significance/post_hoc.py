"""Which of several groups differ: all pairs, p-values adjusted."""

import itertools
import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, counts_of, in_open_unit, table_of
from survey.analysis.contrasts import newcombe
from survey.analysis.distributions import chi2_sf, z_pvalue
from survey.analysis.multiplicity import Adjustment, adjust
from survey.analysis.ranks import midranks, tie_sum
from survey.analysis.results import Caution, Comparison, ConfInt, Difference, PairwiseResult
from survey.analysis.significance.k_means import moments_of
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.two_samples import mann_whitney
from survey.analysis.studentized import studentized_range_quantile, studentized_range_sf

EMPTY = "a group has no answers"


@significance_test(level="ordinal", design="pairwise")
def dunn(table: ArrayLike, *, adjustment: Adjustment = "holm") -> PairwiseResult:
    r"""Dunn's test of every pair of groups after Kruskal-Wallis, on the ranks of all groups together.

    :math:`z=(\bar R_b-\bar R_a)/\sqrt{v(1/n_a+1/n_b)}`, :math:`v=\frac{N(N+1)}{12}-\frac{\sum(t^3-t)}{12(N-1)}`;
    second minus first.

    References
    ----------
    Dunn, O. J. (1964). Technometrics 6(3), 241-252.

    Examples
    --------
    >>> result = dunn([[9, 5, 1], [4, 8, 3], [1, 5, 9]])
    >>> [round(c.adjusted_pvalue, 4) for c in result.comparisons]
    [0.1004, 0.0006, 0.0738]
    """
    counts = table_of(table)
    sizes, totals = counts.sum(axis=1), counts.sum(axis=0)
    n = float(counts.sum())
    ranks = counts @ midranks(totals) / np.where(sizes > 0, sizes, 1.0)
    variance = n * (n + 1.0) / 12.0 - tie_sum(totals) / (12.0 * (n - 1.0)) if n > 1 else 0.0

    def compare(a: int, b: int) -> Comparison:
        if sizes[a] == 0 or sizes[b] == 0 or variance <= 0:
            return Comparison(first=a, second=b, reason=EMPTY if variance > 0 else "every answer has the same level")
        z = float(ranks[b] - ranks[a]) / math.sqrt(variance * float(1.0 / sizes[a] + 1.0 / sizes[b]))
        return Comparison(first=a, second=b, statistic=z, pvalue=z_pvalue(z))

    return _all_pairs("dunn", sizes, compare, adjustment, {"ties": "corrected"})


@significance_test(level="ordinal", design="pairwise")
def pairwise_mann_whitney(table: ArrayLike, *, adjustment: Adjustment = "holm") -> PairwiseResult:
    """Mann-Whitney test (no continuity correction) of every pair of groups, each pair ranked by itself.

    References
    ----------
    Mann, H. B. & Whitney, D. R. (1947). Annals of Mathematical Statistics 18(1), 50-60.

    Examples
    --------
    >>> result = pairwise_mann_whitney([[90, 50, 10], [40, 80, 30]])
    >>> result.comparisons[0].pvalue < 0.001
    True
    """
    counts = table_of(table)

    def compare(a: int, b: int) -> Comparison:
        one = mann_whitney(counts[[a, b]], continuity=False, exact=False)
        return Comparison(first=a, second=b, statistic=one.statistic, pvalue=one.pvalue, reason=one.reason)

    return _all_pairs("pairwise_mann_whitney", counts.sum(axis=1), compare, adjustment, {"continuity": "none"})


@significance_test(level="score", design="pairwise")
def games_howell(table: ArrayLike, scores: ArrayLike, *, confidence_level: float = 0.95) -> PairwiseResult:
    r"""Games-Howell test of every pair of means, variances free: studentized range on Welch's degrees of freedom.

    :math:`q=|\bar x_b-\bar x_a|\sqrt{2}/\sqrt{s_a^2/n_a+s_b^2/n_b}`;
    p-values and intervals already allow for all pairs.

    References
    ----------
    Games, P. A. & Howell, J. F. (1976). Journal of Educational Statistics 1(2), 113-125.

    Examples
    --------
    >>> result = games_howell([[9, 5, 1], [4, 8, 3], [1, 5, 9]], [0, 50, 100])
    >>> [round(c.adjusted_pvalue, 4) for c in result.comparisons]
    [0.1575, 0.0003, 0.0536]
    """
    in_open_unit(confidence_level, "confidence_level")
    groups = moments_of(table, scores)
    k = len(groups)

    def compare(i: int, j: int) -> Comparison:
        a, b = groups[i], groups[j]
        gap = Difference(b.mean - a.mean) if a.n and b.n else None
        if a.variance is None or b.variance is None:
            return Comparison(first=i, second=j, difference=gap, reason="a group has fewer than two answers")
        u, v = a.variance / a.n, b.variance / b.n
        if u + v == 0:
            return Comparison(first=i, second=j, difference=gap, reason="no group varies")
        df = (u + v) ** 2 / (u * u / (a.n - 1.0) + v * v / (b.n - 1.0))
        shift, unit = b.mean - a.mean, math.sqrt((u + v) / 2.0)
        half = studentized_range_quantile(confidence_level, k, df) * unit
        pvalue = studentized_range_sf(abs(shift) / unit, k, df)
        return Comparison(
            first=i, second=j, statistic=abs(shift) / unit, df=df, pvalue=pvalue, adjusted_pvalue=pvalue,
            difference=Difference(shift, ConfInt(shift - half, shift + half, confidence_level, "games-howell")),
        )  # fmt: skip

    pairs = tuple(compare(i, j) for i, j in itertools.combinations(range(k), 2))
    return PairwiseResult(
        test="games_howell", adjustment="studentized range", comparisons=pairs, n=as_ns(g.n for g in groups)
    )


@significance_test(level="binary", design="pairwise")
def pairwise_proportions(
    successes: ArrayLike, n: ArrayLike, *, adjustment: Adjustment = "holm", confidence_level: float = 0.95
) -> PairwiseResult:
    """Pooled z test of every pair of shares (column proportions), first minus second with Newcombe's interval.

    The overall k x 2 chi-squared is in the details. `n` may be effective bases of weighted shares.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> result = pairwise_proportions([952, 597, 604, 555], [1874, 1127, 1003, 1377])
    >>> round(result.details["chi2"], 4), round(result.comparisons[0].pvalue, 6)
    (97.9104, 0.248895)
    """
    x, size = counts_of(successes, "successes"), counts_of(n, "n")
    if x.size != size.size or (x > size).any():
        raise BadData("successes", "must be one per group and not exceed n")

    def compare(a: int, b: int) -> Comparison:
        if size[a] == 0 or size[b] == 0:
            return Comparison(first=a, second=b, reason=EMPTY)
        counts, bases = (float(x[a]), float(x[b])), (float(size[a]), float(size[b]))
        pooled = sum(counts) / sum(bases)
        gap = counts[0] / bases[0] - counts[1] / bases[1]
        interval = Difference(gap, newcombe(counts, bases, confidence_level=confidence_level), "proportion")
        if pooled in (0.0, 1.0):
            return Comparison(first=a, second=b, difference=interval, reason="every answer is the same")
        z = gap / math.sqrt(pooled * (1.0 - pooled) * (1.0 / bases[0] + 1.0 / bases[1]))
        return Comparison(first=a, second=b, statistic=z, pvalue=z_pvalue(z), difference=interval)

    result = _all_pairs("pairwise_proportions", size, compare, adjustment, {"continuity": "none", "variance": "pooled"})
    return msgspec.structs.replace(result, details=_overall(x, size))


def _overall(x: Floats, size: Floats) -> dict[str, float | None]:
    seen = size > 0
    pooled = float(x.sum() / size.sum()) if seen.any() else 0.0
    if pooled in (0.0, 1.0) or seen.sum() < 2:
        return {"chi2": None, "df": None, "pvalue": None}
    gap = x[seen] - size[seen] * pooled
    statistic = float((gap**2 / (size[seen] * pooled * (1.0 - pooled))).sum())
    df = float(seen.sum()) - 1.0
    return {"chi2": statistic, "df": df, "pvalue": chi2_sf(statistic, df)}


def _all_pairs(
    test: str, sizes: Floats, compare: Callable[[int, int], Comparison], adjustment: Adjustment, rule: dict[str, str]
) -> PairwiseResult:
    pairs: Sequence[Comparison] = [compare(i, j) for i, j in itertools.combinations(range(sizes.size), 2)]
    adjusted = adjust([c.pvalue for c in pairs], adjustment)
    filled = tuple(msgspec.structs.replace(c, adjusted_pvalue=p) for c, p in zip(pairs, adjusted, strict=True))
    empty = int((sizes == 0).sum())
    cautions = (Caution("empty-group", {"groups": empty}),) if empty else ()
    return PairwiseResult(
        test=test, adjustment=adjustment, comparisons=filled, n=as_ns(sizes), rule=rule, cautions=cautions
    )
