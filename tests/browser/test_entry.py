"""Typing paper in, in a real browser: by keyboard alone, on a narrow screen, breaking no rule."""

from datetime import UTC, datetime, timedelta

import asyncpg
from playwright.async_api import Page, expect

from survey.db import accounts, surveys
from survey.responses import Wave
from survey.responses.sheets import is_typed_twice
from survey.web.sealing import Sealer
from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, SMALL, violations
from tests.browser.walking import press
from tests.web.filling import HAPPY

WAVE = "2019paper"
"""A wave of its own, and long closed: other tests count what is in the open one."""
DESK = f"/entry/gov-sat/{WAVE}"


async def clerk(open_page: OpenPage, conn: asyncpg.Connection, name: str) -> Page:
    """Somebody who has signed in to type."""
    token = await accounts.insert_account(conn, name, "clerk")
    page = await open_page("/sign-in", scripts=True, width=320)
    await page.fill("main input[name=token]", token)
    await page.click("main button")
    await page.wait_for_url("**/entry")
    return page


async def fits(page: Page) -> None:
    assert await violations(page) == []
    assert await page.evaluate(SIDEWAYS) <= 0, page.url
    assert await page.evaluate(SMALL, ["main .button, main .input, main .option label", 44]) == []


async def type_by_keyboard(page: Page, sheet: str, cells: dict[str, str]) -> None:
    """From the wave's page through the sheet, without touching a mouse."""
    await page.goto(DESK)
    await expect(page.locator("#sheet")).to_be_focused()
    await page.keyboard.type(sheet)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sheet?**")
    for item in await page.locator("[name^='a.']").evaluate_all("all => all.map(one => one.name.slice(2))"):
        assert await page.evaluate("document.activeElement.name") == f"a.{item}"
        await page.keyboard.type(cells.get(item, ""))
        await page.keyboard.press("Tab")


async def test_a_sheet_is_typed_twice_and_resolved_on_a_narrow_screen(
    open_page: OpenPage, browsing: asyncpg.Connection
) -> None:
    then = datetime.now(UTC) - timedelta(days=3000)
    version = await surveys.fetch_latest_version(browsing, "gov-sat")
    wave = Wave(survey="gov-sat", wave=WAVE, instrument_version=version, opens_at=then, closes_at=then + timedelta(9))
    await surveys.insert_wave(browsing, wave)
    secret = Sealer("only for tests, 16+").receipt_secret
    sheet = next(str(n) for n in range(1, 500) if is_typed_twice("gov-sat", WAVE, str(n), secret))
    ann, bo = [await clerk(open_page, browsing, name) for name in ("ann", "bo")]
    await fits(ann)
    await type_by_keyboard(ann, sheet, {**HAPPY, "Q3": "7", "D1": "2"})
    await ann.focus("#q-Q3")
    await ann.keyboard.press("Enter")  # checks, and saves nothing
    await expect(ann.locator(".summary")).to_contain_text("这里不能录入“7”")
    await fits(ann)
    await ann.fill("#q-Q3", "5")
    await ann.fill("#q-Q6", "")
    await ann.fill("#q-Q1", "")
    await ann.click("main .actions button")
    await expect(ann.locator("main .status")).to_contain_text("问卷原件上也是空白吗")
    await fits(ann)
    await ann.fill("#q-Q1", "1")
    await ann.click("main .actions button")
    await expect(ann.locator("main .status")).to_contain_text("需要录入两次")
    await fits(ann)

    await type_by_keyboard(bo, sheet, {**HAPPY, "D1": "3"})
    await bo.click("main .actions button")
    await expect(bo.locator("main .status")).to_contain_text("不一致之处")
    await bo.click(f"a[href$='differences?sheet={sheet}']")
    await fits(bo)
    await bo.check("#take-Q6-2")
    await bo.click("main .actions button")
    await expect(bo.locator(".summary")).to_contain_text("D1")
    await fits(bo)
    await bo.check("#take-D1-other")
    await bo.fill("#other-D1", "4")
    await bo.click("main .actions button")
    await expect(bo.locator("main .status")).to_contain_text("已计入结果")
    await fits(bo)
    assert await browsing.fetchval("SELECT count(*) FROM response WHERE wave = $1", WAVE) == 1


async def test_the_administrators_page_with_places_fits_a_telephone(
    open_page: OpenPage, browsing: asyncpg.Connection
) -> None:
    token = await accounts.insert_account(browsing, "ada", "administrator")
    page = await open_page("/sign-in", width=320)
    await page.fill("main input[name=token]", token)
    await press(page, page.locator("main button"))
    await page.goto("/admin/housing")
    await page.fill("#place", "东门窗口")
    await press(page, page.locator("main form button").first)
    await fits(page)
