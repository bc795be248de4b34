"""Several items, one index: weights are data and always the caller's."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_n, counts_of, in_open_unit, listed, successes_of
from survey.analysis.distributions import critical_t
from survey.analysis.proportions import wilson
from survey.analysis.results import Caution, ConfInt, Estimate
from survey.analysis.sufficient import CrossProducts


class Composite(Struct, frozen=True, kw_only=True):
    """A weighted index of several items, 0-100, and the items it is made of."""

    index: Estimate
    items: tuple[float, ...]
    weights: tuple[float, ...]


class ThreeRates(Struct, frozen=True, kw_only=True):
    """Responded, solved, satisfied, and their weighted composite (0-100)."""

    response: Estimate
    solved: Estimate
    satisfied: Estimate
    composite: Estimate
    se_upper_bound: float | None


def composite(
    items: CrossProducts, weights: ArrayLike, *, low: float, high: float, confidence_level: float = 0.95
) -> Composite:
    r"""ACSI-type index :math:`100\sum w_i(\bar x_i-\min)/(\max-\min)`, weights scaled to 1, with Student's t interval.

    The standard error comes from the covariance of the items: :math:`\sqrt{w'Cw/n}`.

    References
    ----------
    Fornell, C. et al. (1996). Journal of Marketing 60(4), 7-18.

    Examples
    --------
    >>> answers = CrossProducts.of([[8, 7, 7], [9, 8, 8], [7, 6, 7.5]])
    >>> round(composite(answers, [0.3885, 0.319, 0.2925], low=1, high=10).index.value, 3)
    72.608
    """
    in_open_unit(confidence_level, "confidence_level")
    w = weights_of(weights, len(items.means))
    if not high > low:
        raise BadData("high", "must exceed low")
    if items.n == 0:
        return Composite(
            index=Estimate("composite", None, reason="no complete answers"), items=(), weights=tuple(listed(w))
        )
    scale = 100.0 / (high - low)
    means = scale * (np.asarray(items.means) - low)
    value, n = float(w @ means), items.n
    if n < 2:
        estimate = Estimate("composite", value, n=as_n(n), cautions=(Caution("too-few-for-interval", {"n": n}),))
    else:
        se = scale * math.sqrt(max(0.0, float(w @ items.covariance @ w)) / n)
        half = critical_t(confidence_level, n - 1.0) * se
        estimate = Estimate("composite", value, se, ConfInt(value - half, value + half, confidence_level, "t"), as_n(n))
    return Composite(index=estimate, items=tuple(listed(means)), weights=tuple(listed(w)))


def unit_composite(items: list[Estimate], weights: ArrayLike, *, largest_missing_weight: float = 0.4) -> Estimate:
    r"""Composite of published sub-indices on their own bases: :math:`\sum w_jI_j/\sum w_j` over those that exist.

    None when more than `largest_missing_weight` of the weight is missing. No interval: the bases overlap in unknown
    ways.

    Examples
    --------
    >>> unit_composite([Estimate("t", 80.0), Estimate("t", None), Estimate("t", 90.0)], [1, 1, 2]).value
    86.66666666666667
    """
    w = weights_of(weights, len(items))
    known = np.array([item.value is not None for item in items])
    missing = float(w[~known].sum())
    if missing > largest_missing_weight:
        return Estimate("composite", None, reason="too much of the weight has no value")
    values = np.array([item.value for item in items if item.value is not None], dtype=np.float64)
    cautions = (Caution("items-missing", {"weight": missing}),) if missing > 0 else ()
    return Estimate("composite", float(w[known] @ values / w[known].sum()), cautions=cautions)


def first_component_weights(items: CrossProducts) -> tuple[float, ...]:
    """Weights from the first principal component of the correlations, in absolute value, summing to 1.

    References
    ----------
    Jolliffe, I. T. (2002). Principal Component Analysis, 2nd ed. Springer.

    Examples
    --------
    >>> first_component_weights(CrossProducts.of([[1, 1], [2, 2], [3, 2]]))
    (0.5, 0.5)
    """
    correlation = correlations(items)
    loadings = np.abs(np.linalg.eigh(correlation)[1][:, -1])
    return tuple(float(round(v, 15)) for v in loadings / loadings.sum())


def correlations(items: CrossProducts) -> Floats:
    """Correlation matrix; every variable must vary."""
    covariance = items.covariance
    sd = np.sqrt(np.diag(covariance))
    if (sd == 0).any():
        raise BadData("items", f"must vary: item {int(np.flatnonzero(sd == 0)[0])} does not")
    return np.asarray(covariance / np.outer(sd, sd))


def three_rates(
    *,
    accepted: float,
    responded: float,
    surveyed: float,
    solved: float,
    satisfied: float,
    weights: ArrayLike,
    confidence_level: float = 0.95,
) -> ThreeRates:
    """Hotline response, solution and satisfaction rates with Wilson intervals, and their weighted composite.

    The standard error takes the rates as independent; `se_upper_bound` as perfectly correlated: the truth lies between.

    Examples
    --------
    >>> rates = three_rates(accepted=400, responded=392, surveyed=400, solved=340, satisfied=336, weights=[10, 50, 40])
    >>> round(rates.composite.value, 6)
    85.9
    """
    w = weights_of(weights, 3)
    parts = [(responded, accepted), (solved, surveyed), (satisfied, surveyed)]
    rates = [_share(x, n, confidence_level) for x, n in parts]
    values = [r.value for r in rates if r.value is not None]
    if len(values) < 3:
        total, bound = Estimate("composite", None, reason="a rate has no cases"), None
    else:
        p, n = np.array(values), np.array([float(r.n) for r in rates])
        errors = w * np.sqrt(p * (1.0 - p) / n)
        total = Estimate("composite", 100.0 * float(w @ p), 100.0 * math.sqrt(float(errors @ errors)))
        bound = 100.0 * float(errors.sum())
    return ThreeRates(response=rates[0], solved=rates[1], satisfied=rates[2], composite=total, se_upper_bound=bound)


def weights_of(weights: ArrayLike, size: int) -> Floats:
    """Non-negative weights, scaled to sum to 1."""
    w = counts_of(weights, "weights")
    if w.size != size:
        raise BadData("weights", f"must be one per item: {size}, not {w.size}")
    if w.sum() <= 0:
        raise BadData("weights", "must not all be zero")
    return np.asarray(w / w.sum())


def _share(successes: float, n: float, confidence_level: float) -> Estimate:
    x, total = successes_of(successes, n)
    if total == 0:
        return Estimate("wilson", None, reason="no cases")
    p = x / total
    interval = wilson(x, total, confidence_level=confidence_level)
    return Estimate("wilson", p, math.sqrt(p * (1.0 - p) / total), interval, as_n(total))
