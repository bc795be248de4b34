"""The mean of scores with a lowest and a highest level: Clopper and Pearson's, Gaffke's, and what R integrates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.analysis.bounded import bounded_interval, leans, tails
from survey.analysis.checks import BadData
from survey.analysis.estimation import level_mean, mean
from survey.analysis.proportions import clopper_pearson
from survey.analysis.significance import TESTS

SCORES = (0.0, 25.0, 50.0, 75.0, 100.0)


def bounded_mean(counts, target, **more):
    return TESTS["bounded_mean"].function(counts, SCORES, target, (0.0, 100.0), **more)


# R 4.2.2: integrate(dgamma ... integrate(dgamma ... pgamma)) over the three levels that have answers
@pytest.mark.parametrize(
    ("counts", "target", "side", "probability"),
    [
        ((0, 0, 0, 3, 17), 90.0, 0, 0.286723298792),
        ((0, 0, 0, 4, 25), 50.0, 0, 5.887e-9),
        ((0, 2, 0, 3, 17), 60.0, 1, 0.999995653757),
        ((0, 0, 0, 3, 97), 92.0, 0, 0.000567020740),
        ((0, 0, 1, 2, 97), 99.0, 1, 0.590425731826),
    ],
)
def test_the_tails_are_what_r_integrates(counts, target, side, probability):
    assert tails(counts, SCORES, target)[side] == pytest.approx(probability, rel=2e-4 if probability < 1e-6 else 1e-9)


@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (0, 30), (29, 30), (30, 30), (500, 1000), (999, 1000)])
def test_of_two_levels_the_interval_is_the_exact_one(x, n):
    found, exact = bounded_interval([n - x, x], [0, 1]), clopper_pearson(x, n)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=5, max_size=5).filter(any), st.floats(1.0, 99.0))
def test_the_test_rejects_exactly_what_its_interval_leaves_out(counts, target):
    limits, result = bounded_interval(counts, SCORES), bounded_mean(counts, target)
    middle = float(np.dot(counts, SCORES) / sum(counts))
    assert 0.0 <= limits.low <= middle <= limits.high <= 100.0
    if min(abs(target - limits.low), abs(target - limits.high)) > 1e-6:
        assert (result.pvalue < 0.05) == (not limits.low < target < limits.high)
    turned = bounded_mean(counts[::-1], 100.0 - target)
    assert (turned.pvalue, turned.difference.value) == pytest.approx(
        (result.pvalue, -result.difference.value), abs=1e-9
    )


@pytest.mark.parametrize("counts", [[2.0**40, 1, 0, 0, 5], [2.0**40] * 5, [1e9, 0, 0, 0, 3], [0.5, 0, 0, 0.2, 0]])
def test_counts_of_any_size_have_an_interval_whose_ends_have_their_probability(counts):
    limits = bounded_interval(counts, SCORES)
    assert tails(counts, SCORES, limits.low)[0] == pytest.approx(0.025, rel=1e-4)
    assert tails(counts, SCORES, limits.high)[1] == pytest.approx(0.025, rel=1e-4)


def test_a_level_nobody_could_give_makes_the_interval_wider():
    narrow = bounded_interval([1, 29], [75, 100])
    wide = bounded_interval([1, 29], [75, 100], ends=(0.0, 100.0))
    assert wide.low < narrow.low
    assert wide.high == pytest.approx(narrow.high)
    with pytest.raises(BadData, match="ends must be the lowest and the highest score"):
        bounded_interval([1, 29], [75, 100], ends=(80.0, 100.0))


def test_a_mean_that_leans_has_gaffkes_interval_and_any_other_has_student_s():
    best, golden = level_mean([0, 0, 0, 0, 30], SCORES), level_mean([4, 8, 18, 50, 120], SCORES)
    assert (round(best.confint.low, 2), best.confint.high, best.confint.method) == (88.43, 100.0, "gaffke")
    assert golden == mean([4, 8, 18, 50, 120], SCORES)
    assert level_mean([0, 0, 0, 0, 1], SCORES).confint is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 0, 0, 10), True),
        ((0, 0, 1, 2, 97), True),
        ((1, 0, 0, 0, 13), True),
        ((2, 3, 4, 3, 2), False),
        ((0, 0, 4, 92, 4), False),
        ((4, 8, 18, 50, 120), False),
        ((0, 0, 0, 10, 990), False),
    ],
)
def test_when_a_mean_leans(counts, expected):
    assert leans(np.array(counts, dtype=float), np.array(SCORES)) is expected
