"""Text is counted as a person counts, and kept without what nobody meant to write."""

import pytest

from survey.forms.conditions import Shorter
from survey.forms.items import Invalid, LongText, ShortText
from survey.forms.items.text import HEAVIEST

FAMILY = "👨‍👩‍👧‍👦"
LARGEST = "👩🏻‍❤️‍💋‍👩🏿"
TEN = LongText(id="ten", text={"en": "x"}, minimum=2, maximum=10)
LINE = ShortText(id="line", text={"en": "x"}, maximum=10)


@pytest.mark.parametrize("one", ["长", "𠮷", FAMILY, LARGEST, "🇨🇳", "e\u0301", "நி", "1️⃣", "x"])
def test_what_looks_like_one_character_counts_as_one(one):
    assert TEN.accept(one * 10) == one * 10
    with pytest.raises(Invalid) as refused:
        TEN.accept(one * 11)
    assert (refused.value.code, refused.value.params) == ("too-long", {"maximum": 10, "length": 11})
    with pytest.raises(Invalid) as refused:
        TEN.accept(one)
    assert (refused.value.code, refused.value.params) == ("too-short", {"minimum": 2, "length": 1})


def test_marks_piled_upon_a_letter_are_bounded_by_their_bytes():
    with pytest.raises(Invalid) as refused:
        TEN.accept("ab" + "\u0301" * (HEAVIEST * 10))
    assert refused.value.code == "too-heavy"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("\ufeff\u200b办\xa0得\u3000好\u00ad\u2060 ", "办 得\u3000好"),
        ("a\tb\x00\x07", "a b"),
        ("好\u202e评\u202c", "好评"),
        (FAMILY + "می\u200cخواهم", FAMILY + "می\u200cخواهم"),
        ("\ufa19" * 2, "\ufa19" * 2),
    ],
)
def test_what_comes_along_when_pasting_is_left_out_and_the_rest_is_kept_as_written(pasted, kept):
    assert TEN.accept(pasted) == kept
    assert TEN.given({"ten": [pasted]}) == kept


def test_one_line_stays_one_line():
    assert LINE.accept("一\r\n二") == "一 二"


@pytest.mark.parametrize("blank", ["\u200b", "\xa0 \r\n", "\ufeff", "\x00"])
def test_a_text_of_which_nothing_can_be_seen_is_no_answer(blank):
    assert TEN.given({"ten": [blank]}) is None


def test_a_condition_counts_as_the_item_does():
    shorter = Shorter("ten", 5)
    assert shorter.holds({"ten": FAMILY * 4})
    assert not shorter.holds({"ten": FAMILY * 5})
    assert not shorter.holds({"ten": "12345"})
