"""Tables in and out, on one database: what was imported is exported."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from bench import exporting, importing
from bench.serving import prepare
from survey.db.embedded import EmbeddedPostgres


class Moving(NamedTuple):
    """Rates and memory of imports and of exports."""

    importing: importing.Importing
    exporting: exporting.Exporting


def measure() -> Moving:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres, tempfile.TemporaryDirectory(prefix="survey-tables-") as tables:
            return asyncio.run(_measure(postgres.url, Path(tables)))


async def _measure(url: str, folder: Path) -> Moving:
    await prepare(url)
    conn = await asyncpg.connect(url)
    try:
        return Moving(await importing.measure(conn, url, folder), await exporting.measure(conn, url, folder))
    finally:
        await conn.close()


def rows(moving: Moving) -> Iterator[tuple[str, ...]]:
    """The figures for people."""
    yield from importing.rows(moving.importing)
    yield from exporting.rows(moving.exporting)


def summary(moving: Moving) -> dict[str, Any]:
    """The figures for programs."""
    return {"importing": importing.summary(moving.importing), "exporting": exporting.summary(moving.exporting)}
