"""How much more memory an export of a million responses holds than one of ten thousand, and how fast it is."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx

from bench import command, importing
from bench.memory import peak_mebibytes
from bench.serving import KEEPING, SURVEY, WAVE, WAVE_OF_PGBENCH, serving
from survey.db import accounts

FEW = 10_000
GOAL = 100.0
FORMATS = (".csv", ".parquet")
SMALL, LARGE = WAVE_OF_PGBENCH, WAVE


class Exported(NamedTuple):
    """MiB at most of a process that exported few and of one that exported many, and rows a second of many."""

    few: float
    many: float
    rate: float

    @property
    def more(self) -> float:
        """The MiB that many responses take more than few."""
        return self.many - self.few


class Exporting(NamedTuple):
    """By format and way; rows a second of the database's own copy of the same rows as CSV."""

    exported: dict[str, Exported]
    copied: float


async def measure(conn: asyncpg.Connection, url: str, folder: Path) -> Exporting:
    """Export the wave that is there, and a small one, by the command and over HTTP."""
    importing.write_table(folder / "few.csv", FEW)
    importing.import_table(url, SMALL, folder / "few.csv")
    rows = await conn.fetchval("SELECT count(*) FROM response WHERE wave = $1", LARGE)
    token = await accounts.insert_account(conn, "bench", "evaluator")
    exported = {}
    for ending in FORMATS:
        few, many = (_command(url, wave, folder / f"out{ending}") for wave in (SMALL, LARGE))
        exported[f"{ending}, by the command"] = Exported(few.peak_mebibytes, many.peak_mebibytes, rows / many.seconds)
        exported[f"{ending}, over HTTP"] = _http(url, token, ending, rows)
    return Exporting(exported, rows / await _copy(conn, folder / "rows"))


def _command(url: str, wave: str, path: Path) -> command.Done:
    return command.run(url, "export", "responses", "--survey", SURVEY, "--wave", wave, "--to", path)


def _http(url: str, token: str, ending: str, rows: int) -> Exported:
    peaks = []
    with serving(url, *KEEPING) as served:
        for wave in (SMALL, LARGE):
            began = time.perf_counter()
            address = f"http://127.0.0.1:{served.port}/api/v1/surveys/{SURVEY}/waves/{wave}/responses{ending}"
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.stream("GET", address, headers=headers, timeout=600) as reply:
                reply.raise_for_status()
                for _ in reply.iter_raw():
                    pass
            peaks.append(peak_mebibytes(served.pid))
    return Exported(*peaks, rows / (time.perf_counter() - began))


async def _copy(conn: asyncpg.Connection, path: Path) -> float:
    """Seconds of the database's own copy of the large wave as CSV."""
    began = time.perf_counter()
    query = "SELECT * FROM response WHERE survey = $1 AND wave = $2 ORDER BY bucket, id"
    await conn.copy_from_query(query, SURVEY, LARGE, output=path, format="csv", timeout=600)
    return time.perf_counter() - began


def rows(exporting: Exporting) -> Iterator[tuple[str, ...]]:
    """The figures for people."""
    for name, export in exporting.exported.items():
        remark = (
            f"{'at most' if export.more <= GOAL else 'ABOVE'} {GOAL:g} MiB more than for {FEW:,}: {export.more:+.0f}"
        )
        ratio = export.rate / exporting.copied
        yield f"export as {name} / COPY TO", f"{export.rate:,.0f}", f"{ratio:.2f}", "", "", remark
    yield "COPY of the same rows TO STDOUT as CSV", f"{exporting.copied:,.0f}", "", "", "", "codes as they are kept"


def summary(exporting: Exporting) -> dict[str, Any]:
    """The figures for programs."""
    exported = {
        name: export._asdict() | {"mib_more": export.more, "goal": GOAL} for name, export in exporting.exported.items()
    }
    return {"exported": exported, "copy_to_per_second": exporting.copied}
