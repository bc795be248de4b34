"""Many regions or offices beside each other: which differ from the whole by more than chance.

No ranking: with few answers each, the first and the last are mostly the smallest.
"""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, counts_of, floats
from survey.analysis.distributions import critical_z, z_pvalue
from survey.analysis.multiplicity import adjust
from survey.analysis.results import Caution, ConfInt

WARNING, ALARM = 0.95, 0.998
"""The two control limits of a funnel: about two and three standard deviations."""
WINSORISED = 0.1
"""This share of the most extreme units at each end does not decide how much all of them vary."""


class Unit(Struct, frozen=True, kw_only=True):
    """One unit in a funnel. `z` is its distance from the whole, `qvalue` its p-value adjusted for there being many."""

    value: float | None
    warning: ConfInt | None = None
    alarm: ConfInt | None = None
    z: float | None = None
    pvalue: float | None = None
    qvalue: float | None = None
    reason: str | None = None


class Funnel(Struct, frozen=True, kw_only=True):
    """All units about the value of the whole; limits hold `dispersion` times the variance of chance, if above 1."""

    method: str
    version: int = 1
    center: float | None
    dispersion: float | None
    units: tuple[Unit, ...]
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


def funnel_of_shares(successes: ArrayLike, n: ArrayLike) -> Funnel:
    r"""Shares of many units within control limits about their common share :math:`\theta`.

    :math:`z_i=(p_i-\theta)/\sqrt{\theta(1-\theta)/n_i}`, limits
    :math:`\theta\pm z\sqrt{\hat\phi\,\theta(1-\theta)/n_i}` with :math:`\hat\phi` the mean of the winsorised
    :math:`z_i^2`, if above 1. q-values by Benjamini and Hochberg.

    References
    ----------
    Spiegelhalter, D. J. (2005). Statistics in Medicine 24(8), 1185-1202.

    Examples
    --------
    >>> found = funnel_of_shares([80, 85, 78, 82, 30], [100, 100, 100, 100, 60])
    >>> round(found.center, 4), [round(unit.z, 2) for unit in found.units]
    (0.7717, [0.67, 1.86, 0.2, 1.15, -5.02])
    """
    x, size = shares_of(successes, n)
    total = float(size.sum())
    center = float(x.sum()) / total if total else None
    if center is None or center in (0.0, 1.0):
        why = "no answers" if center is None else "every answer is the same"
        return _flat("funnel-share", center, size, why)
    variance = np.divide(center * (1.0 - center), size, out=np.zeros_like(size), where=size > 0)
    values = np.divide(x, size, out=np.zeros_like(size), where=size > 0)
    return _funnel("funnel-share", values, variance, size > 0, center, (0.0, 1.0))


def funnel_of_means(mean: ArrayLike, variance: ArrayLike, n: ArrayLike) -> Funnel:
    r"""Means of many units within control limits about the mean of all answers, with one variance within units.

    As `funnel_of_shares`, with :math:`s^2/n_i`, :math:`s^2` pooled over the units.

    Parameters
    ----------
    mean, variance, n
        Of each unit: mean, unbiased variance and number of its answers.

    References
    ----------
    Spiegelhalter, D. J. (2005). Statistics in Medicine 24(8), 1185-1202.

    Examples
    --------
    >>> found = funnel_of_means([80.0, 84.0, 70.0], [400.0, 380.0, 420.0], [100, 50, 100])
    >>> round(found.center, 2), round(found.units[2].z, 2)
    (76.8, -3.38)
    """
    m, v, size = _means(mean, variance, n)
    inner = size > 1
    pooled = float((v[inner] * (size[inner] - 1.0)).sum() / (size[inner] - 1.0).sum()) if inner.any() else 0.0
    total = float(size.sum())
    center = float(m @ size) / total if total else None
    if center is None or pooled <= 0.0:
        return _flat(
            "funnel-mean", center, size, "no answers" if center is None else "answers within units do not vary"
        )
    spread = np.divide(pooled, size, out=np.zeros_like(size), where=size > 0)
    return _funnel("funnel-mean", m, spread, size > 0, center, (-math.inf, math.inf))


def _funnel(
    method: str, values: Floats, variance: Floats, seen: NDArray[np.bool_],
    center: float, bounds: tuple[float, float],
) -> Funnel:  # fmt: skip
    z = (values[seen] - center) / np.sqrt(variance[seen])
    low, high = np.quantile(z, [WINSORISED, 1.0 - WINSORISED])
    dispersion = float((np.clip(z, low, high) ** 2).mean())
    factor = max(1.0, dispersion) if z.size > 1 else 1.0
    pvalues = [z_pvalue(float(each) / math.sqrt(factor)) for each in z]
    found = iter(zip(z.tolist(), pvalues, adjust(pvalues, "bh"), strict=True))
    units = []
    for value, each, known in zip(values.tolist(), variance.tolist(), seen.tolist(), strict=True):
        if not known:
            units.append(Unit(value=None, reason="no answers"))
            continue
        distance, pvalue, qvalue = next(found)
        warning, alarm = (_limits(center, math.sqrt(factor * each), level, bounds) for level in (WARNING, ALARM))
        units.append(Unit(value=value, warning=warning, alarm=alarm, z=distance, pvalue=pvalue, qvalue=qvalue))
    over = (Caution("overdispersed", {"dispersion": dispersion}),) if factor > 1.0 else ()
    return Funnel(method=method, center=center, dispersion=dispersion, units=tuple(units), cautions=over)


def _limits(center: float, se: float, level: float, bounds: tuple[float, float]) -> ConfInt:
    half = critical_z(level) * se
    return ConfInt(max(bounds[0], center - half), min(bounds[1], center + half), level, "control-limit")


def shares_of(successes: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    x, size = counts_of(successes, "successes"), counts_of(n, "n")
    if x.size != size.size or (x > size).any():
        raise BadData("successes", "must be one a unit and not exceed n")
    return x, size


def _means(mean: ArrayLike, variance: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    m, v, size = floats(mean, "mean"), floats(variance, "variance"), counts_of(n, "n")
    if not m.size == v.size == size.size:
        raise BadData("n", "must be one a unit, like mean and variance")
    if (v < 0).any():
        raise BadData("variance", "must not be negative")
    return m, v, size


def _flat(method: str, center: float | None, size: Floats, why: str) -> Funnel:
    units = tuple(Unit(value=None if n == 0 else center, reason=why) for n in size)
    return Funnel(method=method, center=center, dispersion=None, units=units, reason=why)
