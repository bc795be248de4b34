"""The shipped instruments: sound, whole, bilingual, and routed as the questionnaires say."""

from pathlib import Path

import msgspec
import pytest

import survey
from survey.forms.instrument import Instrument
from survey.forms.items import Missing, Select
from survey.forms.proofing import proof, proof_text
from survey.forms.reading import Reading, given_in, read
from survey.forms.screens import screens, visible

FOLDER = Path(survey.__file__).parent / "instruments"
IDS = {
    "gov-sat": "Q0 Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q7b Q8 Q9 Q10 Q11 Q12 Q12_specify Q13 Q14 Q14_phone D1 D2 D3 D4 Z1",
    "staff-digital": "B1 B2 B3 B4 A1 A2 A3 A4 A5 A6 K1 K2 K3 K4 K5 K6 K7 K8 K9 K10",
    "h12345-intake": "I0 I1 I2 I2_route I3_region I3 I4 I5 I6 I6a I6b I7 I8 I9 I10 I11 I12",
    "h12345-followup": "F0 F1 F1a F2 F6 F3 F4 F5 F7 F8 F9",
    "housing": "type contact infl sat",
}


def load(slug: str) -> Instrument:
    return msgspec.json.decode((FOLDER / f"{slug}.json").read_bytes(), type=Instrument)


def flags(slug: str, reading: Reading, **prefill: int) -> set[str]:
    return {flag.id for flag in load(slug).flags if flag.when.holds({**prefill, **reading.answers})}


@pytest.mark.parametrize("slug", IDS)
def test_a_shipped_instrument_has_no_flaw(slug):
    instrument, flaws = proof_text((FOLDER / f"{slug}.json").read_bytes())
    assert flaws == ()
    assert instrument is not None
    assert (instrument.slug, instrument.version) == (slug, 1)


@pytest.mark.parametrize("slug", IDS)
def test_every_id_of_the_questionnaire_can_be_asked(slug):
    assert " ".join(load(slug).by_id) == IDS[slug]


@pytest.mark.parametrize("slug", IDS)
def test_an_instrument_survives_json(slug):
    instrument = load(slug)
    assert msgspec.json.decode(msgspec.json.encode(instrument), type=Instrument) == instrument


@pytest.mark.parametrize("slug", IDS)
def test_an_elder_sees_six_options_at_most(slug):
    instrument = load(slug)
    for screen in screens(instrument, instrument.variant("elder")):
        (part,) = screen.parts
        if not isinstance(part.asked.item, Select):
            assert len(part.step.codes) + part.step.more <= 6, screen.id


@pytest.mark.parametrize("slug", IDS)
def test_no_item_waits_for_an_answer_on_its_own_page(slug):
    for section in load(slug).sections:
        together = {one.item.id for asked in section.asked for one in asked.ones()}
        for asked in section.asked:
            assert asked.when is None or not together & set(asked.when.refers()), asked.item.id


HALL = {"Q0": 1, "Q1": 1, "Q2": 2, "Q3": 2, "Q4": 4, "Q5": 1, "Q6": 4, "Q7": 1, "Q8": 1, "Q11": 4, "Q12": [4], "Q14": 0}
GOV = {
    "P1": (
        {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 4, "Q6": 5, "Q7": 1, "Q8": 0, "Q9": 4},
        "Q9 Q10",
        "Q5 Q7b Q11 Q12 Q14",
    ),
    "P2": (HALL, "Q5 Q11 Q12 Q14", "Q9 Q10"),
    "P3": ({"Q0": 1, "Q1": 1, "Q2": 4, "Q3": 5}, "Q5 Q11", "Q9 Q10"),
    "P4": ({"Q0": 1, "Q1": 1, "Q2": 6, "Q3": 3, "Q8": 4, "Q12": [7]}, "Q5 Q9 Q10 Q11 Q12", "Q14"),
    "P6": ({"Q0": 1, "Q1": 1, "Q2": 5, "Q3": 4, "Q4": 98}, "Q5", "Q9 Q10 Q11"),
}


@pytest.mark.parametrize(("given", "sees", "misses"), GOV.values(), ids=GOV)
def test_a_citizen_is_asked_what_concerns_them(given, sees, misses):
    reading = read(load("gov-sat"), given)
    assert reading.issues == ()
    assert set(sees.split()) <= set(reading.path)
    assert not set(misses.split()) & set(reading.path)


def test_who_never_used_a_service_or_declines_is_asked_nothing_more():
    never = read(load("gov-sat"), {"Q0": 1, "Q1": 0})
    declines = read(load("gov-sat"), {"Q0": 0})
    assert (never.path, never.end.disposition) == (("Q0", "Q1"), "screened_out")
    assert (declines.path, declines.end.disposition) == (("Q0",), "refusal")


def test_answers_off_the_path_are_dropped_when_the_channel_changes():
    reading = read(load("gov-sat"), {**HALL, "Q2": 1, "Q9": 5, "Q10": 1})
    assert reading.dropped == ("Q5", "Q11")
    assert "Q5" not in reading.answers


def test_a_known_case_is_not_asked_for_its_screener_or_channel():
    reading = read(load("gov-sat"), {"Q0": 1, "Q3": 5}, prefill={"matter_ref": "M1", "Q2": 4})
    assert reading.issues == ()
    assert not {"Q1", "Q2"} & set(reading.path)
    assert reading.answers["Q2"] == 4
    assert "Q11" in reading.path


def test_many_papers_are_asked_about_once_more():
    assert [issue.item for issue in read(load("gov-sat"), {**HALL, "Q7": 7}).soft] == ["Q7"]


def test_nothing_to_improve_stands_alone_and_three_is_the_most():
    codes = [read(load("gov-sat"), {**HALL, "Q12": chosen}).issues[0].code for chosen in ([96, 1], [1, 2, 3, 4])]
    assert codes == ["exclusive", "too-many"]


def test_a_minor_who_wants_a_call_waits_for_a_supervisor():
    reading = read(load("gov-sat"), {**HALL, "Q14": 1, "Q14_phone": "13800138000", "D1": 1})
    assert load("gov-sat").holds_contact.holds(reading.answers)
    assert reading.contacts == {"Q14_phone": "+8613800138000"}


def test_an_elder_is_asked_the_reasons_on_two_pages_with_one_limit():
    instrument = load("gov-sat")
    pages = [s for s in screens(instrument, instrument.variant("elder")) if s.item_ids == ("Q12",)]
    assert [page.parts[0].step.codes for page in pages] == [(1, 2, 3, 4, 5, 6), (7, 8, 9, 10, 11, 96)]
    given = given_in(instrument, {"Q12": ["1", "2"], "Q12.2": ["7", "8"]})
    assert read(instrument, {**HALL, **given}).issues[0].code == "too-many"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Q3": ["4"], "Q3.strong.4": ["1"]}, 5),
        ({"Q3": ["4"]}, 4),
        ({"Q3": ["3"]}, 3),
        ({"Q3": ["2"]}, 2),
        ({"Q3": ["2"], "Q3.strong.2": ["1"]}, 1),
    ],
)
def test_an_unfolded_scale_gives_the_five_codes(fields, code):
    assert given_in(load("gov-sat"), fields) == {"Q3": code}


def test_the_second_page_of_a_scale_follows_only_a_direction():
    instrument = load("gov-sat")
    for code, second in ((4, True), (3, False), (98, False)):
        fields = {"Q0": ["1"], "Q1": ["1"], "Q2": ["1"], "Q3": [str(code)]}
        everything = screens(instrument, instrument.variant("elder"))
        pages = visible(everything, read(instrument, given_in(instrument, fields)), fields)
        assert ("Q3-strong" in {page.id for page in pages}) == second


def test_staff_without_access_are_not_asked_about_the_system():
    instrument = load("staff-digital")
    assert "K7" not in read(instrument, {"B1": 4}, prefill={"no_system_access": 1}).path
    assert "K7" in read(instrument, {"B1": 3}, prefill={"no_system_access": 1}).path


def test_i_dont_know_stands_alone_and_a_blank_test_item_warns_once():
    reading = read(load("staff-digital"), {"K9": ["F", "A"]})
    assert [(issue.item, issue.code) for issue in reading.issues] == [("K9", "exclusive")]
    assert [issue.item for issue in reading.soft] == [f"K{n}" for n in range(1, 9)] + ["K10"]


CASE = {"I0": 0, "I1": 3, "I2": 7, "I3": "东门", "I4": "楼下夜里一直施工到天亮", "I6": 1, "I8": 0, "I10": 0}


def test_an_emergency_ends_at_once_and_keeps_a_count_only():
    reading = read(load("h12345-intake"), {"I0": 1})
    assert (reading.path, reading.end.id, reading.end.keeps) == (("I0",), "emergency", "count")


@pytest.mark.parametrize(
    ("given", "end", "raised"),
    [
        ({"I6": 2, "I6b": 0}, "chaser", {"chaser"}),
        ({"I6": 2, "I6b": 1}, None, {"supplement"}),
        ({"I6": 3}, None, {"repeat"}),
        ({"I6": 4}, None, {"repeat", "rebound"}),
    ],
)
def test_a_matter_raised_before_is_told_apart(given, end, raised):
    given = {**CASE, **given}
    if end:
        given = {item: value for item, value in given.items() if item not in {"I8", "I10"}}
    reading = read(load("h12345-intake"), given)
    assert (reading.issues, reading.end and reading.end.id) == ((), end)
    assert flags("h12345-intake", reading) - {"no_follow_up"} == raised


def test_a_question_needs_less_than_a_complaint():
    short = {**CASE, "I4": "怎么办证"}
    for kind, text, issues in ((1, "办证要带啥", []), (3, "夜里很吵", ["too-short"]), (3, "夜里真很吵", ["check"])):
        reading = read(load("h12345-intake"), {**short, "I1": kind, "I4": text})
        assert [issue.code for issue in reading.issues] == issues
    question = {item: value for item, value in CASE.items() if item not in {"I3", "I6"}}
    assert read(load("h12345-intake"), {**question, "I1": 1}).issues == ()
    assert {issue.item for issue in read(load("h12345-intake"), question).issues} == {"I3", "I6"}


def test_a_number_is_needed_only_for_a_call_or_a_message():
    asked = [read(load("h12345-intake"), {**CASE, "I8": reply}) for reply in (0, 1, 3)]
    assert ["I9" in reading.path for reading in asked] == [False, True, True]
    assert [[issue.item for issue in reading.issues] for reading in asked] == [[], ["I9"], []]


H = {
    "H5": ({"F1": 1, "F2": 1, "F3": 5}, "F1a", "F4 F5 F6", {"valid_followup"}),
    "H6": ({"F1": 1, "F2": 0, "F3": 3, "F4": [8]}, "F4 F5", "F6", {"valid_followup", "explained"}),
    "H7": ({"F1": 1, "F2": 98, "F3": 4}, "F3", "F4 F5", {"valid_followup", "information_only"}),
    "H8": ({"F1": 1, "F2": 1, "F3": 5, "F8": 1}, "F8", "F4", {"valid_followup", "pressured"}),
    "all 99": ({"F1": 99, "F2": 99, "F3": 99}, "F3", "F4 F5", set()),
}


@pytest.mark.parametrize(("given", "sees", "misses", "raised"), H.values(), ids=H)
def test_a_follow_up_asks_and_tells_what_it_should(given, sees, misses, raised):
    reading = read(load("h12345-followup"), {"F0": 1, **given})
    assert reading.issues == ()
    assert set(sees.split()) <= set(reading.path)
    assert not set(misses.split()) & set(reading.path)
    assert flags("h12345-followup", reading) == raised


def test_a_refused_or_postponed_follow_up_is_recorded_as_that():
    ends = [read(load("h12345-followup"), {"F0": code}).end.disposition for code in (0, 2)]
    assert ends == ["refusal", "deferred"]


def test_a_later_wave_asks_four_things_and_a_case_returned_twice_is_not_offered_again():
    late = read(load("h12345-followup"), {"F0": 1, "F6": 2, "F3": 2}, prefill={"wave_day": 90})
    twice = read(load("h12345-followup"), {"F0": 1, "F1": 1, "F2": 0, "F3": 1}, prefill={"returns": 2})
    assert set(late.path) == {"F0", "F6", "F3", "F7"}
    assert "rebound" in flags("h12345-followup", late, wave_day=90)
    assert "F5" not in twice.path


def test_an_escape_is_a_state_and_not_a_value():
    assert read(load("gov-sat"), {**HALL, "Q4": 98}).answers["Q4"] is Missing.NOT_APPLICABLE


def broken(slug: str, *edits: tuple[str, str]) -> set[str]:
    text = (FOLDER / f"{slug}.json").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    instrument, flaws = proof_text(text.encode())
    assert instrument is not None
    assert flaws == proof(instrument)
    return {flaw.code for flaw in flaws}


@pytest.mark.parametrize(
    ("slug", "old", "new", "code"),
    [
        ("gov-sat", '"end": "declined"', '"end": "gone"', "unknown-reference"),
        ("gov-sat", '"item": "matter_ref"', '"item": "nothing"', "unknown-reference"),
        ("gov-sat", '"item": "matter_ref"', '"item": "Q3"', "used-before-asked"),
        ("gov-sat", '"item": "matter_ref"', '"item": "Q1"', "cycle"),
        (
            "gov-sat",
            '"op": "at-least", "item": "Q7", "value": 2',
            '"op": "at-least", "item": "Q7", "value": 21',
            "unreachable",
        ),
        ("gov-sat", '"item": "Q2", "value": 4', '"item": "Q2", "value": 44', "never-holds"),
        ("gov-sat", '"id": "Q4"', '"id": "Q3"', "duplicate-id"),
        ("gov-sat", '"id": "Q13"', '"id": "Q 13"', "unsafe-id"),
        ("gov-sat", '"weight": 0.25', '"weight": 0.5', "weights"),
        ("gov-sat", '"minimum": 0', '"minimum": 30', "bounds"),
        ("gov-sat", '"maximum": 3', '"maximum": 30', "maximum"),
        ("housing", '"code": "Atrium"', '"code": "Tower"', "duplicate-code"),
        ("housing", '"code": 3,', '"code": 0,', "scale-order"),
        ("housing", '"en": "Terraced house"', '"fr": "x"', "missing-translation"),
        ("housing", '"simple": "您住哪种房子？"', '"simple": ""', "missing-simple"),
        ("gov-sat", '"mild": 3', '"mild": 4', "fold-cover"),
        ("housing", '"code": "Tower"', '"missing": "refused", "code": "Tower"', "escape-order"),
        ("gov-sat", '"mode": "assisted"', '"mode": "paper"', "variant-mode"),
        ("gov-sat", '"missing": "not_applicable"', '"missing": "dont_know"', "duplicate-escape"),
    ],
)
def test_one_mistake_is_named(slug, old, new, code):
    assert code in broken(slug, (old, new))


@pytest.mark.parametrize(
    ("item", "codes", "code"),
    [
        ("Q3", (5, 4), set()),
        ("Q3", (4, 5), {"variant-order"}),
        ("Q3", (5, 6), {"variant-codes"}),
        ("Q3", (5, "4"), {"variant-codes"}),
        ("Q99", (), {"unknown-reference"}),
    ],
)
def test_a_variant_that_changes_ids_codes_or_their_order_is_no_variant(item, codes, code):
    text = {"zh-Hans": "好", "en": "fine"}
    override = {"options": [{"code": one, "text": text} for one in codes]}
    document = msgspec.json.decode((FOLDER / "gov-sat.json").read_bytes())
    document["variants"][0]["overrides"] = {item: override}
    _, flaws = proof_text(msgspec.json.encode(document))
    assert {flaw.code for flaw in flaws if flaw.place.startswith("$.variants[0].overrides")} == code


def test_a_choice_without_options_is_named():
    document = msgspec.json.decode((FOLDER / "gov-sat.json").read_bytes())
    choice = next(
        asked["item"] for section in document["sections"] for asked in section["asked"] if asked["item"]["id"] == "D1"
    )
    choice["options"] = []
    assert "empty-options" in {flaw.code for flaw in proof_text(msgspec.json.encode(document))[1]}


def test_a_file_that_is_no_instrument_says_where():
    _, (malformed,) = proof_text(b"{")
    text = (FOLDER / "housing.json").read_bytes().replace(b'"type": "single"', b'"type": "singel"', 1)
    _, (mistyped,) = proof_text(text)
    assert (malformed.code, mistyped.code) == ("not-json", "not-an-instrument")
    assert mistyped.place.startswith("$.sections[0].asked[0].item")


def test_a_wish_to_be_called_without_a_number_is_asked_about_once_and_not_refused():
    reading = read(load("gov-sat"), {**HALL, "Q14": 1})
    assert reading.issues == ()
    assert [issue.item for issue in reading.soft] == ["Q14_phone"]
