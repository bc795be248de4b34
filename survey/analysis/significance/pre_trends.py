"""Did pilot and control move in parallel before the pilot began?"""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, floats, in_open_unit, scores_for, table_of
from survey.analysis.distributions import critical_t, f_sf, t_pvalue
from survey.analysis.results import Caution, ConfInt, Difference, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments


@significance_test(level="score", design="did")
def parallel_trends(
    control: ArrayLike,
    pilot: ArrayLike,
    scores: ArrayLike,
    times: ArrayLike | None = None,
    *,
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Test that pilot and control moved in parallel over the waves before: group x time interaction of means.

    With cell means :math:`\bar y_{gt}`, their variances :math:`s_{gt}^2/n_{gt}` and the contrasts
    :math:`\delta_t=(\bar y_{1t}-\bar y_{1,1})-(\bar y_{0t}-\bar y_{0,1})`, :math:`W=\delta'V^{-1}\delta`; with
    Johansen's :math:`A`, :math:`F=W/(r+2A-6A/(r+2))` has :math:`r=T-1` and :math:`r(r+2)/(3A)` degrees of freedom. The
    difference is that of the straight lines, pilot minus control, a unit of `times`, with Satterthwaite's df.

    Parameters
    ----------
    control, pilot
        Counts, waves x levels, oldest first.
    times
        When the waves were; 0, 1, 2, ... without.

    Notes
    -----
    Assumes independent respondents. That nothing is found does not prove that the trends were parallel: the details
    give the steepest difference of slopes that the data do not exclude.

    References
    ----------
    Johansen, S. (1980). Biometrika 67(1), 85-92. Roth, J. (2022). American Economic Review: Insights 4(3), 305-322.

    Examples
    --------
    >>> control = [[30, 40, 30], [28, 42, 30], [30, 40, 30]]
    >>> result = parallel_trends(control, [[30, 40, 30], [20, 40, 40], [10, 40, 50]], [0, 50, 100])
    >>> result.difference.value, round(result.pvalue, 4)
    (10.0, 0.0292)
    """
    in_open_unit(confidence_level, "confidence_level")
    tables = table_of(control, "control"), table_of(pilot, "pilot")
    if tables[0].shape != tables[1].shape:
        raise BadData("pilot", "must have the waves and levels of control")
    waves = tables[0].shape[0]
    if waves < 2:
        raise BadData("control", "must have at least two waves before the pilot")
    t = np.arange(float(waves)) if times is None else floats(times, "times")
    if t.size != waves or (np.diff(t) <= 0).any():
        raise BadData("times", "must be one a wave, the oldest first")
    s = scores_for(scores, tables[0].shape[1])
    cells = [Moments.from_counts(row, s) for table in tables for row in table]
    n = np.array([cell.n for cell in cells])
    variance = np.array([cell.variance or 0.0 for cell in cells]) / np.maximum(n, 1.0)
    if n.min() < 2 or variance.sum() == 0.0:
        code = "empty-group" if n.min() == 0 else "too-few" if n.min() < 2 else "no-variance"
        return TestResult(
            test="parallel_trends", n=as_ns(n), cautions=(Caution(code),),
            reason="a cell has fewer than two answers" if n.min() < 2 else "no cell varies",
        )  # fmt: skip
    mean = np.array([cell.mean for cell in cells])
    statistic, df, pvalue = _welch_james(mean, variance, n - 1.0, _interaction(waves))
    slope, limits, slope_pvalue = _slopes(mean, variance, n - 1.0, t, confidence_level)
    return TestResult(
        test="parallel_trends",
        statistic=statistic,
        pvalue=pvalue,
        df=df,
        difference=Difference(slope, limits, "per unit of time"),
        n=as_ns(n),
        rule={"variance": "each cell its own", "df": "Johansen; Satterthwaite for the slopes"},
        details={
            "slope_pvalue": slope_pvalue,
            "steepest_not_excluded": None if limits is None else max(abs(limits.low), abs(limits.high)),
            "mean": mean.tolist(),
        },
        cautions=() if statistic is not None else (Caution("no-variance"),),
        reason=None if statistic is not None else "some cells do not vary",
    )


def _interaction(waves: int) -> Floats:
    """How each later wave differs from the first, pilot minus control: (T - 1) x 2T, control first."""
    later = np.column_stack([-np.ones(waves - 1), np.eye(waves - 1)])
    return np.hstack([-later, later])


def _welch_james(
    mean: Floats, variance: Floats, df: Floats, contrasts: Floats
) -> tuple[float | None, tuple[float, float] | None, float | None]:
    """Johansen's approximation to the Wald test of contrasts of independent means with their own variances."""
    r = float(contrasts.shape[0])
    spread = contrasts * variance @ contrasts.T
    scale = np.sqrt(np.diag(spread))
    if scale.min() == 0.0 or np.linalg.cond(spread / np.outer(scale, scale)) > 1e12:
        return None, None, None
    estimate = contrasts @ mean
    wald = float(estimate @ np.linalg.solve(spread, estimate))
    # the share of each cell in the fit: trace of its row of V C' (C V C')^-1 C, and the same squared
    share = np.einsum("ij,ij->j", contrasts, np.linalg.solve(spread, contrasts)) * variance
    a = float((share**2 / df).sum())
    if a == 0.0:
        return None, None, None
    denominator = r * (r + 2.0) / (3.0 * a)
    f = wald / (r + 2.0 * a - 6.0 * a / (r + 2.0))
    return f, (r, denominator), f_sf(f, r, denominator)


def _slopes(
    mean: Floats, variance: Floats, df: Floats, t: Floats, confidence_level: float
) -> tuple[float, ConfInt | None, float | None]:
    """The slope of the pilot's line minus that of the control's, its interval and p-value."""
    centered = t - t.mean()
    weight = np.concatenate([-centered, centered]) / float(centered @ centered)
    slope, parts = float(weight @ mean), weight**2 * variance
    if parts.sum() == 0.0:
        return slope, None, None
    se = math.sqrt(float(parts.sum()))
    freedom = float(parts.sum()) ** 2 / float((parts**2 / df).sum())
    half = critical_t(confidence_level, freedom) * se
    limits = ConfInt(slope - half, slope + half, confidence_level, "satterthwaite")
    return slope, limits, t_pvalue(slope / se, freedom)
