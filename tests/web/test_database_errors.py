"""What the database refuses: whether it is away for a moment or a value that has no place in it."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from survey.web.problems import as_problem
from tests.made import HAPPY


async def test_a_connection_that_the_administrator_ends_is_a_database_away(conn, database_url):
    ended = await asyncpg.connect(database_url)
    sleeping = asyncio.create_task(ended.fetch("SELECT pg_sleep(30)"))
    await asyncio.sleep(0.1)
    await conn.execute("SELECT pg_terminate_backend($1)", ended.get_server_pid())
    with pytest.raises(asyncpg.PostgresError) as caught:
        await sleeping
    assert as_problem(caught.value).status == 503


@pytest.mark.parametrize("kind", [asyncpg.DiskFullError, asyncpg.TooManyConnectionsError, asyncpg.CrashShutdownError])
def test_a_full_disk_and_a_crash_are_a_database_away(kind):
    assert as_problem(kind("from the server")).status == 503


async def test_a_nul_in_what_was_known_beforehand_is_left_out_and_the_response_kept(client, conn, publish):
    await publish()
    body = {"id": str(uuid4()), "answers": HAPPY, "prefill": {"matter_ref": "办\0件"}}
    reply = await client.post("/api/v1/surveys/gov-sat/responses", json=body)
    assert reply.status_code == 201, reply.text
    assert "办件" in await conn.fetchval("SELECT extra::text FROM response")
