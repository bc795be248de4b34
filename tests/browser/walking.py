"""Filling in a form as a person does: look at the page, answer what is asked, press the button."""

from playwright.async_api import Locator, Page

TEXTS = {"tel": "13800138000"}


async def press(page: Page, button: Locator) -> None:
    """Press a button and wait for the page it leads to."""
    async with page.expect_navigation():
        await button.click()


async def begin(page: Page, variant: str, locale: str) -> None:
    """From the start of a survey to its first page."""
    await page.locator(f"label[for=variant-{variant}]").click()
    await page.locator(f"label[for=lang-{locale}]").click()
    await press(page, page.locator("main form .actions button"))


async def answer(page: Page, wanted: dict[str, str]) -> None:
    """Answer every question of a page: as wanted, otherwise with its first option."""
    names = await page.locator("main input[type=radio]").evaluate_all("all => [...new Set(all.map(one => one.name))]")
    for name in names:
        radios = page.locator(f'main input[type=radio][name="{name}"]')
        chosen = page.locator(f'main input[type=radio][name="{name}"][value="{wanted.get(name, "")}"]')
        await (chosen if await chosen.count() else radios.first).check(force=True)
    boxes = page.locator("main .option input[type=checkbox]:not([name$='.escape'])")
    if await boxes.count():
        await boxes.first.check(force=True)
    for box in await page.locator("main input.input:visible, main textarea:visible").all():
        kind = await box.get_attribute("type") or await box.get_attribute("inputmode") or ""
        name = await box.get_attribute("name") or ""
        await box.fill(
            wanted.get(name) or TEXTS.get(kind) or ("20" if kind == "numeric" else "东门路口积水，写得清楚一点。")
        )
    for box in await page.locator("main select").all():
        await box.select_option(index=1)


async def fill_in(page: Page, wanted: dict[str, str], *, limit: int = 60) -> list[str]:
    """From the first page to the receipt; the addresses of the pages seen."""
    seen = []
    for _ in range(limit):
        path = page.url.split("/", 3)[3].partition("?")[0].partition("#")[0]
        seen.append(path)
        if path.startswith("r/"):
            return seen
        if not path.endswith("/check"):
            await answer(page, wanted)
        await press(page, page.locator("main .actions button").first)
    raise AssertionError(f"no receipt after {seen}: {await page.locator('main').inner_text()}")
