"""The connection is lost at every step in turn: nothing lost, nothing doubled, and the person is told the truth."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bench.line import Line, weak
from survey.db.embedded import EmbeddedPostgres
from tests.browser.conftest import PHONE
from tests.browser.walking import answer, begin, press

SLUG = "h12345-followup"
WANTED = {"F0": "1", "F1": "1", "F1a": "1", "F2": "1", "F3": "2"}
READY = "navigator.serviceWorker.ready.then(() => caches.match('/s/%s/offline')).then(Boolean)"

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    """A line to the running service that can be cut."""
    async with weak(int(site.rpartition(":")[2])) as line:
        yield line


@pytest.fixture
async def browsing(server: EmbeddedPostgres, site: str) -> AsyncIterator[asyncpg.Connection]:
    """The database of the running service."""
    conn = await asyncpg.connect(server.url.replace("/survey?", "/browsing?"))
    yield conn
    await conn.close()


@pytest.fixture
async def person(chromium: Browser, line: Line) -> AsyncIterator[BrowserContext]:
    """Somebody's phone, on that line."""
    context = await chromium.new_context(base_url=f"http://127.0.0.1:{line.port}", viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(20_000)
    yield context
    await context.close()


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
    await page.wait_for_function(READY % slug)
    return page


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


STEPS = {
    "a page fetched": ("contacted", "GET /s/h12345-followup/contacted"),
    "a page posted": ("contacted", "POST /s/h12345-followup/contacted"),
    "check-answers fetched": ("check", "GET /s/h12345-followup/check"),
    "submitting": ("check", "POST /s/h12345-followup/check"),
    "the receipt fetched": ("check", "GET /r/"),
}


@pytest.mark.parametrize("lost", ["request", "response"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_connection_lost_at_any_step_loses_and_doubles_nothing(
    person: BrowserContext, line: Line, browsing: asyncpg.Connection, step: str, lost: str
) -> None:
    before = await kept(browsing)
    page = await begun(person)
    _, broken = STEPS[step]
    cut = False

    def fate(request: str) -> str | None:
        nonlocal cut
        if cut:
            return "request"
        cut = request.startswith(broken)
        return lost if cut else None

    line.fate = fate
    for _ in range(20):
        if cut or at(page) == "offline":
            break
        if at(page) not in ("check", "offline"):
            await answer(page, WANTED)
        await press(page, page.locator("main .actions button").first)
    assert cut
    told = page.locator("[data-state=waiting]")
    if step == "the receipt fetched":
        await expect(page.locator("h1")).to_have_text("没有网络")
    else:
        await finish_offline(page, WANTED)
        await expect(told).to_be_visible()
        assert await page.locator(".number").count() == 0
    line.fate = lambda request: None
    if await page.locator("[data-do=again]").count():
        await page.locator("[data-do=again]").click()
    else:
        await page.locator("a.button").click()
    await page.wait_for_url("**/r/*")
    assert await page.locator(".number").inner_text() == at(page)
    assert await kept(browsing) == before + 1
    assert await page.evaluate("Object.keys(localStorage)") == []
