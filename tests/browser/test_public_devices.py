"""Devices that are not the person's own: a kiosk clears itself, a helper says who answers."""

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, SMALL, violations
from tests.browser.walking import WORDS, answer, fill_in, fill_in_until, press

WANTED = {"Q2": "2", "Q3": "5", "Q4": "5"}


async def at_kiosk(open_page: OpenPage) -> Page:
    """The first question at a kiosk whose clock stands still until it is told to go on."""
    page = await open_page("/s/gov-sat?variant=kiosk")
    await page.clock.install()
    await press(page, page.locator("main form .actions button"))
    return page


async def test_a_kiosk_asks_and_goes_back_to_its_start_when_nobody_answers(open_page: OpenPage) -> None:
    page = await at_kiosk(open_page)
    dialog = page.locator("#idle")
    await page.clock.run_for(89_000)
    await expect(dialog).to_be_hidden()
    await page.clock.run_for(1_000)
    await expect(dialog).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.activeElement.closest('dialog') !== null")
    assert await page.evaluate(SMALL, ["dialog button, .leave button", 60]) == []
    await page.clock.run_for(29_000)
    await expect(dialog).to_be_visible()
    async with page.expect_navigation():
        await page.clock.run_for(1_000)
    assert "variant=kiosk" in page.url
    assert [one["name"] for one in await page.context.cookies() if one["name"].startswith("draft_")] == []
    assert await page.evaluate("Object.keys(localStorage).length") == 0
    await page.go_back()
    assert "main .option" not in await page.content()
    assert await page.locator("main form#answers").count() == 0


async def test_somebody_who_is_still_there_loses_nothing(open_page: OpenPage) -> None:
    page = await at_kiosk(open_page)
    await answer(page, WANTED)
    typed = await page.locator("main input:checked").count()
    for stay in ("click", "Escape", "click"):
        await page.clock.run_for(90_000)
        await expect(page.locator("#idle")).to_be_visible()
        await (page.locator("[data-stay]").click() if stay == "click" else page.keyboard.press(stay))
        await expect(page.locator("#idle")).to_be_hidden()
        await page.clock.run_for(60_000)
        await page.mouse.click(5, 5)  # a touch counts from anew
        await page.clock.run_for(60_000)
        await expect(page.locator("#idle")).to_be_hidden()
        await page.keyboard.press("Shift")
    assert await page.locator("main input:checked").count() == typed > 0


async def test_a_kiosk_without_scripts_is_cleared_with_a_button(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat?variant=kiosk", scripts=False)
    await press(page, page.locator("main form .actions button"))
    seen = await fill_in(page, WANTED)
    assert seen[-1].startswith("r/")
    await press(page, page.locator("#leave button"))
    assert "/s/gov-sat?" in page.url


async def test_a_kiosk_without_scripts_asks_and_keeps_what_was_typed(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat?variant=kiosk", scripts=False)
    await press(page, page.locator("main form .actions button"))
    await fill_in_until(page, "/Q13")
    await page.fill("#Q13", WORDS)
    still = page.locator(".still")
    await expect(still).to_be_hidden()
    await page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # five minutes later
    await expect(still).to_be_visible()
    assert await page.evaluate(SMALL, [".still a, .still button", 60]) == []
    await page.focus("#Q13")
    await expect(page.locator("#Q13")).to_be_in_viewport()
    await press(page, still.locator("button").first)
    assert await page.locator("#Q13").input_value() == WORDS
    await expect(still).to_be_hidden()


async def test_a_kiosk_without_scripts_goes_back_to_its_start_when_nobody_answers(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat?variant=kiosk", scripts=False)

    async def sooner(route: Route) -> None:
        reply = await route.fetch()
        await route.fulfill(response=reply, body=(await reply.text()).replace("420; url", "1; url"))

    await press(page, page.locator("main form .actions button"))
    await page.route("**/s/gov-sat/Q0", sooner)
    await page.reload()
    await page.wait_for_url("**/s/gov-sat?variant=kiosk")
    await expect(page.locator("form[data-begin]")).to_be_visible()
    assert [one["name"] for one in await page.context.cookies() if one["name"].startswith("draft_")] == []
    await page.unroute("**/s/gov-sat/Q0")
    await page.go_back()
    assert await page.locator("main form#answers").count() == 0


async def test_a_helper_says_who_answers_before_the_first_question(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat", width=320)
    await page.locator("label[for=variant-assisted]").click()
    await press(page, page.locator("main form .actions button"))
    assert await violations(page) == []
    await press(page, page.locator("main .actions button").first)
    assert await violations(page) == []
    assert await page.locator(".summary li").count() == 3
    assert await page.evaluate(SIDEWAYS) <= 0
    await page.locator("label[for=consent]").click()
    await page.fill("#number", "W-0042")
    await page.locator("label[for=answered_by-proxy]").click()
    await press(page, page.locator("main .actions button").first)
    assert not page.url.endswith("/helper")
