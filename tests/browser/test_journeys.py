"""Each shipped survey from start to receipt on a phone, without JavaScript."""

import pytest

from tests.browser.conftest import SHIPPED, OpenPage
from tests.browser.walking import begin, fill_in, press

PATHS = {
    "gov-sat": {"Q2": "6", "Q3": "2", "Q7": "2", "Q7.more": "4", "Q14": "0"},
    "staff-digital": {"B2": "40"},
    "h12345-intake": {"I0": "0", "I1": "3", "I6": "3"},
    "h12345-followup": {"F1": "0", "F2": "0", "F3": "3"},
}


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
@pytest.mark.parametrize("variant", ["standard", "elder"])
@pytest.mark.parametrize("slug", SHIPPED)
async def test_from_start_to_receipt_without_scripts(open_page: OpenPage, slug: str, variant: str, locale: str) -> None:
    page = await open_page(f"/s/{slug}", scripts=False, locale="en-GB" if locale == "en" else "zh-CN")
    await begin(page, variant, locale)
    seen = await fill_in(page, PATHS[slug])
    assert f"s/{slug}/check" in seen
    assert await page.locator("html").get_attribute("lang") == locale
    assert await page.locator(".number").inner_text() == seen[-1].removeprefix("r/")


async def test_the_enter_key_continues_and_does_not_switch(open_page: OpenPage) -> None:
    page = await open_page("/s/h12345-followup", scripts=False)
    await begin(page, "standard", "zh-Hans")
    await page.locator("input[type=radio]").first.check(force=True)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/contacted")
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"


async def test_the_keyboard_alone_gets_from_start_to_a_question_answered(open_page: OpenPage) -> None:
    page = await open_page("/s/h12345-followup")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('main .actions button')"):
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/opening")
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "F0":
            break
    await page.keyboard.press("Space")
    width = await page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('[name=F0]:focus + label')).outlineWidth)"
    )
    assert width >= 3
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/contacted")


async def test_an_error_takes_the_focus_and_leads_to_its_question(open_page: OpenPage) -> None:
    page = await open_page("/s/h12345-followup")
    await begin(page, "elder", "zh-Hans")
    await press(page, page.locator("main .actions button"))
    assert await page.title() == "错误： 现在方便吗？ – 回访 – 公众调查服务" or (await page.title()).startswith(
        "错误："
    )
    assert await page.evaluate("document.activeElement.className") == "summary"
    await page.locator(".summary a").click()
    assert await page.evaluate("document.querySelector(':target').name") == "F0"
