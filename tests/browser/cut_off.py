"""Filling in a form as a person does whose connection goes: what the device shows is filled in and submitted there."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import asyncpg
from playwright.async_api import BrowserContext, Error, Page

from tests.browser.conftest import PATIENCE
from tests.browser.walking import answer, begin, press

SLUG = "h12345-followup"
WANTED = {"F0": "1", "F1": "1", "F1a": "1", "F2": "1", "F3": "2"}
READY = "caches.match('/s/%s/offline').then((page) => Boolean(page && navigator.serviceWorker.controller))"


async def kept(conn: asyncpg.Connection) -> int:
    """How many responses there are."""
    return await conn.fetchval("SELECT count(*) FROM response")


def at(page: Page) -> str:
    """The last part of the address."""
    return urlsplit(page.url).path.rpartition("/")[2]


async def begun(person: BrowserContext, slug: str = SLUG, variant: str = "standard") -> Page:
    """The first page of a form, with the rest of it taken along."""
    page = await person.new_page()
    await page.goto(f"/s/{slug}")
    await begin(page, variant, "zh-Hans")
    await until(page, READY % slug)
    return page


async def until(page: Page, condition: str) -> None:
    """Wait until an expression is true on a page; the pages forbid what playwright's own function does."""
    for _ in range(PATIENCE // 50):
        if await page.evaluate(condition):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never: {condition}")


async def fill_until(page: Page, stop: str, wanted: dict[str, str]) -> None:
    """Page after page, until the page `stop`."""
    for _ in range(40):
        if at(page) == stop:
            return
        if at(page) != "check":
            await answer(page, wanted)
        await press(page, page.locator("main .actions button").first)
    raise AssertionError(f"never came to {stop}: {page.url}")


async def finish_offline(page: Page, wanted: dict[str, str]) -> None:
    """From the offline page as far as it goes: every screen answered, then submitted."""
    await page.wait_for_url("**/offline")
    for _ in range(40):
        if await page.locator("[data-do=submit]").is_visible():
            await page.locator("[data-do=submit]").click()
        if await page.locator("[data-do=again]").is_visible():
            return
        await answer_shown(page, wanted)
        await page.locator("#offline .actions .button").first.click()
    raise AssertionError(f"no end: {await page.locator('main').inner_text()}")


async def answer_shown(page: Page, wanted: dict[str, str]) -> None:
    """Answer every question that is to be seen."""
    for group in await page.locator("#offline fieldset:visible").all():
        if not await group.locator("input:checked").count() and await group.locator("input").count():
            name = await group.locator("input").first.get_attribute("name") or ""
            one = group.locator(f'input[value="{wanted.get(name, "")}"]')
            await (one if await one.count() else group.locator("input").first).check(force=True)
    for box in await page.locator("#offline input.input:visible, #offline textarea:visible").all():
        if not await box.input_value():
            await box.fill("20" if await box.get_attribute("inputmode") else "写得清楚一点，东门路口。")


async def send_again(page: Page) -> None:
    """Press the button that sends at once; the device may have sent by itself, and the button be gone, before that."""
    with contextlib.suppress(Error):
        await page.locator("[data-do=again]").click(timeout=1_000)
