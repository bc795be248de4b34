"""What a page measures in a real browser: accessibility rules, sizes, widths, contrast."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.walking import answer, begin, press

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
STRICTER = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}}
SMALL = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter(one => one.offsetParent !== null && !one.matches('.aside, .skip'))
  .map(one => [one.textContent.trim().slice(0, 20) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < least)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def no_violations(page: Page, rules: dict = RULES) -> None:
    found = await Axe().run(page, options=rules)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


async def reach(page: Page, end: str, wanted: dict[str, str]) -> None:
    """Fill in page after page until the address ends like this."""
    for _ in range(40):
        if page.url.partition("?")[0].endswith(end):
            return
        if not page.url.endswith("/check"):
            await answer(page, wanted)
        await press(page, page.locator("main .actions button").first)
    raise AssertionError(f"never came to {end}")


@pytest.mark.parametrize("variant", ["standard", "elder"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_components_break_no_rule(open_page: OpenPage, variant: str, scheme: str) -> None:
    page = await open_page(f"/components?variant={variant}", color_scheme=scheme)
    await no_violations(page)
    if variant == "elder":
        await no_violations(page, STRICTER)


@pytest.mark.parametrize("variant", ["standard", "elder"])
async def test_the_pages_of_a_form_break_no_rule(open_page: OpenPage, variant: str) -> None:
    page = await open_page(f"/s/gov-sat?variant={variant}")
    await no_violations(page)
    await begin(page, variant, "zh-Hans")
    await press(page, page.locator("main .actions button"))
    await no_violations(page)  # the error page
    wanted = {"Q2": "6", "Q3": "2", "Q7": "2", "Q14": "0"}
    await reach(page, "/Q12" if variant == "elder" else "/improve", wanted)
    await no_violations(page)
    await reach(page, "/check", wanted)
    await no_violations(page)
    assert await page.evaluate(SIDEWAYS) <= 0
    await press(page, page.locator("main .actions button"))
    while "/r/" not in page.url:
        await press(page, page.locator("main .actions button").last)
    await no_violations(page)


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/s/nothing", "/s/gov-sat/end/none", "/s/h12345-intake/end/emergency"]
)
async def test_the_other_pages_break_no_rule(open_page: OpenPage, path: str) -> None:
    await no_violations(await open_page(path))


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
@pytest.mark.parametrize("variant", ["standard", "elder"])
async def test_nothing_scrolls_sideways_at_320_pixels_nor_with_text_twice_as_large(
    open_page: OpenPage, variant: str, locale: str
) -> None:
    for path in (f"/components?variant={variant}&lang={locale}", f"/s/gov-sat?variant={variant}&lang={locale}", "/"):
        page = await open_page(path, width=320)
        assert await page.evaluate(SIDEWAYS) <= 0, path
        await page.add_style_tag(content="html { font-size: 200% }")
        await page.set_viewport_size({"width": 640, "height": 900})
        assert await page.evaluate(SIDEWAYS) <= 0, f"{path} with large text"


@pytest.mark.parametrize(("variant", "text", "leading", "target"), [("standard", 18, 1.5, 48), ("elder", 22, 1.6, 60)])
async def test_text_and_targets_are_large_enough(
    open_page: OpenPage, variant: str, text: float, leading: float, target: float
) -> None:
    for path in (f"/components?variant={variant}", f"/s/gov-sat?variant={variant}"):
        page = await open_page(path)
        body = "getComputedStyle(document.body)"
        size, height = await page.evaluate(f"[parseFloat({body}.fontSize), parseFloat({body}.lineHeight)]")
        assert size >= text
        assert height / size >= leading
        targets = "main a, main button, .option label, .input, .switches *, .brand, footer a"
        assert await page.evaluate(SMALL, [targets, target]) == []
        smallest = """Math.min(...[...document.querySelectorAll('body *:not([type=radio], [type=checkbox])')]
          .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
          .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
        assert await page.evaluate(smallest) >= (22 if variant == "elder" else 16)


async def test_large_pages_show_a_telephone_number_and_keep_targets_apart(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat")
    await begin(page, "elder", "zh-Hans")
    await page.wait_for_url("**/Q0")
    assert await page.locator("footer a[href='tel:12345']").is_visible()
    gaps = await page.evaluate(
        """[...document.querySelectorAll('.option')].slice(1).map((one, n) =>
          one.getBoundingClientRect().top - document.querySelectorAll('.option')[n].getBoundingClientRect().bottom)"""
    )
    assert min(gaps) >= 8


async def test_forced_colours_show_which_option_is_chosen(open_page: OpenPage) -> None:
    page = await open_page("/components", forced_colors="active")
    assert await page.evaluate("getComputedStyle(document.querySelector('.option input')).opacity") == "1"
