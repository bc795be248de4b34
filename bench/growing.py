"""How much slower a new wave is with millions of responses elsewhere than with none: two databases, by turns."""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from bench.serving import SURVEY, WAVE, WAVE_OF_PGBENCH, prepare
from survey.cli.naming import Names
from survey.db import breakoffs, drafts, responses
from survey.db.coded import Layout
from survey.db.embedded import EmbeddedPostgres
from survey.db.matrices import Matrices
from survey.responses import Mode, Response, Wave, receipt_number
from survey.responses.importing import TableMap
from survey.web.exports import batches, plan_of
from survey.web.ids import new_id

ELSEWHERE = 5_000_000
WITHDRAWN = 50_000
DRAFTS = 100_000
BATCH, BATCHES = 256, 160
REPEATS = 7
GOAL = 1.5
NOBODY = "nobody"
MANY = "many"
SECRET = b"a secret for the bench"
HOUR = 3600

_NAMES = Names(TableMap(columns={}), Wave(survey=SURVEY, wave=WAVE, instrument_version=1, opens_at=datetime.now(UTC)))
_KINDS: dict[str, Callable[[], UUID]] = {
    "ids in the order of time": lambda: new_id(datetime.now(UTC)),
    "ids of a table that is imported": lambda: _NAMES.id(os.urandom(32), 0),
    "ids without an order": uuid4,
}
"""What the service makes, what an import makes, what programs should not make."""

Call = Callable[[asyncpg.Connection], Awaitable[object]]


class Growing(NamedTuple):
    """Seconds of each step with nobody and with many elsewhere; bytes of the write-ahead log a response."""

    seconds: dict[str, dict[str, list[float]]]
    logged: dict[str, dict[str, float]]


def measure() -> Growing:
    """All timings, on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            return asyncio.run(_measure(postgres))


async def _measure(postgres: EmbeddedPostgres) -> Growing:
    async with _databases(postgres) as conns:
        growing = Growing({}, {})
        await _fill(conns[MANY])
        for name, new in _KINDS.items():
            await _inserts(growing, conns, name, new)
        for conn in conns.values():
            await drafts.insert_draft(conn, _draft())
        for name, call in (("count", _count), ("export", _export), ("where people stopped", _stopped)):
            for _ in range(REPEATS):
                for size, conn in conns.items():
                    growing.seconds.setdefault(name, {}).setdefault(size, []).append(await _spent(call, conn))
        return growing


@contextlib.asynccontextmanager
async def _databases(postgres: EmbeddedPostgres) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute(f"CREATE DATABASE {MANY} OWNER survey")
    await admin.close()
    urls = {NOBODY: postgres.url, MANY: postgres.url.replace("/survey?", f"/{MANY}?")}
    async with contextlib.AsyncExitStack() as stack:
        conns = {}
        for size, url in urls.items():
            await prepare(url)
            conns[size] = await asyncpg.connect(url)
            stack.push_async_callback(conns[size].close)
        yield conns


async def _fill(conn: asyncpg.Connection) -> None:
    """The other wave: responses with ids of no order, some withdrawn, and forms that people are filling in."""
    async with conn.transaction():
        await conn.execute(
            """
            INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                                  receipt, content_sha256, codes)
            SELECT bucket, id, $1, $2, 1, 'standard', 'en', 'web', 'complete',
                   bucket::bigint << 54 | (random() * (1::bigint << 53))::bigint << 1, sha256(uuid_send(id)),
                   substr(sha256(uuid_send(id)), 2)
              FROM (SELECT crc32(uuid_send(id)) % 64 AS bucket, id
                      FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $3::int) OFFSET 0) AS made
                     ORDER BY 1, 2) AS elsewhere
            """,
            *(SURVEY, WAVE_OF_PGBENCH, ELSEWHERE),
            timeout=HOUR,
        )
        await conn.execute(
            """
            INSERT INTO withdrawal (bucket, response_id, survey, wave, withdrawn_at)
            SELECT bucket, id, survey, wave, now() FROM response LIMIT $1
            """,
            WITHDRAWN,
        )
        await conn.execute(
            """
            INSERT INTO draft (id, survey, wave, variant, locale, sealed, expires_at, reached)
            SELECT gen_random_uuid(), $1, $2, 'standard', 'en', sha256(''), now() + interval '7 days', 'page'
              FROM generate_series(1, $3::int)
            """,
            *(SURVEY, WAVE_OF_PGBENCH, DRAFTS),
        )
    await conn.execute("VACUUM ANALYZE", timeout=HOUR)


async def _inserts(growing: Growing, conns: dict[str, asyncpg.Connection], name: str, new: Callable[[], UUID]) -> None:
    """Batches as the inbox keeps them, ten here and ten there."""
    logged = dict.fromkeys(conns, 0)
    step = f"keep {BATCH}, {name}"
    for _ in range(BATCHES // 10):
        for size, conn in conns.items():
            began = await _log_position(conn)
            for _ in range(10):
                batch = [_response(new()) for _ in range(BATCH)]
                seconds = await _spent(lambda conn: responses.insert_many(conn, batch), conn)  # noqa: B023
                growing.seconds.setdefault(step, {}).setdefault(size, []).append(seconds)
            logged[size] += await _log_position(conn) - began
    growing.logged[step] = {size: bytes_ / (BATCH * BATCHES) for size, bytes_ in logged.items()}


async def _log_position(conn: asyncpg.Connection) -> int:
    return int(await conn.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'"))


def _response(id: UUID) -> Response:
    return Response(
        id=id,
        survey=SURVEY,
        wave=WAVE,
        instrument_version=1,
        variant="standard",
        locale="en",
        mode=Mode.WEB,
        disposition="complete",
        receipt=receipt_number(id, SECRET),
        content_sha256=os.urandom(32),
        codes=bytes(31),
        extra={},
    )


def _draft() -> drafts.Draft:
    now = datetime.now(UTC)
    return drafts.Draft(
        id=new_id(now),
        survey=SURVEY,
        wave=WAVE,
        variant="standard",
        locale="en",
        sealed=b"sealed",
        started_at=now,
        expires_at=now + timedelta(days=7),
        reached="page",
    )


async def _spent(call: Call, conn: asyncpg.Connection) -> float:
    began = time.perf_counter()
    await call(conn)
    return time.perf_counter() - began


async def _count(conn: asyncpg.Connection) -> None:
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        coded = await Matrices().read(conn, Layout(SURVEY, WAVE))
    _expect(len(coded.codes))


async def _export(conn: asyncpg.Connection) -> None:
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        plan = await plan_of(conn, SURVEY, WAVE, ".parquet")
        _expect(sum([batch.num_rows async for batch in batches(conn, plan)]))


async def _stopped(conn: asyncpg.Connection) -> None:
    await breakoffs.count_begun(conn, SURVEY, WAVE, datetime.now(UTC))


def _expect(found: int) -> None:
    kept = len(_KINDS) * BATCH * BATCHES
    if found != kept:
        raise SystemExit(f"{found:,} responses were found in the new wave, not {kept:,}")


def summary(growing: Growing) -> dict[str, Any]:
    """The figures for programs."""
    found: dict[str, Any] = {}
    for name, seconds in growing.seconds.items():
        alone, many = (statistics.median(seconds[size]) for size in (NOBODY, MANY))
        found[name] = {"alone_ms": 1000 * alone, "many_ms": 1000 * many, "ratio": many / alone, "goal": GOAL}
        found[name] |= {f"logged_{size}": bytes_ for size, bytes_ in growing.logged.get(name, {}).items()}
    return found


def rows(growing: Growing) -> Iterator[tuple[str, ...]]:
    """The figures for people: name, a second, ratio, p50, slowest, remarks."""
    for name, figure in summary(growing).items():
        remark = f"{'at most' if figure['ratio'] <= GOAL else 'ABOVE'} {GOAL:g}; {figure['alone_ms']:,.1f} ms alone"
        if name in growing.logged:
            remark += f"; logged a response: {figure['logged_many']:,.0f} bytes, {figure['logged_nobody']:,.0f} alone"
        slowest = 1000 * max(growing.seconds[name][MANY])
        p50 = figure["many_ms"]
        label = f"new wave beside {ELSEWHERE:,}: {name}"
        yield label, "", f"{figure['ratio']:.2f}", f"{p50:,.1f}", f"{slowest:,.1f}", remark
