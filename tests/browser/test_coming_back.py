"""What a device keeps is there after a reload, in a second tab, after the browser was killed; and goes when told to."""

import asyncio
import random
from pathlib import Path

import asyncpg
import msgspec
from playwright.async_api import Browser, BrowserContext, expect

from bench.browser import FLAGS, PHONE, found_browser
from bench.line import LOSSES, Line, weak
from survey.evaluation.coding import CodeBook
from survey.forms.instrument import Instrument
from survey.web.drafting import Filled
from survey.web.public.flow import Sheet
from tests.browser.cut_off import SLUG, WANTED, at, begun, fill_until, finish_offline, kept, send_again, until
from tests.browser.walking import answer, begin, fill_in, press
from tests.conftest import INSTRUMENTS

STORED = "Object.keys(localStorage).length"


async def test_two_tabs_that_submit_without_a_connection_are_one_response(
    person: BrowserContext, line: Line, browsing: asyncpg.Connection
) -> None:
    before = await kept(browsing)
    first = await begun(person)
    await fill_until(first, "check", WANTED)
    second = await person.new_page()
    await second.goto(f"/s/{SLUG}/check")
    line.fate = lambda request: "request"
    for page in (first, second):
        await page.locator("main .actions button").click()
        await page.wait_for_url("**/offline")
        await expect(page.locator("[data-state=waiting]")).to_be_visible()
    line.fate = lambda request: None
    for page in (first, second):
        await page.bring_to_front()
        await send_again(page)
        await page.wait_for_url("**/r/*")
    assert at(first) == at(second)
    assert await kept(browsing) == before + 1


async def test_what_was_typed_is_there_after_a_reload_without_a_connection(person: BrowserContext, line: Line) -> None:
    page = await begun(person)
    await fill_until(page, "contacted", WANTED)
    await page.locator("input[name=F1][value='0']").check(force=True)
    line.fate = lambda request: "request"
    await page.reload()
    await page.wait_for_url("**/offline")
    assert await page.locator("input[name=F1][value='0']").is_checked()
    await page.reload()
    assert await page.locator("input[name=F1][value='0']").is_checked()
    line.fate = lambda request: None
    await page.goto(f"/s/{SLUG}/contacted")
    assert await page.locator("input[name=F1][value='0']").is_checked()


async def test_a_browser_killed_with_something_unsent_sends_it_when_it_is_opened_again(
    chromium: Browser, line: Line, browsing: asyncpg.Connection, tmp_path: Path
) -> None:
    before = await kept(browsing)
    options = {"executable_path": found_browser(), "args": list(FLAGS), "base_url": f"http://127.0.0.1:{line.port}"}
    phone = await chromium.browser_type.launch_persistent_context(tmp_path, viewport=PHONE, locale="zh-CN", **options)
    page = await begun(phone)
    await fill_until(page, "contacted", WANTED)
    line.fate = lambda request: "request"
    await answer(page, WANTED)
    await press(page, page.locator("main .actions button").first)
    await finish_offline(page, WANTED)
    await expect(page.locator("[data-state=waiting]")).to_be_visible()
    await phone.close()
    line.fate = lambda request: None
    assert await kept(browsing) == before
    phone = await chromium.browser_type.launch_persistent_context(tmp_path, viewport=PHONE, locale="zh-CN", **options)
    page = phone.pages[0]
    await page.goto("/")
    await expect(page.locator("[data-state=received]")).to_be_visible()
    await page.locator("[data-state=received] a").click()
    await page.wait_for_url("**/r/*")
    assert await kept(browsing) == before + 1
    assert await page.evaluate(STORED) == 0
    await phone.close()


async def test_what_was_typed_and_not_sent_is_filled_in_again(person: BrowserContext) -> None:
    page = await begun(person)
    await fill_until(page, "contacted", WANTED)
    await page.locator("input[name=F1][value='0']").check(force=True)
    await page.close()
    page = await person.new_page()
    await page.goto(f"/s/{SLUG}/contacted")
    assert await page.locator("input[name=F1][value='0']").is_checked()
    await expect(page.locator("[data-state=restored]")).to_be_visible()


async def test_what_the_device_keeps_can_be_deleted_there(person: BrowserContext) -> None:
    page = await begun(person)
    await page.locator("input[type=radio]").first.check(force=True)
    assert await page.evaluate(STORED) == 1
    await page.locator("[data-do=forget]").click()
    await expect(page.locator("[data-state=forgotten]")).to_be_visible()
    await page.locator("input[type=radio]").nth(1).check(force=True)
    assert await page.evaluate(STORED) == 0
    assert await page.evaluate("caches.match('/s/h12345-followup/offline').then(Boolean)") is False


async def test_large_pages_unfold_without_a_connection_too(
    person: BrowserContext, line: Line, browsing: asyncpg.Connection
) -> None:
    wanted = {"Q3": "4", "Q3.strong.4": "1", "Q7": "1"}
    page = await begun(person, "gov-sat", "elder")
    await fill_until(page, "Q3", wanted)
    line.fate = lambda request: "request"
    await answer(page, wanted)
    await press(page, page.locator("main .actions button").first)
    await finish_offline(page, wanted)
    line.fate = lambda request: None
    await send_again(page)
    await page.wait_for_url("**/r/*")
    found = await browsing.fetchrow(
        "SELECT variant, codes, extra FROM response WHERE survey = 'gov-sat' ORDER BY received_at DESC LIMIT 1"
    )
    text = await asyncio.to_thread((INSTRUMENTS / "gov-sat.json").read_bytes)
    book = CodeBook(msgspec.json.decode(text, type=Instrument))
    assert found["variant"] == "elder"
    assert book.decode(found["codes"], msgspec.json.decode(found["extra"]))["Q3"] == 5


async def test_an_emergency_is_told_at_once_without_a_connection(person: BrowserContext, line: Line) -> None:
    page = await begun(person, "h12345-intake")
    line.fate = lambda request: "request"
    await page.locator("input[name=I0][value='1']").check(force=True)
    await press(page, page.locator("main .actions button").first)
    await page.wait_for_url("**/offline")
    await page.locator("#offline .actions .button").first.click()
    await expect(page.locator("[data-end=emergency]")).to_be_visible()


async def test_a_weak_line_loses_and_doubles_nothing(
    chromium: Browser, site: str, browsing: asyncpg.Connection
) -> None:
    """400 ms, 400 kbit/s, one exchange in twenty lost or cut in half, before or after the service has acted."""
    before = await kept(browsing)
    dice = random.Random(5)  # noqa: S311 - the same losses in every run
    async with weak(int(site.rpartition(":")[2]), milliseconds=400, kilobits=400) as line:
        context = await chromium.new_context(base_url=f"http://127.0.0.1:{line.port}", viewport=PHONE, locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"/s/{SLUG}")
        await until(page, "navigator.serviceWorker.controller !== null")
        line.fate = lambda request: dice.choice(LOSSES) if dice.random() < 0.05 else None
        await begin(page, "standard", "zh-Hans")
        seen = await fill_in(page, WANTED)
        assert seen[-1] == f"r/{await page.locator('.number').inner_text()}"
        await context.close()
    assert line.lost
    assert await kept(browsing) == before + 1


def test_a_kiosk_keeps_nothing_on_the_device() -> None:
    from survey.web.public.device import may_keep

    instrument = msgspec.json.decode((INSTRUMENTS / f"{SLUG}.json").read_bytes(), type=Instrument)
    kiosk = msgspec.structs.replace(instrument.variants[0], mode="kiosk")
    assert not may_keep(kiosk)
    assert may_keep(Sheet(instrument, instrument.variants[0], Filled()).variant)
