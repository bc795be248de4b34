"""Plain answers coded at once come to what reading and coding them one by one comes to."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from survey.evaluation.coding import CodeBook
from survey.evaluation.plain import PlainCoding
from survey.forms.conditions import Equals, Not
from survey.forms.instrument import Asked, Check, Instrument, Section
from survey.forms.items import Single
from survey.forms.reading import read
from tests import made
from tests.conftest import INSTRUMENTS

SHIPPED = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing")
HAPPY = {**made.HAPPY, "D1": 4, "D3": 1}
ODD = ["", "x", "1", True, False, 1.0, -1, 10**20, [1], {"a": 1}, "13800138000", "满意", None]


def load(slug: str) -> Instrument:
    return msgspec.json.decode((Path(INSTRUMENTS) / f"{slug}.json").read_bytes(), type=Instrument)


BOOKS = {slug: CodeBook(load(slug)) for slug in SHIPPED}
CODINGS = {slug: PlainCoding(book) for slug, book in BOOKS.items()}
"""Kept from one example to the next, as a service keeps them: what a rule has learned must stay right."""


@st.composite
def person(draw):
    """An instrument and what somebody gave to it: mostly codes, of some items only, now and then something odd."""
    slug = draw(st.sampled_from(SHIPPED))
    answers = {}
    for asked in BOOKS[slug].instrument.asked:
        codes = [*asked.item.accepts()]
        if not codes or draw(st.integers(0, 3)) == 0:
            continue
        answers[asked.item.id] = draw(st.sampled_from(codes))
    if draw(st.integers(0, 3)) == 0:
        item = draw(st.sampled_from([*(asked.item.id for asked in BOOKS[slug].instrument.asked), "nothing"]))
        answers[item] = draw(st.sampled_from(ODD))
    return slug, answers


def on_path(slug, answers):
    """Only what is asked of somebody who answers like this."""
    reading = read(BOOKS[slug].instrument, answers)
    return {item: given for item, given in answers.items() if item in reading.path}


def holds_to_reading(slug, answers):
    plain = CODINGS[slug].encode(answers, {})
    if plain is None:
        return False
    reading = read(BOOKS[slug].instrument, answers)
    assert (plain.codes, plain.extra) == BOOKS[slug].encode(reading.answers)
    assert not reading.issues
    assert (plain.contacts, plain.dropped, plain.end) == (reading.contacts, reading.dropped, reading.end)
    return True


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(person())
def test_what_is_coded_at_once_is_what_reading_says(case):
    slug, answers = case
    holds_to_reading(slug, answers)
    assume("nothing" not in answers)
    holds_to_reading(slug, on_path(slug, answers))


@pytest.mark.parametrize(
    "answers",
    [HAPPY, {"Q0": 1, "Q1": 1, "Q2": 6, "Q3": 1}, {**HAPPY, "Q8": 99}, {**HAPPY, "Q4": 98}],
    ids=["happy", "blanks", "an escape among numbers", "an escape"],
)
def test_an_ordinary_respondent_is_coded_at_once(answers):
    answers = on_path("gov-sat", answers)
    reading = read(BOOKS["gov-sat"].instrument, answers)
    assert holds_to_reading("gov-sat", answers) == (not reading.issues)


@pytest.mark.parametrize(
    "changes",
    [
        {"Q0": 0},
        {"Q1": 0},
        {"Q3": None},
        {"Q12": [1]},
        {"Q13": "谢谢"},
        {"Q14_phone": "13800138000"},
        {"Q5": 3},
        {"ID": 1},
    ],
    ids=["refused", "not concerned", "required", "several", "words", "contact data", "not asked", "unknown"],
)
def test_what_is_out_of_the_ordinary_is_left_to_reading(changes):
    assert CODINGS["gov-sat"].encode(HAPPY | changes, {}) is None


def test_what_was_known_beforehand_is_left_to_reading():
    assert CODINGS["gov-sat"].encode(HAPPY, {"matter_ref": "T-1"}) is None


def test_an_instrument_that_looks_ahead_is_always_read():
    """A condition on a later item sees no answer yet, whatever was sent along."""
    two = tuple(BOOKS["gov-sat"].instrument.by_id["Q2"].item.options[:2])
    first = Single(id="first", text={"en": "?"}, options=two)
    last = Single(id="last", text={"en": "?"}, options=two)
    code = two[0].code
    for early in (
        Asked(item=first, when=Equals("last", code)),
        Asked(item=first, checks=(Check(when=Not(Equals("last", code)), text={}),)),
    ):
        section = Section(id="s", title={"en": "S"}, asked=(early, Asked(item=last)))
        instrument = msgspec.structs.replace(BOOKS["gov-sat"].instrument, sections=(section,))
        assert PlainCoding(CodeBook(instrument)).encode({"first": code, "last": code}, {}) is None
