"""Proof of the simple register: each rule, and an instrument that breaks it."""

from pathlib import Path

import pytest

import survey
from survey.forms.instrument import Instrument
from survey.forms.proofing import proof_text
from survey.forms.proofing_simple import advice

FOLDER = Path(survey.__file__).parent / "instruments"
ASKED = '"您住哪种房子？"'


def housing(*edits: tuple[str, str]) -> tuple[Instrument, set[tuple[str, str]]]:
    text = (FOLDER / "housing.json").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    instrument, flaws = proof_text(text.encode())
    assert instrument is not None
    return instrument, {(flaw.code, flaw.place) for flaw in flaws}


def saying(simple: str) -> tuple[Instrument, set[tuple[str, str]]]:
    return housing((f'"simple": {ASKED}', f'"simple": "{simple}"'))


TEXT = "$.sections[0].asked[0].item.text"


@pytest.mark.parametrize(
    ("simple", "code"),
    [
        ("请" * 21 + "？", "long-sentence"),
        ("𠮷" * 21 + "？", "long-sentence"),
        ("您住哪里？住多久？和谁住？好不好？", "many-sentences"),
    ],
)
def test_what_can_be_counted_is_a_flaw(simple, code):
    assert saying(simple)[1] == {(code, TEXT)}


@pytest.mark.parametrize(
    "simple", ["请" * 20 + "？", "请" * 20 + "12345 abc？" + "请" * 20, "您住哪里？住多久？和谁住？"]
)
def test_twenty_characters_and_three_sentences_are_allowed(simple):
    assert saying(simple)[1] == set()


def test_a_label_without_a_simple_wording_is_read_as_it_is():
    _, flaws = housing(('"zh-Hans": "联排住宅"', f'"zh-Hans": "{"住" * 21}"'))
    assert flaws == {("long-sentence", "$.sections[0].asked[0].item.options[3].text")}


def test_an_instrument_without_simple_words_may_be_long():
    long = (f'"simple": {ASKED}', f'"simple": "{"请" * 21}？"')
    assert housing(long, ('"register": "simple"', '"register": "standard"'))[1] == set()


def test_only_the_wordings_of_simple_variants_are_simple():
    text = f'"overrides": {{"type": {{"text": {{"zh-Hans": {{"standard": "短", "simple": "{"请" * 21}"}}}}}}}},'
    for variant, expected in (("assisted", set()), ("elder", {"long-sentence"})):
        _, flaws = housing((f'"id": "{variant}",', f'"id": "{variant}", {text}'))
        assert {code for code, place in flaws if "translation" not in code} == expected


def test_seven_options_do_not_go_on_one_page_of_a_simple_variant():
    more = "".join(f'{{"code": "x{n}", "text": {{"zh-Hans": "楼", "en": "House"}}}}, ' for n in range(3))
    seven = ('{"code": "Tower"', f'{more}{{"code": "Tower"')
    assert housing(seven)[1] == set()
    assert housing(seven, ('"max_options": 6', '"max_options": 7'))[1] == {("many-options", "$.variants[1]")}


@pytest.mark.parametrize(
    ("simple", "code"),
    [
        ("这个事项办完了吗？", "office-word"),
        ("您用过OA吗？", "abbreviation"),
        ("您用过手机App吗？", "abbreviation"),
        ("最多选三个。", "spelt-number"),
        ("等了两小时？", "spelt-number"),
        ("您不得不去吗？", "double-negative"),
        ("您不是不满意？", "double-negative"),
        ("您非去不可吗？", "double-negative"),
    ],
)
def test_what_only_looks_wrong_is_advice_and_no_flaw(simple, code):
    instrument, flaws = saying(simple)
    assert flaws == set()
    assert [(found.code, found.place) for found in advice(instrument)] == [(code, TEXT)]


@pytest.mark.parametrize("simple", ["是不是不满意？", "有没有不懂的？", "您在三亚住吗？", "十分满意？", "拨12345。"])
def test_what_only_resembles_it_is_let_be(simple):
    instrument, _ = saying(simple)
    assert advice(instrument) == ()


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_the_shipped_instruments_need_no_advice(file):
    instrument, _ = proof_text(file.read_bytes())
    assert instrument is not None
    assert advice(instrument) == ()
