"""Where people stopped: from the page they left to the evaluator's table, with nothing kept of anybody."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from survey.cli.stopping import break_off
from survey.responses import Mode
from survey.web.drafting import finish_left_drafts
from tests.evaluation.samples import keep
from tests.web.filling import HAPPY, at, begin, count, fill_until, hidden, leave, text, to_check

API = "/api/v1/surveys/gov-sat/waves/2026H2/break-off"
PAGE = "/evaluate/gov-sat/2026H2/break-off"


async def reached(conn):
    return await conn.fetchval("SELECT variant || ' ' || reached FROM draft")


async def stop(conn, pages, variant="standard"):
    """So many forms begun two hours ago that came no further than these pages."""
    rows = [(variant, page) for page, n in pages.items() for _ in range(n)]
    await conn.executemany(
        """
        INSERT INTO draft (id, survey, wave, variant, locale, sealed, started_at, updated_at, expires_at, reached)
        VALUES (gen_random_uuid(), 'gov-sat', '2026H2', $1, 'zh-Hans', '', now() - interval '3 hours',
                now() - interval '2 hours', now() + interval '1 day', $2)
        """,
        rows,
    )


async def fetch(client, headers):
    reply = await client.get(API, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def stops(found):
    return [
        ("+".join(page["id"] for page in one["pages"]), one["arrived"], one["n"], one["share"])
        for one in found["stops"]
    ]


@pytest.fixture
async def stopped(conn, publish):
    """Of 100 in the standard variant 52 stopped, of 16 in the elder one 6, of 14 in plain words all."""
    wave = await publish()
    answers = {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5}
    await keep(conn, wave, [answers] * 48)
    await keep(conn, wave, [answers] * 20, mode=Mode.PAPER)
    await keep(conn, wave, [answers] * 10, variant="elder")
    await stop(conn, {"consent": 12, "visit": 3, "rating": 25, "improve": 4, "check": 8})
    await stop(conn, {"Q3": 6}, "elder")
    await stop(conn, {"consent": 11, "check": 3}, "easy")


async def test_a_form_knows_how_far_it_has_come(client, conn, publish):
    await publish()
    page = await begin(client)
    assert await reached(conn) == "standard consent"
    page = await leave(client, page, Q0="1")
    assert (at(page), await reached(conn)) == ("visit", "standard visit")
    wrong = await leave(client, page, Q1="1", Q2="77")
    assert (at(wrong), await reached(conn)) == ("visit", "standard visit")
    page = await leave(client, page, Q1="1", Q2="1")
    assert await reached(conn) == f"standard {at(page)}"
    furthest = await reached(conn)
    back = await client.get("/s/gov-sat/consent")
    await leave(client, back, Q0="1")
    assert await reached(conn) == furthest


async def test_check_answers_is_a_page_too(client, conn, publish):
    await publish()
    await to_check(client)
    assert await reached(conn) == "standard check"


async def test_half_an_unfolded_rating_is_a_page_of_its_own(client, conn, publish):
    await publish()
    page = await fill_until(client, await begin(client, variant="elder"), "Q3", HAPPY)
    page = await leave(client, page, Q3="4")
    assert at(page).startswith("Q3-")
    assert await reached(conn) == f"elder {at(page)}"


async def test_who_stopped_where_variant_by_variant(client, evaluator_headers, stopped):
    await begin(client)
    found = await fetch(client, evaluator_headers)
    assert (found["began"], found["submitted"], found["going_on"], found["stopped"]) == (131, 58, 1, 72)
    assert found["rate"] == pytest.approx(100 * 72 / 130)
    standard, elder, easy = found["variants"]
    assert (standard["began"], standard["submitted"], standard["going_on"], standard["stopped"]) == (101, 48, 1, 52)
    assert standard["rate"] == pytest.approx(52.0)
    assert stops(standard) == [
        ("consent", 100, 12, 12.0),
        ("visit+rating", 88, 28, pytest.approx(100 * 28 / 88)),
        ("effort", 60, 0, 0.0),
        ("improve+contact+check", 60, 12, 20.0),
    ]
    assert (elder["stopped"], elder["stops"]) == (6, [])
    assert elder["reason"].startswith("fewer than 10")
    assert stops(easy) == [("consent+visit+rating+effort+improve+contact+check", 14, 14, 100.0)]


async def test_who_comes_back_has_not_stopped(client, conn, evaluator_headers, publish):
    await publish()
    page = await leave(client, await begin(client), Q0="1")
    await conn.execute("UPDATE draft SET updated_at = now() - interval '59 minutes'")
    assert (await fetch(client, evaluator_headers))["stopped"] == 0
    await conn.execute("UPDATE draft SET updated_at = now() - interval '61 minutes'")
    found = await fetch(client, evaluator_headers)
    assert (found["began"], found["going_on"], found["stopped"], found["rate"]) == (1, 0, 1, 100.0)
    optional = await leave(client, await fill_until(client, page, "check", HAPPY))
    found = await fetch(client, evaluator_headers)
    assert (found["began"], found["going_on"], found["stopped"], found["submitted"]) == (1, 1, 0, 0)
    assert (found["rate"], found["reason"]) == (None, "nobody has submitted or stopped yet")
    await leave(client, optional, skip="1")
    found = await fetch(client, evaluator_headers)
    assert (found["began"], found["going_on"], found["stopped"], found["submitted"]) == (1, 0, 0, 1)


async def test_to_start_again_is_not_to_stop(client, conn, evaluator_headers, publish):
    await publish()
    await leave(client, await begin(client), Q0="1")
    await begin(client)
    assert (await fetch(client, evaluator_headers))["began"] == 1


async def test_another_variant_goes_on_at_its_own_pages(client, conn, publish):
    await publish()
    page = await leave(client, await begin(client), Q0="1")
    page = await leave(client, page, Q1="1", Q2="1", switch="variant:elder")
    assert (at(page), await reached(conn)) == ("Q1", "elder Q1")
    page = await fill_until(client, page, "Q4", HAPPY)
    page = await leave(client, page, switch="variant:standard")
    assert (at(page), await reached(conn)) == ("rating", "standard rating")
    await leave(client, page, later="1")
    assert await reached(conn) == "standard rating"


async def test_what_a_device_sends_later_counts_as_far_as_it_goes(client, conn, publish):
    await publish()
    page = await begin(client)
    kept = {"shown": ["Q0", "Q1", "Q2"], "Q0": "1", "Q1": "1", "Q2": "1"}
    await client.post("/s/gov-sat/offline", data={**hidden(page), **kept})
    assert await reached(conn) == "standard rating"


async def test_of_an_expired_form_only_the_count_is_left(client, conn, evaluator_headers, publish, app):
    await publish()
    for n in (1, 2):
        client.cookies.clear()
        await leave(client, await begin(client), Q0="1")
        await conn.execute("UPDATE draft SET expires_at = now() - interval '1 minute', updated_at = '2026-01-01'")
        before = await fetch(client, evaluator_headers)
        await asyncio.gather(*(finish_left_drafts(app.state, datetime.now(UTC)) for _ in range(3)))
        assert await count(conn, "draft") == 0
        kept = await conn.fetch("SELECT * FROM breakoff")
        assert [tuple(row) for row in kept] == [("gov-sat", "2026H2", "standard", "visit", n)]
        after = await fetch(client, evaluator_headers)
        assert before["stopped"] == after["stopped"] == n


async def test_forms_from_before_anybody_counted_are_not_counted(client, conn, evaluator_headers, publish, app):
    await publish()
    await begin(client)
    await conn.execute("UPDATE draft SET reached = NULL, expires_at = now() - interval '1 minute'")
    assert (await fetch(client, evaluator_headers))["began"] == 0
    await finish_left_drafts(app.state, datetime.now(UTC))
    assert (await count(conn, "draft"), await count(conn, "breakoff")) == (0, 0)


@pytest.mark.parametrize("variant", ["standard", "elder"])
async def test_the_notice_says_what_is_counted(client, publish, variant):
    await publish()
    start = await client.get("/s/gov-sat", params={"variant": variant, "lang": "zh-Hans"})
    assert "到期没提交的会删除，只留下每页停了多少人。" in text(start)
    start = await client.get("/s/gov-sat", params={"variant": variant, "lang": "en"})
    assert "only how many people stopped at which page stays" in text(start)


async def test_the_page_has_a_picture_and_a_table_of_the_same_numbers(client, evaluator_headers, stopped):
    wave = await client.get("/evaluate/gov-sat/2026H2", headers=evaluator_headers)
    assert PAGE in wave.text
    page = await client.get(PAGE, headers={**evaluator_headers, "Accept-Language": "en"})
    assert page.status_code == 200
    assert page.text.count('<svg class="chart" role="img"') == page.text.count("<caption>") == 2
    assert '<td class="num">88</td><td class="num">28</td><td class="num">31.8%</td>' in page.text
    assert page.text.count('class="tone tone-5"') == 3 + 1
    assert "fewer than 10 stopped" in page.text
    chinese = await client.get(PAGE, headers={**evaluator_headers, "Accept-Language": "zh-CN"})
    assert "停下的不足 10 人" in chinese.text


async def test_an_account_is_needed(client, publish):
    await publish()
    assert (await client.get(API)).status_code == 401
    assert (await client.get(PAGE)).status_code == 303


async def test_a_wave_that_nobody_began_has_a_page(client, evaluator_headers, publish):
    await publish()
    page = await client.get(PAGE, headers={**evaluator_headers, "Accept-Language": "en"})
    assert "Nobody has begun a form of this wave yet." in page.text


async def test_the_command_says_what_the_api_says(client, evaluator_headers, stopped, database_url, monkeypatch):
    monkeypatch.setenv("SURVEY_DATABASE_URL", database_url)
    asked = ("--survey", "gov-sat", "--wave", "2026H2")
    said = await asyncio.to_thread(CliRunner().invoke, break_off, (*asked, "--json"))
    over_http = await fetch(client, evaluator_headers)
    assert json.loads(said.output) | {"as_of": ""} == over_http | {"as_of": ""}
    table = await asyncio.to_thread(CliRunner().invoke, break_off, asked)
    assert table.exit_code == 0
    assert "elder: fewer than 10 stopped" in table.output
