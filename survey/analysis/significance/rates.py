"""Events per exposure: complaints per ten thousand services."""

import math

from scipy import special

from survey.analysis.binomial import binomial_test
from survey.analysis.checks import BadData, as_n, floats, in_open_unit
from survey.analysis.distributions import z_pvalue
from survey.analysis.proportions import clopper_pearson
from survey.analysis.results import Alternative, Caution, ConfInt, Difference, EffectSize, Estimate, TestResult
from survey.analysis.significance.registry import significance_test


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
