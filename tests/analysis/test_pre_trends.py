"""Parallel trends: Johansen's test against Welch's, against simulation of its error, and its slopes by hand."""

import numpy as np
import pytest

from survey.analysis.checks import BadData
from survey.analysis.significance.k_means import welch_anova
from survey.analysis.significance.pre_trends import _welch_james, parallel_trends
from survey.analysis.sufficient import Moments

SCORES = np.array([0.0, 25.0, 50.0, 75.0, 100.0])
CONTROL = np.array([[5, 10, 30, 40, 15], [6, 12, 28, 38, 16], [5, 9, 31, 41, 14]])
PILOT = np.array([[8, 12, 30, 35, 15], [6, 11, 29, 38, 16], [3, 8, 27, 42, 20]])


def test_johansens_test_of_equal_means_is_welchs():
    table = np.array([[5, 10, 30, 40, 15], [9, 30, 31, 10, 2], [1, 0, 5, 9, 4], [20, 1, 1, 1, 30]])
    cells = [Moments.from_counts(row, SCORES) for row in table]
    mean, n = np.array([c.mean for c in cells]), np.array([c.n for c in cells])
    variance = np.array([c.variance for c in cells]) / n
    contrasts = np.column_stack([-np.ones(3), np.eye(3)])
    found = _welch_james(mean, variance, n - 1.0, contrasts)
    welch = welch_anova(table, SCORES)
    assert found[0] == pytest.approx(welch.statistic)
    assert found[1] == pytest.approx(welch.df)
    assert found[2] == pytest.approx(welch.pvalue)


def test_two_waves_are_one_contrast_with_satterthwaites_freedom():
    result = parallel_trends(CONTROL[:2], PILOT[:2], SCORES)
    means = [Moments.from_counts(row, SCORES) for row in (*CONTROL[:2], *PILOT[:2])]
    variances = np.array([m.variance / m.n for m in means])
    gap = (means[3].mean - means[2].mean) - (means[1].mean - means[0].mean)
    assert result.difference.value == pytest.approx(gap)
    assert result.statistic == pytest.approx(gap**2 / variances.sum())
    freedom = variances.sum() ** 2 / (variances**2 / 99.0).sum()
    assert result.df == pytest.approx((1.0, freedom))
    assert result.pvalue == pytest.approx(result.details["slope_pvalue"])


def test_slopes_are_those_of_least_squares_and_times_are_their_unit():
    times = [0.0, 0.5, 2.0]
    result = parallel_trends(CONTROL, PILOT, SCORES, times)
    slopes = [np.polyfit(times, (table @ SCORES) / table.sum(axis=1), 1)[0] for table in (CONTROL, PILOT)]
    assert result.difference.value == pytest.approx(slopes[1] - slopes[0])
    assert result.difference.confint.low < result.difference.value < result.difference.confint.high
    assert result.details["steepest_not_excluded"] == max(
        map(abs, (result.difference.confint.low, result.difference.confint.high))
    )
    slower = parallel_trends(CONTROL, PILOT, SCORES, [10.0 * t for t in times])
    assert slower.difference.value == pytest.approx(result.difference.value / 10.0)
    assert slower.pvalue == result.pvalue


def test_groups_that_differ_but_move_alike_are_parallel():
    worse = np.array([[40, 30, 20, 8, 2], [41, 31, 18, 8, 2], [40, 30, 20, 8, 2]])
    assert parallel_trends(CONTROL, worse, SCORES).pvalue > 0.5


def test_the_error_is_kept_in_small_cells_of_unequal_spread():
    rng = np.random.default_rng(7)
    middling, polarised = (0.02, 0.13, 0.70, 0.13, 0.02), (0.40, 0.08, 0.04, 0.08, 0.40)
    rejected = 0
    for _ in range(1500):
        control = np.array([rng.multinomial(n, middling) for n in (60, 40, 80)])
        pilot = np.array([rng.multinomial(n, polarised) for n in (15, 20, 12)])
        rejected += parallel_trends(control, pilot, SCORES).pvalue < 0.05
    assert 0.03 < rejected / 1500 < 0.075


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("pilot", lambda: parallel_trends(CONTROL, PILOT[:2], SCORES)),
        ("control", lambda: parallel_trends(CONTROL[:1], PILOT[:1], SCORES)),
        ("times", lambda: parallel_trends(CONTROL, PILOT, SCORES, [0.0, 2.0, 1.0])),
        ("scores", lambda: parallel_trends(CONTROL, PILOT, [1.0, 2.0])),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument
