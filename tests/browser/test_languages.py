"""A page from right to left, as a browser lays it out."""

from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from survey.db import surveys
from survey.responses import Wave
from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, violations
from tests.browser.walking import press
from tests.web.test_languages import ARABIC


@pytest.fixture
async def arabic(site: str, server) -> None:
    """The Arabic instrument on the running service, once."""
    conn = await asyncpg.connect(server.url.replace("/survey?", "/browsing?"))
    if await conn.fetchval("SELECT count(*) FROM wave WHERE survey = 'arabic'") == 0:
        version = (await surveys.publish(conn, msgspec.json.encode(ARABIC).decode())).version
        now = datetime.now(UTC)
        opened = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=9)}
        await surveys.insert_wave(conn, Wave(survey="arabic", wave="w1", instrument_version=version, **opened))
    await conn.close()


async def test_a_form_from_right_to_left_is_laid_out_that_way(open_page: OpenPage, arabic: None) -> None:
    page = await open_page("/s/arabic", width=320)
    assert await violations(page) == []
    await press(page, page.locator("main form .actions button"))
    assert await violations(page) == []
    assert await page.evaluate(SIDEWAYS) <= 0
    option = await page.locator(".option").first.bounding_box()
    dot = await page.locator(".option input").first.bounding_box()
    assert option is not None
    assert dot is not None
    assert abs(option["x"] + option["width"] - dot["x"] - dot["width"]) < 2  # the circle is where reading begins
    await page.locator(".option label").first.click()
    assert await page.locator(".option input").first.is_checked()
