"""How many answers are needed, and what a sample can show."""

import functools
import math
from collections.abc import Callable

from scipy import special

from survey.analysis.checks import BadData, at_least, checked, finite, in_open_unit, in_unit, positive
from survey.analysis.distributions import (
    chi2_quantile,
    critical_t,
    f_quantile,
    noncentral_chi2_cdf,
    noncentral_t_cdf,
    normal_quantile,
    root,
)
from survey.analysis.effects import cohens_h

LEVELS = {"power": in_open_unit, "significance_level": in_open_unit}
LARGEST = 1e12
CERTAIN = 1e5  # a noncentrality beyond which the power is 1 whatever the degrees of freedom


@checked(p1=in_open_unit, p2=in_open_unit, n=positive, significance_level=in_open_unit)
def power_two_proportions(
    p1: float, p2: float, n: float, *, significance_level: float = 0.05, both_tails: bool = False
) -> float:
    r"""Power of comparing two shares with n per group:
    :math:`\Phi((\sqrt n|d|-z\sqrt{(p_1+p_2)(1-(p_1+p_2)/2)})/\sqrt{p_1q_1+p_2q_2})`.

    References
    ----------
    Fleiss, J. L., Levin, B. & Paik, M. C. (2003). Statistical Methods for Rates and Proportions, 3rd ed., chapter 4.

    Examples
    --------
    >>> round(power_two_proportions(0.7, 0.75, 400), 6)
    0.353109
    """
    z, total = normal_quantile(1.0 - significance_level / 2.0), p1 + p2
    null = z * math.sqrt(total * (1.0 - total / 2.0))
    spread = math.sqrt(p1 * (1.0 - p1) + p2 * (1.0 - p2))
    gap = math.sqrt(n) * abs(p1 - p2)
    power = float(special.ndtr((gap - null) / spread))
    return power + float(special.ndtr((-gap - null) / spread)) if both_tails else power


@checked(p1=in_open_unit, p2=in_open_unit, **LEVELS)
def n_two_proportions(p1: float, p2: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Answers per group to find p1 against p2 (not rounded: round up).

    Examples
    --------
    >>> math.ceil(n_two_proportions(0.90, 0.93))
    1356
    """
    return _smallest(
        lambda n: power_two_proportions(p1, p2, n, significance_level=significance_level), power, possible=p1 != p2
    )


@checked(p1=in_unit, p2=in_unit, n1=positive, n2=positive, significance_level=in_open_unit)
def power_two_proportions_arcsine(
    p1: float, p2: float, n1: float, n2: float | None = None, *, significance_level: float = 0.05
) -> float:
    """Power by Cohen's h, groups of any sizes.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, chapter 6.
    """
    other = n1 if n2 is None else n2
    shift = abs(cohens_h(p1, p2)) * math.sqrt(n1 * other / (n1 + other))
    z = normal_quantile(1.0 - significance_level / 2.0)
    return float(special.ndtr(shift - z) + special.ndtr(-shift - z))


@checked(p1=in_unit, p2=in_unit, **LEVELS)
def n_two_proportions_arcsine(p1: float, p2: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Answers per group by Cohen's h."""
    level = {"significance_level": significance_level}
    return _smallest(lambda n: power_two_proportions_arcsine(p1, p2, n, **level), power, possible=p1 != p2)


@checked(d=finite, n=at_least(2), significance_level=in_open_unit)
def power_two_means(
    d: float, n: float, *, significance_level: float = 0.05, paired: bool = False, both_tails: bool = True
) -> float:
    """Power of the t test for a standardised difference d with n per group (or n pairs), from noncentral t.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, chapter 2.

    Examples
    --------
    >>> round(power_two_means(0.2, 200), 6)
    0.514082
    """
    df, shift = (n - 1.0, abs(d) * math.sqrt(n)) if paired else (2.0 * (n - 1.0), abs(d) * math.sqrt(n / 2.0))
    t = critical_t(1.0 - significance_level, df)
    upper = 1.0 - noncentral_t_cdf(t, df, shift)
    return upper + noncentral_t_cdf(-t, df, shift) if both_tails else upper


@checked(d=finite, **LEVELS)
def n_two_means(d: float, *, power: float = 0.8, significance_level: float = 0.05, paired: bool = False) -> float:
    """Answers per group (or pairs) to find a standardised difference d.

    Examples
    --------
    >>> math.ceil(n_two_means(5 / 24)), math.ceil(n_two_means(3 / 24))
    (363, 1006)
    """
    power_of = functools.partial(power_two_means, d, significance_level=significance_level, paired=paired)
    return _smallest(power_of, power, possible=d != 0, low=2.0)


@checked(n=at_least(2), **LEVELS)
def detectable_difference(n: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Smallest standardised difference that n per group show with the given power.

    Examples
    --------
    >>> round(detectable_difference(200, power=0.9), 4)
    0.3249
    """
    return root(lambda d: power_two_means(d, n, significance_level=significance_level) - power, 1e-9, 50.0)


@checked(w=at_least(0), df=positive, **LEVELS)
def n_chi_squared(w: float, df: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Answers in all to find Cohen's w in a table.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, chapter 7.

    Examples
    --------
    >>> round(n_chi_squared(0.1, 4), 2)
    1193.53
    """
    critical = chi2_quantile(1.0 - significance_level, df)
    return _smallest(lambda n: 1.0 - noncentral_chi2_cdf(critical, df, n * w * w), power, possible=w != 0)


@checked(groups=at_least(2), f=at_least(0), **LEVELS)
def n_anova(groups: int, f: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Answers per group to find Cohen's f among several means.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, chapter 8.

    Examples
    --------
    >>> round(n_anova(5, 0.1), 3)
    239.656
    """

    def power_of(n: float) -> float:
        df2 = groups * (n - 1.0)
        critical = f_quantile(1.0 - significance_level, groups - 1.0, df2)
        return 1.0 - float(special.ncfdtr(groups - 1.0, df2, min(groups * n * f * f, CERTAIN), critical))

    return _smallest(power_of, power, possible=f != 0, low=2.0)


@checked(margin=in_open_unit, p=in_unit, population=at_least(1), design_effect=positive, confidence_level=in_open_unit)
def n_margin(
    margin: float,
    *,
    p: float = 0.5,
    confidence_level: float = 0.95,
    population: float | None = None,
    design_effect: float = 1.0,
) -> float:
    r"""Answers for a margin of error: :math:`z^2pq/E^2`, with finite population and design effect.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 4.4.

    Examples
    --------
    >>> math.ceil(n_margin(0.05)), math.ceil(n_margin(0.03)), math.ceil(n_margin(0.03, population=8000))
    (385, 1068, 942)
    """
    z = normal_quantile(1.0 - (1.0 - confidence_level) / 2.0)
    n = z * z * p * (1.0 - p) / margin**2 * design_effect
    return n if population is None else n / (1.0 + (n - 1.0) / population)


@checked(n=positive, p=in_unit, design_effect=positive, confidence_level=in_open_unit)
def margin_of_error(n: float, *, p: float = 0.5, confidence_level: float = 0.95, design_effect: float = 1.0) -> float:
    """Half width of the interval of a share with n answers."""
    z = normal_quantile(1.0 - (1.0 - confidence_level) / 2.0)
    return z * math.sqrt(p * (1.0 - p) * design_effect / n)


@checked(size=finite, icc=finite)
def cluster_design_effect(size: float, icc: float) -> float:
    """1 + (m - 1) rho for clusters of m.

    Examples
    --------
    >>> cluster_design_effect(25, 0.05)
    2.2
    """
    return 1.0 + (size - 1.0) * icc


@checked(p=in_open_unit, margin=positive, **LEVELS)
def n_equivalence_proportions(
    p: float, margin: float, *, power: float = 0.8, significance_level: float = 0.05
) -> float:
    """Answers per group to show two equal shares equivalent within a margin (TOST)."""
    z = normal_quantile(1.0 - significance_level) + normal_quantile(1.0 - (1.0 - power) / 2.0)
    return z * z * 2.0 * p * (1.0 - p) / margin**2


@checked(effect=finite, sd=positive, **LEVELS)
def n_did(effect: float, sd: float, *, power: float = 0.8, significance_level: float = 0.05) -> float:
    """Answers per cell of pilot/control x before/after, independent samples: four cells of variance sd^2.

    Examples
    --------
    >>> math.ceil(n_did(5, 24))
    724
    """
    if effect == 0:
        raise BadData("effect", "must not be 0")
    z = normal_quantile(1.0 - significance_level / 2.0) + normal_quantile(power)
    return 4.0 * (z * sd / effect) ** 2


def _smallest(power_of: Callable[[float], float], power: float, *, possible: bool, low: float = 1.0) -> float:
    if not possible:
        raise BadData("effect", "must not be 0")
    if power_of(low) >= power:
        return low
    high = 2.0 * low
    while power_of(high) < power:
        high *= 2.0
        if high > LARGEST:
            raise BadData("effect", "is too small for any sample")
    return root(lambda n: power_of(n) - power, high / 2.0, high)
