"""Rates of repeated units, such as halls by month, whose events cluster more than Poisson's law allows."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from survey.analysis.checks import BadData, Floats, as_ns, floats, in_open_unit
from survey.analysis.distributions import chi2_sf, critical_t, critical_z, t_pvalue, z_pvalue
from survey.analysis.results import Caution, ConfInt, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test

Mask = NDArray[np.bool_]
FEW_UNITS = 20
STEPS = 50
LEAST, MOST = 1e-8, 1e6
"""Dispersions looked at: below, the counts are Poisson's; above, nothing can be told."""


class _Units(NamedTuple):
    events: Floats
    exposure: Floats
    first: Mask

    @property
    def totals(self) -> tuple[float, float]:
        return float(self.events[self.first].sum()), float(self.events[~self.first].sum())

    @property
    def rates(self) -> tuple[float, float]:
        """Events per exposure of both groups together."""
        x1, x2 = self.totals
        return x1 / float(self.exposure[self.first].sum()), x2 / float(self.exposure[~self.first].sum())


@significance_test(level="count", design="two-independent")
def quasi_poisson_rates(
    events: ArrayLike, exposure: ArrayLike, group: ArrayLike, *, confidence_level: float = 0.95
) -> TestResult:
    r"""Compare two rates over repeated units whose variance is :math:`\phi` times Poisson's.

    :math:`\ln(r_1/r_2)` with standard error :math:`\sqrt{\hat\phi(1/x_1+1/x_2)}` and t on units - 2 df;
    :math:`\hat\phi=\sum(x_u-\mu_u)^2/\mu_u/(U-2)`: what R's `glm(family = quasipoisson)` gives.

    Parameters
    ----------
    events, exposure, group
        One entry a unit: how many events, out of how much, and the group, 0 the first and 1 the second.

    Notes
    -----
    Assumes independent units and a variance in proportion to the mean. Where it grows with the square of the mean,
    `negative_binomial_rates` fits better. For single counts without repetition there is only `two_rates`.

    References
    ----------
    Wedderburn, R. W. M. (1974). Biometrika 61(3), 439-447.

    Examples
    --------
    >>> result = quasi_poisson_rates([12, 30, 9, 25, 8, 11, 4, 13], [100] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    >>> round(result.effect_size.value, 4), round(result.details["dispersion"], 4), round(result.pvalue, 5)
    (2.1111, 3.5361, 0.09716)
    """
    in_open_unit(confidence_level, "confidence_level")
    units = _units(events, exposure, group)
    if (refused := _refused("quasi_poisson_rates", units)) is not None:
        return refused
    (x1, x2), (r1, r2) = units.totals, units.rates
    expected = units.exposure * np.where(units.first, r1, r2)
    df = units.events.size - 2.0
    dispersion = float(((units.events - expected) ** 2 / expected).sum()) / df
    if dispersion == 0.0:
        return _nothing("quasi_poisson_rates", units, "no-variance", "the units of a group do not vary")
    log_ratio, se = math.log(r1 / r2), math.sqrt(dispersion * (1.0 / x1 + 1.0 / x2))
    return TestResult(
        test="quasi_poisson_rates",
        statistic=log_ratio / se,
        pvalue=t_pvalue(log_ratio / se, df),
        df=df,
        effect_size=_ratio(log_ratio, critical_t(confidence_level, df) * se, confidence_level),
        n=as_ns((x1, x2)),
        rule={"variance": "Pearson dispersion times the mean"},
        details={"dispersion": dispersion, "se_log_ratio": se, "units": float(units.events.size)},
    )


@significance_test(level="count", design="two-independent")
def negative_binomial_rates(
    events: ArrayLike, exposure: ArrayLike, group: ArrayLike, *, confidence_level: float = 0.95
) -> TestResult:
    r"""Compare two rates over repeated units whose variance is :math:`\mu+\alpha\mu^2`: likelihood ratio.

    :math:`2(\ell_1-\ell_0)` is chi-squared with 1 df, :math:`\alpha` being estimated by maximum likelihood with one
    rate and with two; the rate ratio has Wald's interval with the expected information, as R's `MASS::glm.nb`.

    Parameters
    ----------
    events, exposure, group
        One entry a unit: how many events, out of how much, and the group, 0 the first and 1 the second.

    Notes
    -----
    Assumes independent units. With fewer than 20 units maximum likelihood is too hopeful: there is a caution.

    References
    ----------
    Lawless, J. F. (1987). Canadian Journal of Statistics 15(3), 209-225. Venables, W. N. & Ripley, B. D. (2002).
    Modern Applied Statistics with S, section 7.4.

    Examples
    --------
    >>> result = negative_binomial_rates([12, 30, 9, 25, 8, 11, 4, 13], [100] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    >>> round(result.effect_size.value, 4), round(result.statistic, 3)
    (2.1111, 4.149)
    """
    in_open_unit(confidence_level, "confidence_level")
    units = _units(events, exposure, group)
    if (refused := _refused("negative_binomial_rates", units)) is not None:
        return refused
    both: list[Mask] = [np.ones(units.events.size, dtype=np.bool_)]
    apart = [units.first, ~units.first]
    null, _ = _fit(units, both)
    likelihood, alpha = _fit(units, apart)
    means = _means(units, apart, alpha)
    log_ratio = math.log(_rate(units, units.first, alpha) / _rate(units, ~units.first, alpha))
    information = [float((means[part] / (1.0 + alpha * means[part])).sum()) for part in apart]
    se = math.sqrt(sum(1.0 / each for each in information))
    statistic = max(0.0, 2.0 * (likelihood - null))
    x1, x2 = units.totals
    few = units.events.size < FEW_UNITS
    return TestResult(
        test="negative_binomial_rates",
        statistic=statistic,
        pvalue=chi2_sf(statistic, 1.0),
        df=1.0,
        effect_size=_ratio(log_ratio, critical_z(confidence_level) * se, confidence_level),
        n=as_ns((x1, x2)),
        rule={"variance": "mean + alpha mean squared", "estimation": "maximum likelihood"},
        details={
            "alpha": alpha if alpha > 10.0 * LEAST else 0.0,
            "se_log_ratio": se,
            "pvalue_wald": z_pvalue(log_ratio / se),
            "units": float(units.events.size),
        },
        cautions=(Caution("few-clusters", {"clusters": units.events.size}),) if few else (),
    )


def _fit(units: _Units, parts: list[Mask]) -> tuple[float, float]:
    """The largest log-likelihood over the dispersion, and that dispersion."""

    def loss(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        return -_log_likelihood(units.events, _means(units, parts, alpha), alpha)

    # the likelihood may be flat towards 0: look coarsely first
    grid = np.linspace(math.log(LEAST), math.log(MOST), 17)
    best = int(np.argmin([loss(point) for point in grid]))
    low, high = grid[max(0, best - 1)], grid[min(grid.size - 1, best + 1)]
    found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    return -float(found.fun), math.exp(float(found.x))


def _log_likelihood(x: Floats, mean: Floats, alpha: float) -> float:
    size = 1.0 / alpha
    # ln(1 + alpha mean) keeps its digits for small alpha only as log1p
    log1p = np.log1p(alpha * mean)
    terms = special.gammaln(x + size) - special.gammaln(size) - special.gammaln(x + 1.0)
    return float((terms + x * (np.log(alpha * mean) - log1p) - size * log1p).sum())


def _means(units: _Units, parts: list[Mask], alpha: float) -> Floats:
    means = np.empty(units.events.size)
    for part in parts:
        means[part] = _rate(units, part, alpha) * units.exposure[part]
    return means


def _rate(units: _Units, part: Mask, alpha: float) -> float:
    """The rate of one group: the root of sum (x - rt) / (1 + alpha r t), which falls in r."""
    x, t = units.events[part], units.exposure[part]
    crude = float(x.sum() / t.sum())
    if t.min() == t.max():
        return crude
    rate = crude
    for _ in range(STEPS):  # Fisher's scoring of its logarithm
        mean = rate * t
        weight = 1.0 + alpha * mean
        step = float(((x - mean) / weight).sum()) / float((mean / weight).sum())
        rate *= math.exp(max(-1.0, min(1.0, step)))
        if abs(step) < 1e-13:
            break
    return rate


def _units(events: ArrayLike, exposure: ArrayLike, group: ArrayLike) -> _Units:
    x, t, g = floats(events, "events"), floats(exposure, "exposure"), floats(group, "group")
    if (x < 0).any() or (x != np.floor(x)).any():
        raise BadData("events", "must be whole numbers, not negative")
    if t.size != x.size or (t <= 0).any():
        raise BadData("exposure", "must be one a unit, above 0")
    if g.size != x.size or not np.isin(g, (0.0, 1.0)).all():
        raise BadData("group", "must be 0 or 1 for each unit")
    return _Units(x, t, g == 0.0)


def _refused(test: str, units: _Units) -> TestResult | None:
    inside = int(units.first.sum())
    if min(inside, units.events.size - inside) == 0:
        return _nothing(test, units, "empty-group", "a group has no units")
    if units.events.size < 4:
        return _nothing(test, units, "too-few", "fewer than four units")
    if min(units.totals) == 0.0:
        return _nothing(test, units, "no-events", "a group has no events")
    return None


def _nothing(test: str, units: _Units, code: str, reason: str) -> TestResult:
    return TestResult(test=test, n=as_ns(units.totals), cautions=(Caution(code),), reason=reason)


def _ratio(log_ratio: float, half: float, level: float) -> EffectSize:
    limits = ConfInt(_exp(log_ratio - half), _exp(log_ratio + half), level, "wald-log")
    return EffectSize("rate ratio", _exp(log_ratio), limits)


def _exp(value: float) -> float:
    """Limits that no number can hold are the largest there is."""
    return math.exp(min(value, 700.0))
