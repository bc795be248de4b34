"""Which aspects move the whole: regression, Shapley values and relative weights from cross-products."""

import itertools
import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_n, at_least, checked, floats, listed
from survey.analysis.composites import correlations
from survey.analysis.distributions import f_sf
from survey.analysis.results import Caution
from survey.analysis.sufficient import CrossProducts

MOST = 12  # 2^p subsets


class KeyDrivers(Struct, frozen=True, kw_only=True):
    """How much of the variance of the whole each aspect explains, in the order given."""

    method: str = "key_drivers"
    version: int = 1
    n: int | float
    r: tuple[float, ...]
    beta: tuple[float, ...]
    r2: float
    adjusted_r2: float | None
    f: float | None
    pvalue: float | None
    vif: tuple[float, ...]
    shapley: tuple[float, ...]
    relative_weights: tuple[float, ...]
    cautions: tuple[Caution, ...] = ()

    @property
    def shapley_share(self) -> tuple[float, ...]:
        """Shapley values as shares of R squared."""
        return tuple(v / self.r2 for v in self.shapley)

    @property
    def relative_share(self) -> tuple[float, ...]:
        """Relative weights as shares of R squared."""
        return tuple(v / self.r2 for v in self.relative_weights)


class Quadrant(Struct, frozen=True, kw_only=True):
    """One aspect in the importance-performance plane."""

    importance: float
    performance: float
    quadrant: str


class Regression(Struct, frozen=True, kw_only=True):
    """Least squares with classical and robust (HC1) errors, intercept first."""

    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    se_hc1: tuple[float, ...]


def key_drivers(outcome_and_aspects: CrossProducts) -> KeyDrivers:
    """`key_drivers_of` the correlations of an outcome (first variable) and its aspects (the others)."""
    return key_drivers_of(correlations(outcome_and_aspects), outcome_and_aspects.n)


@checked(n=at_least(2))
def key_drivers_of(correlation: ArrayLike, n: float) -> KeyDrivers:
    r"""Drivers from a correlation matrix whose first variable is the outcome.

    Shapley (LMG): the rise of :math:`R^2` an aspect brings, averaged over all orders of entering. Relative weights:
    :math:`\Lambda^{2}(\Lambda^{-1}r)^2` with :math:`\Lambda=R^{1/2}`. Both add up to :math:`R^2`.

    Notes
    -----
    Linear and correlational: a driver is a candidate for a cause, no more.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis.
    Johnson, J. W. (2000). Multivariate Behavioral Research 35(1), 1-19.

    Examples
    --------
    >>> drivers = key_drivers_of([[1, 0.6, 0.3], [0.6, 1, 0], [0.3, 0, 1]], 200)
    >>> [round(v, 4) for v in drivers.shapley]
    [0.36, 0.09]
    """
    z = floats(correlation, "correlation", ndim=2)
    p = z.shape[0] - 1
    if z.shape[0] != z.shape[1] or p < 1 or p > MOST:
        raise BadData("correlation", f"must be square: an outcome and 1 to {MOST} aspects")
    inner, r = z[1:, 1:], z[1:, 0]
    if np.linalg.matrix_rank(inner) < p:
        raise BadData("correlation", "must not have an aspect that the others determine")
    inverse = np.linalg.inv(inner)
    beta = inverse @ r
    r2, rest = float(beta @ r), n - p - 1.0
    f = r2 / p / ((1.0 - r2) / rest) if rest > 0 and r2 < 1.0 else None
    values, vectors = np.linalg.eigh(inner)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    return KeyDrivers(
        n=as_n(n),
        r=tuple(listed(r)),
        beta=tuple(listed(beta)),
        r2=r2,
        adjusted_r2=1.0 - (1.0 - r2) * (n - 1.0) / rest if rest > 0 else None,
        f=f,
        pvalue=None if f is None else f_sf(f, p, rest),
        vif=tuple(listed(np.diag(inverse))),
        shapley=_shapley(inner, r),
        relative_weights=tuple(listed(root**2 @ np.linalg.solve(root, r) ** 2)),
        cautions=(Caution("collinear", {"vif": float(np.diag(inverse).max())}),) if np.diag(inverse).max() > 10 else (),
    )


def importance_performance(
    importance: ArrayLike, performance: ArrayLike, *, cut: tuple[float, float] | None = None
) -> tuple[Quadrant, ...]:
    """Place aspects by importance and performance (0-100), cut at the means unless given.

    `improve`: important and weak; `keep`: important and strong; `watch`: unimportant and weak; `maintain`: the rest.

    References
    ----------
    Martilla, J. A. & James, J. C. (1977). Journal of Marketing 41(1), 77-79.

    Examples
    --------
    >>> [q.quadrant for q in importance_performance([0.4, 0.1, 0.3], [60, 80, 90])]
    ['improve', 'maintain', 'keep']
    """
    x, y = floats(importance, "importance"), floats(performance, "performance")
    if x.size != y.size or x.size == 0:
        raise BadData("performance", "must be one per aspect")
    middle = (float(x.mean()), float(y.mean())) if cut is None else cut
    names = {(True, False): "improve", (True, True): "keep", (False, False): "watch", (False, True): "maintain"}
    return tuple(
        Quadrant(importance=a, performance=b, quadrant=names[a >= middle[0], b >= middle[1]])
        for a, b in zip(listed(x), listed(y), strict=True)
    )


def regression(outcome: ArrayLike, aspects: ArrayLike) -> Regression:
    """Least squares of an outcome on aspects, with classical and robust (HC1) standard errors.

    References
    ----------
    White, H. (1980). Econometrica 48(4), 817-838.

    Examples
    --------
    >>> [round(v, 6) for v in regression([1, 3, 5, 8], [[0], [1], [2], [3]]).coefficients]
    [0.8, 2.3]
    """
    y, x = floats(outcome, "outcome"), floats(aspects, "aspects", ndim=2)
    if x.shape[0] != y.size:
        raise BadData("aspects", f"must have a row for each outcome: {y.size}, not {x.shape[0]}")
    design = np.column_stack([np.ones(y.size), x])
    n, p = design.shape
    if n <= p or np.linalg.matrix_rank(design) < p:
        raise BadData("aspects", "must be fewer than the answers and not determine each other")
    bread = np.linalg.inv(design.T @ design)
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = y - design @ beta
    scores = design * residual[:, None]
    robust = bread @ (scores.T @ scores) @ bread * (n / (n - p))
    classical = bread * (float(residual @ residual) / (n - p))
    return Regression(
        coefficients=tuple(listed(np.asarray(beta, dtype=np.float64))),
        se=tuple(listed(np.sqrt(np.diag(classical)))),
        se_hc1=tuple(listed(np.sqrt(np.diag(robust)))),
    )


def _shapley(inner: Floats, r: Floats) -> tuple[float, ...]:
    p = r.size
    explained = {0: 0.0}
    for size in range(1, p + 1):
        for chosen in itertools.combinations(range(p), size):
            s = list(chosen)
            explained[sum(1 << j for j in s)] = float(r[s] @ np.linalg.solve(inner[np.ix_(s, s)], r[s]))
    values = [0.0] * p
    for mask, r2 in explained.items():
        members = mask.bit_count()
        for j in range(p):
            if not mask >> j & 1:
                values[j] += (explained[mask | 1 << j] - r2) / (p * math.comb(p - 1, members))
    return tuple(values)
