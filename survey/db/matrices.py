"""Each wave's responses as one matrix of bytes in memory, brought up to date by what was committed since it was read.

The response table is the truth. A matrix is thrown away and read again at will, and is exact at every reading: it has
the responses that the reader's own snapshot has, none twice, whoever writes beside it.
"""

import asyncio
from collections import Counter, OrderedDict
from itertools import count
from typing import NamedTuple

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.db.coded import (
    ID,
    NUMBER,
    PARADATA,
    RESPONDENT,
    STATES,
    Layout,
    Levels,
    Rows,
    fetch_rows,
    list_withdrawn,
)

MOST = 25_000_000
"""Rows that are kept in all; beyond, the waves not asked for the longest are forgotten (some 50 bytes a row)."""

_VERSIONS = count(1)


class Values(NamedTuple):
    """How often each number was given (ascending), and how often each missing state."""

    values: list[float]
    counts: list[int]
    missing: dict[str, int]


class Coded(NamedTuple):
    """The coded responses of one wave: `codes` is n by (columns of the code book + columns of PARADATA)."""

    codes: NDArray[np.uint8]
    paradata: Levels
    """For each column behind the code book's what its bytes stand for."""
    beside: dict[str, Values]
    """The answers to the number items of the layout."""
    respondents: NDArray[np.int64] | None
    """Row by row who answered, 0 where nobody can tell; None unless the layout has them."""
    version: int
    """Another number as soon as the responses are others."""


class Matrices:
    """The matrices of the waves that were asked for last, for one process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Layout, _Matrix] = OrderedDict()
        self._locks: dict[Layout, asyncio.Lock] = {}

    async def read(self, conn: Connection, layout: Layout) -> Coded:
        """A wave's responses as the transaction of `conn` sees them, or as a later one did that was here before it.

        Kept for the next reader when the transaction reads only and has one snapshot (repeatable read).
        """
        async with self._locks.setdefault(layout, asyncio.Lock()):
            moment = await _moment(conn)
            matrix = self._kept.pop(layout, None)  # back when it is whole: an interruption loses it
            if matrix is None or not moment.steady or matrix.database != moment.database:
                matrix = _Matrix(layout, moment.database)
            if _later(moment.snapshot, matrix.snapshot):
                await matrix.catch_up(conn, moment.snapshot)
            if moment.steady and matrix.repeatable:
                self._kept[layout] = matrix
                self._forget()
            return matrix.coded()

    def _forget(self) -> None:
        while len(self._kept) > 1 and sum(matrix.n for matrix in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


class _Moment(NamedTuple):
    snapshot: str
    database: str
    steady: bool


async def _moment(conn: Connection) -> _Moment:
    """What the transaction sees, and in which database since which start: elsewhere its numbers mean nothing."""
    row = await conn.fetchrow(
        """
        SELECT pg_current_snapshot()::text AS snapshot,
               pg_postmaster_start_time() || ' ' ||
               (SELECT oid FROM pg_database WHERE datname = current_database()) AS database,
               current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
               AND pg_current_xact_id_if_assigned() IS NULL AS steady
        """
    )
    return _Moment(row["snapshot"], row["database"], row["steady"])


def _later(snapshot: str, than: str) -> bool:
    """Whether a snapshot has something that the other has not. Those of one server are in an order.

    >>> _later("10:20:10,15", "10:20:10,12,15"), _later("10:20:10", "10:20:10"), _later("10:20:10", "10:21:10")
    (True, False, False)
    """
    if not than:
        return True
    (_, end, running), (_, other_end, other_running) = snapshot.split(":"), than.split(":")
    if int(end) != int(other_end):
        return int(end) > int(other_end)
    return set(running.split(",")) < set(other_running.split(",")) or (running == "" and other_running != "")


class _Matrix:
    """The rows of one layout, turned so that every byte of theirs is a contiguous line, with room for more.

    What was handed out stays as it was: rows are added behind it, everything else is done to a copy.
    """

    def __init__(self, layout: Layout, database: str) -> None:
        self.layout = layout
        self.database = database
        self.snapshot = ""
        self.repeatable = True
        """Whether the snapshot tells which responses are new; not when they came out of another database's dump."""
        self.n = 0
        self._lines = np.empty((0, 0), dtype=np.uint8)
        self._levels: Levels = {name: () for name in PARADATA}
        self._values: dict[str, Counter[float]] = {item: Counter() for item in layout.numbers}
        self._missing: dict[str, Counter[str]] = {item: Counter() for item in layout.numbers}
        self._version = next(_VERSIONS)

    async def catch_up(self, conn: Connection, snapshot: str) -> None:
        """Take in what this snapshot has and the last one had not, and leave out what was withdrawn."""
        since = self.snapshot or None
        before = self.n
        levels, blocks = await fetch_rows(conn, self.layout, self._levels, since)
        self._relabel(levels)
        self._add(blocks)
        changed = self.n != before
        if since is None:
            self.repeatable = not await _from_the_future(conn, self.layout)
        else:
            changed |= self._drop([id.bytes for id in await list_withdrawn(conn, self.layout, since)])
        if changed:
            self._version = next(_VERSIONS)
        self.snapshot = snapshot

    def coded(self) -> Coded:
        """The matrix as it is now."""
        lines = self._lines[:, : self.n]
        return Coded(
            codes=lines[: max(0, lines.shape[0] - self.layout.tail + len(PARADATA))].T,
            paradata=self._levels,
            beside={item: self._beside(item) for item in self.layout.numbers},
            respondents=_numbers(lines[-RESPONDENT - ID : -ID]) if self.layout.respondents else None,
            version=self._version,
        )

    def _beside(self, item: str) -> Values:
        given = sorted((value, n) for value, n in self._values[item].items() if n)
        missing = {state: n for state, n in sorted(self._missing[item].items()) if n}
        return Values([value for value, _ in given], [n for _, n in given], missing)

    def _add(self, blocks: list[Rows]) -> None:
        end = self.n + sum(len(rows) for rows in blocks)
        if end > self._lines.shape[1]:
            lines = np.empty((blocks[0].shape[1], end + end // 8), dtype=np.uint8)
            lines[: len(self._lines), : self.n] = self._lines[:, : self.n]
            self._lines = lines
        for rows in blocks:
            self._lines[:, self.n : self.n + len(rows)] = rows.T
            self.n += len(rows)
            self._count(rows, 1)

    def _drop(self, ids: list[bytes]) -> bool:
        places = [place for id in ids for place in self._find(id)]
        if not places:
            return False
        self._count(self._lines[:, places].T, -1)
        self._lines = np.delete(self._lines[:, : self.n], places, axis=1)
        self.n -= len(places)
        return True

    def _find(self, id: bytes) -> list[int]:
        """Where a response is; from the last byte of the id on, because the first are the hour."""
        if self.n == 0:
            return []
        lines = self._lines[-ID:, : self.n]
        places = np.flatnonzero(lines[-1] == id[-1])
        for byte in range(ID - 1):
            places = places[lines[byte, places] == id[byte]]
        return [int(place) for place in places]

    def _count(self, rows: Rows, times: int) -> None:
        start = rows.shape[1] - self.layout.tail + len(PARADATA)
        for item in self.layout.numbers:
            states = np.bincount(rows[:, start], minlength=256)
            for state, n in zip(STATES, states.tolist(), strict=False):
                self._missing[item][state] += times * n
            sent = np.ascontiguousarray(rows[:, start + 1 : start + NUMBER]).view(">f8").ravel()
            values, counts = np.unique(sent[~np.isnan(sent)].astype(np.float64), return_counts=True)
            for value, n in zip(values.tolist(), counts.tolist(), strict=True):
                self._values[item][value] += times * n
            start += NUMBER

    def _relabel(self, found: Levels) -> None:
        """Make room for levels that were not there, in their alphabetical place."""
        levels = {name: tuple(sorted({*known, *found[name]})) for name, known in self._levels.items()}
        if levels == self._levels:
            return
        if self.n:
            self._lines = self._lines[:, : self.n].copy()
            first = self._lines.shape[0] - self.layout.tail
            for line, name in enumerate(PARADATA, start=first):
                changed = np.arange(256, dtype=np.uint8)
                changed[: len(self._levels[name])] = [levels[name].index(level) for level in self._levels[name]]
                self._lines[line] = changed[self._lines[line]]
        self._levels = levels


async def _from_the_future(conn: Connection, layout: Layout) -> bool:
    """Whether there are responses with transaction numbers yet to come, as after a restored dump."""
    return bool(
        await conn.fetchval(
            """
            SELECT EXISTS (SELECT FROM response
                            WHERE survey = $1 AND wave = $2 AND tx >= pg_snapshot_xmax(pg_current_snapshot()))
            """,
            layout.survey,
            layout.wave,
        )
    )


def _numbers(lines: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The whole numbers whose bytes lie below each other, the highest first."""
    if lines.shape[1] == 0:
        return np.empty(0, dtype=np.int64)
    return np.ascontiguousarray(lines.T).view(">i8").astype(np.int64).ravel()
