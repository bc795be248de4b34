"""Responses from a table: what can be taken into the database, what cannot into a report.

While the database keeps some thousand rows, the next are read and judged in a thread.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import asyncpg
import msgspec

from survey.cli.judging import Judge, Judged
from survey.cli.rejects import Rejects
from survey.cli.tables import Table, opened
from survey.db import responses, surveys
from survey.db.contacts import insert_contacts
from survey.errors import Closed, Refused
from survey.forms.instrument import Instrument
from survey.responses import Wave
from survey.responses.importing import Plan, TableMap, default_mapping
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer

T = TypeVar("T")


class Job(NamedTuple):
    """What to bring in, where it belongs, and how it is to be read."""

    survey: str
    wave: str
    file: Path
    mapping: Path | None = None


class Result(msgspec.Struct):
    """How an import went."""

    kept: int = 0
    known: int = 0
    rejected: int = 0
    dropped: int = 0
    has_ids: bool = False
    left_out: tuple[str, ...] = ()
    report: Path | None = None

    def summary(self) -> str:
        """The numbers, in a line."""
        return f"{self.kept} kept, {self.known} already there, {self.rejected} rejected"

    def remarks(self) -> Iterator[str]:
        """What else somebody should know."""
        if self.report is not None:
            yield f"why: {self.report}"
        if self.left_out:
            yield f"columns left out: {', '.join(self.left_out)}"
        if self.dropped:
            yield f"{self.dropped} answers did not count: their questions were not asked on that path"
        if self.kept and self.known and not self.has_ids:
            yield 'rows like earlier ones were taken for the same people: other people need a column "id" or a "batch"'


Progress = Callable[[Table], contextlib.AbstractContextManager[Callable[[int], object]]]


@contextlib.contextmanager
def _silent(table: Table) -> Iterator[Callable[[int], object]]:
    yield lambda row: None


async def import_table(conn: asyncpg.Connection, sealer: Sealer, job: Job, *, progress: Progress = _silent) -> Result:
    """Bring in a table, a transaction for every few thousand rows."""
    wave = await surveys.fetch_wave(conn, job.survey, job.wave)
    loaded = Loaded(await surveys.fetch_published(conn, job.survey, wave.instrument_version))
    _refuse_unready(wave, loaded, datetime.now(UTC))
    with opened(job.file) as table:
        plan = _plan(job, loaded, table)
        judge = Judge(plan, wave, loaded, sealer)
        result = Result(has_ids=plan.mapping.id is not None, left_out=plan.left_out)
        with Rejects(job.file) as rejects, progress(table) as seen:
            async with contextlib.aclosing(_ahead(judge.judged(table.chunks))) as coming:
                async for judged in coming:
                    await _keep(conn, judge, judged, result, rejects)
                    seen(judged.reached)
        result.rejected = rejects.rows
        result.report = rejects.path if rejects.rows else None
    return result


async def _ahead(items: Iterator[T]) -> AsyncGenerator[T]:
    """The items; the next is being made in a thread while one is used."""
    coming = asyncio.ensure_future(asyncio.to_thread(next, items, None))
    try:
        while (item := await asyncio.shield(coming)) is not None:
            coming = asyncio.ensure_future(asyncio.to_thread(next, items, None))
            yield item
    finally:
        await asyncio.wait([coming])  # nothing is closed under a thread that reads


async def _keep(conn: asyncpg.Connection, judge: Judge, judged: Judged, result: Result, rejects: Rejects) -> None:
    """Keep what can be kept, all of it or nothing, then say what cannot."""
    async with conn.transaction():
        new, before = await responses.copy_many(conn, judge.origin, list(judged.rows.values()))
        await insert_contacts(conn, [one for one in judged.contacts if one.response_id in new])
    known = {id for id, kept in before.items() if kept.content_sha256 == judged.rows[id].content_sha256}
    rows = zip(judged.numbers, judged.rows, strict=True)
    conflicts = [judge.another(number, id) for number, id in rows if id not in new and id not in known]
    for number, why in sorted([*judged.rejections, *conflicts], key=lambda one: one[0]):
        rejects.add(number, why)
    result.kept += len(new)
    result.known += len(known) + judged.repeated
    result.dropped += judged.dropped


def _refuse_unready(wave: Wave, loaded: Loaded, now: datetime) -> None:
    """Late paper is welcome in a closed wave; nothing is before it opens, or on a form that had expired by then."""
    valid_until = loaded.instrument.header.valid_until
    if wave.opens_at > now:
        raise Closed(f"{wave.survey} {wave.wave} opens on {wave.opens_at:%Y-%m-%d}: nothing can have been answered yet")
    if valid_until is not None and valid_until < wave.opens_at.date():
        raise Closed(f"{wave.survey} was valid until {valid_until}, before {wave.wave} opened")


def _plan(job: Job, loaded: Loaded, table: Table) -> Plan:
    columns = tuple(column for column in table.columns if column)
    try:
        if job.mapping is None:
            mapping = default_mapping(loaded.instrument, columns)
        else:
            mapping = msgspec.json.decode(job.mapping.read_bytes(), type=TableMap)
        loaded.instrument.variant(mapping.variant)
        if mapping.locale not in (None, *loaded.instrument.locales):
            raise Refused(f"the mapping names a locale {mapping.locale!r}: {', '.join(loaded.instrument.locales)}")
        _refuse_links(mapping, loaded.instrument)
        return Plan(mapping, loaded.instrument, columns)
    except msgspec.MsgspecError as error:
        raise Refused(f"{job.mapping}: {error}") from None
    except (UnicodeError, OSError) as error:
        raise Refused(f"{job.mapping}: {error}") from None


def _refuse_links(mapping: TableMap, instrument: Instrument) -> None:
    """Where no retest is declared, people were told that nothing links their answers."""
    if mapping.respondent is None:
        return
    if instrument.retest is None:
        raise Refused(
            f"the mapping names a respondent column {mapping.respondent!r}, but {instrument.slug} declares no retest: "
            "its waves are not linked"
        )
    if mapping.frequency is not None:
        raise Refused(
            f"the mapping names a respondent column {mapping.respondent!r} and a frequency column "
            f"{mapping.frequency!r}: a row that stands for several people is no one person"
        )
