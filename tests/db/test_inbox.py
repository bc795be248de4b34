"""The inbox: nothing is acknowledged before it is committed, one bad row never fails its neighbours."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from survey.db.drafts import Change, Draft, insert_draft, update_many
from survey.db.inbox import Inbox
from survey.db.pool import create_pool
from survey.db.responses import Kept, insert_many
from survey.errors import Busy, Refused
from survey.responses import content_hash
from tests.made import response


@pytest.fixture
async def pool(database_url):
    async with await create_pool(database_url) as pool:
        yield pool


async def test_concurrent_responses_share_commits_and_all_are_there(pool, conn, publish):
    await publish()
    async with Inbox(pool, insert_many) as inbox:
        kept = await asyncio.gather(*(inbox.put(response()) for _ in range(300)))
    assert all(one.new for one in kept)
    assert await conn.fetchval("SELECT count(*) FROM response") == 300
    assert await conn.fetchval("SELECT count(DISTINCT tx::text) FROM response") < 30


@pytest.mark.parametrize(("arriving", "batches"), [(32, [32]), (60, [32, 28]), (200, [100, 50, 32, 18])])
async def test_of_many_that_wait_half_are_kept_while_requests_for_the_rest_are_read(pool, publish, arriving, batches):
    await publish()
    sizes = []

    async def counted(conn, batch):
        sizes.append(len(batch))
        return await insert_many(conn, batch)

    async with Inbox(pool, counted) as inbox:
        await asyncio.gather(*(inbox.put(response()) for _ in range(arriving)))
    assert sizes == batches


async def test_who_comes_while_many_are_kept_shares_a_commit_with_those_who_ask_again_at_once(pool, publish):
    await publish()
    sizes, meanwhile = [], []

    async def counted(conn, batch):
        sizes.append(len(batch))
        done = await insert_many(conn, batch)
        if not meanwhile:
            meanwhile.append(asyncio.ensure_future(inbox.put(response())))
            await asyncio.sleep(0)
        return done

    async def twice():
        await inbox.put(response())
        await inbox.put(response())

    async with Inbox(pool, counted) as inbox:
        await asyncio.gather(*(twice() for _ in range(20)))
        assert (await meanwhile[0]).new
    assert sizes == [20, 21]


async def test_a_row_the_schema_refuses_does_not_fail_its_neighbours(pool, conn, publish):
    await publish()
    async with Inbox(pool, insert_many) as inbox:
        sent = [response(), response(wave="none"), response()]
        kept = await asyncio.gather(*(inbox.put(one) for one in sent), return_exceptions=True)
    assert [isinstance(one, Refused) for one in kept] == [False, True, False]
    assert await conn.fetchval("SELECT count(*) FROM response") == 2


async def test_a_fault_of_ours_with_one_row_is_told_to_who_sent_it_and_to_nobody_else(pool, conn, publish):
    await publish()
    sent = [response(), response(locale="und"), response()]

    async def faulty(conn, batch):
        assert all(one.locale != "und" for one in batch)
        return await insert_many(conn, batch)

    async with Inbox(pool, faulty) as inbox:
        kept = await asyncio.gather(*map(inbox.put, sent), return_exceptions=True)
    assert [type(one) for one in kept] == [Kept, AssertionError, Kept]
    assert await conn.fetchval("SELECT count(*) FROM response") == 2


async def test_one_id_twice_in_one_batch_is_answered_by_what_was_kept_first(pool, publish):
    await publish()
    async with Inbox(pool, insert_many) as inbox:
        first = response()
        other = msgspec.structs.replace(first, content_sha256=content_hash("other"))
        kept = await asyncio.gather(*map(inbox.put, (first, first, other)), return_exceptions=True)
    assert [one.new for one in kept] == [True, False, False]
    assert {one.content_sha256 for one in kept} == {first.content_sha256}


async def test_a_full_inbox_says_so_at_once(pool, publish):
    await publish()
    async with Inbox(pool, insert_many, queue=2) as inbox:
        kept = await asyncio.gather(*(inbox.put(response()) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Busy) for one in kept) == 3


async def test_closing_keeps_what_has_arrived(pool, conn, publish):
    await publish()
    async with Inbox(pool, insert_many) as inbox:
        waiting = [asyncio.create_task(inbox.put(response())) for _ in range(50)]
        await asyncio.sleep(0)
    assert all([one.new for one in await asyncio.gather(*waiting)])
    with pytest.raises(Busy):
        await inbox.put(response())


async def test_the_end_does_not_wait_for_a_database_that_does_not_answer(pool, conn, publish):
    await publish()
    await conn.execute("BEGIN")
    await conn.execute("LOCK TABLE response IN ACCESS EXCLUSIVE MODE")
    async with asyncio.timeout(5):
        async with Inbox(pool, insert_many, batch=1, patience=0.2) as inbox:
            under_way = [asyncio.create_task(inbox.put(response())) for _ in range(3)]
            await asyncio.sleep(0.1)
        told = await asyncio.gather(*under_way, return_exceptions=True)
    assert [type(error) for error in told] == [Busy] * 3
    await conn.execute("ROLLBACK")
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


def draft():
    now = datetime.now(UTC)
    return Draft(
        id=uuid4(),
        survey="gov-sat",
        wave="2026H2",
        variant="standard",
        locale="en",
        sealed=b"nothing yet",
        started_at=now,
        expires_at=now + timedelta(days=1),
    )


async def test_pages_of_many_drafts_share_commits_and_a_late_change_of_one_is_not_kept(pool, conn, publish):
    await publish()
    begun = [draft() for _ in range(100)]
    for one in begun:
        await insert_draft(conn, one)
    changes = [Change(msgspec.structs.replace(one, sealed=b"a page"), one.sealed, one.started_at) for one in begun]
    late = Change(msgspec.structs.replace(begun[0], sealed=b"another"), begun[0].sealed, begun[0].started_at)
    async with Inbox(pool, update_many) as inbox:
        kept = await asyncio.gather(*map(inbox.put, [*changes, late]))
    assert kept == [True] * 100 + [False]
    assert await conn.fetchval("SELECT count(*) FROM draft WHERE sealed = 'a page'") == 100
    assert await conn.fetchval("SELECT count(DISTINCT xmin::text) FROM draft") < 10


async def test_two_processes_that_store_the_same_drafts_the_other_way_round_lose_neither(pool, conn, publish):
    await publish()
    one, other = draft(), draft()
    for begun in (one, other):
        await insert_draft(conn, begun)
    changes = [
        Change(msgspec.structs.replace(each, sealed=b"a page"), each.sealed, each.started_at) for each in (one, other)
    ]
    async with Inbox(pool, update_many) as here, Inbox(pool, update_many) as there:
        kept = await asyncio.gather(*map(here.put, changes), *map(there.put, reversed(changes)))
    assert sorted(kept) == [False, False, True, True]
