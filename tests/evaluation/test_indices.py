"""Indices of ratings: the golden vector, the direction of a scale, and the documentation."""

import re
from pathlib import Path

import numpy as np
import pytest

from survey.evaluation.indices import INDICES, indices_of, levels_of
from survey.forms.items import Option, Rating

DOCS = Path(__file__).parents[2] / "docs" / "indices.md"


def rating(*codes, **changes):
    return Rating(
        id="R", text={"en": "?"}, options=tuple(Option(code=c, text={"en": str(c)}) for c in codes), **changes
    )


def values(item, counts):
    return {one.index: one for one in indices_of(item, np.asarray(counts, dtype=float))}


@pytest.mark.parametrize("name", INDICES)
def test_every_index_is_documented_under_its_own_heading(name):
    assert re.search(rf"^## .*`{name}`", DOCS.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_order_in_which_options_are_shown_changes_no_index():
    counts = {5: 120, 4: 50, 3: 18, 2: 8, 1: 4}
    best_first = values(rating(5, 4, 3, 2, 1), [counts[c] for c in (5, 4, 3, 2, 1)])
    worst_first = values(rating(1, 2, 3, 4, 5), [counts[c] for c in (1, 2, 3, 4, 5)])
    assert best_first == worst_first
    assert best_first["linear"].value == 84.25


def test_a_low_code_is_good_where_the_polarity_says_so():
    effort = rating(1, 2, 3, 4, 5, polarity="low-is-better")
    assert values(effort, [10, 0, 0, 0, 0])["linear"].value == 100.0
    assert levels_of(rating(1, 2, 3, polarity="low-is-better", reverse_keyed=True)).codes == (1, 2, 3)


def test_linear_has_equal_steps_on_any_number_of_points():
    assert values(rating(1, 2, 3), [0, 10, 0])["linear"].value == 50.0
    assert values(rating(1, 2, 3, 4, 5, 6, 7), [0, 0, 0, 0, 0, 10, 0])["linear"].value == pytest.approx(500 / 6)


def test_five_level_presets_are_not_listed_for_three_points():
    assert set(values(rating(1, 2, 3), [1, 2, 3])) == {"linear"}


def test_an_item_may_name_its_positive_codes():
    assert values(rating(1, 2, 3, positive=(3,)), [5, 5, 10])["sat2"].value == 50.0


def test_the_net_promoter_score_is_for_zero_to_ten_only():
    eleven = values(rating(*range(11)), [0, 0, 0, 0, 0, 0, 40, 25, 25, 60, 50])
    assert eleven["nps"].value == pytest.approx(35.0)
    assert eleven["nps"].se == pytest.approx(5.601, abs=5e-4)
    assert "nps" not in values(rating(*range(1, 12)), [1] * 11)


def test_without_valid_answers_there_is_no_value_but_a_reason():
    for value in values(rating(1, 2, 3, 4, 5), [0] * 5).values():
        assert (value.value, value.confint, value.n) == (None, None, 0)
        assert value.reason
