"""Forms filled in for somebody else: who helps, consent read out, whose answers; and kiosks, which keep nobody's."""

import asyncio
from datetime import date

import msgspec
import pytest
from httpx import AsyncClient

from survey.db import tickets
from survey.responses.tickets import invitation_token, matter_token, ticket_hash
from survey.web.sealing import Sealer
from tests.web.filling import HAPPY, begin, count, fill_until, follow, hidden, post, text

HELPER = {"number": "W-0042", "consent": "1", "answered_by": "together"}


async def kept(conn):
    """The variant, mode and paradata of the one response there is."""
    row = await conn.fetchrow("SELECT variant, mode, extra FROM response")
    return row["variant"], row["mode"], msgspec.json.decode(row["extra"]).get("paradata", {})


@pytest.mark.parametrize("variant", ["assisted", "phone"])
async def test_who_helps_and_who_answers_is_kept_with_the_response(client, conn, publish, variant):
    await publish()
    helper = await follow(client, await client.post("/s/gov-sat", data={"variant": variant, "lang": "zh-Hans"}))
    assert helper.url.path == "/s/gov-sat/helper"
    assert "您同意吗？" in text(helper)
    first = await follow(client, await post(client, helper, **HELPER))
    page = await fill_until(client, first, "check", HAPPY)
    reply = await follow(client, await post(client, page))
    assert reply.status_code == 200
    if "/r/" not in reply.url.path:
        reply = await follow(client, await post(client, reply, skip="1"))
    stored, mode, paradata = await kept(conn)
    assert (stored, mode) == (variant, variant)
    assert paradata["helper"] == {"number": "W-0042", "answered_by": "together", "consent_read_out": True}


@pytest.mark.parametrize("missing", ["number", "consent", "answered_by"])
async def test_no_question_is_shown_before_all_of_it_is_said(client, publish, missing):
    await publish()
    helper = await begin_helped(client)
    reply = await post(client, helper, **{name: value for name, value in HELPER.items() if name != missing})
    assert reply.status_code == 422
    assert 'aria-invalid="true"' in reply.text or "answered_by-error" in reply.text
    for path in ("/s/gov-sat/experience", "/s/gov-sat/check"):
        elsewhere = await client.get(path)
        assert elsewhere.status_code == 404 or elsewhere.headers["location"] == "/s/gov-sat/helper"


async def test_a_device_neither_takes_along_nor_submits_what_no_helper_has_signed(client, conn, publish):
    await publish()
    helper = await begin_helped(client)
    assert (await client.get("/s/gov-sat/offline")).headers["location"] == "/s/gov-sat/helper"
    given = {"shown": list(HAPPY), **HAPPY, "submit": "1", "response_id": hidden(helper)["response_id"]}
    assert (await follow(client, await client.post("/s/gov-sat/offline", data=given))).url.path == "/s/gov-sat/helper"
    assert await conn.fetchval("SELECT submitted_at FROM draft") is None


async def test_a_number_that_could_be_anything_is_refused_and_stays_typed(client, publish):
    await publish()
    reply = await post(client, await begin_helped(client), **{**HELPER, "number": "<b>"})
    assert reply.status_code == 422
    assert 'value="&lt;b&gt;"' in reply.text


async def test_of_somebody_who_does_not_agree_only_a_count_is_left(client, conn, publish, evaluator_headers):
    await publish()
    for variant, times in (("assisted", 2), ("phone", 1)):
        for _ in range(times):
            await client.get("/s/gov-sat")
            helper = await follow(client, await client.post("/s/gov-sat", data={"variant": variant, "lang": "en"}))
            assert "keep no more than a count" in text(helper)
            reply = await post(client, helper, refused="1")
            assert reply.headers["location"] == f"/s/gov-sat?variant={variant}"
    assert {table: await count(conn, table) for table in ("draft", "response", "breakoff", "ticket")} == dict.fromkeys(
        ("draft", "response", "breakoff", "ticket"), 0
    )
    url = "/api/v1/surveys/gov-sat/waves/2026H2/summary"
    found = (await client.get(url, headers=evaluator_headers)).json()["participation"]
    assert (found["responses"], found["response_rate"]) == (0, None)
    assert found["tallies"] == {"refusal:assisted": 2, "refusal:phone": 1}
    page = await client.get("/evaluate/gov-sat/2026H2?lang=zh-Hans", headers=evaluator_headers)
    assert '<th scope="row">只计次数: 拒绝: 帮办</th><td class="num">2</td>' in page.text


async def test_no_said_twice_at_once_is_one_refusal(client, conn, publish):
    await publish()
    helper = await begin_helped(client)
    await asyncio.gather(*(post(client, helper, refused="1") for _ in range(4)))
    assert await conn.fetchval("SELECT sum(n) FROM tally") == 1


async def test_who_was_invited_and_tells_the_helper_no_is_a_refusal_and_not_reminded(client, conn, publish, settings):
    await publish()
    token = invitation_token("gov-sat", "2026H2", "A1", b"only for tests")
    await tickets.invite_many(conn, "gov-sat", "2026H2", [tickets.Invited(ticket_hash(token), "east")])
    begun = await client.post("/s/gov-sat", data={"variant": "assisted", "lang": "zh-Hans", "ticket": token})
    await post(client, await follow(client, begun), refused="1")
    assert await tickets.count_dispositions(conn, "gov-sat", "2026H2") == {"refusal": 1}
    assert await tickets.remind_many(conn, [ticket_hash(token)], at_most=2) == set()
    assert (await client.get(f"/s/gov-sat?ticket={token}")).status_code == 410


async def test_a_link_to_rate_one_matter_stays_open_to_who_refuses_only_the_helper(client, conn, publish, settings):
    await publish()
    until, known = date(2036, 1, 1), {"matter_ref": "M-1"}
    token = matter_token("gov-sat", known, until, Sealer(settings.secret_key).receipt_secret)
    link = {"variant": "assisted", "lang": "zh-Hans", "ticket": token, "until": until.isoformat(), **known}
    await post(client, await follow(client, await client.post("/s/gov-sat", data=link)), refused="1")
    assert await conn.fetchval("SELECT count(*) FROM ticket") == 0
    assert (await follow(client, await client.post("/s/gov-sat", data=link))).url.path == "/s/gov-sat/helper"


async def test_a_form_filled_in_by_oneself_asks_for_no_helper(client, publish):
    await publish()
    page = await begin(client, "gov-sat", "standard")
    assert not page.url.path.endswith("/helper")
    assert (await client.get("/s/gov-sat/helper")).headers["location"] == page.url.path


async def begin_helped(client: AsyncClient):
    return await follow(client, await client.post("/s/gov-sat", data={"variant": "assisted", "lang": "zh-Hans"}))


async def test_a_kiosk_goes_back_to_its_start_and_forgets_who_was_there(client, conn, publish):
    await publish()
    start = await client.get("/s/gov-sat?variant=kiosk&place=B&Q2=3")
    assert "自助终端" not in text(start)  # nobody is asked how to fill it in
    page = await begin(client, "gov-sat", "kiosk")
    assert 'action="/leave"' in page.text
    assert "data-device" not in page.text
    assert "device.js" not in page.text
    reply = await client.post("/leave")
    assert reply.headers["location"].startswith("/s/gov-sat?")
    assert "variant=kiosk" in reply.headers["location"]
    assert "storage" in reply.headers["clear-site-data"]
    assert [name for name in client.cookies if name.startswith("draft_")] == []
    assert (await client.get(page.url.path)).status_code == 409
    assert await conn.fetchval("SELECT count(*) FROM draft") == 1  # where nobody at the kiosk finds it


async def test_the_next_one_at_a_kiosk_neither_sees_nor_deletes_what_was_begun_before(client, conn, publish):
    await publish()
    await client.get("/s/gov-sat?variant=kiosk")
    await begin(client, "gov-sat", "kiosk")
    start = await client.get("/s/gov-sat?variant=kiosk")
    assert "resume" not in start.text.partition("<main")[2]
    await begin(client, "gov-sat", "kiosk")
    assert await conn.fetchval("SELECT count(*) FROM draft") == 2


async def test_a_response_from_a_kiosk_says_so(client, conn, publish):
    await publish()
    await client.get("/s/gov-sat?variant=kiosk")
    page = await fill_until(client, await begin(client, "gov-sat", "kiosk"), "check", HAPPY)
    reply = await follow(client, await post(client, page))
    if "/r/" not in reply.url.path:
        reply = await follow(client, await post(client, reply, skip="1"))
    assert 'id="idle"' in reply.text
    assert (await kept(conn))[:2] == ("kiosk", "kiosk")


async def test_a_device_is_a_kiosk_until_the_start_is_opened_in_another_variant(client, publish):
    await publish()
    await client.get("/s/gov-sat?variant=kiosk")
    assert 'id="idle"' in (await client.get("/resume")).text
    await client.get("/s/gov-sat?variant=standard")
    assert 'id="idle"' not in (await client.get("/resume")).text


async def test_a_kiosk_never_leaves_for_another_site(client, publish):
    await publish()
    client.cookies.set("survey_kiosk", "//elsewhere.example/")
    assert (await client.post("/leave")).headers["location"] == "/"


async def test_a_kiosk_without_scripts_leaves_by_itself_and_only_a_kiosk_does(client, publish):
    await publish()
    page = await begin(client, "gov-sat", "elder")
    assert (await client.get("/leave")).headers["location"] == "/"
    assert (await client.get(page.url.path)).status_code == 200  # a link from elsewhere takes nobody's form away
    await client.get("/s/gov-sat?variant=kiosk&place=B")
    page = await begin(client, "gov-sat", "kiosk")
    assert '<noscript><meta http-equiv="refresh" content="420; url=/leave"></noscript>' in page.text
    left = await client.get("/leave")
    assert left.headers["location"].startswith("/s/gov-sat?")
    assert (await client.get(page.url.path)).status_code == 409


@pytest.mark.parametrize(("query", "resets"), [("", False), ("&lang=en", True), ("&size=150", True)])
async def test_the_start_of_a_kiosk_goes_back_to_how_it_was(client, publish, query, resets):
    await publish()
    start = await client.get(f"/s/gov-sat?variant=kiosk{query}")
    assert ('id="idle"' in start.text, "http-equiv" in start.text) == (False, False)  # not known yet to be one
    start = await client.get(f"/s/gov-sat?variant=kiosk{query}")
    assert ('id="idle"' in start.text, "http-equiv" in start.text) == (resets, resets)


async def test_a_kiosk_offers_no_way_to_come_back_to_it(client, publish):
    await publish()
    await client.get("/s/gov-sat?variant=kiosk")
    page = await fill_until(client, await begin(client, "gov-sat", "kiosk"), "check", HAPPY)
    assert 'name="later"' not in page.text
