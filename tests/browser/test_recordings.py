"""A recorded question in a real browser, without JavaScript."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from playwright.async_api import Page, expect

from survey.db import surveys
from survey.responses import Wave
from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, violations
from tests.browser.test_aloud import VOICES
from tests.browser.walking import begin
from tests.recorded import SPOKEN, UNHEARD, spoken, written

NO_CODECS = "HTMLMediaElement.prototype.canPlayType = () => ''"


@pytest.fixture
async def recorded(browsing: asyncpg.Connection) -> None:
    """The recorded survey on the running service, and the same with a file that nothing decodes."""
    for slug, files in (("spoken", SPOKEN), ("unheard", {**SPOKEN, "type.m4a": UNHEARD})):
        await surveys.publish(browsing, written({**spoken(), "slug": slug}), files)
        if not await surveys.list_waves(browsing, slug):
            opened = datetime.now(UTC) - timedelta(days=1)
            wave = Wave(survey=slug, wave="w1", instrument_version=1, opens_at=opened, closes_at=None)
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


@pytest.mark.parametrize(("variant", "file"), [("elder", "type-simple.mp3"), ("standard", "type.m4a")])
async def test_a_recording_plays_to_its_end_and_replaces_the_devices_voice(
    open_page: OpenPage, recorded: None, variant: str, file: str
) -> None:
    page = await open_page("/s/spoken", width=320)
    await begin(page, variant, "zh-Hans")
    assert (await page.locator("audio").first.get_attribute("src") or "").endswith(file)
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
    assert await page.locator(".question:has(audio) .aloud").count() == 0


@pytest.mark.parametrize(("slug", "offline"), [("unheard", False), ("spoken", True)])
async def test_a_recording_that_cannot_be_decoded_or_fetched_is_read_by_the_devices_voice(
    open_page: OpenPage, recorded: None, slug: str, *, offline: bool
) -> None:
    page = await open_page(f"/s/{slug}", width=320)
    await page.context.add_init_script(f"({VOICES})(['zh-CN'])")
    await begin(page, "standard", "zh-Hans")
    await page.context.set_offline(offline)
    question = page.locator(".question").first
    await play(page)
    await expect(question.locator("audio")).to_have_count(0)
    await expect(question.locator(".aloud")).to_be_focused()
    assert await question.locator(".aloud").get_attribute("aria-pressed") == "true"
    said = await page.evaluate("window.said")
    assert said[0][0] == (await question.locator(".said").inner_text()).strip()
    assert await page.locator("audio").count() == 1
    assert await violations(page) == []


async def test_where_there_is_no_voice_either_the_page_says_so(open_page: OpenPage, recorded: None) -> None:
    page = await open_page("/s/unheard", width=320)
    await page.context.add_init_script(f"({VOICES})([])")
    await begin(page, "standard", "zh-Hans")
    await play(page)
    told = page.locator(".question").first.get_by_text("这段录音在这里放不出来。")
    await expect(told).to_be_visible()
    await expect(told).to_be_focused()
    assert await page.locator(".question").first.locator("audio, .aloud").count() == 0
    assert await violations(page) == []


@pytest.mark.parametrize("voices", [["zh-CN"], []])
async def test_a_browser_without_the_codec_shows_no_player(
    open_page: OpenPage, recorded: None, voices: list[str]
) -> None:
    page = await open_page("/s/spoken", width=320)
    await page.context.add_init_script(f"{NO_CODECS}; ({VOICES})({voices!r})")
    await begin(page, "standard", "zh-Hans")
    await expect(page.locator("audio")).to_have_count(0)
    questions = await page.locator(".question:has(.said)").count()
    assert await page.locator(".aloud").count() == (questions if voices else 0)


async def play(page: Page) -> None:
    """Play the first recording by keyboard."""
    await page.locator("audio").first.focus()
    await page.keyboard.press("Space")
