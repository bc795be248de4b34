"""The names that `proof` keeps free are those that the forms use."""

import re

import msgspec
import pytest
from litestar.routes import HTTPRoute

from survey.errors import Refused
from survey.forms.instrument import Instrument
from survey.forms.proofing import proof
from survey.forms.proofing_names import RESERVED_FIELDS, RESERVED_PAGES
from survey.responses import RESERVED_WAVES
from survey.web.rendering import TEMPLATES
from tests.conftest import INSTRUMENTS

FORM = ("_form", "check", "page", "start", "offline")
"""The templates in which somebody answers."""
WAVES = ("/evaluate/{slug:str}/", "/entry/{slug:str}/", "/api/v1/surveys/{slug:str}/waves/")
"""Behind what the name of a wave stands in an address."""


def test_no_page_of_questions_can_have_the_address_of_another_page(app):
    routes = [route.path for route in app.routes if isinstance(route, HTTPRoute)]
    beside = {path.split("/")[3] for path in routes if path.startswith("/s/{slug:str}/")}
    assert beside - {"{screen:str}"} == RESERVED_PAGES


def test_no_wave_is_hidden_by_a_page(app):
    routes = [route.path for route in app.routes if isinstance(route, HTTPRoute)]
    beside = {path.removeprefix(under).split("/")[0] for path in routes for under in WAVES if path.startswith(under)}
    assert beside - {"{wave:str}"} == RESERVED_WAVES


@pytest.mark.parametrize("wave", sorted(RESERVED_WAVES))
async def test_a_wave_called_like_a_page_is_refused(publish, conn, wave):
    with pytest.raises(Refused, match=f"A wave cannot be called '{wave}': a page has this name"):
        await publish(wave=wave)
    assert await conn.fetchval("SELECT count(*) FROM wave") == 0
    await publish(wave=f"{wave}-1")


def test_no_answer_can_be_taken_for_something_else_that_the_form_sends():
    text = "".join((TEMPLATES / "public" / f"{name}.html").read_text(encoding="utf-8") for name in FORM)
    names = set(re.findall(r'name="([\w-]+)"', text))
    assert len(names) > 5
    assert names <= RESERVED_FIELDS


def housing() -> dict:
    return msgspec.json.decode((INSTRUMENTS / "housing.json").read_bytes())


def flaws(definition: dict) -> list[tuple[str, str]]:
    return [(flaw.code, flaw.place) for flaw in proof(msgspec.convert(definition, Instrument))]


@pytest.mark.parametrize("page", sorted(RESERVED_PAGES))
def test_a_section_called_like_a_page_of_the_form_is_refused(page):
    definition = housing()
    definition["sections"][0]["id"] = page
    assert flaws(definition) == [("reserved-id", "$.sections[0].id")]


@pytest.mark.parametrize("name", ["check", "shown", "later"])
def test_an_item_called_like_a_page_or_a_field_of_the_form_is_refused(name):
    definition = housing()
    definition["sections"][0]["asked"][1]["item"]["id"] = name
    assert ("reserved-id", "$.sections[0].asked[1].item.id") in flaws(definition)


def test_what_is_known_beforehand_cannot_be_called_like_the_language():
    definition = housing()
    definition["prefill"] = [{"id": "lang"}]
    assert flaws(definition) == [("reserved-id", "$.prefill[0].id")]


@pytest.mark.parametrize(("slug", "page"), [("a/b", "home"), ("Housing", "home"), ("housing", "a/b"), ("housing", "")])
def test_what_does_not_fit_into_an_address_is_refused(slug, page):
    definition = housing()
    definition["slug"] = slug
    definition["sections"][0]["id"] = page
    assert [code for code, _ in flaws(definition)] == ["unsafe-id"]
