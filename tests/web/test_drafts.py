"""What was begun is not lost, doubled or mixed up: drafts, tabs, cookies, double taps."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from survey.db import surveys
from survey.web.drafting import KEPT_FOR, LEFT_AFTER, finish_left_drafts
from tests.web.filling import (
    HAPPY,
    answers_of,
    at,
    begin,
    count,
    fill_until,
    follow,
    hidden,
    leave,
    post,
    text,
    to_check,
)


async def test_a_double_tap_on_submit_is_one_response_with_one_receipt(client, conn, publish):
    await publish("h12345-followup")
    check = await to_check(client, {"F0": "1", "F1": "1", "F1a": "1", "F2": "1", "F3": "5"}, slug="h12345-followup")
    replies = await asyncio.gather(*(post(client, check) for _ in range(4)))
    assert len({reply.headers["location"] for reply in replies}) == 1
    late = await post(client, check)
    assert late.headers["location"] == replies[0].headers["location"]
    assert await count(conn) == 1


async def test_the_optional_page_can_be_skipped(client, conn, publish, app):
    await publish()
    optional = await leave(client, await to_check(client))
    receipt = await leave(client, optional, D1="5", skip="1")
    assert "/r/" in str(receipt.url)
    assert (await answers_of(conn, app))["D1"] is None


async def test_after_submitting_the_core_stays_as_it_is(client, publish):
    await publish()
    await leave(client, await to_check(client))
    assert (await client.get("/s/gov-sat/rating")).headers["location"] == "/s/gov-sat/about"
    assert (await client.get("/s/gov-sat/check")).headers["location"] == "/s/gov-sat/about"


async def test_an_optional_page_left_open_does_not_lose_the_answers(client, conn, publish, app):
    await publish()
    await leave(client, await to_check(client))
    assert await finish_left_drafts(app.state, datetime.now(UTC)) == 0
    assert await finish_left_drafts(app.state, datetime.now(UTC) + LEFT_AFTER) == 1
    assert (await count(conn), await count(conn, "draft")) == (1, 0)
    page = await follow(client, await client.get("/s/gov-sat/about"))
    assert "/r/" in str(page.url)


async def test_expired_drafts_are_forgotten(client, conn, publish, app):
    await publish()
    page = await begin(client)
    await conn.execute("UPDATE draft SET expires_at = now() - interval '1 minute'")
    late = await leave(client, page, Q0="1")
    assert late.status_code == 410
    assert "14天" in text(late)
    await finish_left_drafts(app.state, datetime.now(UTC))
    assert await count(conn, "draft") == 0
    assert timedelta(days=14) == KEPT_FOR


async def test_the_same_device_goes_on_where_it_left(client, publish):
    await publish()
    page = await leave(client, await begin(client), Q0="1")
    assert at(page) == "visit"
    start = await client.get("/s/gov-sat")
    assert "接着填" in text(start)
    page = await follow(client, await client.post("/s/gov-sat/resume"))
    assert at(page) == "visit"


async def test_switching_variant_and_language_loses_nothing(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    page = await leave(client, page, Q3="1", Q4="5", Q7="5", switch="variant:elder")
    assert at(page) == "Q3"
    assert 'value="2" checked' in page.text
    page = await leave(client, page, Q3="2")
    assert 'value="1" checked' in page.text  # "very dissatisfied" is remembered
    page = await client.get("/s/gov-sat/Q7-more")
    assert 'value="5"' in page.text
    page = await leave(client, page, Q7__more="5", switch="lang:en")
    assert '<html lang="en">' in page.text
    page = await leave(client, page, Q7__more="5", switch="variant:standard")
    assert at(page) == "rating"
    assert 'id="Q7" name="Q7" value="5"' in page.text
    assert 'name="Q3" value="1" checked' in page.text


async def test_a_post_without_the_cookie_still_counts(client, publish):
    await publish()
    page = await begin(client)
    client.cookies.clear()
    assert at(await leave(client, page, Q0="1")) == "visit"


async def test_without_cookies_a_page_says_what_to_do(client, publish):
    await publish()
    await begin(client)
    client.cookies.clear()
    page = await client.get("/s/gov-sat/visit")
    assert page.status_code == 409
    assert "Cookie" in text(page)


async def test_a_stale_tab_is_told_so(client, publish):
    await publish()
    old = await begin(client)
    await begin(client)
    page = await post(client, old, Q0="0")
    assert page.status_code == 409
    assert "之前的一份" in text(page)


async def test_two_tabs_do_not_lose_each_others_answers(client, conn, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    one = post(client, page, Q3="5", Q4="4")
    other = client.post("/s/gov-sat/improve", data={**hidden(page), "shown": "Q13", "Q13": "很好"})
    await asyncio.gather(one, other)
    check = await fill_until(client, await client.get("/s/gov-sat/effort"), "improve", {})
    assert "很好" in check.text


async def test_pages_sent_at_the_same_moment_are_all_kept(client, app, conn, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    given = {"Q3": ("rating", "5"), "Q8": ("effort", "0"), "Q13": ("improve", "很好")}
    sent = [
        client.post(f"/s/gov-sat/{where}", data={**hidden(page), "shown": item, item: text})
        for item, (where, text) in given.items()
        for _ in range(3)
    ]
    assert {reply.status_code for reply in await asyncio.gather(*sent)} <= {303, 422}
    content = app.state.sealer.open(await conn.fetchval("SELECT sealed FROM draft"))
    assert all(f'"{item}":["{text}"]' in content.decode() for item, (_, text) in given.items())


async def test_a_wave_that_closes_meanwhile_says_so(client, conn, publish, app):
    await publish()
    page = await begin(client)
    await surveys.close_wave(conn, "gov-sat", "2026H2", datetime.now(UTC) - timedelta(seconds=1))
    await app.state.fieldwork._refresh(at_once=True)
    late = await leave(client, page, Q0="1")
    assert late.status_code == 410
    assert "没有提交" in text(late)
    content = app.state.sealer.open(await conn.fetchval("SELECT sealed FROM draft"))
    assert '"Q0":["1"]' in content.decode()  # what the last page said is kept all the same
    assert (await client.get("/s/gov-sat")).status_code == 410


async def test_nothing_is_submitted_after_the_wave_has_closed(client, conn, publish, app):
    await publish()
    page = await to_check(client)
    expires_at = await conn.fetchval("SELECT expires_at FROM draft")
    await surveys.close_wave(conn, "gov-sat", "2026H2", datetime.now(UTC) - timedelta(seconds=1))
    await app.state.fieldwork._refresh(at_once=True)
    assert (await post(client, page)).status_code == 410
    assert (await client.get(page.url.path)).status_code == 410
    row = await conn.fetchrow("SELECT submitted_at, expires_at FROM draft")
    assert (row["submitted_at"], row["expires_at"]) == (None, expires_at)


async def test_cookies_are_for_this_site_and_not_for_scripts(client, publish):
    await publish()
    reply = await client.post("/s/gov-sat", data={"variant": "elder"})
    for cookie in reply.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()


async def test_a_tab_of_the_variant_before_switching_still_counts(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    await leave(client, page, Q3="5", switch="variant:elder")
    late = await leave(client, page, Q3="2", Q4="4")
    assert at(late) == "Q3"
    assert 'value="2" checked' in late.text


async def test_the_same_test_too_soon_is_told_so(client, conn, publish):
    """S4: the same form is locked for 90 days."""
    await publish("staff-digital")
    for expected in (True, False):
        page = await begin(client, "staff-digital", staff_token="T-1")
        page = await leave(client, await fill_until(client, page, "check", {"K1": "C"}))
        page = await leave(client, page)
        assert ("/r/" in str(page.url)) is expected
    assert page.status_code == 410
    assert "90天内不能重复做" in text(page)
    assert await count(conn) == 1


async def test_a_body_that_is_too_long_or_unreadable_is_refused(client, publish):
    await publish()
    await begin(client)
    assert (await client.post("/s/gov-sat/consent", data={"Q0": "长" * 30_000})).status_code == 413
    assert (await client.post("/s/gov-sat/consent", content=b"\xff\xfe=1")).status_code == 400


async def test_the_chosen_size_stays_on_this_device(client, publish):
    await publish()
    await begin(client, variant="elder")
    assert 'class="large' in (await client.get("/")).text
    assert 'class="large' in (await client.get("/nothing")).text
    assert 'value="elder" checked' in (await client.get("/s/gov-sat")).text


async def test_a_device_knows_its_form_for_as_long_as_the_form_is_kept(client, conn, publish):
    await publish()
    begun = await client.post("/s/gov-sat", data={"variant": "standard", "lang": "en"})
    (told,) = [cookie for cookie in begun.headers.get_list("set-cookie") if cookie.startswith("draft_gov-sat=")]
    assert "max-age=1296000" in told.lower()  # the fourteen days of a draft, and the day on which it is not told again
    fields = {"shown": ["Q0"], "Q0": "1"}
    page = begun.headers["location"]
    assert "set-cookie" not in (await client.post(page, data=fields)).headers
    await conn.execute("UPDATE draft SET started_at = started_at - interval '25 hours'")
    assert "draft_gov-sat=" in (await client.post(page, data=fields)).headers["set-cookie"]
    device = dict(client.cookies)
    client.cookies.clear()
    known = {**fields, "response_id": device["draft_gov-sat"]}
    await conn.execute("UPDATE draft SET started_at = now()")
    assert "draft_gov-sat=" in (await client.post(page, data=known)).headers["set-cookie"]


async def test_back_after_submitting_shows_the_receipt_again_until_the_device_forgets(client, publish):
    await publish()
    check = await to_check(client)
    optional = await leave(client, check)
    receipt = await leave(client, optional, skip="1")
    for path in (check.url.path, optional.url.path, "/s/gov-sat/rating"):
        assert (await follow(client, await client.get(path))).url.path == receipt.url.path
    assert receipt.url.path.partition("/r/")[2] not in (await client.get("/s/gov-sat")).text
    again = await begin(client)
    assert at(again) == "consent"
    client.cookies.clear()
    page = await client.get(check.url.path)
    assert "已经提交" in text(page)
    assert 'href="/r"' in page.text


@pytest.mark.parametrize(
    ("path", "status"), [("visit", 409), ("end/none", 303), ("nothing", 409), ("decline", 405), ("x/y/z", 404)]
)
async def test_every_page_of_a_survey_says_whom_to_call(client, publish, path, status):
    await publish()
    await client.get("/s/gov-sat")
    page = await client.get(f"/s/gov-sat/{path}")
    assert page.status_code == status
    assert 'href="tel:12345"' in (await follow(client, page)).text
