"""Whatever is asked of a wave, in whichever order: nobody's answers can be had by adding and subtracting."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from survey.evaluation.comparison import compare
from survey.evaluation.disclosure import FLOOR
from survey.evaluation.questions import Question
from survey.evaluation.summary import Wave, summarize
from survey.forms.items import Missing
from tests.evaluation.attacking import as_sums, bounds, cells_of, shown, small_groups, subtracted, wave_of
from tests.evaluation.samples import expand, round_of, sample_of

NAMES = ("D1", "D2", "D3")
CODES = ([1, 2, 3, None], [1, 2, None], [1, 2, 3, None])
SHAPE = (4, 3, 4)
WAVE = Wave(survey="gov-sat", wave="w", as_of=datetime(2026, 1, 1, tzinfo=UTC), instrument_sha256="")
LEAST = 1 / FLOOR
"""The share of a small group that an attacker who knows all sizes must be left unsure of."""


def wave(seed, evenness, n, *, few_without_answer):
    """A small wave, sparse or even, with few or many who gave no answer."""
    random = np.random.default_rng(seed)
    table = random.multinomial(n, random.dirichlet(np.full(np.prod(SHAPE), evenness))).reshape(SHAPE)
    if few_without_answer:
        for axis in range(3):
            np.moveaxis(table, axis, 0)[-1] //= 8
    return wave_of(table, NAMES, CODES)


def attacked(sample):
    """What is shown and the small groups, as sums over cells, and how many are in each cell."""
    masks, small = shown(sample, NAMES, CODES), small_groups(sample, NAMES)
    assert all(mask.sum() >= FLOOR for mask in masks[1:])
    cell, size = cells_of(sample, NAMES)
    return as_sums(masks, cell, size.size), as_sums(small, cell, size.size), size


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.15, 0.5, 2.0, 5.0]), st.integers(20, 1000), st.booleans())
def test_no_sum_or_difference_of_shown_groups_is_a_small_group(seed, evenness, n, few_without_answer):
    sample = wave(seed, evenness, n, few_without_answer=few_without_answer)
    assume(len(sample.codes) >= FLOOR)  # a whole wave is shown, however small (decision 12)
    known, wanted, _ = attacked(sample)
    if len(wanted):
        assert subtracted(known, wanted).size == 0


def test_bounds_leave_open_how_a_small_group_answered():
    """An answer that half of the people gave, an attacker who knows how many are in every cell, linear programs.

    Where a large group happens to be of one mind its members are known by that, whatever is hidden: nearly all, then.
    """
    left_open = []
    for seed in range(6):
        known, wanted, size = attacked(wave(seed, (0.15, 0.5, 2.0)[seed % 3], 300, few_without_answer=seed > 2))
        secret = np.random.default_rng(seed).binomial(size, 0.5)
        for each in wanted[:25]:
            low, high = bounds(known, size, secret, each)
            left_open.append(high - low >= LEAST * (each @ size))
    assert len(left_open) > 50
    assert np.mean(left_open) > 0.97


def test_the_attacker_finds_what_a_floor_alone_would_give_away():
    """The attack is one: against groups of FLOOR and more alone it succeeds."""
    sample = sample_of(
        "gov-sat", expand({(1, 1): 40, (1, 2): 4, (2, 2): 30}, lambda pair: dict(zip(NAMES, pair, strict=False)))
    )
    cell, size = cells_of(sample, NAMES)
    naive = [np.ones(len(sample), dtype=bool), sample.column("D1") == 0, sample.column("D2") == 0]
    known, wanted = (as_sums(these, cell, size.size) for these in (naive, small_groups(sample, NAMES)))
    assert subtracted(known, wanted).size > 0
    known = as_sums(shown(sample, NAMES, CODES), cell, size.size)
    assert subtracted(known, wanted).size == 0


def test_those_who_gave_no_answer_are_a_group_too():
    """The whole minus all groups would be the three of them."""
    answers = [{"Q3": 4, "D1": age} for age in [1] * 40 + [2] * 25 + [3] * 30] + [{"Q3": 1}] * 3
    found = summarize(sample_of("gov-sat", answers), WAVE, by="D1")
    assert [group.by["D1"] for group in found.groups] == [1, 3]
    assert [(one.group, "subtraction" in one.reason) for one in found.held_back] == [("D1:2", True)]


def test_a_range_may_end_only_where_enough_lie_between_two_ends():
    answers = [{"B2": age, "K1": "C"} for age in (*[30] * 40, *[31] * 3, *[45] * 40)]
    sample = sample_of("staff-digital", answers)
    found = [summarize(sample, WAVE, where=f"B2:..{end}") for end in (30, 31, 44)]
    assert [one.n for one in found] == [40, None, None]
    assert found[1].ends == (30, 45)


def test_a_question_asked_of_some_gives_away_nobody_who_did_not_answer_it():
    """Those who were asked, less those who said yes or no, would be the two who said nothing."""
    asked = [{"D1": 1, "Q7b": answer} for answer in [1] * 30 + [0] * 20]
    sample = sample_of("gov-sat", [*asked, *[{"D1": 1, "Q7b": Missing.SKIPPED}] * 2, *[{"D1": 2}] * 50])
    groups = {name: len(summarize(sample, WAVE, by=name).groups) for name in ("D1", "Q7b")}
    assert groups == {"D1": 2, "Q7b": 1}


@pytest.mark.parametrize("question", [{"by": "D1"}, {"a": "D1:1", "b": "D1:2"}, {"a": "D1:2", "target": 50.0}])
def test_a_comparison_shows_no_group_that_a_summary_holds_back(question):
    ages = [1] * 40 + [2] * 25 + [3] * 4
    sample = round_of("gov-sat", [{"Q3": 3 + place % 3, "D1": age} for place, age in enumerate(ages)])
    found = compare("gov-sat", Question(measure="Q3", **question), [sample])
    held = {one.group: one.reason for one in summarize(sample.sample, WAVE, by="D1").held_back}
    assert not {group.group for group in found.groups} & held.keys()
    assert found.suppressed == len(found.held_back) > 0


def test_filters_that_overlap_are_no_way_to_the_few_between_them():
    """Of region 1, people of 2 and 3 are shown or not in such a way that the whole of region 1 leaves nobody over."""
    pairs = {(1, 1): 3, (1, 2): 40, (1, 3): 50, (2, 1): 60, (2, 2): 40, (2, 3): 45}
    sample = sample_of("gov-sat", expand(pairs, lambda pair: {"D2": pair[0], "D3": pair[1], "Q3": 4}))
    seen = {(a, group.by["D3"]) for a in (1, 2) for group in summarize(sample, WAVE, where=f"D2:{a}", by="D3").groups}
    assert (1, 1) not in seen
    assert len(seen) == 2
    other = {
        (group.by["D2"], b) for b in (1, 2, 3) for group in summarize(sample, WAVE, where=f"D3:{b}", by="D2").groups
    }
    assert other == seen  # the same from either side
