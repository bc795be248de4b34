"""Waves are linked by the token people come with, by whichever way it comes; the token itself is not kept."""

from uuid import uuid4

import msgspec
import pytest

from survey.responses import content_hash
from tests.conftest import INSTRUMENTS
from tests.web.filling import begin, fill_until, leave

URL = "/api/v1/surveys/staff-digital/responses"
ANSWERS = {"B1": 2, "K1": "C"}
TOKEN = "T-0042"


def submission(token=TOKEN, **changes):
    return {"id": str(uuid4()), "answers": ANSWERS, "prefill": {"staff_token": token}, **changes}


def definition(**changes):
    shipped = (INSTRUMENTS / "staff-digital.json").read_text(encoding="utf-8")
    return msgspec.json.encode(msgspec.json.decode(shipped) | changes).decode()


@pytest.fixture
async def waves(publish):
    """A test and its parallel form: another version, so that the lock lets the same person in."""
    await publish("staff-digital", "before")
    await publish(wave="after", definition=definition(version=2))


async def numbers(conn, where="true"):
    rows = await conn.fetch(f"SELECT respondent FROM response WHERE {where}")  # noqa: S608
    return [row["respondent"] for row in rows]


async def test_the_same_token_is_the_same_number_in_two_waves(client, conn, waves):
    for wave in ("before", "after"):
        for token in (TOKEN, "T-0043"):
            reply = await client.post(URL, json=submission(token, wave=wave))
            assert reply.status_code == 201, reply.text
    before, after = await numbers(conn, "wave = 'before'"), await numbers(conn, "wave = 'after'")
    assert set(before) == set(after)
    assert len(set(before)) == 2
    assert all(0 < number < 2**63 for number in before)


async def test_pages_the_api_and_batches_make_one_number(client, conn, publish, waves):
    await client.post(URL, json=submission(wave="before"))
    batch = await client.post(f"{URL}/batch", json=[submission(wave="after")])
    assert [entry["status"] for entry in batch.json()] == [201], batch.text
    await conn.execute("UPDATE participation SET taken_at = taken_at - interval '91 days'")
    page = await begin(client, "staff-digital", staff_token=f" {TOKEN} ")
    page = await leave(client, await fill_until(client, page, "check", {"K1": "C"}))
    page = await leave(client, page)
    assert "/r/" in str(page.url)
    found = await numbers(conn)
    assert len(found) == 3
    assert len(set(found)) == 1


async def test_a_token_of_figures_is_one_token_as_number_and_as_text(client, conn, waves):
    await client.post(URL, json=submission(17, wave="before"))
    await client.post(URL, json=submission("17", wave="after"))
    first, second = await numbers(conn)
    assert first == second


async def test_the_same_person_has_another_number_in_another_survey(client, conn, publish):
    await publish("staff-digital")
    await publish(definition=definition(slug="staff-safety"))
    await client.post(URL, json=submission())
    reply = await client.post(URL.replace("staff-digital", "staff-safety"), json=submission())
    assert reply.status_code == 201, reply.text
    first, second = await numbers(conn)
    assert first != second


async def test_the_token_is_not_kept_and_what_else_was_known_is(client, conn, waves):
    sent = submission(wave="before", prefill={"staff_token": TOKEN, "no_system_access": 1})
    await client.post(URL, json=sent)
    await client.post(URL, json=submission("T-0043", wave="before"))
    rows = await conn.fetch("SELECT id::text, extra, response::text AS whole FROM response")
    extras = {row["id"]: msgspec.json.decode(row["extra"]) for row in rows}
    assert extras.pop(sent["id"])["prefill"] == {"no_system_access": 1}
    assert all("prefill" not in extra for extra in extras.values())
    assert not any("T-00" in row["whole"] for row in rows)


@pytest.mark.parametrize("prefill", [{}, {"staff_token": "  "}, {"no_system_access": 1}])
async def test_who_comes_without_a_token_is_linked_to_nobody(client, conn, waves, prefill):
    reply = await client.post(URL, json=submission(wave="before", prefill=prefill))
    assert reply.status_code == 201, reply.text
    assert await numbers(conn) == [None]


async def test_a_survey_without_a_retest_links_nobody(client, conn, publish):
    await publish(definition=definition(retest=None))
    assert (await client.post(URL, json=submission())).status_code == 201
    assert await numbers(conn) == [None]
    await publish("gov-sat")
    refused = await client.post("/api/v1/surveys/gov-sat/responses", json=submission(answers={"Q0": 0}))
    assert refused.status_code == 422
    assert [issue["code"] for issue in refused.json()["issues"]] == ["unknown-prefill"]


async def test_a_withdrawal_erases_the_number_for_good(client, conn, waves):
    sent = submission(wave="before")
    receipt = (await client.post(URL, json=sent)).json()["receipt"]
    await client.post(URL, json=submission(wave="after"))
    assert None not in await numbers(conn)
    assert (await client.post(f"/r/{receipt}/withdraw")).status_code == 303
    assert (await client.post(URL, json=sent)).status_code == 200
    assert await numbers(conn, "wave = 'before'") == [None]
    assert None not in await numbers(conn, "wave = 'after'")
    assert (await client.get(f"/r/{receipt}")).status_code == 200


async def test_a_row_from_before_the_link_is_replayed_as_ever(client, conn, waves):
    sent = submission(wave="before")
    first = await client.post(URL, json=sent)
    assert await conn.fetchval("SELECT content_sha256 FROM response") == content_hash(
        "staff-digital", "before", "standard", "web", ANSWERS, {"staff_token": TOKEN}
    )
    old = msgspec.json.encode({"prefill": {"staff_token": TOKEN}}).decode()
    await conn.execute("UPDATE response SET respondent = NULL, extra = $1", old)
    again = await client.post(URL, json=sent)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await numbers(conn) == [None]
    assert (await client.get(f"/r/{first.json()['receipt']}")).status_code == 200
