"""Responses on their way out of the database: one query, one plan, in a stable order, and flat in memory."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import NamedTuple

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.db.coded import KEPT, PARADATA, see_whole_wave
from survey.responses.exporting import ANSWERED, HELPER, STATES, Extent, OpenItems, Packed, Texts

CHUNK = 1 << 20
"""So many bytes of rows are taken apart at once."""
HOURS = 12 * 3600
HEADER = 19
POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01 in microseconds since 1970: from there PostgreSQL counts."""
_ROW = struct.Struct(">hi")


async def fetch_extent(conn: Connection, survey: str, wave: str, open_items: OpenItems) -> Extent:
    """How many responses a wave has that were not withdrawn, and how wide their columns are; one pass."""
    names = ", ".join(f"{name}::text AS {name}" for name in PARADATA)
    await see_whole_wave(conn)
    rows = await conn.fetch(
        f"""
        SELECT {names}, count(*) AS n,
               ARRAY[{", ".join(_width(place) for place in range(len(open_items.texts)))}]::int[] AS widths
          FROM response
         WHERE survey = $1 AND wave = $2 AND $3::text[] IS NOT NULL AND {KEPT}
         GROUP BY {", ".join(map(str, range(1, len(PARADATA) + 1)))}
        """,  # noqa: S608 - names and places are ours
        survey,
        wave,
        list(open_items.texts),
        timeout=HOURS,
    )
    widths = [max(column) for column in zip(*(row["widths"] for row in rows), strict=True)]
    return Extent(
        n=sum(row["n"] for row in rows),
        levels={name: tuple(sorted({row[name] for row in rows})) for name in PARADATA},
        widths=dict(zip(open_items.texts, widths or [0] * len(open_items.texts), strict=True)),
    )


def _width(place: int) -> str:
    return f"coalesce(max(octet_length(extra -> 'answers' ->> ($3::text[])[{place + 1}])), 0)"


class Shape(NamedTuple):
    """Where what is in the bytes of a row."""

    codes: int
    open_items: OpenItems

    @property
    def fixed(self) -> int:
        """The bytes that every row has, texts apart."""
        return 24 + len(PARADATA) + self.codes + len(self.open_items.ids) + 8 * len(self.open_items.numbers)


@contextlib.asynccontextmanager
async def fetch_packed(
    conn: Connection, survey: str, wave: str, shape: Shape, extent: Extent
) -> AsyncIterator[AsyncIterator[Packed]]:
    """The responses of a wave in chunks, ordered by bucket and id; the copy ends with the context."""
    await see_whole_wave(conn)
    queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(maxsize=2)

    async def copy() -> None:
        try:
            await conn.copy_from_query(
                _query(shape),
                survey,
                wave,
                *(list(extent.levels[name]) for name in PARADATA),
                list(shape.open_items.ids),
                [state.value for state in STATES],
                output=lambda chunk: queue.put(bytes(chunk)),
                format="binary",
                timeout=HOURS,
            )
        except Exception as error:  # raised again where the rows are read
            await queue.put(error)
        else:
            await queue.put(None)

    task = asyncio.create_task(copy())
    try:
        yield _chunks(queue, shape)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _chunks(queue: asyncio.Queue[bytes | Exception | None], shape: Shape) -> AsyncIterator[Packed]:
    held, skip = bytearray(), HEADER
    while (came := await queue.get()) is not None:
        if isinstance(came, Exception):
            raise came
        held += came
        if len(held) >= CHUNK:
            packed, end = _take(bytes(held), skip, shape)
            yield packed
            held, skip = held[end:], 0
    packed, _ = _take(bytes(held), skip, shape)
    if len(packed.ids):
        yield packed


def _query(shape: Shape) -> str:
    """One bytea a row: what has a fixed width, then each text behind its length."""
    first, items, states = 3, 3 + len(PARADATA), 4 + len(PARADATA)
    numbers, texts = len(shape.open_items.numbers), len(shape.open_items.texts)
    answers = [f"(extra -> 'answers' ->> (${items}::text[])[{place + 1}])" for place in range(numbers + texts)]
    parts = ["uuid_send(id)", "timestamptz_send(received_at)"]
    parts += [
        _byte(f"array_position(${place}::text[], {name}::text) - 1") for place, name in enumerate(PARADATA, first)
    ]
    parts += ["codes"]
    parts += [
        _byte(
            f"CASE WHEN {answer} IS NOT NULL THEN {ANSWERED} ELSE coalesce("
            f"array_position(${states}::text[], extra -> 'missing' ->> (${items}::text[])[{place}]) - 1, 0) END"
        )
        for place, answer in enumerate(answers, start=1)
    ]
    parts += [f"float8send(coalesce({answer}::float8, 0))" for answer in answers[:numbers]]
    told = [f"(extra #>> '{{paradata,helper,{name}}}')" for name in HELPER]
    parts += [
        f"int4send(coalesce(octet_length({text}), 0)) || convert_to(coalesce({text}, ''), 'UTF8')"
        for text in (*answers[numbers:], *told)
    ]
    return (
        f"SELECT {' || '.join(parts)} FROM response "  # noqa: S608 - names and places are ours
        f"WHERE survey = $1 AND wave = $2 AND ${items}::text[] IS NOT NULL AND ${states}::text[] IS NOT NULL "
        f"AND {KEPT} ORDER BY bucket, id"
    )


def _byte(number: str) -> str:
    return f"set_byte('\\x00'::bytea, 0, {number})"


def _take(copied: bytes, start: int, shape: Shape) -> tuple[Packed, int]:
    """The whole rows in a piece of PostgreSQL's binary copy format, and where the rest begins."""
    starts, end = _starts(copied, start)
    data = np.frombuffer(copied, dtype=np.uint8)
    at = np.array(starts, dtype=np.int64)
    fixed = data[at[:, None] + np.arange(shape.fixed)] if len(at) else np.empty((0, shape.fixed), dtype=np.uint8)
    cuts = np.cumsum([16, 8, len(PARADATA), shape.codes, len(shape.open_items.ids)])
    ids, received, paradata, codes, states, floats = np.split(fixed, cuts, axis=1)
    items = len(shape.open_items.texts)
    texts = tuple(_texts(copied, data, at + shape.fixed, items + len(HELPER)))
    packed = Packed(
        ids=ids,
        received=_big_endian(received, ">i8")[:, 0].astype(np.int64) + POSTGRES_EPOCH,
        paradata=paradata,
        codes=codes,
        states=states,
        numbers=_big_endian(floats, ">f8").astype(np.float64),
        texts=texts[:items],
        helper=texts[items:],
    )
    return packed, end


def _big_endian(columns: NDArray[np.uint8], kind: str) -> NDArray[np.generic]:
    return np.ascontiguousarray(columns).view(kind)


def _starts(copied: bytes, at: int) -> tuple[list[int], int]:
    """Where the value of each whole row begins, and where what is no whole row begins."""
    starts: list[int] = []
    last = len(copied) - _ROW.size
    while at <= last:
        fields, length = _ROW.unpack_from(copied, at)
        if fields < 0 or at + _ROW.size + length > len(copied):
            break
        starts.append(at + _ROW.size)
        at += _ROW.size + length
    return starts, at


def _texts(copied: bytes, data: NDArray[np.uint8], at: NDArray[np.int64], columns: int) -> list[Texts]:
    """The texts of each column; each stands behind its length, right behind the one before."""
    found: list[Texts] = []
    for _ in range(columns):
        lengths = (data[at[:, None] + np.arange(4)].copy().view(">i4")[:, 0] if len(at) else at).astype(np.int64)
        said = np.flatnonzero(lengths)
        begins = (at[said] + 4).tolist()
        ends = (at[said] + 4 + lengths[said]).tolist()
        offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]).astype(np.int32)
        found.append(Texts(offsets, b"".join(map(copied.__getitem__, map(slice, begins, ends)))))
        at = at + 4 + lengths
    return found
