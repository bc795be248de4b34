"""A form is gone on with on another device, by a code that can be read over the telephone."""

import re
from datetime import UTC, datetime, timedelta

from httpx import ASGITransport, AsyncClient
from hypothesis import given, strategies

from survey.responses.resuming import resume_text, resume_value
from survey.web.drafting import KEPT_FOR
from survey.web.public.resuming import TRIES_PER_MINUTE
from tests.web.filling import HAPPY, at, begin, fill_until, follow, leave, text, to_check

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def elsewhere(app, address="203.0.113.7"):
    return AsyncClient(transport=ASGITransport(app), base_url="http://test", headers={"X-Forwarded-For": address})


def code_on(page):
    return re.search(r'class="number">(.*?)<', page.text).group(1)


async def laid_by(client, stop="rating", **typed):
    page = await fill_until(client, await begin(client), stop, HAPPY)
    return await leave(client, page, later="1", **typed)


async def test_a_form_goes_on_where_it_was_left_on_another_device(client, publish, app):
    await publish()
    later = await laid_by(client, Q3="4")
    assert at(later) == "later"
    async with elsewhere(app) as phone:
        typed = code_on(later).lower().replace("-", " ").replace("0", "o")
        page = await follow(phone, await phone.post("/resume", data={"code": typed}))
        assert at(page) == "effort"
        rating = await phone.get("/s/gov-sat/rating")
        assert 'value="4" checked' in rating.text


async def test_when_it_expires_is_told_beforehand(client, publish):
    await publish()
    start = await client.get("/s/gov-sat?lang=en")
    assert "within 14 days" in text(start)
    later = await laid_by(client)
    until = datetime.now(UTC) + KEPT_FOR
    assert f"{until.month}月" in text(later)
    assert f"/resume/{code_on(later)}" in text(later)


async def test_the_link_alone_does_nothing(client, publish, app):
    """Programs that look at links before people do must not take a form over."""
    await publish()
    code = code_on(await laid_by(client))
    async with elsewhere(app) as phone:
        page = await phone.get(f"/resume/{code}")
        assert "set-cookie" not in page.headers
        assert f'value="{code}"' in page.text


async def test_check_answers_can_be_laid_by_and_are_not_submitted(client, conn, publish):
    await publish()
    later = await leave(client, await to_check(client), later="1")
    assert at(later) == "later"
    assert await conn.fetchval("SELECT count(*) FROM draft WHERE submitted_at IS NULL AND resume_hash IS NOT NULL") == 1


async def test_only_who_asks_for_a_code_can_be_found_by_it(client, conn, publish):
    await publish()
    await begin(client)
    assert await conn.fetchval("SELECT resume_hash FROM draft") is None


async def test_a_wrong_code_is_known_before_anybody_looks_it_up(client, publish):
    await publish()
    code = code_on(await laid_by(client))
    wrong = code[:-1] + ("X" if code[-1] != "X" else "Y")
    page = await client.post("/resume", data={"code": wrong})
    assert page.status_code == 422
    assert "输错了" in text(page)
    assert f'value="{wrong}"' in page.text


async def test_a_code_that_was_used_or_expired_says_what_to_do_next(client, conn, publish):
    await publish()
    code = code_on(await leave(client, await to_check(client), later="1"))
    await conn.execute("UPDATE draft SET expires_at = $1", datetime.now(UTC) - timedelta(seconds=1))
    page = await client.post("/resume", data={"code": code})
    assert page.status_code == 410
    assert "回执编号" in text(page)


async def test_guessing_is_slowed_down(app, publish):
    await publish()
    async with elsewhere(app) as stranger:
        codes = (resume_text(number) for number in range(TRIES_PER_MINUTE + 1))
        replies = [(await stranger.post("/resume", data={"code": code})).status_code for code in codes]
    assert replies == [410] * TRIES_PER_MINUTE + [429]


async def test_a_draft_shows_nothing_to_who_has_only_the_database(client, conn, publish):
    await publish()
    page = await fill_until(client, await begin(client), "improve", {**HAPPY, "Q3": "1"})
    page = await leave(client, page, Q12="1", Q13="我叫王小明", Q14="1")
    await leave(client, page, Q14_phone="13800138000", later="1")
    rows = await conn.fetch("SELECT * FROM draft")
    for secret in ("13800138000", "王小明", "Q14"):
        assert secret not in str([dict(row) for row in rows])
    assert "13800138000" in (await client.get("/s/gov-sat/contact")).text


@given(strategies.integers(0, 2**50 - 1), strategies.integers(0, 11), strategies.sampled_from(ALPHABET))
def test_every_single_mistyped_character_is_noticed(number, place, other):
    digits = resume_text(number).replace("-", "")
    assert resume_value(digits) == number
    if digits[place] != other:
        assert resume_value(digits[:place] + other + digits[place + 1 :]) is None


@given(strategies.integers(0, 2**50 - 1), strategies.integers(0, 10))
def test_every_two_swapped_neighbours_are_noticed(number, place):
    digits = resume_text(number).replace("-", "")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped != digits:
        assert resume_value(swapped) is None
