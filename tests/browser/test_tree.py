"""What assistive technology hears of every question type, without and with an error, is what is written down.

An expectation that is missing is written by the test, which then fails: read it, then commit it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import asyncpg
import msgspec
import pytest

from survey.db import surveys
from survey.forms.instrument import Asked, Instrument
from survey.forms.items import Info, Item, Matrix
from survey.responses import Wave
from survey.web.public.components import specimen
from tests.browser.conftest import OpenPage
from tests.browser.tree import questions
from tests.browser.walking import press

EXPECTED = Path(__file__).with_name("expected")
SHOWN = {one.item.id for section in specimen().sections for one in section.asked if "_" not in one.item.id}


def all_required() -> Instrument:
    """The specimen as a survey that wants an answer to every question."""

    def wanted(asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, required=not isinstance(asked.item, Info))

    shown = specimen()
    (section,) = shown.sections
    asked = tuple(wanted(one) for one in section.asked if "_" not in one.item.id)
    variants = shown.variants[:1]
    return msgspec.structs.replace(shown, sections=(msgspec.structs.replace(section, asked=asked),), variants=variants)


@pytest.fixture
async def published(browsing: asyncpg.Connection) -> None:
    """That survey on the running service, once."""
    if await browsing.fetchval("SELECT count(*) FROM wave WHERE survey = 'components'") == 0:
        text = msgspec.json.encode(all_required()).decode()
        version = (await surveys.publish(browsing, text)).version
        now = datetime.now(UTC)
        opened = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=9)}
        await surveys.insert_wave(browsing, Wave(survey="components", wave="w1", instrument_version=version, **opened))


def compared(state: str, found: dict[str, str]) -> dict[str, str]:
    """What was expected; what was never written down is written down as it was found."""
    expected = {}
    for item, text in found.items():
        path = EXPECTED / f"{item}{state}.yaml"
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            expected[item] = f"{path.name} was missing and is written: read it and run again"
        else:
            expected[item] = path.read_text(encoding="utf-8")
    return expected


async def test_every_question_type_is_heard_as_expected(open_page: OpenPage) -> None:
    page = await open_page("/components?lang=en")
    found = {item: "\n".join(node.lines()) + "\n" for item, node in (await questions(page)).items()}
    assert set(found) >= SHOWN
    assert {type(specimen().by_id[item].item) for item in SHOWN - {"matrix"}} == {*get_args(Item)} - {Matrix}
    assert found == compared("", found)


async def test_every_question_type_tells_its_error(open_page: OpenPage, published: None) -> None:
    page = await open_page("/s/components?lang=en")
    await press(page, page.locator("main form .actions button"))
    await press(page, page.locator("main .actions button").first)
    found = {item: "\n".join(node.lines()) + "\n" for item, node in (await questions(page)).items()}
    assert set(found) == SHOWN
    assert found == compared(".error", found)
    silent = [item for item in found if item != "info" and "Error:" not in found[item]]
    assert silent == []
