"""`make bench` leaves no test out, calls each so that it has a result, and sets scipy beside the same hypothesis."""

import pytest

from bench.answers import twins
from bench.calls import calls
from bench.methods import SAME, gap
from survey.analysis.significance import TESTS

ANSWERS = 20_000
CALLS = calls(ANSWERS)
TWINS, _ = twins(ANSWERS)


def test_every_registered_test_is_timed():
    assert set(TESTS) - set(CALLS) == set()


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_a_result(name):
    assert getattr(CALLS[name](), "reason", None) is None


@pytest.mark.parametrize("name", TWINS)
def test_scipy_finds_the_same_pvalue_in_the_answers(name):
    assert gap(CALLS[name], TWINS[name]) <= SAME
