"""Many responses in one request: each answered by itself and in order, whatever becomes of the others."""

from uuid import uuid4

import msgspec

from tests.web.test_responses_api import HAPPY, URL, submission

BATCH = f"{URL}/batch"
MANY = 100
UNHAPPY = {**HAPPY, "Q3": 1, "Q12": [1], "Q14": 1, "Q14_phone": "138 0013 8000"}


def statuses(reply):
    assert reply.status_code == 200, reply.text
    return [entry["status"] for entry in reply.json()]


async def test_entries_share_their_commits_and_are_answered_in_order(client, conn, publish):
    await publish()
    sent = [submission() for _ in range(MANY)]
    reply = await client.post(BATCH, json=sent)
    assert statuses(reply) == [201] * MANY
    assert [entry["id"] for entry in reply.json()] == [one["id"] for one in sent]
    kept, commits = await conn.fetchrow("SELECT count(*), count(DISTINCT tx) FROM response")
    assert kept == MANY
    assert commits <= MANY / 10


async def test_an_id_that_comes_again_in_the_same_batch_is_a_replay_or_a_conflict(client, conn, publish):
    await publish()
    for again in range(1, MANY, 10):
        first, other = submission(), {"answers": {**HAPPY, "Q3": 4}}
        upper = {**first, "id": first["id"].upper()}
        entries = [submission() for _ in range(MANY)]
        entries[again - 1 : again + 2] = [first, {**first, **other}, upper]
        expected = [201] * len(entries)
        expected[again : again + 2] = [409, 200]
        reply = await client.post(BATCH, json=entries)
        assert statuses(reply) == expected
        assert reply.json()[again + 1]["receipt"] == reply.json()[again - 1]["receipt"]
    assert await conn.fetchval("SELECT count(*) FROM response") == await conn.fetchval(
        "SELECT count(DISTINCT id) FROM response"
    )


async def test_of_two_tests_of_one_person_the_first_counts(client, conn, publish):
    await publish("staff-digital")
    entries = [
        {"id": str(uuid4()), "answers": {"B1": 2, "K1": answer}, "prefill": {"staff_token": f"t-{person}"}}
        for person in range(20)
        for answer in "CA"
    ]
    reply = await client.post("/api/v1/surveys/staff-digital/responses/batch", json=entries)
    assert statuses(reply) == [201, 410] * 20
    kept = {str(row["id"]) for row in await conn.fetch("SELECT id FROM response")}
    assert kept == {entry["id"] for entry in entries[::2]}


async def test_contact_data_in_a_batch_is_kept_with_its_response(client, conn, publish):
    await publish()
    entries = [submission(answers=UNHAPPY if n % 2 else HAPPY) for n in range(60)]
    assert statuses(await client.post(BATCH, json=entries)) == [201] * 60
    assert await conn.fetchval("SELECT count(*) FROM contact JOIN response ON id = response_id") == 30


async def test_a_row_that_the_database_never_takes_fails_none_of_its_neighbours(client, conn, publish):
    await publish()
    await conn.execute("ALTER TABLE response ADD CONSTRAINT nobody_answers_in_english CHECK (locale <> 'en')")
    entries = [submission(locale="en" if n % 7 == 0 else "zh-Hans") for n in range(MANY)]
    assert statuses(await client.post(BATCH, json=entries)) == [422 if n % 7 == 0 else 201 for n in range(MANY)]


async def test_a_fault_of_ours_in_one_entry_is_not_told_of_the_others(client, conn, publish):
    await publish()
    await conn.execute("ALTER TABLE contact ADD CONSTRAINT nothing_fits CHECK (item = '')")
    entries = [submission(), submission(answers=UNHAPPY), submission()]
    assert statuses(await client.post(BATCH, json=entries)) == [201, 500, 201]
    assert await conn.fetchval("SELECT count(*) FROM response") == 2


async def test_a_disk_that_fills_part_way_keeps_what_was_kept_and_says_so(client, conn, publish):
    await publish()
    await conn.execute(
        """
        CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
        END
        $$;
        CREATE TRIGGER is_full BEFORE INSERT ON response
            FOR EACH ROW WHEN (NEW.locale = 'en') EXECUTE FUNCTION is_full()
        """
    )
    entries = [submission(locale="en" if n >= MANY // 2 else "zh-Hans") for n in range(MANY)]
    reply = await client.post(BATCH, json=entries)
    came = statuses(reply)
    kept = {str(row["id"]) for row in await conn.fetch("SELECT id FROM response")}
    assert {201, 503} == set(came)
    assert kept == {entry["id"] for entry, status in zip(entries, came, strict=True) if status == 201}
    assert came == sorted(came)
    assert all(entry["title"] for entry in reply.json() if entry["status"] == 503)
    await conn.execute("DROP TRIGGER is_full ON response")
    again = await client.post(BATCH, json=entries)
    assert statuses(again) == [200 if status == 201 else 201 for status in came]
    assert await conn.fetchval("SELECT count(*) FROM response") == MANY


async def test_an_empty_batch_has_an_empty_reply(client, publish):
    await publish()
    reply = await client.post(BATCH, content=b"[]", headers={"content-type": "application/json"})
    assert (reply.status_code, msgspec.json.decode(reply.content)) == (200, [])
