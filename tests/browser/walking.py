"""Filling in a form as a person does: look at the page, answer what is asked, press the button."""

from collections.abc import AsyncIterator

from playwright.async_api import Locator, Page

MORE = "more"
ASKED = ".question:not(:has(.optional, .info))"
"""What an empty submit is an error for."""
TYPED = {"tel": "13800138000", "numeric": "20"}
STAFF_NUMBER = "W-0042"
WORDS = "东门路口积水，写得清楚一点。"
CHOICES = """all => {
  const found = {};
  for (const one of all) (found[one.name] ??= []).push(one.value);
  return found;
}"""


async def press(page: Page, button: Locator) -> None:
    """Press a button and wait for the page it leads to."""
    async with page.expect_navigation():
        await button.click()


async def begin(page: Page, variant: str, locale: str) -> None:
    """From the start of a survey to its first page."""
    await page.locator(f"label[for=variant-{variant}]").click()
    await page.locator(f"label[for=lang-{locale}]").click()
    await press(page, page.locator("main form .actions button"))


def pick(name: str, values: list[str], wanted: dict[str, str]) -> str:
    """What to choose: as wanted, the page after where that is not on this one, otherwise the first."""
    value = wanted.get(name) or wanted.get(name.partition(".")[0])
    if value in values:
        return value
    return MORE if value and MORE in values else values[0]


def written(name: str, kind: str, wanted: dict[str, str]) -> str:
    """What to write into a line: as wanted, otherwise something of its kind."""
    return wanted.get(name) or (STAFF_NUMBER if name == "number" else TYPED.get(kind, WORDS))


async def answer(page: Page, wanted: dict[str, str]) -> None:
    """Answer every question of a page: as wanted, otherwise with its first option."""
    for kind in ("radio", "checkbox"):
        boxes = page.locator(f"main .option input[type={kind}]:not([name$='.escape'])")
        for name, values in (await boxes.evaluate_all(CHOICES)).items():
            await page.locator(f'main input[name="{name}"][value="{pick(name, values, wanted)}"]').check(force=True)
    for box in await page.locator("main input.input:visible, main textarea:visible").all():
        kind = await box.get_attribute("type") or await box.get_attribute("inputmode") or ""
        name = await box.get_attribute("name") or ""
        await box.fill(written(name, kind, wanted))
    for box in await page.locator("main select").all():
        await box.select_option(index=1)


def address(page: Page) -> str:
    """Where a page is, without what its address only says on the way."""
    return page.url.split("/", 3)[3].partition("?")[0].partition("#")[0]


async def pages(page: Page, wanted: dict[str, str], *, limit: int = 90) -> AsyncIterator[str]:
    """The address of every page from the first to the last, each before it is answered."""
    for _ in range(limit):
        here = address(page)
        yield here
        if here.startswith("r/") or "/end/" in here:
            return
        if not here.endswith("/check"):
            await answer(page, wanted)
        await press(page, page.locator("main .actions button").first)
    raise AssertionError(f"no end: {await page.locator('main').inner_text()}")


async def fill_in(page: Page, wanted: dict[str, str]) -> list[str]:
    """From the first page to the receipt; the addresses of the pages seen."""
    return [here async for here in pages(page, wanted)]


async def fill_in_until(page: Page, end: str, wanted: dict[str, str] | None = None) -> None:
    """From the first page to the one whose address ends so."""
    async for here in pages(page, wanted or {}):
        if here.endswith(end):
            return
