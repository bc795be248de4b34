"""The letters under a table's columns."""

import numpy as np
import pytest

from survey.analysis.checks import BadData
from survey.analysis.significance.column_letters import column_letters
from survey.analysis.significance.post_hoc import dunn, pairwise_proportions


def test_the_larger_share_bears_the_letter_of_the_smaller_wherever_it_stands():
    found = column_letters(pairwise_proportions([55, 90, 60], [100, 100, 100]))
    assert [(g.letter, g.larger_than) for g in found] == [("A", ()), ("B", ("A", "C")), ("C", ())]


def test_letters_follow_the_adjusted_p_value():
    x, n = [60, 45, 50], [100, 100, 100]  # A-B: z = 2.124, p = 0.0337, three times that is above 0.05
    assert column_letters(pairwise_proportions(x, n, adjustment="none"))[0].larger_than == ("B",)
    assert column_letters(pairwise_proportions(x, n, adjustment="holm"))[0].larger_than == ()
    assert column_letters(pairwise_proportions(x, n, adjustment="none"), alpha=0.03)[0].larger_than == ()


def test_after_z_comes_aa():
    found = column_letters(pairwise_proportions(np.arange(28), np.full(28, 100)))
    assert [g.letter for g in found[24:]] == ["Y", "Z", "AA", "AB"]


def test_pairs_without_a_test_are_told():
    found = column_letters(pairwise_proportions([5, 5, 0], [5, 5, 0]))
    assert [g.untested for g in found] == [("B", "C"), ("A", "C"), ("A", "B")]


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("result", lambda: column_letters(dunn([[9, 5, 1], [4, 8, 3], [1, 5, 9]]))),
        ("alpha", lambda: column_letters(pairwise_proportions([1, 2], [3, 4]), alpha=5)),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument
