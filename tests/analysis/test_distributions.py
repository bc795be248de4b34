"""Tail areas keep their digits at any degrees of freedom."""

import pytest
from scipy import special

from survey.analysis.distributions import f_sf, normal_sf, t_sf


@pytest.mark.parametrize("df", [1.0, 3.0, 30.0, 1e4, 1e7, 2.0**40, 1e15])
@pytest.mark.parametrize("t", [1e-3, 0.5, 1.96, 8.0])
def test_the_tail_of_t_agrees_with_another_algorithm(t, df):
    assert t_sf(t, df) == pytest.approx(float(special.stdtr(df, -t)), rel=1e-12)
    assert t_sf(-t, df) == pytest.approx(float(special.stdtr(df, t)), rel=1e-12)


def test_the_far_tail_of_few_degrees_of_freedom_is_not_nought():
    assert t_sf(1e10, 3.0) == pytest.approx(1.102657791e-30, rel=1e-8)  # 6 sqrt(3) / (pi t^3)


def test_at_2_to_the_40_degrees_of_freedom_t_is_normal():
    assert t_sf(2.0, 2.0**40) == pytest.approx(normal_sf(2.0), rel=1e-10)


def test_f_with_one_degree_of_freedom_is_t_squared():
    assert f_sf(1.96**2, 1.0, 2.0**40) == pytest.approx(2.0 * t_sf(1.96, 2.0**40), rel=1e-12)
