"""Rates of several groups: whether they are one rate, of single counts and of repeated units."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.checks import BadData, Floats, as_ns, floats, listed
from survey.analysis.distributions import chi2_sf, f_sf
from survey.analysis.results import Caution, EffectSize, TestResult
from survey.analysis.significance.one_sample import simulated
from survey.analysis.significance.registry import significance_test
from survey.analysis.stages import codes_of

SMALL = 5.0
OVERDISPERSED = 1.5


@significance_test(level="count", design="k-independent")
def k_rates(
    events: ArrayLike, exposure: ArrayLike, *, per: float = 1.0, draws: int = 9999, seed: int = 1
) -> TestResult:
    r"""Compare k Poisson rates: :math:`\chi^2=\sum(x_i-e_i)^2/e_i`, :math:`e_i=Xt_i/T`, Monte Carlo when small.

    Given all X events, those of the groups are multinomial with the shares of the exposure. The likelihood ratio
    :math:`G^2=2\sum x_i\ln(x_i/e_i)` stands beside it. Effect size: Cohen's w of these shares.

    Parameters
    ----------
    events, exposure
        One a group: how many events, out of how much. A group without exposure is left out with a caution.
    draws, seed
        Multinomial samples, used when fewer than 5 events are expected in a group; the seed is in the result.

    Notes
    -----
    Assumes independent events: whether they are more dispersed cannot be seen in one count a group. Where there are
    counts of several units or periods a group, `quasi_poisson_k_rates`.

    References
    ----------
    Pearson, K. (1900). Philosophical Magazine 50, 157-175. Przyborowski, J. & Wilenski, H. (1940). Biometrika 31,
    313-323.

    Examples
    --------
    >>> result = k_rates([45, 31, 60], [12000, 14500, 15000])
    >>> round(result.statistic, 4), round(result.pvalue, 5), round(result.details["likelihood_ratio"], 4)
    (8.9527, 0.01137, 9.5698)
    """
    x, t = _counts(events, exposure)
    seen = t > 0
    left_out = (Caution("empty-group", {"groups": int((~seen).sum())}),) if not seen.all() else ()
    if seen.sum() < 2 or x.sum() == 0:
        code, reason = ("empty-group", "fewer than two groups have exposure") if seen.sum() < 2 else _NO_EVENTS
        return TestResult(test="k_rates", n=as_ns(x), cautions=(Caution(code),), reason=reason)
    k, total, share = x[seen], float(x.sum()), t[seen] / t[seen].sum()
    expected = total * share
    statistic, df = float(((k - expected) ** 2 / expected).sum()), k.size - 1.0
    asymptotic, smallest = chi2_sf(statistic, df), float(expected.min())
    small = smallest < SMALL and total < 1e7
    return TestResult(
        test="k_rates",
        statistic=statistic,
        pvalue=simulated(statistic, int(total), share.tolist(), draws, seed) if small else asymptotic,
        df=df,
        effect_size=EffectSize("Cohen's w", math.sqrt(statistic / total)),
        n=as_ns(x),
        rule={"pvalue": f"Monte Carlo, {draws} draws, seed {seed}" if small else "chi-squared"},
        details={
            "rate": [per * float(a / b) if b > 0 else None for a, b in zip(x, t, strict=True)],
            "expected": listed(expected),
            "likelihood_ratio": _deviance(k, expected),
            "pvalue_chi2": asymptotic,
            "pvalue_likelihood_ratio": chi2_sf(_deviance(k, expected), df),
        },
        cautions=(*left_out, *((Caution("small-expected", {"min_expected": smallest}),) if smallest < SMALL else ())),
    )


@significance_test(level="count", design="k-independent")
def quasi_poisson_k_rates(events: ArrayLike, exposure: ArrayLike, group: ArrayLike, *, per: float = 1.0) -> TestResult:
    r"""Compare k rates over repeated units whose variance is :math:`\phi` times Poisson's: F of the deviances.

    :math:`F=\frac{D_0-D_1}{(k-1)\hat\phi}` on k - 1 and U - k, :math:`\hat\phi=\sum(x_u-\mu_u)^2/\mu_u/(U-k)`: what R's
    `anova(glm(family = quasipoisson), test = "F")` gives. Effect size: the share of the deviance between the groups.

    Parameters
    ----------
    events, exposure, group
        One entry a unit, such as a hall in a month: how many events, out of how much, and its group.

    Notes
    -----
    Assumes independent units and a variance in proportion to the mean. Beyond 1.5 times Poisson's there is a caution,
    `overdispersed`: then `k_rates` of the sums would be too sure.

    References
    ----------
    Wedderburn, R. W. M. (1974). Biometrika 61(3), 439-447. McCullagh, P. & Nelder, J. A. (1989). Generalized Linear
    Models, chapter 6.

    Examples
    --------
    >>> result = quasi_poisson_k_rates([12, 30, 9, 25, 8, 11, 4, 13, 3], [100] * 9, list("aaabbbccc"))
    >>> round(result.statistic, 4), round(result.details["dispersion"], 4), result.df
    (1.287, 5.9173, (2.0, 6.0))
    """
    x, t = _counts(events, exposure)
    if (t <= 0).any():
        raise BadData("exposure", "must be above 0 for each unit")
    codes = codes_of(group, x.size, "group")
    sums, times = np.bincount(codes, weights=x), np.bincount(codes, weights=t)
    df = (sums.size - 1.0, float(x.size - sums.size))
    code, reason = _NO_EVENTS if x.sum() == 0 else ("", "")
    if sums.size < 2 or df[1] < 2:
        code, reason = ("empty-group", "one group only") if sums.size < 2 else ("too-few", "too few units a group")
    mean = (sums / times)[codes] * t
    dispersion = 0.0 if code else float(((x - mean) ** 2 / np.where(mean > 0, mean, 1.0)).sum()) / df[1]
    if code or dispersion == 0.0:
        code, reason = (code, reason) if code else ("no-variance", "the units of a group do not vary")
        return TestResult(test="quasi_poisson_k_rates", n=as_ns(sums), cautions=(Caution(code),), reason=reason)
    within, whole = _deviance(x, mean), _deviance(x, x.sum() / t.sum() * t)
    statistic = max(0.0, whole - within) / df[0] / dispersion
    over = (Caution("overdispersed", {"dispersion": dispersion}),) if dispersion > OVERDISPERSED else ()
    return TestResult(
        test="quasi_poisson_k_rates",
        statistic=statistic,
        pvalue=f_sf(statistic, *df),
        df=df,
        effect_size=EffectSize("share of the deviance between groups", max(0.0, 1.0 - within / whole)),
        n=as_ns(sums),
        rule={"variance": "Pearson dispersion times the mean"},
        details={"rate": listed(per * sums / times), "dispersion": dispersion, "units": float(x.size)},
        cautions=over,
    )


_NO_EVENTS = ("no-events", "no events")


def _deviance(x: Floats, mean: Floats) -> float:
    """Of Poisson's law."""
    return 2.0 * float((special.xlogy(x, x / np.where(mean > 0, mean, 1.0)) - (x - mean)).sum())


def _counts(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    x, t = floats(events, "events"), floats(exposure, "exposure")
    if x.size == 0 or (x < 0).any() or (x != np.floor(x)).any():
        raise BadData("events", "must be whole numbers, not negative")
    if t.size != x.size or (t < 0).any() or ((t == 0) & (x > 0)).any():
        raise BadData("exposure", "must be one for each count, above 0 where there are events")
    return x, t
