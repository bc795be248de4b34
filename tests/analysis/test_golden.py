"""The methodology's golden vector: 200 answers before, 200 after, levels in ascending order."""

import msgspec
import pytest

from survey.analysis.estimation import mean, median, net_promoter, proportion, trimmed_mean
from survey.analysis.significance import TESTS
from survey.analysis.significance.tables import chi_squared
from survey.analysis.significance.two_samples import mann_whitney, two_proportions, welch

A = (4, 8, 18, 50, 120)
B = (8, 14, 28, 60, 90)
LINEAR = (0, 25, 50, 75, 100)


def test_linear_index_has_a_t_interval():
    index = mean(A, LINEAR)
    assert index.value == 84.25
    assert index.se == pytest.approx(1.6748, abs=5e-5)
    assert (index.confint.low, index.confint.high) == pytest.approx((80.947, 87.553), abs=5e-4)
    assert mean(B, LINEAR).value == 76.25


def test_presets_differ_on_the_same_answers():
    assert mean(A, (0, 40, 60, 80, 100)).value == pytest.approx(87.0)
    assert mean(A, (20, 40, 60, 80, 100)).value == pytest.approx(87.4)
    assert mean(A, (0, 30, 60, 80, 100)).value == pytest.approx(86.6)


@pytest.mark.parametrize(
    ("successes", "method", "low", "high"),
    [
        (170, "wilson", 79.39, 89.29),
        (170, "exact", 79.28, 89.65),
        (188, "wilson", 89.81, 96.53),
        (12, "wilson", 3.47, 10.19),
    ],
)
def test_shares_have_intervals(successes, method, low, high):
    interval = proportion(successes, 200, method=method).confint
    assert (100 * interval.low, 100 * interval.high) == pytest.approx((low, high), abs=5e-3)


def test_welch_compares_the_means():
    result = welch([A, B], LINEAR)
    assert (result.statistic, result.df, result.pvalue) == pytest.approx((3.0999, 388.34, 0.002077), rel=1e-4, abs=5e-7)
    assert result.difference.value == 8.0


def test_mann_whitney_compares_the_levels():
    result = mann_whitney([A, B])
    assert result.statistic == 23384
    assert result.pvalue == pytest.approx(0.001342, abs=5e-7)
    assert result.effect_size.value == pytest.approx(0.1692, abs=5e-5)


def test_chi_squared_compares_the_shapes():
    result = chi_squared([A, B])
    assert (result.statistic, result.df, result.pvalue) == pytest.approx((10.338, 4, 0.0351), abs=5e-4)


def test_net_promoter_score():
    score = net_promoter(110, 50, 40)
    assert (score.value, score.se) == pytest.approx((35.0, 5.601), abs=5e-4)


def test_pass_rates_45_to_78_percent():
    result = two_proportions((156, 90), (200, 200))
    assert result.statistic == pytest.approx(6.782, abs=5e-4)
    interval = result.difference.confint
    assert (interval.low, interval.high) == pytest.approx((0.237, 0.415), abs=5e-4)


def test_robust_centres_come_from_counts():
    assert median(A, LINEAR).value == 100
    assert trimmed_mean(A, LINEAR).value == pytest.approx((8 * 50 - 8 * 50 + 10 * 50 + 50 * 75 + 100 * 100) / 160)


def test_results_are_json():
    assert {"mann_whitney", "welch", "two_proportions", "chi_squared", "kruskal_wallis", "jonckheere"} <= set(TESTS)
    for result in (mann_whitney([A, B]), chi_squared([A, B]), welch([A, B], LINEAR), mean(A, LINEAR)):
        assert b"null" not in msgspec.json.encode(result).split(b'"statistic"')[-1][:20]
