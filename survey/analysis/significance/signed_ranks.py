"""Ranks of changes within persons."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.binomial import binomial_test
from survey.analysis.checks import Floats, as_ns, floats
from survey.analysis.distributions import z_pvalue
from survey.analysis.ranks import midranks, signed_tails, tie_sum
from survey.analysis.results import Alternative, Caution, EffectSize, TestResult
from survey.analysis.significance.paired import differences, square_of
from survey.analysis.significance.registry import significance_test

EXACT_UP_TO = 20  # changes: below, the normal approximation is doubtful


@significance_test(level="ordinal", design="two-paired")
def signed_rank(
    table: ArrayLike, scores: ArrayLike, *, alternative: Alternative = "two-sided", exact: bool | None = None
) -> TestResult:
    r"""Wilcoxon's signed rank test that changes up and down balance; pairs without change are dropped.

    :math:`V` is the rank sum of positive changes. Details carry Pratt's variant (zeros keep their ranks)
    and the sign test: with many zeros they say different things, so read all three.

    Parameters
    ----------
    table
        Levels x levels counts: first wave (rows) by second wave (columns).
    exact
        Permutation p-value with ties; by default up to 20 changes.

    Notes
    -----
    Assumes independent persons and changes symmetric about their centre.

    References
    ----------
    Wilcoxon, F. (1945). Biometrics Bulletin 1(6), 80-83. Pratt, J. W. (1959). Journal of the American Statistical
    Association 54, 655-667.

    Examples
    --------
    >>> result = signed_rank([[50, 9, 1], [20, 40, 8], [9, 20, 30]], [0, 50, 100])
    >>> result.statistic, round(result.pvalue, 6)
    (1722.5, 7.6e-05)
    """
    counts, s = square_of(table, scores)
    return signed_rank_of(*differences(counts, s), alternative=alternative, exact=exact)


def signed_rank_of(
    gaps: ArrayLike, weights: ArrayLike, *, alternative: Alternative = "two-sided", exact: bool | None = None
) -> TestResult:
    """`signed_rank` from differences and how often each occurs; also the one-sample test of scores - target."""
    d, w = floats(gaps, "gaps"), floats(weights, "weights")
    up, down = _by_size(d, w)
    zeros, total = float(w[d == 0].sum()), float(w.sum())
    pairs = up + down
    rule = {"zeros": "dropped", "ties": "variance corrected", "continuity": "none"}
    details = {"n_nonzero": float(pairs.sum()), "n_positive": float(up.sum()), "n_negative": float(down.sum())}
    if pairs.sum() == 0:
        return TestResult(
            test="signed_rank", alternative=alternative, n=as_ns((total,)), rule=rule, details=details,
            cautions=(Caution("empty-group" if total == 0 else "no-change"),), reason="nobody changed",
        )  # fmt: skip
    n, ranks = float(pairs.sum()), midranks(pairs)
    statistic, all_ranks = float(up @ ranks), n * (n + 1.0) / 2.0
    sd = math.sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - tie_sum(pairs) / 48.0)
    gap = statistic - all_ranks / 2.0
    z = gap / sd
    wanted = n <= EXACT_UP_TO if exact is None else exact
    tails = signed_tails(pairs, ranks, statistic) if wanted else None
    pratt = _pratt(up, pairs, zeros)
    corrected = (gap - math.copysign(min(0.5, abs(gap)), gap)) / sd
    details |= {
        "z": z,
        "pvalue_asymptotic": z_pvalue(z, alternative),
        "pvalue_continuity": z_pvalue(corrected, alternative),
        "pratt_z": pratt,
        "pratt_pvalue": z_pvalue(pratt, alternative),
        "sign_test_pvalue": binomial_test(float(up.sum()), n, 0.5, alternative),
    }
    share = zeros / total
    return TestResult(
        test="signed_rank",
        statistic=statistic,
        pvalue=z_pvalue(z, alternative) if tails is None else tails[alternative],
        alternative=alternative,
        effect_size=EffectSize("matched rank-biserial correlation", 2.0 * statistic / all_ranks - 1.0),
        n=as_ns((total,)),
        rule=rule | {"pvalue": "normal approximation" if tails is None else "exact permutation with ties"},
        details=details,
        cautions=(Caution("many-zeros", {"share": share}),) if share > 0.3 else (),
    )


def _by_size(gaps: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """How many went up and down, by size of change in ascending order."""
    moved = (gaps != 0) & (weights > 0)
    sizes, place = np.unique(np.round(np.abs(gaps[moved]), 10), return_inverse=True)
    signs, w = gaps[moved] > 0, weights[moved]
    up = np.bincount(place, weights=w * signs, minlength=sizes.size)
    down = np.bincount(place, weights=w * ~signs, minlength=sizes.size)
    return up.astype(np.float64), down.astype(np.float64)


def _pratt(up: Floats, pairs: Floats, zeros: float) -> float:
    ranks = midranks(pairs) + zeros
    return float((2.0 * up - pairs) @ ranks) / math.sqrt(float(pairs @ ranks**2))
