"""Paper forms and posters: every question of every shipped instrument, for whom it is, and a code to come back by."""

import re
from typing import get_args

import msgspec
import pytest

from survey.forms.conditions import All, Answered, Any, AnyOf, AtLeast, AtMost, Equals, IsMissing, Not, Shorter
from survey.forms.instrument import Instrument
from survey.forms.items import Item
from survey.web.paper.routes import HOW, Routes
from survey.web.paper.runs import Copy, Run
from survey.web.paper.sheets import sheet
from survey.web.paper.typesetting import FAMILIES, FOLDER, _installed
from survey.web.scripts import in_both_scripts
from tests.conftest import INSTRUMENTS
from tests.web.filling import HAPPY, at, begin, count, fill_until, follow, post

SHIPPED = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup")
HAS_FONT = bool(_installed() & set(FAMILIES))
needs_font = pytest.mark.skipif(not HAS_FONT, reason="there is no typeface with Chinese here: install fonts-noto-cjk")


def load(slug: str) -> Instrument:
    return in_both_scripts(msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes(), type=Instrument))


@pytest.mark.parametrize("item", get_args(Item), ids=lambda item: item.__struct_config__.tag)
def test_every_item_type_has_its_place_on_paper(item):
    kinds = (FOLDER / "sheet.typ").read_text(encoding="utf-8").partition("#let kinds = (")[2].partition("\n)")[0]
    assert f'"{item.__struct_config__.tag}":' in kinds


@pytest.mark.parametrize("slug", SHIPPED)
@pytest.mark.parametrize("large", [False, True])
def test_a_sheet_has_every_question_in_order_with_all_its_codes(slug, large):
    instrument = load(slug)
    for locale in instrument.locales:
        made = sheet(instrument, locale, "https://example.org/s/x", large=large)
        questions = [question for part in made.parts for question in part.questions]
        asked = [entry for section in instrument.sections for entry in section.asked]
        left_out = {entry.item.id for entry in asked} - {question.id for question in questions}
        assert left_out <= {"I2_route", "F6"}  # for whom nothing was known beforehand
        numbers = [question.number for question in questions if question.number]
        assert numbers == sorted(set(numbers))
        for question in questions:
            options = getattr(instrument.by_id.get(question.id, asked[0]).item, "options", ())
            if question.type in ("single", "rating", "multiple", "select"):
                assert [choice.code for choice in question.choices] == [str(option.code) for option in options]
                assert [choice.specify for choice in question.choices] == [option.specify for option in options]
        assert all(made.words.values())


def test_paper_promises_a_reference_number_only_where_it_has_one():
    instrument = load("gov-sat")
    blank = sheet(instrument, "en", "https://example.org/s/x", large=False)
    assert dict(blank.notice)["How to withdraw"].startswith("This paper has no reference number")
    assert blank.copies == ()
    copies = (Copy(number="17", reference="G000-0000-000Z"), Copy(number="18", reference="G000-0000-0010"))
    run = Run(wave="2026H2", copies=copies, address="https://example.org/r")
    numbered = sheet(instrument, "en", "https://example.org/s/x", large=False, run=run)
    assert dict(numbered.notice)["How to withdraw"].startswith("The last page has a reference number")
    assert [(one.label, one.reference) for one in numbered.copies] == [
        ("2026H2 · Sheet 17", "G000-0000-000Z"),
        ("2026H2 · Sheet 18", "G000-0000-0010"),
    ]
    assert "https://example.org/r or by calling 12345" in numbered.look_up


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (None, ""),
        (AnyOf("Q2", (2, 4)), "question 3: 2, 4"),
        (Equals("Q2", 2), "question 3: 2"),
        (Not(Equals("Q2", 2)), "question 3: not 2"),
        (All((AtLeast("Q7", 2), AtMost("Q3", 2))), "question 8: 2 or more and question 4: 2 or less"),
        (Not(All((AtLeast("Q7", 2), AtMost("Q3", 2)))), "question 8: 1 or less or question 4: 3 or more"),
        (Not(Answered("matter_ref")), ""),
        (Answered("matter_ref"), None),
        (Any((Answered("matter_ref"), Equals("Q2", 1))), "question 3: 1"),
        (All((Answered("matter_ref"), Equals("Q2", 1))), None),
        (Not(IsMissing("Q2", ("skipped",))), "question 3 answered"),
        (Shorter("Q13", 5), "question 20: fewer than 5 characters"),
    ],
)
def test_routing_is_said_with_the_numbers_on_the_sheet(condition, said):
    numbers = {"Q2": 3, "Q3": 4, "Q7": 8, "Q13": 20}
    assert Routes(numbers, "en").said(condition) == said


def test_every_condition_on_an_item_has_words():
    from survey.forms import conditions

    on_items = {
        one for one in vars(conditions).values() if isinstance(one, type) and issubclass(one, conditions.OnItem)
    }
    assert on_items - {conditions.OnItem} == set(HOW)


@needs_font
async def test_a_place_gets_an_address_a_poster_and_a_code(client, publish, administrator, conn, app):
    await publish()
    page = await client.get("/admin/gov-sat", headers=administrator)
    assert page.status_code == 200
    added = await client.post("/admin/gov-sat", data={"place": " 三号  窗口 ", "Q2": "2"}, headers=administrator)
    assert added.status_code == 303
    again = await client.post("/admin/gov-sat", data={"place": "三号 窗口"}, headers=administrator)
    assert again.status_code == 422
    assert "已经有同名的地点" in again.text
    assert (await client.post("/admin/gov-sat", data={"place": " "}, headers=administrator)).status_code == 422
    code = await conn.fetchval("SELECT code FROM collector")
    for path, kind in ((f"{code}/poster.pdf?lang=en", b"%PDF-"), (f"{code}/qr.svg", b"<svg"), ("paper.pdf", b"%PDF-")):
        made = await client.get(f"/admin/gov-sat/{path}", headers=administrator)
        assert made.content.startswith(kind), path
    assert (await client.get(f"/admin/gov-sat/{code}/poster.pdf?lang=xx", headers=administrator)).status_code == 404
    assert (await client.get("/admin/gov-sat/23456789/qr.svg", headers=administrator)).status_code == 404


async def test_answers_say_at_which_place_they_were_given(client, publish, administrator, conn):
    await publish()
    await client.post("/admin/gov-sat", data={"place": "大厅", "Q2": "1"}, headers=administrator)
    code = await conn.fetchval("SELECT code FROM collector")
    start = await follow(client, await client.get(f"/c/{code.upper()}"))
    assert f'name="collector" value="{code}"' in start.text
    assert (await client.get(f"/c/{code}?variant=kiosk")).headers["location"].count("variant=kiosk") == 1
    known = {"collector": code, "Q2": "1"}
    page = await begin(client, **known)
    check = await fill_until(client, page, "check", HAPPY)
    assert at(check) == "check"
    done = await fill_until(client, await follow(client, await post(client, check)), "never", {})
    assert "/r/" in str(done.url)
    assert await conn.fetchval("SELECT extra->'prefill'->>'collector' FROM response") == code


async def test_a_place_that_is_none_is_kept_with_nobodys_answers(client, publish, conn):
    await publish()
    assert (await client.get("/c/zzzzzzzz")).status_code == 404
    check = await fill_until(client, await begin(client, collector="zzzzzzzz"), "check", HAPPY)
    await fill_until(client, await follow(client, await post(client, check)), "never", {})
    assert await count(conn) == 1
    assert await conn.fetchval("SELECT extra->'prefill' ? 'collector' FROM response") is None


async def test_only_administrators_add_places(client, publish, evaluator_headers):
    await publish()
    assert (await client.get("/admin/gov-sat")).status_code in (303, 401)
    assert (await client.post("/admin/gov-sat", data={"place": "x"}, headers=evaluator_headers)).status_code == 403


@needs_font
@pytest.mark.parametrize("slug", SHIPPED)
async def test_paper_is_tagged_for_screen_readers_in_every_language(client, publish, administrator, slug):
    await publish(slug)
    for locale in ("zh-Hans", "zh-Hant", "en"):
        for large in ("false", "true"):
            made = await client.get(f"/admin/{slug}/paper.pdf?lang={locale}&large={large}", headers=administrator)
            assert made.headers["content-type"] == "application/pdf"
            assert re.search(rb"pdfuaid|/MarkInfo", made.content)
