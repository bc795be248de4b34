"""The same people on several levels or several times: margins and ranks within persons."""

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, counts_of, floats, listed, table_of
from survey.analysis.distributions import chi2_sf
from survey.analysis.results import Caution, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="nominal", design="two-paired")
def marginal_homogeneity(table: ArrayLike) -> TestResult:
    r"""Stuart-Maxwell test that both waves have the same distribution of levels.

    :math:`\chi^2=d'S^{-1}d`, d the differences of the margins. Details carry Bhapkar's version and Bowker's
    test of symmetry.

    Notes
    -----
    Assumes independent persons. Levels nobody used are left out.

    References
    ----------
    Stuart, A. (1955). Biometrika 42, 412-416. Maxwell, A. E. (1970). British Journal of Psychiatry 116, 651-655.
    Bhapkar, V. P. (1966). Journal of the American Statistical Association 61, 228-235.

    Examples
    --------
    >>> round(marginal_homogeneity([[50, 9, 1], [20, 40, 8], [9, 20, 30]]).statistic, 4)
    15.7149
    """
    full = table_of(table)
    if full.shape[0] != full.shape[1]:
        raise BadData("table", "must be square: the same levels in both waves")
    used = (full.sum(axis=0) + full.sum(axis=1)) > 0
    counts = full[used][:, used]
    n, moved = float(counts.sum()), float(counts.sum() - np.trace(counts))
    cautions = () if used.all() else (Caution("empty-left-out", {"levels": int((~used).sum())}),)
    if moved == 0:
        return TestResult(
            test="marginal_homogeneity",
            n=as_ns((n,)),
            cautions=(*cautions, Caution("no-change")),
            reason="nobody changed",
        )
    d = (counts.sum(axis=1) - counts.sum(axis=0))[:-1]
    covariance = -(counts + counts.T)
    np.fill_diagonal(covariance, counts.sum(axis=1) + counts.sum(axis=0) - 2.0 * np.diag(counts))
    covariance = covariance[:-1, :-1]
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    statistic = float(d @ np.linalg.pinv(covariance, hermitian=True) @ d)
    if rank < d.size:
        cautions = (*cautions, Caution("levels-never-exchanged", {"df": rank}))
    bhapkar = statistic / (1.0 - statistic / n) if statistic < n else None
    symmetry, pairs = _bowker(counts)
    return TestResult(
        test="marginal_homogeneity",
        statistic=statistic,
        pvalue=chi2_sf(statistic, rank),
        df=float(rank),
        n=as_ns((n,)),
        rule={"empty": "levels nobody used left out"},
        details={
            "bhapkar": bhapkar,
            "bhapkar_pvalue": None if bhapkar is None else chi2_sf(bhapkar, rank),
            "bowker": symmetry,
            "bowker_df": pairs,
            "bowker_pvalue": chi2_sf(symmetry, pairs),
        },
        cautions=cautions,
    )


def _bowker(counts: Floats) -> tuple[float, float]:
    i, j = np.triu_indices(counts.shape[0], 1)
    up, down = counts[i, j], counts[j, i]
    seen = up + down > 0
    return float(((up - down)[seen] ** 2 / (up + down)[seen]).sum()), float(seen.sum())


@significance_test(level="ordinal", design="k-paired")
def friedman(rows: ArrayLike, weights: ArrayLike | None = None) -> TestResult:
    r"""Friedman's test that no occasion tends to higher values: ranks within persons, ties corrected.

    Parameters
    ----------
    rows
        Persons x occasions, complete; or distinct patterns with `weights` = how many persons have each.

    Notes
    -----
    Assumes independent persons. Effect size: Kendall's W.

    References
    ----------
    Friedman, M. (1937). Journal of the American Statistical Association 32, 675-701.

    Examples
    --------
    >>> round(friedman([[1, 2, 3], [1, 3, 2], [1, 2, 3], [2, 1, 3]]).statistic, 4)
    4.5
    """
    x, w = _patterns(rows, weights)
    n, k = float(w.sum()), x.shape[1]
    below = (x[:, :, None] > x[:, None, :]).sum(axis=2)
    same = (x[:, :, None] == x[:, None, :]).sum(axis=2)
    ranks = below + (same + 1.0) / 2.0
    ties = float(w @ (same.astype(np.float64) ** 2 - 1.0).sum(axis=1))
    scale = n * k * (k + 1.0) - ties / (k - 1.0)
    if n == 0 or scale <= 1e-9:
        reason = "nobody has complete answers" if n == 0 else "nobody's answers differ"
        return TestResult(test="friedman", n=as_ns((n,)), cautions=(Caution("no-variance"),), reason=reason)
    sums = w @ ranks
    statistic = 12.0 * float(((sums - n * (k + 1.0) / 2.0) ** 2).sum()) / scale
    concordance = EffectSize("Kendall's W", statistic / (n * (k - 1.0)))
    return TestResult(
        test="friedman",
        statistic=statistic,
        pvalue=chi2_sf(statistic, k - 1.0),
        df=k - 1.0,
        effect_size=concordance,
        n=as_ns((n,)),
        rule={"ties": "corrected", "missing": "listwise"},
        details={"mean_ranks": listed(np.asarray(sums / n))},
    )


@significance_test(level="binary", design="k-paired")
def cochran_q(rows: ArrayLike, weights: ArrayLike | None = None) -> TestResult:
    r"""Cochran's Q that a share is the same on all occasions.

    :math:`Q=(k-1)\,[k\sum C_j^2-(\sum C_j)^2]/(k\sum R_i-\sum R_i^2)`.

    Parameters
    ----------
    rows
        Persons x occasions of 0/1, complete; or distinct patterns with `weights`.

    References
    ----------
    Cochran, W. G. (1950). Biometrika 37, 256-266.

    Examples
    --------
    >>> cochran_q([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]).statistic
    4.666666666666667
    """
    x, w = _patterns(rows, weights)
    if ((x != 0) & (x != 1)).any():
        raise BadData("rows", "must be 0 or 1")
    n, k = float(w.sum()), x.shape[1]
    columns, persons = w @ x, x.sum(axis=1)
    scale = k * float(w @ persons) - float(w @ persons**2)
    if n == 0 or scale <= 0:
        reason = "nobody has complete answers" if n == 0 else "nobody changed"
        return TestResult(test="cochran_q", n=as_ns((n,)), cautions=(Caution("no-change"),), reason=reason)
    statistic = (k - 1.0) * (k * float(columns @ columns) - float(columns.sum()) ** 2) / scale
    return TestResult(
        test="cochran_q",
        statistic=statistic,
        pvalue=chi2_sf(statistic, k - 1.0),
        df=k - 1.0,
        effect_size=EffectSize("maximum corrected R", statistic / (n * (k - 1.0))),
        n=as_ns((n,)),
        rule={"missing": "listwise"},
        details={"share": listed(np.asarray(columns / n))},
    )


def _patterns(rows: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    x = floats(rows, "rows", ndim=2)
    if x.shape[1] < 2:
        raise BadData("rows", "must have two or more occasions")
    w = np.ones(x.shape[0]) if weights is None else counts_of(weights, "weights")
    if w.size != x.shape[0]:
        raise BadData("weights", "must be one per row")
    return x, w
