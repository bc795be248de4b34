"""A wave as a file: what the API and the command line share."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

import pyarrow as pa
from asyncpg import Connection

from survey.db import exports, surveys
from survey.db.pool import FairPool
from survey.errors import Busy, Refused
from survey.exports.codebook import codebook
from survey.exports.formats import FORMATS, Writer, csv_heading, csv_lines
from survey.exports.mapping import mapping
from survey.exports.plan import Plan
from survey.responses.exporting import open_items

P = ParamSpec("P")
T = TypeVar("T")

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what it had: twice the growth, measured


def ending_of(name: str) -> str:
    """The ending of a file's name that says its format."""
    ending = Path(name).suffix.lower()
    if ending not in FORMATS:
        raise Refused("%(name)s: an export is a %(formats)s file", name=name, formats=", ".join(FORMATS))
    return ending


async def plan_of(conn: Connection, slug: str, wave: str, ending: str) -> Plan:
    """What there is to export; raises NotFound. The rows are of the same moment within one transaction."""
    planned = await surveys.fetch_wave(conn, slug, wave)
    published = await surveys.fetch_published(conn, slug, planned.instrument_version)
    extent = await exports.fetch_extent(conn, slug, wave, open_items(published.instrument))
    form = FORMATS[ending]
    return Plan(
        wave=planned,
        instrument=published.instrument,
        sha256=published.sha256.hex(),
        extent=extent,
        escapes=form.escapes,
        formulas=form.formulas,
    )


async def batches(conn: Connection, plan: Plan) -> AsyncGenerator[pa.RecordBatch]:
    """The responses in chunks."""
    shape = exports.Shape(len(plan.instrument.columns), open_items(plan.instrument))
    async with exports.fetch_packed(conn, plan.wave.survey, plan.wave.wave, shape, plan.extent) as chunks:
        async for packed in chunks:
            yield await asyncio.to_thread(plan.batch, packed)


async def csv_stream(pool: FairPool, slug: str, wave: str) -> AsyncGenerator[bytes]:
    """The responses as CSV, piece by piece, by a connection of their own for as long as somebody reads them."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        plan = await plan_of(conn, slug, wave, ".csv")
        yield csv_heading(plan.schema)
        async with contextlib.aclosing(batches(conn, plan)) as found:
            async for batch in found:
                yield await asyncio.to_thread(csv_lines, batch)


async def saved(conn: Connection, slug: str, wave: str, ending: str) -> BinaryIO:
    """The responses as a file that is gone as soon as it is closed; Busy when there is no room for it."""
    plan = await plan_of(conn, slug, wave, ending)
    try:
        with tempfile.TemporaryDirectory(prefix="survey-export-") as folder:
            path = Path(folder) / f"rows{ending}"
            await save(conn, plan, path)
            return path.open("rb")
    except OSError as error:
        if is_of_a_file(error):
            raise Busy(
                "The file cannot be written now (%(why)s): take .csv, which needs no file", why=reason_of(error)
            ) from error
        raise


def is_of_a_file(error: OSError) -> bool:
    """Whether something is wrong with a file, not with a connection."""
    return error.errno is not None and not isinstance(error, ConnectionError | TimeoutError)


def reason_of(error: OSError) -> str:
    """What is wrong with a file, in the words of the system alone."""
    return os.strerror(error.errno or 0).lower()


async def save(conn: Connection, plan: Plan, path: Path, *, progress: Callable[[int], object] = lambda n: None) -> None:
    """Write the responses to a file; `progress` is told how many are written."""
    writer = await _in_thread(FORMATS[ending_of(path.name)].open, path, plan)
    done = 0
    try:
        async with contextlib.aclosing(batches(conn, plan)) as found:
            async for batch in found:
                await _in_thread(writer.write, batch)
                progress(done := done + batch.num_rows)
    except BaseException:
        _give_up(writer)
        raise
    await _in_thread(writer.close)


async def _in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the function returns; who gives up waits for its end, so that no file is closed while it is written."""
    working = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


def _give_up(writer: Writer) -> None:
    """Let go of a file that will never be whole; what closing it says of that is known already."""
    with contextlib.suppress(Exception):
        writer.close()


async def save_with_codebook(
    conn: Connection, plan: Plan, path: Path, *, progress: Callable[[int], object] = lambda n: None
) -> None:
    """Write the responses, their codebook and the mapping to read them again; each appears when it is whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}.") as folder:
        rows = Path(folder) / f"rows{path.suffix}"
        await save(conn, plan, rows, progress=progress)
        texts = {".ddi.xml": codebook(plan, path.name), ".map.json": mapping(plan)}
        for ending, text in texts.items():
            draft = Path(folder) / f"beside{ending}"
            draft.write_bytes(text)
            _publish(draft, path.with_name(path.name + ending))
        _publish(rows, path)


def _publish(draft: Path, path: Path) -> None:
    """Put a whole file in its place, as readable as any other new file of ours."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
