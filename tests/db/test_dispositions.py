"""What came of the people invited is counted as it happens, and is what the tickets say."""

import asyncio
import hashlib
from datetime import UTC, datetime

import asyncpg

from survey.db import tickets
from survey.db.migrate import MIGRATIONS
from survey.db.recounts import recount_dispositions
from survey.db.tickets import Invited
from survey.responses.tickets import matter_token, ticket_hash

NOW = datetime(2026, 7, 1, tzinfo=UTC)
WAVE = ("gov-sat", "2026H2")


def people(n, first=0):
    return [Invited(hashlib.sha256(f"{number}".encode()).digest(), "") for number in range(first, first + n)]


async def settle(conn, one, disposition):
    survey, wave = WAVE
    async with conn.transaction():
        return await tickets.settle(conn, one.token_hash, survey=survey, wave=wave, disposition=disposition, now=NOW)


async def both(conn):
    return await tickets.count_dispositions(conn, *WAVE), await recount_dispositions(conn, *WAVE)


async def test_every_way_a_ticket_goes_is_counted(conn):
    assert await both(conn) == ({}, {})
    invited = people(10)
    assert await tickets.invite_many(conn, *WAVE, invited) == 10
    assert await tickets.invite_many(conn, *WAVE, people(12)) == 2
    await tickets.invite_many(conn, "gov-sat", "2027H1", people(5, first=100))
    assert await tickets.note_undeliverable(conn, [one.token_hash for one in invited[:3]]) == 3
    assert await tickets.note_undeliverable(conn, [one.token_hash for one in invited[:4]]) == 1
    assert await settle(conn, invited[0], "complete")  # it arrived after all
    assert await settle(conn, invited[5], "refusal")
    assert not await settle(conn, invited[5], "complete")
    assert await tickets.note_undeliverable(conn, [invited[5].token_hash]) == 0
    counted, again = await both(conn)
    assert counted == again == {"complete": 1, "refusal": 1, "undeliverable": 3, "unknown": 7}


async def test_a_link_to_rate_one_matter_is_nobody_invited(conn):
    used = ticket_hash(matter_token("gov-sat", {"matter_ref": "M-1"}, NOW.date(), b"secret"))
    assert await settle(conn, Invited(used, ""), "complete")
    assert await both(conn) == ({}, {})


async def test_what_is_rolled_back_is_not_counted(conn):
    begun = conn.transaction()
    await begun.start()
    await tickets.invite_many(conn, *WAVE, people(3))
    await begun.rollback()
    assert await both(conn) == ({}, {})


async def test_counts_are_exact_whoever_writes_beside(conn, database_url):
    """Ten at once settle, twice each ticket, while others note what came back and invite more."""
    invited = people(300)
    await tickets.invite_many(conn, *WAVE, invited)
    pool = await asyncpg.create_pool(database_url, min_size=10, max_size=10)

    async def use(number):
        async with pool.acquire() as mine:
            return await settle(mine, invited[number % 200], ("complete", "refusal")[number % 2])

    async def note(start):
        async with pool.acquire() as mine, mine.transaction():
            return await tickets.note_undeliverable(mine, [one.token_hash for one in invited[start : start + 150]])

    async def invite(first):
        async with pool.acquire() as mine, mine.transaction():
            return await tickets.invite_many(mine, *WAVE, people(200, first))

    async def read():
        async with pool.acquire() as mine, mine.transaction(isolation="repeatable_read", readonly=True):
            counted, again = await both(mine)
            assert counted == again

    waiting = [use(number) for number in range(400)]
    for place in range(40):
        waiting.insert(place * 10, read())
    waiting[5:5] = [note(100), invite(250)]
    waiting[200:200] = [note(150), invite(400)]
    done = await asyncio.gather(*waiting)
    await pool.close()
    counted, again = await both(conn)
    assert counted == again
    assert done.count(True) == counted["complete"] + counted["refusal"] == 200
    assert sum(counted.values()) == 600


async def test_tickets_from_before_are_counted_by_the_migration(conn):
    await tickets.invite_many(conn, *WAVE, people(30))
    await settle(conn, people(1)[0], "complete")
    await conn.execute("DROP TABLE disposition_count; DROP INDEX entry_not_erased")
    await conn.execute((MIGRATIONS / "0019_counts_and_retention.sql").read_text(encoding="utf-8"))
    counted, again = await both(conn)
    assert counted == again == {"complete": 1, "unknown": 29}


async def test_a_page_reads_no_more_than_the_counts_however_many_were_invited(conn):
    """64 parts of the table by disposition at most."""
    await tickets.invite_many(conn, *WAVE, people(2000))
    assert await conn.fetchval("SELECT count(*) FROM disposition_count") == 64
