"""Events per exposure: complaints per ten thousand services."""

import math

from scipy import special

from survey.analysis.binomial import binomial_test
from survey.analysis.checks import BadData, as_n, floats, in_open_unit, two_counts
from survey.analysis.distributions import z_pvalue
from survey.analysis.proportions import clopper_pearson
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, Estimate, TestResult
from survey.analysis.significance.registry import significance_test

MANY = 1e5
"""From so many events on the terms of the logarithm of a Poisson probability lose the digits they are read by."""


def rate(events: float, exposure: float, *, per: float = 1.0, confidence_level: float = 0.95) -> Estimate:
    r"""Poisson rate with Garwood's exact interval, from chi-squared quantiles.

    References
    ----------
    Garwood, F. (1936). Biometrika 28, 437-442.

    Examples
    --------
    >>> r = rate(45, 12000, per=10000)
    >>> r.value, round(r.confint.low, 4), round(r.confint.high, 3)
    (37.5, 27.3528, 50.178)
    """
    in_open_unit(confidence_level, "confidence_level")
    x, t = _valid(events, exposure)
    if t == 0:
        return Estimate("garwood", None, reason="no exposure")
    tail = (1.0 - confidence_level) / 2.0
    low = 0.0 if x == 0 else float(special.gammaincinv(x, tail))
    high = float(special.gammainccinv(x + 1.0, tail))
    interval = ConfInt(per * low / t, per * high / t, confidence_level, "garwood")
    return Estimate("garwood", per * x / t, per * math.sqrt(x) / t, interval, as_n(x))


@significance_test(level="count", design="two-independent")
def two_rates(
    events: tuple[float, float],
    exposure: tuple[float, float],
    *,
    per: float = 1.0,
    alternative: Alternative = "two-sided",
    confidence_level: float = 0.95,
) -> TestResult:
    r"""Compare two Poisson rates by the exact conditional test: given all events, the first group's are binomial.

    The rate ratio has the exact conditional interval.

    Notes
    -----
    Assumes independent events; many events of one person or day make them overdispersed and p too small.

    References
    ----------
    Przyborowski, J. & Wilenski, H. (1940). Biometrika 31, 313-323.

    Examples
    --------
    >>> round(two_rates((45, 31), (12000, 14500)).pvalue, 7)
    0.0155571
    """
    in_open_unit(confidence_level, "confidence_level")
    two_counts(events, "events")
    two_counts(exposure, "exposure")
    (x1, t1), (x2, t2) = (_valid(x, t) for x, t in zip(events, exposure, strict=True))
    total = x1 + x2
    if min(t1, t2) == 0 or total == 0:
        return TestResult(
            test="two_rates", alternative=alternative, n=(as_n(x1), as_n(x2)),
            cautions=(Caution("empty-group" if min(t1, t2) == 0 else "no-events"),),
            reason="a group has no exposure" if min(t1, t2) == 0 else "no events",
        )  # fmt: skip
    share = clopper_pearson(x1, total, confidence_level=confidence_level)
    low = share.low / (1.0 - share.low) * t2 / t1
    ratio = None if x2 == 0 else x1 / t1 / (x2 / t2)
    high = None if x2 == 0 else share.high / (1.0 - share.high) * t2 / t1
    interval = None if high is None else ConfInt(low, high, confidence_level, "exact-conditional")
    z = None if min(x1, x2) == 0 else math.log(x1 / t1 * t2 / x2) / math.sqrt(1.0 / x1 + 1.0 / x2)
    return TestResult(
        test="two_rates",
        statistic=x1,
        pvalue=binomial_test(x1, total, t1 / (t1 + t2), alternative),
        alternative=alternative,
        effect_size=EffectSize("rate ratio", ratio, interval),
        difference=Difference(per * (x1 / t1 - x2 / t2), unit=f"per {per:g}"),
        n=(as_n(x1), as_n(x2)),
        rule={"pvalue": "exact conditional binomial"},
        details={"z_log_wald": z, "pvalue_log_wald": None if z is None else z_pvalue(z, alternative)},
    )


@significance_test(level="count", design="one-sample")
def one_rate(
    events: float, exposure: float, target: float, *, per: float = 1.0, confidence_level: float = 0.95
) -> TestResult:
    r"""Hold a Poisson rate against a target: exact two-sided test, Garwood's interval.

    The p-value is the probability, under the target, of all counts that are no likelier than the one seen.

    Notes
    -----
    Assumes independent events; many events of one person or day make p too small.

    References
    ----------
    Garwood, F. (1936). Biometrika 28, 437-442.

    Examples
    --------
    >>> round(one_rate(137, 24.19893, 1.0).pvalue, 10), round(one_rate(11, 800, 0.01).pvalue, 4)
    (0.0, 0.2837)
    """
    found = rate(events, exposure, per=per, confidence_level=confidence_level)
    x, t = _valid(events, exposure)
    goal = float(floats([target], "target")[0])
    if goal <= 0.0:
        raise BadData("target", "must be above 0")
    if found.value is None:
        return TestResult(test="one_rate", n=(as_n(x),), cautions=(Caution("empty-group"),), reason=found.reason)
    expected = goal / per * t
    interval = found.confint
    limits = None if interval is None else ConfInt(interval.low - goal, interval.high - goal, interval.level, "garwood")
    return TestResult(
        test="one_rate",
        statistic=x,
        pvalue=_poisson_pvalue(x, expected),
        effect_size=EffectSize("rate ratio to target", found.value / goal),
        difference=Difference(found.value - goal, limits, f"per {per:g}"),
        n=(as_n(x),),
        rule={"pvalue": "exact Poisson, no likelier counts"},
        details={"expected": expected},
    )


def _log_mass(mean: float, count: float) -> float:
    """Of Poisson's law; by Loader's saddle point where the terms are too large to be subtracted."""
    if count < MANY:
        return count * math.log(mean) - mean - float(special.gammaln(count + 1.0))
    away = count - mean
    deviance = count * math.log1p(away / mean) - away
    return -deviance - 0.5 * math.log(2.0 * math.pi * count) - 1.0 / (12.0 * count)


def _poisson_pvalue(x: float, mean: float) -> float:
    """All counts that are no likelier than x, by the tail of x and, found by halving, the tail across."""
    if mean == 0.0:
        return 1.0 if x == 0.0 else 0.0

    seen = _log_mass(mean, x) + 1e-7
    mode = math.floor(mean)
    if _log_mass(mean, mode) <= seen:
        return 1.0
    if x > mean:
        low, high = -1.0, float(mode)  # the last count below that is no likelier; -1 for none
        while high - low > 1.0:
            middle = math.floor((low + high) / 2.0)
            low, high = (middle, high) if _log_mass(mean, middle) <= seen else (low, middle)
        across = 0.0 if low < 0 else float(special.pdtr(low, mean))
        return min(1.0, float(special.gammainc(x, mean)) + across)
    low, high = float(mode), 2.0 * mean + 10.0  # the first count above that is no likelier
    while _log_mass(mean, math.floor(high)) > seen:
        high *= 2.0
    high = math.floor(high)
    while high - low > 1.0:
        middle = math.floor((low + high) / 2.0)
        low, high = (low, middle) if _log_mass(mean, middle) <= seen else (middle, high)
    return min(1.0, float(special.pdtr(x, mean)) + float(special.gammainc(high, mean)))


def overdispersion(events: list[float], exposure: list[float]) -> float | None:
    """Pearson chi-squared over degrees of freedom of one common rate; above 1.5 events cluster."""
    x, t = floats(events, "events"), floats(exposure, "exposure")
    if x.size < 2 or (t <= 0).any() or x.sum() == 0:
        return None
    expected = t * (x.sum() / t.sum())
    return float(((x - expected) ** 2 / expected).sum()) / (x.size - 1.0)


def _valid(events: float, exposure: float) -> tuple[float, float]:
    x, t = floats([events, exposure], "events and exposure").tolist()
    if x < 0 or not x.is_integer():
        raise BadData("events", "must be a whole number, not negative")
    if t < 0:
        raise BadData("exposure", "must not be negative")
    return x, t
