"""Pilot and control followed over time: the same people twice, possibly in clusters."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, floats, in_open_unit
from survey.analysis.design import FEW_CLUSTERS
from survey.analysis.distributions import critical_t, t_pvalue
from survey.analysis.results import Caution, ConfInt, Difference, TestResult
from survey.analysis.significance.cluster_permutation import permuted_clusters
from survey.analysis.significance.did import did_of
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.two_samples import welch_of
from survey.analysis.sufficient import Moments

VERSION = 2


@significance_test(level="score", design="did-panel", version=VERSION)
def did_panel(
    before: ArrayLike,
    after: ArrayLike,
    treated: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    confidence_level: float = 0.95,
    seed: int = 1,
) -> TestResult:
    r"""Difference in differences of a panel: Welch's t on the change scores of pilot and control.

    With clusters (whole units are pilots) the standard error is CR1 on G - 1 degrees of freedom, and below 20
    clusters the p-value permutes whole clusters: all ways to choose the pilots when they are at most 20,000, else 9,999
    random ones. ANCOVA, given the first answer, is in the details.

    Parameters
    ----------
    before, after
        One value per person, complete.
    treated
        1 for pilot, 0 for control.
    cluster
        Unit of each person, any codes.

    Notes
    -----
    Assumes that pilot and control would have moved in parallel.

    References
    ----------
    Bertrand, M., Duflo, E. & Mullainathan, S. (2004). Quarterly Journal of Economics 119, 249-275.

    Examples
    --------
    >>> result = did_panel([1, 2, 3, 1, 2, 3], [1, 3, 3, 3, 3, 5], [0, 0, 0, 1, 1, 1])
    >>> round(result.difference.value, 4), round(result.pvalue, 4)
    (1.3333, 0.0474)
    """
    in_open_unit(confidence_level, "confidence_level")
    x, y, g = floats(before, "before"), floats(after, "after"), floats(treated, "treated")
    if not x.size == y.size == g.size:
        raise BadData("after", "must be one per person, like before and treated")
    if ((g != 0) & (g != 1)).any():
        raise BadData("treated", "must be 0 or 1")
    change, pilot = y - x, g == 1
    one, zero = Moments.of(change[pilot]), Moments.of(change[~pilot])
    base = welch_of(one, zero, confidence_level=confidence_level)
    sizes = as_ns((one.n, zero.n))
    if base.statistic is None or base.difference is None:
        return TestResult(
            test="did_panel",
            version=VERSION,
            difference=base.difference,
            n=sizes,
            cautions=base.cautions,
            reason=base.reason,
        )
    cells = [Moments.of(v) for v in (x[~pilot], y[~pilot], x[pilot], y[pilot])]
    naive = did_of(cells).details
    person, slope = _cr1(change, pilot, np.arange(x.size)), _ancova(x, y, g)
    details = {
        "se_ols_ignoring_pairs": naive["se_ols"],
        "se_hc1_ignoring_pairs": naive["se_hc1"],
        "se_cluster_person": person,
        "change_se": float(base.details["se"]),
        "change_statistic": base.statistic,
        "change_df": base.df,
        "change_pvalue": base.pvalue,
    } | slope
    if cluster is None:
        return TestResult(
            test="did_panel", version=VERSION, statistic=base.statistic, pvalue=base.pvalue, df=base.df,
            effect_size=base.effect_size, difference=base.difference, n=sizes, rule={"variance": "Welch on changes"},
            details=details,
        )  # fmt: skip
    return _clustered(change, pilot, _codes(cluster, x.size), base, details, confidence_level, seed)


def _clustered(
    change: Floats,
    pilot: np.ndarray,
    units: np.ndarray,
    base: TestResult,
    details: dict[str, object],
    confidence_level: float,
    seed: int,
) -> TestResult:
    effect = base.difference.value if base.difference else None
    groups = int(units.max()) + 1
    se = _cr1(change, pilot, units)
    if effect is None or groups < 3 or se is None or se == 0:
        return TestResult(
            test="did_panel", version=VERSION, difference=Difference(effect), n=base.n,
            cautions=(Caution("few-clusters", {"clusters": groups}),),
            reason="fewer than three clusters", details=details,
        )  # fmt: skip
    df, t = groups - 1.0, effect / se
    half = critical_t(confidence_level, df) * se
    permuted = _permutation(change, pilot, units, seed) if groups < FEW_CLUSTERS else None
    pvalue, how = permuted or (t_pvalue(t, df), "t")
    return TestResult(
        test="did_panel",
        version=VERSION,
        statistic=t,
        pvalue=pvalue,
        df=df,
        effect_size=base.effect_size,
        difference=Difference(effect, ConfInt(effect - half, effect + half, confidence_level, "CR1")),
        n=base.n,
        rule={"variance": "CR1 by cluster", "pvalue": how},
        details=details | {"se_cluster": se, "clusters": groups, "pvalue_cr1": t_pvalue(t, df)},
        cautions=(Caution("few-clusters", {"clusters": groups}),) if groups < FEW_CLUSTERS else (),
    )


def _codes(cluster: ArrayLike, size: int) -> np.ndarray:
    codes: np.ndarray = np.unique(np.asarray(cluster), return_inverse=True)[1].ravel()
    if codes.size != size:
        raise BadData("cluster", "must be one per person")
    return codes


def _cr1(change: Floats, pilot: np.ndarray, units: np.ndarray) -> float | None:
    """Cluster-robust error of the interaction in the stacked regression: 2n rows, 4 coefficients."""
    groups, rows = int(units.max()) + 1, 2.0 * change.size
    if groups < 2 or rows <= 4:
        return None
    sizes = (float(pilot.sum()), float((~pilot).sum()))
    influence = np.where(
        pilot, (change - change[pilot].mean()) / sizes[0], -(change - change[~pilot].mean()) / sizes[1]
    )
    sums = np.bincount(units, weights=influence, minlength=groups)
    return math.sqrt(float(sums @ sums) * groups / (groups - 1.0) * (rows - 1.0) / (rows - 4.0))


def _ancova(x: Floats, y: Floats, g: Floats) -> dict[str, float]:
    """Effect of treatment given the first answer, with its HC1 error."""
    design = np.column_stack([np.ones_like(x), x, g])
    if x.size < 4 or np.linalg.matrix_rank(design) < 3:
        return {}
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    scores = design * (y - design @ beta)[:, None]
    robust = bread @ (scores.T @ scores) @ bread * (x.size / (x.size - 3.0))
    return {"ancova_effect": float(beta[2]), "ancova_se_hc1": math.sqrt(float(robust[2, 2]))}


def _permutation(change: Floats, pilot: np.ndarray, units: np.ndarray, seed: int) -> tuple[float, str] | None:
    """Which clusters are pilots is dealt anew; None when a cluster holds both."""
    groups = int(units.max()) + 1
    size = np.bincount(units, minlength=groups).astype(np.float64)
    treated = np.bincount(units, weights=pilot, minlength=groups)
    if ((treated != 0) & (treated != size)).any():
        return None
    return permuted_clusters(np.bincount(units, weights=change, minlength=groups) / size, treated > 0, seed)
