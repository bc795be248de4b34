"""The connection is lost at every step in turn: nothing lost, nothing doubled, and the person is told the truth."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest
from playwright.async_api import Browser, BrowserContext, expect

from bench.browser import PHONE
from bench.filling import come
from bench.line import LOSSES, Line, Loss
from survey.evaluation.coding import CodeBook
from survey.forms.items import Matrix
from survey.forms.screens import Screen
from survey.web.drafting import Filled
from survey.web.public.flow import Sheet
from tests.browser.cut_off import READY, SLUG, WANTED, at, begun, fill_until, finish_offline, kept, send_again, until
from tests.browser.walking import answer, begin, press
from tests.browser.ways import INSTRUMENTS

GIVEN = {item: int(value) for item, value in WANTED.items()}
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
    person: BrowserContext, line: Line, browsing: asyncpg.Connection, step: str, lost: Loss
) -> None:
    before = await kept(browsing)
    page = await begun(person)
    _, broken = STEPS[step]
    cut = False

    def fate(request: str) -> Loss | None:
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
        await send_again(page)
    else:
        await page.locator("a.button").click()
    await page.wait_for_url("**/r/*")
    assert await page.locator(".number").inner_text() == at(page)
    assert await kept(browsing) == before + 1
    assert await answers_of_last(browsing) == GIVEN
    assert await page.evaluate("Object.keys(localStorage)") == []


async def test_a_line_that_never_answers_is_given_up_once_and_what_arrives_late_undoes_nothing(
    person: BrowserContext, line: Line
) -> None:
    """Signal but no data: every further try would only be more of the same waiting. The device goes on by itself."""
    page = await begun(person)
    await fill_until(page, "contacted", WANTED)
    line.fate = lambda request: "silence"
    await answer(page, WANTED)
    await press(page, page.locator("main .actions button").first)
    await page.wait_for_url("**/offline")
    assert await page.locator("input[name=F1][value='1']").is_checked()
    assert line.lost.count("POST /s/h12345-followup/contacted") == 1
    line.fate = lambda request: None
    other = page.locator("input[name=F1]:not([value='1'])").first
    value = await other.get_attribute("value")
    await other.check(force=True)
    await page.goto(f"/s/{SLUG}/contacted")  # which sends what the device has, and goes on from there
    await page.wait_for_url(lambda url: not url.endswith(("/contacted", "/offline")))
    await line.catch_up()
    for wanted in (value, "1"):
        await page.goto(f"/s/{SLUG}/contacted")
        await expect(page.locator(f"input[name=F1][value='{value}']")).to_be_checked()
        await page.locator(f"input[name=F1][value='{wanted}']").check(force=True)
        await press(page, page.locator("main .actions button").first)
    await page.goto(f"/s/{SLUG}/contacted")
    await expect(page.locator("input[name=F1][value='1']")).to_be_checked()


def once_each(line: Line, lost: Loss) -> None:
    """From now on every request loses something the first time it is made."""
    made = {*line.requests}
    line.fate = lambda request: None if request in made else (made.add(request), lost)[1]


@pytest.mark.parametrize("lost", LOSSES)
async def test_every_request_that_loses_something_once_is_made_again_and_nobody_notices(
    person: BrowserContext, line: Line, browsing: asyncpg.Connection, lost: Loss
) -> None:
    before = await kept(browsing)
    page = await begun(person)
    hosts: set[str] = set()
    person.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    once_each(line, lost)
    for _ in range(20):
        assert await page.locator("footer").count() == 1, "half a page"
        if await page.locator(".number").count():
            break
        if at(page) != "check":
            await answer(page, WANTED)
        await press(page, page.locator("main .actions button").first)
    assert {"POST /s/h12345-followup/check", f"GET /r/{at(page)}"} <= {*line.lost}
    assert await kept(browsing) == before + 1
    assert await answers_of_last(browsing) == GIVEN
    await until(page, "Object.keys(localStorage).length === 0")
    assert hosts == {f"127.0.0.1:{line.port}"}


async def test_a_form_that_came_along_by_half_comes_along_with_the_next_page(
    person: BrowserContext, line: Line
) -> None:
    page = await person.new_page()
    await page.goto(f"/s/{SLUG}")
    await until(page, "navigator.serviceWorker.controller !== null")
    lost = asyncio.Event()

    def fate(request: str) -> Loss | None:
        if request != f"GET /s/{SLUG}/offline" or lost.is_set():
            return None
        lost.set()
        return "half the response"

    line.fate = fate
    await begin(page, "standard", "zh-Hans")
    await lost.wait()
    await answer(page, WANTED)
    await press(page, page.locator("main .actions button").first)
    await until(page, READY % SLUG)


@pytest.mark.parametrize("lost", LOSSES)
async def test_without_scripts_loading_again_is_enough_at_every_step(
    chromium: Browser, line: Line, browsing: asyncpg.Connection, lost: Loss
) -> None:
    before = await kept(browsing)
    context = await chromium.new_context(
        base_url=f"http://127.0.0.1:{line.port}", viewport=PHONE, locale="zh-CN", java_script_enabled=False
    )
    page = await context.new_page()
    once_each(line, lost)
    await come(page, page.goto(f"/s/{SLUG}"))
    for _ in range(20):
        if await page.locator(".number").count():
            break
        if at(page) not in (SLUG, "check"):
            await answer(page, WANTED)
        await come(page, press(page, page.locator("main .actions button").first))
    assert {f"GET /s/{SLUG}", f"POST /s/{SLUG}", f"POST /s/{SLUG}/check", f"GET /r/{at(page)}"} <= {*line.lost}
    assert await page.locator(".number").inner_text() == at(page)
    assert await kept(browsing) == before + 1
    assert await answers_of_last(browsing) == GIVEN
    await context.close()


async def answers_of_last(conn: asyncpg.Connection) -> dict[str, object]:
    """What the newest response says to the questions that decide the way."""
    row = await conn.fetchrow(
        "SELECT codes, extra FROM response WHERE survey = $1 ORDER BY received_at DESC LIMIT 1", SLUG
    )
    book = CodeBook(INSTRUMENTS[SLUG])
    answers = book.decode(row["codes"], msgspec.json.decode(row["extra"]))
    return {item: answers[item] for item in WANTED}


SHOWN = """() => {
  const open = [...document.querySelectorAll('#offline [data-part]:not([data-off])')];
  return open.flatMap(part => part.querySelector('[data-item]')
    ? [...part.querySelectorAll('[data-item]:not([data-off])')].map(row => row.dataset.item) : [part.dataset.item]);
}"""
RANDOM = """(seed) => {
  let state = seed;
  const random = (n) => (state = (state * 48271) % 2147483647) % n;
  const form = document.getElementById('offline');
  for (const radio of form.querySelectorAll('input[type=radio]')) if (random(3) === 0) radio.checked = true;
  for (const box of form.querySelectorAll('input[type=checkbox]')) box.checked = random(4) === 0;
  for (const text of form.querySelectorAll('input.input, textarea')) text.value = random(3) ? String(random(70)) : '';
  for (const select of form.querySelectorAll('select')) select.selectedIndex = random(select.options.length);
  form.dispatchEvent(new Event('input'));
  const fields = {};
  for (const control of form.elements) {
    if (!control.name || control.closest('[data-off]')) continue;
    if (control.matches('[type=radio], [type=checkbox]') && !control.checked) continue;
    (fields[control.name] ??= []).push(control.value);
  }
  return fields;
}"""


@pytest.mark.parametrize("variant", ["standard", "elder"])
@pytest.mark.parametrize("slug", INSTRUMENTS)
async def test_the_device_asks_what_the_service_would_ask(
    person: BrowserContext, line: Line, slug: str, variant: str
) -> None:
    """The script's walk is the twin of `read`: on random answers both show the same questions."""
    instrument = INSTRUMENTS[slug]
    page = await begun(person, slug, variant)
    await page.goto(f"/s/{slug}/offline")
    for seed in range(1, 40):
        fields = await page.evaluate(RANDOM, seed)
        shown = {*await page.evaluate(SHOWN)}
        sheet = Sheet(instrument, instrument.variant(variant), Filled(fields=fields))
        expected = {part_id for screen in (*sheet.pages, *sheet.optional) for part_id in shown_on(screen, sheet)}
        assert shown == expected, (seed, fields)


def shown_on(screen: Screen, sheet: Sheet) -> Iterator[str]:
    """The items a page asks, a matrix as its rows, the text of "other" left out."""
    for part in screen.parts:
        rows = part.ones if isinstance(part.asked.item, Matrix) else part.ones[:1]
        yield from (one.item.id for one in rows if one.item.id in {*sheet.reading.path, *sheet.reading.seen})
