"""Responses from a table: row by row into the database, what cannot be taken into a report.

An id comes from the id column; without one, from what the row says and how many rows before it said the same. So a
second run, a run after an interruption and a run of the mended table add only what is not there yet.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

import asyncpg
import msgspec

from survey.cli.keeping import Batch
from survey.cli.rejects import Rejects
from survey.cli.tables import Row, Table, opened
from survey.db import surveys
from survey.errors import Closed, Refused
from survey.forms.instrument import Instrument
from survey.forms.items.base import Scalar
from survey.forms.reading import Reading, read
from survey.forms.wording import Reader
from survey.responses import Mode, Wave, content_hash
from survey.responses.importing import Plan, Rejection, TableMap, content_of, default_mapping, reason, text_of
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer
from survey.web.submission import Arrival

NAMESPACE = UUID("c0d9d3b2-5c1f-5e0b-8d55-8a3c6a0f7f10")
BATCH = 1000


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
    """Bring in a table row by row, a transaction for every thousand."""
    wave = await surveys.fetch_wave(conn, job.survey, job.wave)
    loaded = Loaded(await surveys.fetch_published(conn, job.survey, wave.instrument_version))
    _refuse_unready(wave, loaded, datetime.now(UTC))
    with opened(job.file) as table:
        plan = _plan(job, loaded, table)
        with Rejects(job.file) as rejects, progress(table) as seen:
            intake = _Intake(plan, wave, Batch(conn, wave, loaded, sealer), rejects)
            for row in table.rows:
                await intake.take(row)
                seen(row.number)
            await intake.keep()
        intake.result.rejected = rejects.rows
        intake.result.report = rejects.path if rejects.rows else None
    return intake.result


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


class _Intake:
    """Rows on their way in: each into the batch or into the report."""

    def __init__(self, plan: Plan, wave: Wave, batch: Batch, rejects: Rejects) -> None:
        self.result = Result(has_ids=plan.mapping.id is not None, left_out=plan.left_out)
        self._plan = plan
        self._wave = wave
        self._batch = batch
        self._rejects = rejects
        self._rows: dict[UUID, int] = {}
        self._seen: Counter[int] = Counter()
        self._namespace = uuid5(NAMESPACE, f"{wave.survey}/{wave.wave}/{plan.mapping.batch}")
        self._locale = plan.mapping.locale or plan.instrument.locales[0]
        self._reader = Reader("en")

    async def take(self, row: Row) -> None:
        """Read a row, as many times as it stands for respondents."""
        given, rejections = self._plan.row(row.cells)
        copies = 1
        try:
            copies = self._plan.copies(row.cells)
        except ValueError as error:
            column = self._plan.mapping.frequency or ""
            rejections.append(Rejection(column, text_of(row.cells.get(column)), str(error)))
        if row.problem:
            rejections = [Rejection("", "", row.problem)]
        prefill = self._prefill(row)
        reading = read(self._plan.instrument, given, prefill=prefill)
        rejections = rejections or list(self._wrong(reading, row))
        if rejections:
            self._rejects.add(row.number, rejections)
            return
        self.result.dropped += len(reading.dropped) * copies
        for copy in range(copies):
            await self._add(row, self._arrival(row, copy, given, prefill), reading)

    def _wrong(self, reading: Reading, row: Row) -> Iterator[Rejection]:
        for issue in reading.issues:
            column = self._plan.column_of.get(issue.item, issue.item)
            why = reason(issue, lambda issue: self._reader.say(issue.text))
            yield Rejection(column, text_of(row.cells.get(column)), why)
        if reading.end is not None and reading.end.keeps == "count":
            yield Rejection("", "", f"who ends at {reading.end.id!r} is counted when it happens, and never kept")

    def _prefill(self, row: Row) -> dict[str, Scalar]:
        """Who answered, as a link would have said it; nothing where the cell is blank."""
        column, retest = self._plan.mapping.respondent, self._plan.instrument.retest
        if column is None or retest is None:
            return {}
        text = text_of(row.cells.get(column))
        return {} if text == "" or text in self._plan.mapping.blanks else {retest.token: text}

    def _arrival(self, row: Row, copy: int, given: dict[str, object], prefill: dict[str, Scalar]) -> Arrival:
        return Arrival(
            id=self._id(row, copy),
            variant=self._plan.mapping.variant,
            locale=self._locale,
            mode=Mode(self._plan.mapping.mode),
            given=given,
            prefill=prefill,
        )

    def _id(self, row: Row, copy: int) -> UUID:
        """From the id column; else from what the row says and how many rows before it said the same."""
        column = self._plan.mapping.id
        text = text_of(row.cells.get(column)) if column is not None else ""
        if text:
            with contextlib.suppress(ValueError):
                if copy == 0:
                    return UUID(text)
            return uuid5(self._namespace, f"id/{text}/{copy}")
        content = content_hash(content_of(row.cells))
        key = int.from_bytes(content[:8])
        self._seen[key] += 1
        return uuid5(self._namespace, f"row/{content.hex()}/{self._seen[key]}")

    async def _add(self, row: Row, arrival: Arrival, reading: Reading) -> None:
        added = self._batch.add(arrival, reading)
        if added:
            self._rows[arrival.id] = row.number
        elif added is None:
            self.result.known += 1
        else:
            self._another(row.number, arrival.id)
        if len(self._batch) >= BATCH:
            await self.keep()

    def _another(self, row: int, id: UUID) -> None:
        column = self._plan.mapping.id or ""
        self._rejects.add(row, [Rejection(column, str(id), "another response has this id; it stays as it is")])

    async def keep(self) -> None:
        """Keep what has come together."""
        outcome = await self._batch.keep()
        self.result.kept += outcome.new
        self.result.known += outcome.known
        for id in outcome.conflicting:
            self._another(self._rows[id], id)
        self._rows.clear()
