"""The reply table of the contract, row by row."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from survey.db import accounts, surveys
from survey.responses import Mode
from tests.made import HAPPY
from tests.web.filling import leave_half_way

URL = "/api/v1/surveys/gov-sat/responses"


def submission(**changes):
    return {"id": str(uuid4()), "answers": HAPPY, **changes}


async def test_a_response_is_kept_and_has_a_receipt(client, conn, publish):
    await publish()
    sent = submission(wave="2026H2", paradata={"started_at": "2026-07-01T09:00:00Z", "seconds": 143})
    reply = await client.post(URL, json=sent)
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body["id"] == sent["id"]
    assert body["dropped"] == []
    assert len(body["receipt"]) == 14
    row = await conn.fetchrow("SELECT survey, wave, variant, locale, mode, disposition, extra FROM response")
    assert tuple(row)[:6] == ("gov-sat", "2026H2", "standard", "zh-Hans", "web", "complete")
    assert msgspec.json.decode(row["extra"])["paradata"]["seconds"] == 143


async def test_the_same_id_and_content_is_a_replay_with_the_same_body(client, conn, publish):
    await publish()
    sent = submission()
    first = await client.post(URL, json=sent)
    second = await client.post(URL, json=sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert await conn.fetchval("SELECT count(*) FROM response") == 1


async def test_a_double_tap_is_one_response(client, conn, publish):
    await publish()
    sent = submission()
    replies = await asyncio.gather(*(client.post(URL, json=sent) for _ in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] * 7 + [201]
    assert await conn.fetchval("SELECT count(*) FROM response") == 1


async def test_the_same_id_with_other_content_is_refused_and_the_first_stays(client, conn, publish):
    await publish()
    sent = submission()
    await client.post(URL, json=sent)
    reply = await client.post(URL, json={**sent, "answers": {**HAPPY, "Q3": 4}})
    assert reply.status_code == 409
    assert reply.headers["content-type"] == "application/problem+json"
    assert await conn.fetchval("SELECT count(*) FROM response") == 1


async def test_answers_off_the_path_are_dropped_and_named(client, publish):
    await publish()
    reply = await client.post(URL, json=submission(answers={**HAPPY, "Q5": 3, "Q12": [1]}))
    assert reply.status_code == 201
    assert reply.json()["dropped"] == ["Q5", "Q12"]


@pytest.mark.parametrize(
    ("answers", "item", "code"),
    [
        ({**HAPPY, "Q3": 6}, "Q3", "not-an-option"),
        ({**HAPPY, "Q3": True}, "Q3", "not-an-option"),
        ({**HAPPY, "Q3": [5]}, "Q3", "not-an-option"),
        ({**HAPPY, "Q7": 21}, "Q7", "above"),
        ({**HAPPY, "Q7": 1.5}, "Q7", "not-a-whole-number"),
        ({**HAPPY, "Q8": 10**400}, "Q8", "above"),
        ({**HAPPY, "Q13": "长" * 501}, "Q13", "too-long"),
        ({**HAPPY, "Q99": 1}, "Q99", "unknown-item"),
        ({key: value for key, value in HAPPY.items() if key != "Q3"}, "Q3", "required"),
        ({**HAPPY, "Q3": 1, "Q12": [1, 2, 3, 4], "Q14": 0}, "Q12", "too-many"),
        ({**HAPPY, "Q3": 1, "Q12": [1, 96], "Q14": 0}, "Q12", "exclusive"),
        ({**HAPPY, "Q3": 1, "Q12": [1], "Q14": 1, "Q14_phone": "12"}, "Q14_phone", "not-a-phone-number"),
    ],
)
async def test_an_answer_that_cannot_be_one_is_refused_by_name(client, conn, publish, answers, item, code):
    await publish()
    reply = await client.post(URL, json=submission(answers=answers))
    assert reply.status_code == 422, reply.text
    issue = next(issue for issue in reply.json()["issues"] if issue["item"] == item)
    assert issue["code"] == code
    assert issue["message"]
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"id": "no", "answers": {}}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {"Q3": NaN}}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {"Q3": 1e999}}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {"Q13": "\xff"}}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {"Q13": ' + b"[" * 20000,
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {}, "variant": "loud"}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {}, "locale": "xx"}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {}, "prefill": {"who": 1}}',
        b'{"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {}, "mode": "telepathy"}',
    ],
)
async def test_a_body_that_is_no_submission_is_refused(client, publish, body):
    await publish()
    reply = await client.post(URL, content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 422, reply.text
    assert reply.json()["issues"]


async def test_a_program_names_any_mode_but_import(client, conn, publish):
    await publish()
    statuses = {mode: (await client.post(URL, json=submission(mode=mode))).status_code for mode in Mode}
    assert statuses == {mode: 422 if mode is Mode.IMPORT else 201 for mode in Mode}
    assert {row["mode"] for row in await conn.fetch("SELECT mode FROM response")} == set(Mode) - {Mode.IMPORT}
    (issue,) = (await client.post(URL, json=submission(mode="import"))).json()["issues"]
    assert issue == {"item": "mode", "code": "unknown-mode", "message": "One of web, phone, paper, assisted, kiosk"}
    document = (await client.get("/schema/openapi.json")).json()
    known = document["components"]["schemas"]["Submission"]["properties"]["mode"]
    assert known == {"type": "string", "enum": ["web", "phone", "paper", "assisted", "kiosk"]}


async def test_an_unknown_survey_or_wave_is_not_found(client, publish):
    await publish()
    assert (await client.post("/api/v1/surveys/none/responses", json=submission())).status_code == 404
    assert (await client.post(URL, json=submission(wave="1999"))).status_code == 404


async def test_a_closed_wave_takes_nothing(client, conn, publish):
    await publish(closes_at=datetime.now(UTC) - timedelta(seconds=1))
    for sent in (submission(), submission(wave="2026H2")):
        reply = await client.post(URL, json=sent)
        assert reply.status_code == 410
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


async def test_a_body_over_64_kib_is_too_much(client, publish):
    await publish()
    sent = submission(answers={**HAPPY, "Q13": "x" * 70_000})
    assert (await client.post(URL, json=sent)).status_code == 413


async def test_anything_but_json_is_refused(client, publish):
    await publish()
    reply = await client.post(URL, content=b"Q3=5", headers={"content-type": "application/x-www-form-urlencoded"})
    assert reply.status_code == 415


async def test_one_client_behind_a_proxy_cannot_flood(client, app, publish):
    await publish()
    app.state.limit = type(app.state.limit)(per_minute=3)
    headers = {"X-Forwarded-For": "203.0.113.7"}
    statuses = [(await client.post(URL, json=submission(), headers=headers)).status_code for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    reply = await client.post(URL, json=submission(), headers=headers)
    assert int(reply.headers["retry-after"]) > 0
    assert (await client.post(URL, json=submission())).status_code == 201


async def test_a_batch_is_answered_entry_by_entry(client, conn, publish):
    await publish()
    good, bad = submission(), submission(answers={**HAPPY, "Q3": 9})
    reply = await client.post(f"{URL}/batch", json=[good, bad, good, {"id": 1}])
    assert reply.status_code == 200, reply.text
    assert [entry["status"] for entry in reply.json()] == [201, 422, 200, 422]
    assert reply.json()[1]["issues"][0]["item"] == "Q3"
    assert await conn.fetchval("SELECT count(*) FROM response") == 1


async def test_contact_data_is_sealed_and_apart(client, conn, publish):
    await publish()
    answers = {**HAPPY, "Q3": 1, "Q12": [1], "Q14": 1, "Q14_phone": "138 0013 8000", "D1": 1}
    reply = await client.post(URL, json=submission(answers=answers))
    assert reply.status_code == 201, reply.text
    contact = await conn.fetchrow("SELECT item, sealed, held FROM contact")
    assert (contact["item"], contact["held"]) == ("Q14_phone", True)
    assert b"138" not in contact["sealed"]
    assert "0013" not in await conn.fetchval("SELECT extra::text || encode(codes, 'escape') FROM response")


async def test_an_emergency_is_counted_and_nothing_of_it_is_kept(client, conn, publish):
    await publish("h12345-intake")
    reply = await client.post("/api/v1/surveys/h12345-intake/responses", json=submission(answers={"I0": 1}))
    assert (reply.status_code, reply.json()["receipt"]) == (201, None)
    assert await conn.fetchval("SELECT count(*) FROM response") == 0
    assert list((await surveys.list_tallies(conn, "h12345-intake", "2026H2")).values()) == [1]


async def test_surveys_are_listed_and_described(client, publish):
    await publish()
    listed = (await client.get("/api/v1/surveys")).json()
    assert listed == [{"slug": "gov-sat", "title": "政务服务满意度问卷", "open": True}]
    english = (await client.get("/api/v1/surveys", headers={"Accept-Language": "en"})).json()
    assert english[0]["title"] == "Government-service satisfaction"
    described = (await client.get("/api/v1/surveys/gov-sat")).json()
    assert len(described["instrument_sha256"]) == 64
    assert described["waves"][0]["wave"] == "2026H2"
    assert described["instrument"]["slug"] == "gov-sat"


async def test_health_is_ok_while_the_database_answers(client):
    reply = await client.get("/health")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


async def test_the_api_describes_itself(client):
    document = (await client.get("/schema/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "post" in document["paths"]["/api/v1/surveys/{slug}/responses"]
    assert "post" in document["paths"]["/api/v1/surveys/{slug}/responses/batch"]
    assert all(path.startswith("/api/v1/") for path in document["paths"])


async def test_a_token_is_kept_only_as_a_hash(conn):
    token = await accounts.insert_account(conn, "ann", "evaluator")
    assert token.encode() not in await conn.fetchval("SELECT token_hash FROM account")
    assert (await accounts.find_account(conn, token)).name == "ann"


STAFF_URL = "/api/v1/surveys/staff-digital/responses"


async def test_the_same_test_is_locked_for_the_same_person_for_ninety_days(client, conn, publish):
    await publish("staff-digital")
    first = submission(answers={"B1": 2, "K1": "C"}, prefill={"staff_token": "t-17"})
    assert (await client.post(STAFF_URL, json=first)).status_code == 201
    assert (await client.post(STAFF_URL, json=first)).status_code == 200
    again = submission(answers={"B1": 2, "K1": "C"}, prefill={"staff_token": "t-17"})
    refused = await client.post(STAFF_URL, json=again)
    assert refused.status_code == 410
    assert "again from" in refused.json()["detail"]
    other = submission(answers={"B1": 2}, prefill={"staff_token": "t-18"})
    assert (await client.post(STAFF_URL, json=other)).status_code == 201
    await conn.execute("UPDATE participation SET taken_at = taken_at - interval '91 days'")
    assert (await client.post(STAFF_URL, json=again)).status_code == 201
    assert await conn.fetchval("SELECT count(*) FROM response") == 3


async def test_many_people_at_once_do_not_wait_for_each_others_connections(client, publish):
    await publish()
    replies = await asyncio.wait_for(asyncio.gather(*(client.get("/health") for _ in range(60))), timeout=20)
    assert {reply.status_code for reply in replies} == {200}
    pages = await asyncio.wait_for(asyncio.gather(*(client.get("/s/gov-sat") for _ in range(60))), timeout=20)
    assert {page.status_code for page in pages} == {200}


async def test_a_client_that_leaves_in_mid_body_is_not_answered_and_nothing_is_kept(app, conn, publish):
    await publish()
    sent = await leave_half_way(app, URL, b'{"id": "')
    assert sent == []
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


async def test_a_row_that_the_database_will_never_take_is_refused_for_good(client, conn, publish):
    await publish()
    await conn.execute("ALTER TABLE response ADD CONSTRAINT nobody_answers_in_english CHECK (locale <> 'en')")
    refused, kept = await asyncio.gather(
        client.post(URL, json=submission(locale="en")), client.post(URL, json=submission())
    )
    assert (refused.status_code, kept.status_code) == (422, 201)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "retry-after" not in refused.headers
    assert await conn.fetchval("SELECT count(*) FROM response") == 1
