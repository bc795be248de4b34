"""The evaluator's pages in a real browser: they break no rule, and nothing sticks out of a telephone's window."""

from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np
import pytest
from playwright.async_api import Page

from survey.db import accounts, surveys
from survey.responses import Wave
from tests.browser.conftest import OpenPage
from tests.browser.measuring import SIDEWAYS, violations
from tests.evaluation.samples import keep

SLUG = "gov-sat"
WAVES = ("2020H1", "2020H2")
SUMMARY = f"/evaluate/{SLUG}/2020H2"
COMPARE = f"/evaluate/{SLUG}/compare?measure=Q3&"
PAGES = {
    "surveys": "/evaluate",
    "wave": SUMMARY,
    "breakdown": f"{SUMMARY}?by=D1",
    "filter": f"{SUMMARY}?where=D3:3",
    "break-off": f"{SUMMARY}/break-off",
    "two groups": f"{COMPARE}wave=2020H2&a=D3:1&b=D3:2",
    "several groups": f"{COMPARE}wave=2020H2&by=D1",
    "two waves": f"{COMPARE}a=wave:2020H1&b=wave:2020H2",
    "pilot": f"{COMPARE}pilot=D3:1&control=D3:2&before=2020H1&after=2020H2",
    "target": f"{COMPARE}wave=2020H2&a=D3:1&target=80",
    "mistaken": f"{COMPARE}a=D3:1",
}


@pytest.fixture(scope="session")
async def token(site: str, server) -> str:
    """Two waves that are over, with answers, and the token of somebody who may see them."""
    conn = await asyncpg.connect(server.url.replace("/survey?", "/browsing?"))
    random, then = np.random.default_rng(3), datetime.now(UTC) - timedelta(days=2000)
    for place, name in enumerate(WAVES):
        opens = then + timedelta(days=180 * place)
        version = await surveys.fetch_latest_version(conn, SLUG)
        wave = Wave(
            survey=SLUG, wave=name, instrument_version=version, opens_at=opens, closes_at=opens + timedelta(days=9)
        )
        await surveys.insert_wave(conn, wave)
        answers = [
            {"Q3": int(random.choice([1, 3, 4, 5])), "D1": int(age), "D3": int(random.choice([1, 2]))}
            for age in [*random.choice([2, 3, 4], 160), *[5] * 4]
        ]
        await keep(conn, wave, [*answers, *({**one, "D3": 3} for one in answers[:4])])
    await conn.execute(
        """
        INSERT INTO breakoff (survey, wave, variant, page, n)
        VALUES ($1, $2, 'standard', 'rating', 12), ($1, $2, 'standard', 'check', 3), ($1, $2, 'elder', 'Q3-strong', 25)
        """,
        SLUG,
        WAVES[1],
    )
    made = await accounts.insert_account(conn, "browsing-evaluator", "evaluator")
    await conn.close()
    return made


async def signed_in(open_page: OpenPage, token: str, **more) -> Page:
    page = await open_page("/sign-in", **more)
    await page.fill("main input[name=token]", token)
    await page.click("main button")
    await page.wait_for_url("**/evaluate")
    return page


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_the_evaluators_pages_break_no_rule_and_fit(open_page: OpenPage, token: str, locale: str) -> None:
    page = await signed_in(open_page, token, locale=locale, width=320)
    for name, path in PAGES.items():
        await page.goto(path)
        assert await page.evaluate(SIDEWAYS) <= 0, name
        assert await violations(page) == []


async def test_what_is_held_back_says_why_in_the_readers_language(open_page: OpenPage, token: str) -> None:
    page = await signed_in(open_page, token)
    for name in ("breakdown", "several groups"):
        await page.goto(PAGES[name])
        held_back = await page.locator("main .notice li").all_inner_texts()
        assert any("D1:5" in line and "答卷不足 10 份" in line for line in held_back), name
        assert any("相减" in line for line in held_back), name
    await page.goto(PAGES["filter"])
    assert "不显示" in await page.inner_text("main .notice")


async def test_a_comparison_is_asked_for_with_the_form_and_weighted_by_a_table(
    open_page: OpenPage, token: str, tmp_path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("item,code,population\nD3,1,60\nD3,2,30\nD3,3,10\n", encoding="utf-8")
    page = await signed_in(open_page, token, scripts=False)
    await page.goto(SUMMARY)
    await page.select_option("#measure", "Q3")
    await page.fill("#a", "wave:2020H1")
    await page.fill("#b", "wave:2020H2")
    await page.locator("form[action$=compare] button").first.click()
    assert await page.locator("main .finding").count() == 2
    await page.locator("details:has(#margins) summary").click()
    await page.set_input_files("#margins", table)
    await page.click("button[formmethod=post]")
    assert "加权" in await page.inner_text("main")
    assert await page.locator("main .finding").count() == 2
