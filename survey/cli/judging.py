"""From the rows of a table to what can be kept of them, some thousand at a time."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np

from survey.cli.naming import Key, Names
from survey.cli.tables import ROWS, Chunk
from survey.db.contacts import Contact
from survey.db.responses import Origin, Row
from survey.forms.each import Each, Places
from survey.forms.instrument import End
from survey.forms.items.base import Scalar
from survey.forms.reading import Reading, read
from survey.forms.reading_each import Readings, read_each
from survey.forms.wording import Reader
from survey.responses import Wave, bucket_in, receipt_number
from survey.responses.cells import text_of
from survey.responses.contents import objects
from survey.responses.importing import Plan, Rejection, reason
from survey.responses.response import respondent_number
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer

Why = tuple[int, list[Rejection]]
"""The number of a row, and why it cannot be taken."""


class Judged(msgspec.Struct):
    """What came of some rows: responses, the number of each one's row, contact data; who was rejected and why.

    `repeated` responses are among `rows` already, `dropped` answers did not count, `reached` is the last row's number.
    """

    rejections: list[Why]
    dropped: int
    reached: int
    repeated: int = 0
    rows: dict[UUID, Row] = {}
    numbers: list[int] = []
    contacts: list[Contact] = []


class _Made(NamedTuple):
    """What is kept of each row of a chunk but its id; contact data by place: item, text, whether it waits."""

    keys: list[Key]
    dispositions: Sequence[str]
    respondents: list[int | None]
    hashes: list[bytes]
    codes: list[bytes]
    extra: list[str]
    contacts: dict[int, list[tuple[str, str, bool]]]


class Judge:
    """Judges the rows of one table, in order."""

    def __init__(self, plan: Plan, wave: Wave, loaded: Loaded, sealer: Sealer) -> None:
        mapping = plan.mapping
        locale = mapping.locale or plan.instrument.locales[0]
        self.origin = Origin(wave.survey, wave.wave, loaded.version, mapping.variant, locale, mapping.mode)
        self._plan = plan
        self._loaded = loaded
        self._sealer = sealer
        self._names = Names(plan.mapping, wave)
        self._reader = Reader("en")

    def judged(self, chunks: Iterable[Chunk]) -> Iterator[Judged]:
        """What came of the rows, so many responses at a time as are kept in one transaction."""
        for chunk in chunks:
            yield from self._judged(chunk)

    def another(self, number: int, id: UUID) -> Why:
        """Why a row is rejected whose id has other content already."""
        said = "another response has this id; it stays as it is"
        return number, [Rejection(self._plan.mapping.id or "", str(id), said)]

    def _judged(self, chunk: Chunk) -> Iterator[Judged]:
        n = len(chunk.numbers)
        given, wrong = self._plan.row_each(chunk.columns, n)
        prefill = self._prefill(chunk)
        readings = read_each(self._plan.instrument, given, n, prefill)
        copies = self._copies_each(chunk)
        right = readings.right & ~wrong & ~readings.ends.where(_is_only_counted) & (copies >= 0)
        right[list(chunk.problems)] = False
        rejections = [(chunk.numbers[i], self._why(chunk, i, prefill)) for i in np.flatnonzero(~right).tolist()]
        made = self._made(chunk, given, prefill, readings)
        ends = np.cumsum(np.where(right, copies, 0))
        for start in range(0, max(int(ends[-1]), 1), ROWS):
            respondents = np.arange(start, min(start + ROWS, int(ends[-1])))
            rows = np.searchsorted(ends, respondents, side="right")
            found = Judged(rejections, int(readings.dropped[rows].sum()), chunk.numbers[-1])
            copy = respondents - (ends - copies)[rows]
            self._take(found, chunk, made, zip(rows.tolist(), copy.tolist(), strict=True))
            yield found
            rejections = []

    def _prefill(self, chunk: Chunk) -> dict[str, Each[Scalar | None]]:
        """Who answered, as a link would have said it; nothing where the cell is blank."""
        column, retest = self._plan.mapping.respondent, self._plan.instrument.retest
        if column is None or retest is None:
            return {}
        blanks = ("", *self._plan.mapping.blanks)
        return {retest.token: chunk.columns[column].map(text_of).map(lambda text: None if text in blanks else text)}

    def _copies_each(self, chunk: Chunk) -> Places:
        """How many respondents each row stands for; -1 where it does not rightly say so."""
        column = self._plan.mapping.frequency
        if column is None:
            return np.ones(len(chunk.numbers), dtype=np.intp)
        copies = chunk.columns[column].map(lambda cell: self._copies({column: cell}))
        return np.array([-1 if isinstance(n, Rejection) else n for n in copies.values], dtype=np.intp)[copies.places]

    def _copies(self, cells: Mapping[str, object]) -> int | Rejection:
        try:
            return self._plan.copies(cells)
        except ValueError as error:
            column = self._plan.mapping.frequency or ""
            return Rejection(column, text_of(cells.get(column)), str(error))

    def _why(self, chunk: Chunk, place: int, prefill: Mapping[str, Each[Scalar | None]]) -> list[Rejection]:
        """Why a row cannot be taken: it is read on its own."""
        if place in chunk.problems:
            return [Rejection("", "", chunk.problems[place])]
        cells = chunk.row(place)
        given, rejections = self._plan.row(cells)
        copies = self._copies(cells)
        if isinstance(copies, Rejection):
            rejections.append(copies)
        known = {name: value for name, each in prefill.items() if (value := each.one(place)) is not None}
        return rejections or list(self._issues(read(self._plan.instrument, given, prefill=known), cells))

    def _issues(self, reading: Reading, cells: Mapping[str, object]) -> Iterator[Rejection]:
        for issue in reading.issues:
            column = self._plan.column_of.get(issue.item, issue.item)
            why = reason(issue, lambda issue: self._reader.say(issue.text))
            yield Rejection(column, text_of(cells.get(column)), why)
        if reading.end is not None and _is_only_counted(reading.end):
            yield Rejection("", "", f"who ends at {reading.end.id!r} is counted when it happens, and never kept")

    def _made(
        self, chunk: Chunk, given: dict[str, Each[Any]], prefill: dict[str, Each[Scalar | None]], readings: Readings
    ) -> _Made:
        n = len(chunk.numbers)
        codes, extra = self._loaded.book.encode_each(readings.answers, n)
        survey, wave, _, variant, _, mode = self.origin
        about = msgspec.json.encode((survey, wave, variant, mode))[:-1]
        contents = zip(objects(given, n), objects(prefill, n), strict=True)
        return _Made(
            keys=self._names.keys(chunk),
            dispositions=readings.ends.map(lambda end: end.disposition if end else "complete").every(),
            respondents=next((each.map(self._respondent).every() for each in prefill.values()), [None] * n),
            hashes=[hashlib.sha256(b"%b,%b,%b]" % (about, *content)).digest() for content in contents],
            codes=[row.tobytes() for row in codes],
            extra=extra.map(lambda extra: msgspec.json.encode(extra).decode()).every(),
            contacts=self._contacts(readings, n),
        )

    def _respondent(self, token: Scalar | None) -> int | None:
        return respondent_number(self.origin.survey, str(token), self._sealer.receipt_secret) if token else None

    def _contacts(self, readings: Readings, n: int) -> dict[int, list[tuple[str, str, bool]]]:
        condition = self._plan.instrument.holds_contact
        known = {item: each for item, each in readings.known.items() if item not in readings.contacts}
        held = np.zeros(n, dtype=np.bool_) if condition is None else condition.holds_each(known, n)
        found: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
        for item, texts in readings.contacts.items():
            for place in np.flatnonzero(texts.where(lambda text: text is not None)).tolist():
                found[place].append((item, texts.one(place), bool(held[place])))
        return found

    def _take(self, found: Judged, chunk: Chunk, made: _Made, respondents: Iterable[tuple[int, int]]) -> None:
        """Give each respondent an id; whoever has one that is there already is the same, or is rejected."""
        for place, copy in respondents:
            id = self._names.id(made.keys[place], copy)
            receipt = receipt_number(id, self._sealer.receipt_secret)
            row = Row(
                bucket_in(receipt),
                id,
                made.dispositions[place],
                receipt,
                made.respondents[place],
                made.hashes[place],
                made.codes[place],
                made.extra[place],
            )
            waiting = found.rows.setdefault(id, row)
            if waiting is row:
                found.numbers.append(chunk.numbers[place])
                for item, text, held in made.contacts.get(place, ()):
                    found.contacts.append(Contact(id, item, self._sealer.seal(text.encode()), held))
            elif waiting.content_sha256 == row.content_sha256:
                found.repeated += 1
            else:
                found.rejections.append(self.another(chunk.numbers[place], id))


def _is_only_counted(end: End | None) -> bool:
    return end is not None and end.keeps == "count"
