"""Every page of every shipped survey, in every variant and both main languages, measured as a browser draws it.

The suite walks a few cases that show every instrument and every variant; `make matrix` walks them all.
"""

import pytest
from playwright.async_api import Page

from survey.forms.screens import screens
from survey.forms.variants import apply
from survey.forms.wording import Reader
from tests.browser.conftest import OpenPage
from tests.browser.measuring import Least, complaints, promised
from tests.browser.walking import ASKED, address, pages, press
from tests.browser.ways import WAYS, Case, Way, suite

VOICES = "speechSynthesis.getVoices = () => ['zh-CN', 'en-GB'].map((lang) => ({ lang, name: lang }))"


class Look:
    """What a walk has seen and what is wrong there; a page that says the same as before is not measured again."""

    def __init__(self, least: Least) -> None:
        self.least = least
        self.seen: set[tuple[str, str]] = set()
        self.faults: dict[str, list[str]] = {}

    async def at(self, page: Page) -> None:
        here = (address(page), await page.locator("main").inner_text())
        if here in self.seen:
            return
        self.seen.add(here)
        for fault in await complaints(page, self.least):
            self.faults.setdefault(fault, []).append(here[0])


@pytest.mark.parametrize("case", suite(lambda case: [case.slug, case.variant.id, case.locale]))
async def test_every_page_keeps_what_its_variant_promises(open_page: OpenPage, case: Case) -> None:
    look = Look(promised(case.variant))
    for way in WAYS[case.slug]:
        await walk(open_page, case, way, look)
    assert look.faults == {}
    instrument = apply(case.instrument, case.variant)
    assert {screen.id for screen in screens(instrument, case.variant)} <= {path.split("/")[-1] for path, _ in look.seen}
    reader = Reader(case.locale, case.variant.register)
    assert [end.id for end in instrument.ends if not any(reader.say(end.title) in text for _, text in look.seen)] == []


async def walk(open_page: OpenPage, case: Case, way: Way, look: Look) -> None:
    """From the start to the end, with an empty submit of every page that asks for an answer."""
    page = await open_page(case.start(way), width=320)
    await page.context.add_init_script(VOICES)
    await look.at(page)
    await press(page, page.locator("main form .actions button"))
    async for here in pages(page, way.answers):
        await look.at(page)
        if here.endswith("/check"):
            await aside(page, case, way, look)
        elif await page.locator(ASKED).count():
            await press(page, page.locator("main .actions button").first)
            await look.at(page)
            if address(page) != here:
                await page.goto(f"/{here}")
    if way == WAYS[case.slug][0]:
        receipt = page.url
        for more in ("answers", "withdraw"):
            await page.goto(f"{receipt}/{more}")
            await look.at(page)


async def aside(page: Page, case: Case, way: Way, look: Look) -> None:
    """What can be seen before submitting: the start of what was begun and, on one's own device, what is kept there."""
    back = page.url
    await page.goto(case.start(way))
    await look.at(page)
    if case.variant.mode == "web":
        await page.goto(f"/s/{case.slug}/offline")
        await look.at(page)
        await page.goto(back)
        await press(page, page.locator("button[name=later]"))
        await look.at(page)
    await page.goto(back)
