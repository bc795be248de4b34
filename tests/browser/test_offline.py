"""The connection is lost at every step in turn: nothing lost, nothing doubled, and the person is told the truth."""

from collections.abc import Iterator

import asyncpg
import msgspec
import pytest
from playwright.async_api import BrowserContext, expect

from bench.line import Line
from survey.evaluation.coding import CodeBook
from survey.forms.items import Matrix
from survey.forms.screens import Screen
from survey.web.drafting import Filled
from survey.web.public.flow import Sheet
from tests.browser.cut_off import SLUG, WANTED, at, begun, finish_offline, kept, send_again
from tests.browser.walking import answer, press
from tests.browser.ways import INSTRUMENTS

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
        await send_again(page)
    else:
        await page.locator("a.button").click()
    await page.wait_for_url("**/r/*")
    assert await page.locator(".number").inner_text() == at(page)
    assert await kept(browsing) == before + 1
    assert await answers_of_last(browsing) == {"F0": 1, "F1": 1, "F1a": 1, "F2": 1, "F3": 2}
    assert await page.evaluate("Object.keys(localStorage)") == []


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
