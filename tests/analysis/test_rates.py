"""Rates against exact sums, against the generalised linear model fitted by itself, and against the law they assume."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from survey.analysis.checks import BadData
from survey.analysis.significance.dispersed_rates import negative_binomial_rates, quasi_poisson_rates
from survey.analysis.significance.k_rates import k_rates, quasi_poisson_k_rates
from survey.analysis.significance.rates import one_rate, rate

EVENTS = np.array([12, 30, 9, 25, 41, 3, 8, 11, 4, 13, 22, 7], dtype=float)
EXPOSURE = np.array([100, 180, 90, 110, 150, 60, 100, 120, 95, 140, 160, 80], dtype=float)
GROUP = np.repeat([0, 1], 6)


@pytest.mark.parametrize(
    ("events", "expected"), [(11, 8.0), (3, 8.0), (0, 2.5), (8, 8.0), (60, 41.3), (25, 41.3), (1, 0.2)]
)
def test_a_rate_against_a_target_sums_all_counts_that_are_no_likelier(events, expected):
    mass = stats.poisson.pmf(np.arange(1000), expected)
    exact = mass[mass <= mass[events] * (1 + 1e-7)].sum()
    assert one_rate(events, expected, 1.0).pvalue == pytest.approx(exact, rel=1e-9)


def test_a_rate_against_a_target_at_2_to_the_40_is_the_normal_test():
    n = 2.0**40
    found = one_rate(n + 2.0 * math.sqrt(n), n, 1.0)
    assert found.pvalue == pytest.approx(2 * stats.norm.sf(2.0), rel=1e-3)


def test_a_rate_is_told_in_its_unit():
    found = one_rate(45, 12000, 30.0, per=10000)
    assert found.difference.value == pytest.approx(7.5)
    assert found.difference.confint.low == pytest.approx(rate(45, 12000, per=10000).confint.low - 30.0)
    assert one_rate(0, 0, 1.0).reason == "no exposure"


def test_quasi_poisson_is_the_generalised_linear_model():
    design = np.column_stack([np.ones(12), GROUP])
    beta = np.zeros(2)
    for _ in range(50):  # iteratively reweighted least squares, log link with offset
        mean = EXPOSURE * np.exp(design @ beta)
        working = design @ beta + (EVENTS - mean) / mean
        beta = np.linalg.solve(design.T @ (mean[:, None] * design), design.T @ (mean * working))
    mean = EXPOSURE * np.exp(design @ beta)
    dispersion = ((EVENTS - mean) ** 2 / mean).sum() / 10
    se = math.sqrt(dispersion * np.linalg.inv(design.T @ (mean[:, None] * design))[1, 1])
    found = quasi_poisson_rates(EVENTS, EXPOSURE, GROUP)
    assert found.details["dispersion"] == pytest.approx(dispersion)
    assert math.log(found.effect_size.value) == pytest.approx(-beta[1])
    assert found.statistic == pytest.approx(-beta[1] / se)
    assert found.pvalue == pytest.approx(2 * stats.t.sf(abs(beta[1] / se), 10))
    half = stats.t.ppf(0.975, 10) * se
    assert math.log(found.effect_size.confint.low) == pytest.approx(-beta[1] - half)


def log_likelihood(parameters, columns):
    *beta, log_alpha = parameters
    alpha = math.exp(log_alpha)
    mean = EXPOSURE * np.exp(columns @ np.array(beta))
    return stats.nbinom.logpmf(EVENTS, 1 / alpha, 1 / (1 + alpha * mean)).sum()


def test_negative_binomial_is_maximum_likelihood():
    ones, both = np.ones((12, 1)), np.column_stack([np.ones(12), GROUP])
    options = {"method": "Nelder-Mead", "options": {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 10000}}
    null = optimize.minimize(lambda p: -log_likelihood(p, ones), [-2.0, -1.0], **options)
    full = optimize.minimize(lambda p: -log_likelihood(p, both), [-2.0, 0.0, -1.0], **options)
    found = negative_binomial_rates(EVENTS, EXPOSURE, GROUP)
    assert found.statistic == pytest.approx(2 * (null.fun - full.fun), rel=1e-6)
    assert found.pvalue == pytest.approx(stats.chi2.sf(2 * (null.fun - full.fun), 1), rel=1e-6)
    assert math.log(found.effect_size.value) == pytest.approx(-full.x[1], rel=1e-5)
    assert found.details["alpha"] == pytest.approx(math.exp(full.x[2]), rel=1e-5)
    alpha, mean = math.exp(full.x[2]), EXPOSURE * np.exp(both @ full.x[:2])
    weight = mean / (1 + alpha * mean)
    se = math.sqrt(1 / weight[GROUP == 0].sum() + 1 / weight[GROUP == 1].sum())
    assert found.details["se_log_ratio"] == pytest.approx(se, rel=1e-5)
    assert found.cautions[0].code == "few-clusters"


def test_without_overdispersion_both_are_poissons():
    even = np.tile([10.0, 11.0, 10.0, 9.0], 6)
    found = negative_binomial_rates(even, np.full(24, 100.0), np.repeat([0, 1], 12))
    assert found.details["alpha"] == 0.0
    assert found.details["se_log_ratio"] == pytest.approx(math.sqrt(2 / 120), rel=1e-4)
    assert found.cautions == ()


def test_swapping_the_groups_turns_the_ratio_round():
    for test in (quasi_poisson_rates, negative_binomial_rates):
        one, other = test(EVENTS, EXPOSURE, GROUP), test(EVENTS, EXPOSURE, 1 - GROUP)
        assert one.effect_size.value == pytest.approx(1 / other.effect_size.value)
        assert one.pvalue == pytest.approx(other.pvalue)


def test_the_error_is_kept_where_poissons_is_not():
    rng = np.random.default_rng(11)
    rejected = {quasi_poisson_rates: 0, negative_binomial_rates: 0}
    group, runs = np.repeat([0, 1], 20), 400
    for _ in range(runs):
        events = rng.poisson(20.0 * rng.gamma(4.0, 0.25, 40)).astype(float)
        for test in rejected:
            rejected[test] += test(events, np.ones(40), group).pvalue < 0.05
    assert 0.02 < rejected[quasi_poisson_rates] / runs < 0.085
    assert 0.02 < rejected[negative_binomial_rates] / runs < 0.1


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("events", lambda: quasi_poisson_rates([1.5, 2, 3, 4], [1] * 4, [0, 0, 1, 1])),
        ("exposure", lambda: quasi_poisson_rates([1, 2, 3, 4], [1, 1, 0, 1], [0, 0, 1, 1])),
        ("group", lambda: negative_binomial_rates([1, 2, 3, 4], [1] * 4, [0, 0, 1, 2])),
        ("target", lambda: one_rate(3, 10, 0.0)),
        ("events", lambda: one_rate(-1, 10, 1.0)),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument


# R 4.2.2: chisq.test(x, p = t / sum(t)), with simulate.p.value, B = 1e6, where small; glm(family = poisson)
def test_several_rates_are_held_against_one_as_r_does():
    found = k_rates([45, 31, 60], [12000, 14500, 15000], per=10000)
    assert (found.statistic, found.pvalue) == pytest.approx((8.95274467546, 0.0113746016137), rel=1e-10)
    likelihood = found.details["likelihood_ratio"], found.details["pvalue_likelihood_ratio"]
    assert likelihood == pytest.approx((9.56982263459, 0.00835486464707), rel=1e-10)
    assert found.details["rate"] == pytest.approx([37.5, 21.379, 40.0], abs=1e-3)
    few = k_rates([3, 0, 6, 1], [1, 2, 1.5, 1])
    assert (few.statistic, few.pvalue) == pytest.approx((8.7, 0.027322), abs=0.006)
    assert {one.code for one in few.cautions} == {"small-expected"}
    assert few.rule["pvalue"].startswith("Monte Carlo")


# R 4.2.2: anova(glm(x ~ g + offset(log(t)), family = quasipoisson), test = "F")
@pytest.mark.parametrize(
    ("exposure", "f", "pvalue", "dispersion"),
    [
        ([100] * 9, 1.28695979335, 0.34270112735, 5.91729058425),
        ([100, 120, 90, 100, 80, 100, 60, 100, 110], 1.41179441055, 0.314425648819, 4.14915776652),
    ],
)
def test_rates_of_repeated_units_are_compared_as_r_does(exposure, f, pvalue, dispersion):
    found = quasi_poisson_k_rates([12, 30, 9, 25, 8, 11, 4, 13, 3], exposure, list("aaabbbccc"))
    assert (found.statistic, found.pvalue) == pytest.approx((f, pvalue), rel=1e-6)
    assert found.details["dispersion"] == pytest.approx(dispersion, rel=1e-6)
    assert {one.code for one in found.cautions} == {"overdispersed"}


def test_of_two_groups_both_ways_say_nearly_the_same():
    two = quasi_poisson_rates([12, 30, 9, 25, 8, 11, 4, 13], [100] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    found = quasi_poisson_k_rates([12, 30, 9, 25, 8, 11, 4, 13], [100] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    assert found.details["dispersion"] == pytest.approx(two.details["dispersion"])
    assert found.pvalue == pytest.approx(two.pvalue, abs=0.02)


def test_groups_without_events_or_exposure_are_a_reason_or_a_caution():
    assert k_rates([0, 0, 0], [1, 2, 3]).reason == "no events"
    assert k_rates([4, 0], [1, 0]).reason == "fewer than two groups have exposure"
    assert k_rates([40, 30, 0], [10, 10, 0]).cautions[0].code == "empty-group"
    assert quasi_poisson_k_rates([4, 0, 3, 0], [1, 1, 1, 1], [0, 1, 0, 1]).pvalue is not None
    assert quasi_poisson_k_rates([4, 3], [1, 1], [0, 1]).reason == "too few units a group"
    with pytest.raises(BadData, match="exposure"):
        k_rates([4, 1], [1, 0])
    with pytest.raises(BadData, match="events"):
        k_rates([4.5, 1], [1, 1])
