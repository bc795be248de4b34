"""Pilot and control are whole clusters, and the respondents differ each time: difference in differences."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, as_ns, floats, in_open_unit, listed, scores_for, table_of
from survey.analysis.design import FEW_CLUSTERS
from survey.analysis.distributions import t_pvalue
from survey.analysis.group_means import t_interval
from survey.analysis.results import Caution, Difference, EffectSize, TestResult
from survey.analysis.significance.cluster_permutation import permuted_clusters
from survey.analysis.significance.registry import significance_test

REASONS = {
    "empty-group": "no pilot or no control cluster has answers before and after",
    "few-clusters": "fewer than three clusters have answers before and after",
    "too-few": "fewer than five answers",
    "no-variance": "no cluster differs from its arm",
}


@significance_test(level="score", design="did")
def did_clusters(
    before: ArrayLike,
    after: ArrayLike,
    treated: ArrayLike,
    scores: ArrayLike,
    *,
    confidence_level: float = 0.95,
    seed: int = 1,
) -> TestResult:
    r"""Difference in differences when whole clusters are pilots and each wave asks different people.

    :math:`(\bar y_{11}-\bar y_{10})-(\bar y_{01}-\bar y_{00})` of respondents' means, error CR1 by cluster:
    :math:`\sum_g s_g^2\frac{G}{G-1}\frac{N-1}{N-4}`, :math:`s_g` the cluster's sum of :math:`\pm(y-\bar y_c)/n_c`; t on
    G - 1 degrees of freedom. Below 20 clusters the p-value permutes whole clusters on the changes of their means,
    every cluster alike; `rule` says how.

    Parameters
    ----------
    before, after
        Counts, clusters x levels, the clusters in the same order.
    treated
        1 for a pilot cluster, 0 for control.

    Notes
    -----
    Assumes that pilot and control would have moved in parallel and that clusters are independent. Clusters without
    answers before or after are left out with a caution.

    References
    ----------
    Bertrand, M., Duflo, E. & Mullainathan, S. (2004). Quarterly Journal of Economics 119, 249-275. Cameron, A. C. &
    Miller, D. L. (2015). Journal of Human Resources 50, 317-372.

    Examples
    --------
    >>> before = [[5, 4, 1], [4, 4, 2], [6, 3, 1], [5, 5, 0], [4, 5, 1], [6, 2, 2]]
    >>> after = [[4, 5, 1], [4, 3, 3], [6, 4, 0], [1, 4, 5], [2, 3, 5], [1, 5, 4]]
    >>> result = did_clusters(before, after, [0, 0, 0, 1, 1, 1], [0, 50, 100])
    >>> round(result.difference.value, 4), result.pvalue, result.rule["pvalue"]
    (35.0, 0.1, 'permutation of clusters, all 20 ways')
    """
    in_open_unit(confidence_level, "confidence_level")
    tables, pilot, cautions = _complete(before, after, treated)
    s = scores_for(scores, tables.shape[2])
    # clusters x (before, after): answers, and sums of scores about their middle
    n = tables.sum(axis=2)
    sums = tables @ (s - s.mean())
    arms = np.stack([~pilot, pilot]).astype(np.float64)
    sizes = arms @ n
    code = _lacking(pilot, float(sizes.sum()))
    if code is not None:
        return _cannot(code, sizes, cautions, Difference(None))
    means = arms @ sums / sizes
    effect = float(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0])
    own = means[pilot.astype(np.int64)]
    signs = np.where(pilot[:, None], [-1.0, 1.0], [1.0, -1.0]) / sizes[pilot.astype(np.int64)]
    gaps = sums - n * own
    gaps[np.abs(gaps) <= 1e-12 * n * np.abs(s).max()] = 0.0  # what rounding leaves where nothing varies
    influence = (signs * gaps).sum(axis=1)
    groups, total = float(pilot.size), float(sizes.sum())
    small = groups / (groups - 1.0) * (total - 1.0) / (total - 4.0)
    se = math.sqrt(float(influence @ influence) * small)
    if se == 0:
        return _cannot("no-variance", sizes, cautions, Difference(effect))
    changes = sums[:, 1] / n[:, 1] - sums[:, 0] / n[:, 0]
    t, df = effect / se, groups - 1.0
    few = groups < FEW_CLUSTERS
    pvalue, how = permuted_clusters(changes, pilot, seed) if few else (t_pvalue(t, df), "t")
    squares = _squares(tables, s - s.mean(), own)
    simple = squares / (total - 4.0) * float((1.0 / sizes).sum())
    return TestResult(
        test="did_clusters",
        statistic=t,
        pvalue=pvalue,
        df=df,
        effect_size=EffectSize("difference over pooled SD", effect / math.sqrt(squares / (total - 4.0))),
        difference=t_interval(effect, se, df, confidence_level),
        n=as_ns(sizes.ravel()),
        effective_n=total * simple / se**2,
        rule={"variance": "CR1 by cluster", "pvalue": how, "missing": "clusters not asked twice left out"},
        details={
            "mean": listed(means + s.mean()),
            "se_cluster": se,
            "clusters": int(groups),
            "pvalue_cr1": t_pvalue(t, df),
            "difference_of_clusters": float(changes[pilot].mean() - changes[~pilot].mean()),
        },
        cautions=(*cautions, Caution("few-clusters", {"clusters": int(groups)})) if few else cautions,
    )


def _complete(
    before: ArrayLike, after: ArrayLike, treated: ArrayLike
) -> tuple[Floats, NDArray[np.bool_], tuple[Caution, ...]]:
    """Clusters x (before, after) x levels, of clusters with answers both times."""
    first, second, given = table_of(before, "before"), table_of(after, "after"), floats(treated, "treated")
    if first.shape != second.shape:
        raise BadData("after", "must have the clusters and levels of before")
    if given.size != first.shape[0] or ((given != 0) & (given != 1)).any():
        raise BadData("treated", "must be 0 or 1, one per cluster")
    tables = np.stack([first, second], axis=1)
    seen = (tables.sum(axis=2) > 0).all(axis=1)
    lost = int((~seen).sum())
    return tables[seen], given[seen] == 1, (Caution("empty-left-out", {"clusters": lost}),) if lost else ()


def _lacking(pilot: NDArray[np.bool_], total: float) -> str | None:
    if pilot.all() or not pilot.any():
        return "empty-group"
    if pilot.size < 3:
        return "few-clusters"
    return "too-few" if total <= 4 else None


def _squares(tables: Floats, scores: Floats, own: Floats) -> float:
    """Squared deviations of all respondents from the mean of their cell."""
    return float((tables * (scores - own[:, :, None]) ** 2).sum())


def _cannot(code: str, sizes: Floats, cautions: tuple[Caution, ...], difference: Difference) -> TestResult:
    return TestResult(
        test="did_clusters", difference=difference, n=as_ns(sizes.ravel()), cautions=(*cautions, Caution(code)),
        reason=REASONS[code],
    )  # fmt: skip
