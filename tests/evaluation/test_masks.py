"""Conditions over all responses at once agree with the condition over one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.errors import Refused
from survey.evaluation.coding import CodeBook
from survey.evaluation.masks import mask
from survey.evaluation.sample import Beside
from survey.forms import conditions as c
from survey.forms.items import Missing
from tests.evaluation.samples import flag_values, instrument, rate_values, sample_of

BOOK = CodeBook(instrument("gov-sat"))
STATES = list(Missing)
CHOSEN = st.sets(st.integers(1, 11), min_size=1, max_size=3).map(sorted).map(tuple)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "Q3": st.sampled_from([1, 2, 3, 4, 5, *STATES]),
        "Q8": st.sampled_from([*range(21), *STATES]),
        "Q12": st.one_of(
            st.sampled_from(STATES), st.sets(st.integers(1, 11), min_size=1, max_size=3).map(sorted).map(tuple)
        ),
        "D1": st.sampled_from([1, 2, 3, *STATES]),
    },
)
ITEMS = st.sampled_from(["Q3", "Q8", "Q12", "D1"])
NUMBERS = st.integers(0, 12)
LEAVES = st.one_of(
    st.builds(c.Equals, ITEMS, NUMBERS),
    st.builds(c.AnyOf, ITEMS, st.lists(NUMBERS, max_size=3).map(tuple)),
    st.builds(c.AtMost, ITEMS, NUMBERS),
    st.builds(c.AtLeast, ITEMS, NUMBERS),
    st.builds(c.Shorter, ITEMS, NUMBERS),
    st.builds(c.Answered, ITEMS),
    st.builds(
        c.IsMissing,
        ITEMS,
        st.lists(st.sampled_from(["refused", "not_applicable", "dont_know", "skipped"]), max_size=3).map(tuple),
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(c.All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(c.Any, st.lists(inner, max_size=3).map(tuple)),
        st.builds(c.Not, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, st.lists(ANSWERS, min_size=1, max_size=12))
def test_a_mask_is_what_the_condition_holds_for_each_response(condition, answers):
    sample = sample_of("gov-sat", answers)
    decoded = [BOOK.decode(row.tobytes(), {}) for row in sample.codes]
    assert mask(condition, sample).tolist() == [bool(condition.holds(each)) for each in decoded]


def test_text_cannot_be_counted_by():
    with pytest.raises(Refused, match="Q13"):
        mask(c.Answered("Q13"), sample_of("gov-sat", [{"Q3": 5}]))


@pytest.mark.parametrize("slug", ["gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing"])
def test_every_rate_and_flag_of_the_shipped_instruments_can_be_counted(slug):
    sample = sample_of(slug, [{}])
    sample.beside = {"B4": Beside([0.0, 8.0], [3, 1], {"dont_know": 2})}
    found = (*rate_values(sample), *flag_values(sample))
    assert len(found) == len(sample.book.instrument.rates) + len(sample.book.instrument.flags)
    assert all(rate.n is not None for rate in found)
    exposure = [rate.value for rate in found if rate.rate == "trained"]
    assert all((value.value, value.n) == (25.0, 4) for value in exposure)


def test_a_rate_on_a_wide_number_is_not_guessed_for_a_part_of_a_wave():
    found = [rate for rate in rate_values(sample_of("staff-digital", [{}])) if rate.n is None]
    assert found
    assert all(rate.value.value is None and "whole waves" in rate.value.reason for rate in found)
