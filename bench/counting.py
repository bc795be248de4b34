"""How long a summary of ten million responses takes, and how long the same counts take the database."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

import survey
from survey.db import surveys
from survey.db.embedded import EmbeddedPostgres
from survey.db.migrate import migrate
from survey.evaluation.coding import CodeBook
from survey.responses import Wave
from survey.web.results import Figures

SIZES = {"small": 100_000, "large": 10_000_000}
BREAKDOWNS = ("D3", "D1", "Q1", "Q3", "Q4")
REPEATS = 20
GOALS = {"nothing cached": 6.0, "matrix there": 40.0, "repeated": 300.0}
GROWTH_GOAL = 3.0


class Counting(NamedTuple):
    """Milliseconds of a summary with a breakdown, and of the database for the same counts, by size of the wave."""

    columns: int
    ours: dict[str, dict[str, list[float]]]
    database: dict[str, list[float]]


def measure() -> Counting:
    """All timings, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            return asyncio.run(_measure(postgres.url))


async def _measure(url: str) -> Counting:
    conn = await asyncpg.connect(url)
    try:
        book = await _fill(conn)
        ours: dict[str, dict[str, list[float]]] = {wave: {name: [] for name in GOALS} for wave in SIZES}
        database: dict[str, list[float]] = {wave: [] for wave in SIZES}
        for wave in SIZES:
            figures = Figures()
            for place, by in enumerate(BREAKDOWNS):
                if place < 2:  # as after a start of the service
                    figures = Figures()
                name = "nothing cached" if place < 2 else "matrix there"
                ours[wave][name].append(await _spent(lambda: _ask(conn, figures, wave, by)))  # noqa: B023
            for _ in range(REPEATS):
                ours[wave]["repeated"].append(await _spent(lambda: _ask(conn, figures, wave, by)))  # noqa: B023
            database[wave].append(await _spent(lambda: _group_by(conn, book, wave)))  # noqa: B023
        return Counting(len(book.columns), ours, database)
    finally:
        await conn.close()


async def _fill(conn: asyncpg.Connection) -> CodeBook:
    """Two waves of one survey with answers drawn at random."""
    await migrate(conn)
    definition = (Path(survey.__file__).parent / "instruments" / "gov-sat.json").read_text(encoding="utf-8")
    published = await surveys.publish(conn, definition)
    now = datetime.now(UTC)
    book = CodeBook(published.instrument)
    drawn = [
        f"set_byte('\\x00'::bytea, 0, (random() * {max(0, len(column.codes) - 1)})::int)" for column in book.columns
    ]
    for bucket, (wave, n) in enumerate(SIZES.items()):
        await surveys.insert_wave(
            conn,
            Wave(
                survey=published.survey,
                wave=wave,
                instrument_version=published.version,
                opens_at=now - timedelta(days=1),
                closes_at=now + timedelta(days=1),
            ),
        )
        await conn.execute(
            f"""
            INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                                  receipt, content_sha256, codes)
            SELECT {bucket}, gen_random_uuid(), '{published.survey}', '{wave}', {published.version}, 'standard', 'en',
                   'web', 'complete', number, decode(repeat('00', 32), 'hex'), {" || ".join(drawn)}
              FROM generate_series(1, {n}) AS number
            """  # noqa: S608
        )
    await conn.execute("VACUUM ANALYZE response")
    return book


async def _ask(conn: asyncpg.Connection, figures: Figures, wave: str, by: str) -> None:
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        found = await figures.summary(conn, "gov-sat", wave, by=by, where=None, now=datetime.now(UTC))
    if found.n != SIZES[wave]:
        raise SystemExit(f"{found.n:,} responses were counted in wave {wave}, not {SIZES[wave]:,}")


async def _group_by(conn: asyncpg.Connection, book: CodeBook, wave: str) -> None:
    """Each column by the breakdown: the counts alone, without scales and rates."""
    by = book.position[BREAKDOWNS[-1]]
    for column in range(len(book.columns)):
        await conn.fetch(
            f"""
            SELECT get_byte(codes, {by}), get_byte(codes, {column}), count(*) FROM response
             WHERE survey = 'gov-sat' AND wave = $1 GROUP BY 1, 2
            """,  # noqa: S608
            wave,
        )


async def _spent(call: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await call()
    return 1000.0 * (time.perf_counter() - began)


def summary(counting: Counting) -> dict[str, dict[str, Any]]:
    """The timings for programs."""
    found: dict[str, dict[str, Any]] = {}
    for wave, timings in counting.ours.items():
        beside = statistics.median(counting.database[wave])
        for name, milliseconds in timings.items():
            ours = statistics.median(milliseconds)
            found[f"summary of {SIZES[wave]:,}, {name}"] = {
                "p50_ms": ours,
                "p99_ms": max(milliseconds),
                "database_ms": beside,
                "ratio": beside / ours,
            }
            if wave == "large":
                found[f"summary of {SIZES[wave]:,}, {name}"] |= {
                    "goal": GOALS[name],
                    "met": beside / ours >= GOALS[name],
                }
    small, large = (statistics.median(counting.ours[wave]["repeated"]) for wave in SIZES)
    found["growth of the repeated summary"] = {"ratio": large / small, "goal": GROWTH_GOAL}
    return found


def rows(counting: Counting) -> Iterator[tuple[str, str, str, str, str, str]]:
    """The timings for people: name, summaries a second, ratio, p50, worst, remarks."""
    for name, figure in summary(counting).items():
        if "p50_ms" not in figure:
            yield name, "", f"{figure['ratio']:.1f}", "", "", f"at most {figure['goal']:g}"
            continue
        ours = figure["p50_ms"]
        remark = f"GROUP BY of {counting.columns} columns {figure['database_ms']:,.0f} ms"
        if "goal" in figure:
            remark = f"{'at least' if figure['met'] else 'BELOW'} {figure['goal']:g}; {remark}"
        yield (
            name,
            f"{1000.0 / ours:,.1f}",
            f"{figure['ratio']:,.1f}",
            f"{ours:,.1f}",
            f"{figure['p99_ms']:,.1f}",
            remark,
        )
