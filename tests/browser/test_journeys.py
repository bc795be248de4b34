"""Each shipped survey from start to receipt: without JavaScript, and with a keyboard alone."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.keys import answer_by_keys, enter, tab_to
from tests.browser.walking import ASKED, address, begin, fill_in, press
from tests.browser.ways import WAYS, Case, suite


@pytest.mark.parametrize("case", suite(lambda case: [case.slug, case.variant.id, case.locale]))
async def test_from_start_to_receipt_without_scripts(open_page: OpenPage, case: Case) -> None:
    way = WAYS[case.slug][0]
    page = await open_page(case.start(way), scripts=False)
    await press(page, page.locator("main form .actions button"))
    seen = await fill_in(page, way.answers)
    assert f"s/{case.slug}/check" in seen
    assert await page.locator("html").get_attribute("lang") == case.locale
    assert await page.locator(".number").inner_text() == seen[-1].removeprefix("r/")


async def test_language_and_variant_are_chosen_at_the_start(open_page: OpenPage) -> None:
    page = await open_page("/s/h12345-followup", scripts=False, locale="en-GB")
    await begin(page, "elder", "zh-Hans")
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"
    assert await page.locator("body.large").count() == 1


async def test_the_enter_key_continues_and_does_not_switch(open_page: OpenPage) -> None:
    page = await open_page("/s/h12345-followup", scripts=False)
    await begin(page, "standard", "zh-Hans")
    await page.locator("input[type=radio]").first.check(force=True)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/contacted")
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.parametrize("case", suite(lambda case: [case.variant.id]))
async def test_from_start_to_receipt_by_keyboard_alone(open_page: OpenPage, case: Case) -> None:
    way = WAYS[case.slug][0]
    page = await open_page(case.start(way))
    await tab_to(page, ".skip")
    await tab_to(page, "main form .actions button")
    await enter(page)
    if await page.locator(ASKED).count():
        await tab_to(page, "main .actions button")
        await enter(page)
        await tab_to(page, ".summary a")
        await page.keyboard.press("Enter")
    while not address(page).startswith("r/"):
        if not address(page).endswith("/check"):
            await answer_by_keys(page, way.answers)
        await tab_to(page, "main .actions button")
        await enter(page)
    assert await page.locator(".number").inner_text() == address(page).removeprefix("r/")


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
