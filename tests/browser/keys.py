"""A person with a keyboard and nothing else: Tab, Space, Enter, arrows and letters."""

from typing import Any

from playwright.async_api import Page

from tests.browser.walking import CHOICES, pick, written

STOP = """(selector) => {
  const one = document.activeElement;
  const shown = one.matches('.option input') ? one.nextElementSibling : one;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  return { there: one.matches(selector), seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3,
    what: one.outerHTML.slice(0, 100) };
}"""
TO_FILL = """all => all.filter((one) => one.checkVisibility() && !one.value).map(
  (one) => [one.id, one.getAttribute('type') || one.getAttribute('inputmode') || one.localName, one.name])"""


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until a control has the focus; wherever the focus comes it must be seen."""
    stops: list[str] = []
    stop: dict[str, Any] = await page.evaluate(STOP, selector)
    while not stop["there"]:
        await page.keyboard.press("Tab")
        stop = await page.evaluate(STOP, selector)
        assert stop["seen"], f"on the way to {selector} no focus is seen on {stop['what']}, behind {stops}"
        stops.append(stop["what"])


async def enter(page: Page) -> None:
    """Press Enter and wait for the page it leads to."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def answer_by_keys(page: Page, wanted: dict[str, str]) -> None:
    """Answer every question of a page that has no answer yet, from top to bottom."""
    for question in await page.locator("main .question").all():
        await _choose(page, await question.locator(".option input[type=radio]").evaluate_all(CHOICES), wanted)
        boxes = question.locator(".option input[type=checkbox]:not([name$='.escape'])")
        for name, values in (await boxes.evaluate_all(CHOICES)).items():
            await tab_to(page, f'[name="{name}"][value="{pick(name, values, wanted)}"]')
            await page.keyboard.press("Space")
        for control, kind, name in await question.locator(".input").evaluate_all(TO_FILL):
            await tab_to(page, f'[id="{control}"]')
            if kind == "select":
                await page.keyboard.press("ArrowDown")
            else:
                await page.keyboard.insert_text(written(name, kind, wanted))


async def _choose(page: Page, groups: dict[str, list[str]], wanted: dict[str, str]) -> None:
    for name, values in groups.items():
        await tab_to(page, f'[name="{name}"]')
        await page.keyboard.press("Space")
        for _ in range(values.index(pick(name, values, wanted))):
            await page.keyboard.press("ArrowDown")
