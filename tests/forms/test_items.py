"""Every question type: what can be an answer, what cannot, and that nothing is lost on the way."""

from datetime import date

import msgspec
import pytest

from survey.evaluation.coding import CodeBook
from survey.forms.instrument import Asked, Instrument, Notice, Section, Variant
from survey.forms.items import (
    Consent,
    Date,
    Invalid,
    Item,
    LongText,
    Matrix,
    Missing,
    Multiple,
    Number,
    Option,
    Phone,
    Rating,
    Select,
    ShortText,
    Single,
)
from survey.forms.items.matrix import Row
from survey.forms.items.rating import Fold

SAY = {"zh-Hans": "问", "en": "Ask"}


def option(code, **more):
    return Option(code=code, text=SAY, **more)


OPTIONS = (option(1), option(2), option(3), option(97, missing="refused"), option(99, missing="dont_know"))
FIVE = (*(option(code) for code in (5, 4, 3, 2, 1)), option(98, missing="not_applicable"))
FOLDS = (
    Fold(text=SAY, mild=4, strong=5, question=SAY),
    Fold(text=SAY, mild=3),
    Fold(text=SAY, mild=2, strong=1, question=SAY),
)
SINGLE = Single(id="single", text=SAY, options=OPTIONS)
LETTERS = Single(id="letters", text=SAY, options=(option("A"), option("B")))
SELECT = Select(id="select", text=SAY, options=tuple(option(code) for code in range(200)))
CONSENT = Consent(id="consent", text=SAY, options=(option(1), option(0)))
RATING = Rating(id="rating", text=SAY, options=FIVE, folds=FOLDS)
MULTIPLE = Multiple(
    id="multiple",
    text=SAY,
    maximum=2,
    options=(*OPTIONS[:3], option(96, exclusive=True), option(99, missing="dont_know")),
)
NUMBER = Number(
    id="number", text=SAY, minimum=0, maximum=20, options=(option(99, missing="dont_know"),), buttons=(0, 1, 2)
)
WIDE = Number(id="wide", text=SAY, minimum=0, maximum=500, options=(option(99, missing="dont_know"),))
DECIMAL = Number(id="decimal", text=SAY, minimum=-1, maximum=1, decimals=True)
SHORT = ShortText(id="short", text=SAY)
LONG = LongText(id="long", text=SAY, minimum=2, maximum=10)
DATE = Date(id="date", text=SAY, earliest=date(2020, 2, 29))
PHONE = Phone(id="phone", text=SAY)
MATRIX = Matrix(id="matrix", text=SAY, options=FIVE, rows=(Row(id="row1", text=SAY), Row(id="row2", text=SAY)))


@pytest.mark.parametrize(
    ("item", "given", "answer"),
    [
        (SINGLE, 2, 2),
        (SINGLE, 97, Missing.REFUSED),
        (LETTERS, "B", "B"),
        (SELECT, 199, 199),
        (CONSENT, 0, 0),
        (RATING, 5, 5),
        (RATING, 98, Missing.NOT_APPLICABLE),
        (MULTIPLE, [3, 1], (1, 3)),
        (MULTIPLE, [96], (96,)),
        (MULTIPLE, [99], Missing.DONT_KNOW),
        (MULTIPLE, 2, (2,)),
        (NUMBER, 0, 0),
        (NUMBER, "２０", 20),
        (NUMBER, 3.0, 3),
        (NUMBER, 99, Missing.DONT_KNOW),
        (WIDE, 99, Missing.DONT_KNOW),
        (WIDE, "99", 99),
        (DECIMAL, "-0.25", -0.25),
        (SHORT, " 𠮷野 ", "𠮷野"),
        (LONG, "很好\n谢谢", "很好\n谢谢"),
        (DATE, "2020-02-29", "2020-02-29"),
        (PHONE, "138 0013 8000", "+8613800138000"),
        (PHONE, "010-65292192", "+861065292192"),
    ],
)
def test_what_can_be_an_answer_is_one_and_comes_back_from_its_fields(item, given, answer):
    assert item.accept(given) == answer
    again = item.given(item.fields(answer))
    assert item.accept(again) == answer


ITEMS = [SINGLE, LETTERS, SELECT, CONSENT, RATING, MULTIPLE, NUMBER, WIDE, DECIMAL, SHORT, LONG, DATE, PHONE]


def test_codes_are_listed_where_one_alone_is_an_answer_and_there_are_few():
    assert {*NUMBER.accepts()} == {*range(21), 99}
    assert {*WIDE.accepts()} == {99}
    assert {*SINGLE.accepts()} == {1, 2, 3, 97, 99}
    assert not any(item.accepts() for item in (MULTIPLE, DECIMAL, SHORT, LONG, DATE, PHONE))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_what_a_list_of_codes_says_is_what_accepting_them_says(item):
    listed = item.accepts()
    assert {code: item.accept(code) for code in listed} == listed


@pytest.mark.parametrize(
    ("item", "given", "code"),
    [
        (SINGLE, 4, "not-an-option"),
        (SINGLE, True, "not-an-option"),
        (SINGLE, None, "not-an-option"),
        (SINGLE, [1], "not-an-option"),
        (LETTERS, 1, "not-an-option"),
        (RATING, "5", "not-an-option"),
        (MULTIPLE, [1, 2, 3], "too-many"),
        (MULTIPLE, [1, 96], "exclusive"),
        (MULTIPLE, [1, 99], "exclusive"),
        (MULTIPLE, [[1]], "not-an-option"),
        (NUMBER, 21, "above"),
        (NUMBER, -1, "below"),
        (NUMBER, 0.5, "not-a-whole-number"),
        (NUMBER, "1e3", "not-a-whole-number"),
        (NUMBER, "three", "not-a-whole-number"),
        (NUMBER, 10**400, "above"),
        (NUMBER, True, "not-a-number"),
        (DECIMAL, "1.5", "above"),
        (SHORT, "x" * 101, "too-long"),
        (SHORT, 7, "not-text"),
        (LONG, "x", "too-short"),
        (DATE, "2021-02-29", "not-a-date"),
        (DATE, "2020-02-28", "too-early"),
        (DATE, 20200229, "not-a-date"),
        (PHONE, "12", "not-a-phone-number"),
        (PHONE, "call me", "not-a-phone-number"),
        (PHONE, 13800138000, "not-a-phone-number"),
        (MATRIX, 5, "unknown-item"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_a_code(item, given, code):
    with pytest.raises(Invalid) as refused:
        item.accept(given)
    assert refused.value.code == code


@pytest.mark.parametrize("answer", [5, 4, 3, 2, 1])
def test_an_unfolded_scale_gives_the_same_codes(answer):
    assert RATING.given(RATING.unfolded(answer)) == answer


def test_a_blank_second_question_keeps_the_mild_code():
    assert RATING.given({"rating": ["4"]}) == 4
    assert RATING.given({"rating": ["2"]}) == 2


def test_changing_direction_forgets_the_other_directions_second_answer():
    assert RATING.given({"rating": ["2"], "rating.strong.4": ["1"]}) == 2


def test_buttons_lead_on_to_a_field():
    button, field = NUMBER.steps(max_options=6, unfold=True)
    assert button.codes == (0, 1, 2, 99)
    assert not NUMBER.shows(field, {"number": ["2"]})
    assert NUMBER.shows(field, {"number": ["more"]})
    assert NUMBER.accept(NUMBER.given({"number": ["more"], "number.more": ["7"]})) == 7
    assert NUMBER.accept(NUMBER.given({"number": ["escape-99"]})) is Missing.DONT_KNOW


def test_a_long_choice_is_asked_in_pages_of_six_that_lead_on():
    item = Single(id="many", text=SAY, options=tuple(option(code) for code in range(1, 15)))
    steps = item.steps(max_options=6, unfold=False)
    assert [len(step.codes) + step.more for step in steps] == [6, 6, 4]
    assert item.given({"many": ["more"], "many.2": ["more"], "many.3": ["14"]}) == 14
    assert item.given({"many": ["3"], "many.2": ["7"]}) == 3
    assert not item.shows(steps[2], {"many": ["more"], "many.2": ["7"]})


def test_a_multiple_choice_in_pages_has_one_maximum():
    item = Multiple(id="many", text=SAY, maximum=3, options=tuple(option(code) for code in range(1, 13)))
    assert [len(step.codes) for step in item.steps(max_options=6, unfold=False)] == [6, 6]
    given = item.given({"many": ["1", "2"], "many.2": ["7", "8"]})
    assert given == [1, 2, 7, 8]
    with pytest.raises(Invalid, match="too-many"):
        item.accept(given)


def test_a_typed_date_with_a_gap_is_no_date():
    with pytest.raises(Invalid, match="not-a-date"):
        DATE.accept(DATE.given({"date.year": ["2026"], "date.month": [""], "date.day": ["3"]}))
    assert DATE.given({"date.year": [""], "date.month": [" "], "date.day": [""]}) is None


def test_a_matrix_is_its_rows():
    assert [row.id for row in MATRIX.items()] == ["row1", "row2"]
    assert MATRIX.items()[0].stem == SAY


ITEMS: tuple[Item, ...] = (
    SINGLE, LETTERS, SELECT, CONSENT, RATING, MULTIPLE, NUMBER, WIDE, DECIMAL, SHORT, LONG, DATE, PHONE, MATRIX,
)  # fmt: skip
INSTRUMENT = Instrument(
    slug="all",
    version=1,
    title=SAY,
    notice=Notice(who=SAY, why=SAY, what=SAY, kept=SAY, seen_by=SAY, withdraw=SAY, phone="12345"),
    sections=(Section(id="one", title=SAY, asked=tuple(Asked(item=item) for item in ITEMS)),),
    variants=(Variant(id="standard", title=SAY),),
)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {item.id: Missing.SKIPPED for item in ITEMS if item.id not in ("phone", "matrix")},
        {
            "single": 3, "letters": "A", "select": 0, "consent": 1, "rating": 1, "multiple": (1, 3), "number": 20,
            "wide": 499, "decimal": -0.5, "short": "x", "long": "xx", "date": "2026-01-01", "row1": 5,
            "row2": Missing.NOT_APPLICABLE,
        },
        {"multiple": (96,), "wide": Missing.DONT_KNOW, "single": Missing.REFUSED, "number": 0},
    ],
)  # fmt: skip
def test_coded_answers_are_decoded_to_what_they_were(answers):
    book = CodeBook(INSTRUMENT)
    codes, extra = book.encode(answers)
    assert len(codes) == len(book.columns)
    assert book.decode(codes, msgspec.json.decode(msgspec.json.encode(extra))) == answers


def test_contact_data_is_no_part_of_the_codes():
    codes, extra = CodeBook(INSTRUMENT).encode({"phone": "+8613800138000"})
    assert b"138" not in codes + msgspec.json.encode(extra)
