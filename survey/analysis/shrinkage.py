"""Many regions or offices beside each other: what remains of each when chance is taken out (empirical Bayes)."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.checks import BadData, Floats, floats, in_open_unit
from survey.analysis.distributions import critical_z
from survey.analysis.funnels import shares_of
from survey.analysis.results import ConfInt


class Shrunken(Struct, frozen=True, kw_only=True):
    """A unit's value drawn towards the whole as far as chance explains it: `reliability` of its own value stays."""

    value: float | None
    reliability: float | None = None
    confint: ConfInt | None = None
    reason: str | None = None


class Shrinkage(Struct, frozen=True, kw_only=True):
    """All units shrunken; `spread` is the standard deviation between units that chance does not explain."""

    method: str
    version: int = 1
    center: float | None
    spread: float | None
    units: tuple[Shrunken, ...]
    reason: str | None = None


def shrink_shares(successes: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Shrinkage:
    r"""Empirical Bayes for shares: a beta law between units, by moments.

    :math:`\hat p_i=(x_i+m\theta)/(n_i+m)`, reliability :math:`n_i/(n_i+m)`; :math:`m` from Kleinman's moments,
    :math:`\hat\rho=1/(m+1)` the correlation of two answers of one unit. Intervals are quantiles of the beta posterior.

    Notes
    -----
    The intervals take :math:`\theta` and :math:`m` as known: with fewer than about ten units they are too short.

    References
    ----------
    Kleinman, J. C. (1973). Journal of the American Statistical Association 68(341), 46-54.

    Examples
    --------
    >>> found = shrink_shares([80, 85, 78, 82, 30], [100, 100, 100, 100, 60])
    >>> [round(unit.value, 3) for unit in found.units]
    [0.797, 0.841, 0.779, 0.815, 0.547]
    """
    in_open_unit(confidence_level, "confidence_level")
    x, size = shares_of(successes, n)
    seen = size > 0
    if int(seen.sum()) < 2:
        return Shrinkage(
            method="beta-binomial", center=None, spread=None, units=_none(size, "fewer than two units have answers"),
            reason="fewer than two units have answers",
        )  # fmt: skip
    center = float(x.sum() / size.sum())
    rho = _intraclass(x[seen], size[seen], center)
    tail = (1.0 - confidence_level) / 2.0
    units = [
        _beta_unit(float(xi), float(ni), center, rho, tail) if ni > 0 else Shrunken(value=None, reason="no answers")
        for xi, ni in zip(x, size, strict=True)
    ]
    spread = math.sqrt(rho * center * (1.0 - center))
    return Shrinkage(method="beta-binomial", center=center, spread=spread, units=tuple(units))


def shrink_means(mean: ArrayLike, se: ArrayLike, *, confidence_level: float = 0.95) -> Shrinkage:
    r"""Empirical Bayes for means: a normal law between units, :math:`\tau^2` by DerSimonian and Laird.

    :math:`\hat\mu_i=B_i y_i+(1-B_i)\mu` with reliability :math:`B_i=\tau^2/(\tau^2+s_i^2)`; the interval is that of the
    normal posterior, and allows for :math:`\mu` being estimated.

    References
    ----------
    DerSimonian, R. & Laird, N. (1986). Controlled Clinical Trials 7(3), 177-188.
    Morris, C. N. (1983). Journal of the American Statistical Association 78(381), 47-55.

    Examples
    --------
    >>> found = shrink_means([80.0, 84.0, 70.0, 76.0], [2.0, 4.0, 2.0, 3.0])
    >>> [round(unit.value, 2) for unit in found.units], round(found.spread, 3)
    ([79.66, 81.6, 70.83, 76.25], 5.493)
    """
    in_open_unit(confidence_level, "confidence_level")
    y, s = floats(mean, "mean"), floats(se, "se")
    if s.size != y.size or (s <= 0).any():
        raise BadData("se", "must be one a unit, above 0")
    if y.size < 2:
        why = "fewer than two units"
        return Shrinkage(method="normal-normal", center=None, spread=None, units=_none(y, why), reason=why)
    weight = 1.0 / s**2
    fixed = float(weight @ y / weight.sum())
    q = float(weight @ (y - fixed) ** 2)
    excess = (q - (y.size - 1.0)) / float(weight.sum() - (weight**2).sum() / weight.sum())
    tau2 = max(0.0, excess)
    total = 1.0 / (tau2 + s**2)
    center, center_variance = float(total @ y / total.sum()), 1.0 / float(total.sum())
    reliability = tau2 / (tau2 + s**2)
    value = reliability * y + (1.0 - reliability) * center
    posterior = np.sqrt(reliability * s**2 + (1.0 - reliability) ** 2 * center_variance)
    half = critical_z(confidence_level) * posterior
    units = tuple(
        Shrunken(value=v, reliability=r, confint=ConfInt(v - h, v + h, confidence_level, "empirical-bayes"))
        for v, r, h in zip(value.tolist(), reliability.tolist(), half.tolist(), strict=True)
    )
    return Shrinkage(method="normal-normal", center=center, spread=math.sqrt(tau2), units=units)


def _intraclass(x: Floats, size: Floats, center: float) -> float:
    """Kleinman's moments with weights n; between 0 (units differ by chance alone) and 1."""
    if center in (0.0, 1.0):
        return 0.0
    total, k = float(size.sum()), float(size.size)
    between = float((size * (x / size - center) ** 2).sum())
    chance = center * (1.0 - center)
    effective = total - float((size**2).sum()) / total
    rho = (between / chance - (k - 1.0)) / (effective - (k - 1.0)) if effective > k - 1.0 else 0.0
    return min(1.0 - 1e-9, max(0.0, rho))


def _beta_unit(x: float, n: float, center: float, rho: float, tail: float) -> Shrunken:
    if rho == 0.0 or center in (0.0, 1.0):
        return Shrunken(value=center, reliability=0.0, reason="units differ no more than by chance")
    strength = (1.0 - rho) / rho
    a, b = x + strength * center, n - x + strength * (1.0 - center)
    low, high = special.betaincinv(a, b, [tail, 1.0 - tail]).tolist()
    limits = ConfInt(low, high, 1.0 - 2.0 * tail, "empirical-bayes")
    return Shrunken(value=a / (a + b), reliability=n / (n + strength), confint=limits)


def _none(size: Floats, why: str) -> tuple[Shrunken, ...]:
    return tuple(Shrunken(value=None, reason=why) for _ in size)
