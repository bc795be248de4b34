"""Exports over a real connection: who leaves stops the query, and a broken file is never taken for a whole one."""

import asyncio
import contextlib
import json
import socket

import asyncpg
import httpx
import pytest
import uvicorn

from bench import command
from survey.evaluation.coding import CodeBook
from tests.evaluation.samples import instrument

WAVE = "/api/v1/surveys/gov-sat/waves/2026H2"
MANY = 60_000


@contextlib.asynccontextmanager
async def served(app):
    """The address of the application on a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(app, lifespan="off", log_level="error", http="survey.web.protocol:WholeReplies")
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            await serving


async def fill(conn, wave, n=MANY):
    """Responses, made by the database."""
    codes, extra = CodeBook(instrument("gov-sat")).encode({"Q3": 5, "Q13": "窗口排队太久，希望增加人手"})
    await conn.execute(
        """
        INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                              receipt, content_sha256, codes, extra)
        SELECT n % 64, gen_random_uuid(), $1, $2, 1, 'standard', 'en', 'web', 'complete',
               (random() * 9e18)::bigint, sha256(''), $3, $4
          FROM generate_series(1, $5::int) AS n
        """,
        *(wave.survey, wave.wave, codes, json.dumps(extra), n),
    )


async def exporting(conn):
    """The database's processes that are at work for somebody else."""
    rows = await conn.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' AND state = 'active'"
    )
    return [row["pid"] for row in rows]


async def until(condition, seconds=10):
    """Wait until it holds; the last value."""
    for _ in range(seconds * 20):
        if found := await condition():
            return found
        await asyncio.sleep(0.05)
    return await condition()


@contextlib.asynccontextmanager
async def asked(address, headers, ending):
    """A connection on which an export has been asked for."""
    reader, writer = await asyncio.open_connection(*address, limit=1 << 12)
    lines = [f"GET {WAVE}/responses{ending} HTTP/1.1", "Host: test", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        yield reader
    finally:
        writer.transport.abort()


async def test_who_leaves_in_the_middle_stops_the_query(app, conn, publish, evaluator_headers):
    await fill(conn, await publish())
    async with served(app) as address:
        async with asked(address, evaluator_headers, ".csv") as reader:
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            assert await until(lambda: exporting(conn))
        assert await until(lambda: is_quiet(conn))


async def is_quiet(conn):
    return not await exporting(conn)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".sav"])
async def test_who_leaves_before_the_first_byte_stops_the_query(
    app, conn, database_url, publish, evaluator_headers, ending
):
    """The table is locked, so that the query waits."""
    await fill(conn, await publish(), 10)
    locking = await asyncpg.connect(database_url)
    async with served(app) as address, locking.transaction():
        await locking.execute("LOCK TABLE response IN ACCESS EXCLUSIVE MODE")
        async with asked(address, evaluator_headers, ending):
            assert await until(lambda: exporting(conn))
        assert await until(lambda: is_quiet(conn))
    await locking.close()


async def test_a_download_that_the_database_breaks_is_no_whole_file(app, conn, publish, evaluator_headers):
    await fill(conn, await publish())
    async with (
        served(app) as (host, port),
        httpx.AsyncClient(base_url=f"http://{host}:{port}") as client,
        client.stream("GET", f"{WAVE}/responses.csv", headers=evaluator_headers) as reply,
    ):
        assert reply.status_code == 200
        pieces = reply.aiter_raw()
        await anext(pieces)
        (pid,) = await until(lambda: exporting(conn))
        await conn.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(httpx.RemoteProtocolError):
            async for _ in pieces:
                pass


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".sav"])
async def test_memory_does_not_grow_with_the_wave(conn, database_url, publish, tmp_path, ending):
    """300,000 responses take at most 60 MiB more than 3,000; held at once they would take 200 and more."""
    peaks = []
    for name, n in (("few", 3_000), ("many", 300_000)):
        await fill(conn, await publish(wave=name), n)
        arguments = ("export", "responses", "--survey", "gov-sat", "--wave", name, "--to", tmp_path / f"out{ending}")
        peaks.append((await asyncio.to_thread(command.run, database_url, *arguments)).peak_mebibytes)
    assert peaks[1] - peaks[0] < 60


async def test_a_file_that_waits_for_its_reader_holds_no_transaction(app, conn, publish, evaluator_headers):
    await fill(conn, await publish())
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state ~ 'transaction'"
    async with served(app) as address, asked(address, evaluator_headers, ".sav") as reader:
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert await conn.fetchval(open_ones) == 0
