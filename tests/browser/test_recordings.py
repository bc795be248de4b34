"""A recorded question in a real browser, without JavaScript."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from survey.db import surveys
from survey.responses import Wave
from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, violations
from tests.browser.walking import begin
from tests.recorded import SPOKEN, spoken, written


@pytest.fixture
async def recorded(browsing: asyncpg.Connection) -> None:
    """The recorded survey, on the running service."""
    await surveys.publish(browsing, written({**spoken(), "slug": "spoken"}), SPOKEN)
    if not await surveys.list_waves(browsing, "spoken"):
        opened = datetime.now(UTC) - timedelta(days=1)
        wave = Wave(survey="spoken", wave="w1", instrument_version=1, opens_at=opened, closes_at=None)
        await surveys.insert_wave(browsing, wave)


@pytest.mark.parametrize("variant", ["standard", "elder"])
async def test_a_player_is_large_enough_and_fetches_nothing_before_it_is_used(
    open_page: OpenPage, recorded: None, variant: str
) -> None:
    page = await open_page("/s/spoken", scripts=False, width=320)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    await begin(page, variant, "zh-Hans")
    player = page.locator("audio").first
    box = await player.bounding_box()
    assert box is not None
    assert box["height"] >= (60 if variant == "elder" else 48)
    await page.wait_for_load_state("networkidle")
    assert not [url for url in asked_for if "/recordings/" in url]
    assert "/spoken/home" in page.url or "/spoken/type" in page.url


async def test_a_recording_plays_to_its_end_and_replaces_the_devices_voice(open_page: OpenPage, recorded: None) -> None:
    page = await open_page("/s/spoken", width=320)
    await begin(page, "elder", "zh-Hans")
    assert await page.evaluate(SIDEWAYS) <= 0
    assert await violations(page) == []
    ended = await page.evaluate(
        """() => new Promise((done) => {
             const player = document.querySelector('audio');
             player.onended = () => done(player.currentTime);
             player.onerror = () => done(player.error.message);
             player.muted = true;
             player.play();
           })"""
    )
    assert ended > 0.5, ended
    assert await page.locator(".question .aloud").count() == 0
