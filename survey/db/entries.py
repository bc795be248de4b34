"""Entries: what was typed in from sheets of paper. Added to, and forgotten when they are old; never changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Connection

from survey.responses import bucket_of

FIRST, SECOND, DECIDED = 1, 2, 3
SHOWN = 200
"""So many sheets that wait are listed at once."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed of a sheet. `kept` says that the sheet became a response with it."""

    response_id: UUID
    turn: int
    survey: str
    wave: str
    sheet: str
    typed_by: str
    typed_at: datetime
    variant: str
    locale: str
    sealed: bytes
    fields: int = 0
    differing: int = 0
    kept: bool


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that is held back: until somebody else has typed it too, or its differences are resolved."""

    sheet: str
    typed_by: str
    typed_at: datetime
    differs: bool


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a wave's paper is: sheets typed, kept, typed twice; fields compared, and how many of them differed."""

    sheets: int
    kept: int
    twice: int
    fields: int
    differing: int


async def lock_sheet(conn: Connection, survey: str, wave: str, sheet: str) -> None:
    """Let nobody else type this sheet until this transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{survey}/{wave}/{sheet}")


async def insert_entry(conn: Connection, entry: Entry) -> None:
    """Add an entry."""
    await conn.execute(
        """
        INSERT INTO entry (bucket, response_id, turn, survey, wave, sheet, typed_by, typed_at, variant, locale, sealed,
                           fields, differing, kept)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """,
        bucket_of(entry.response_id),
        *msgspec.structs.astuple(entry),
    )


async def list_entries(conn: Connection, survey: str, wave: str, sheet: str) -> Sequence[Entry]:
    """The entries of a sheet, in order. By its number: the id that a new secret key would give it is another."""
    rows = await conn.fetch(
        """
        SELECT response_id, turn, survey, wave, sheet, typed_by, typed_at, variant, locale, sealed, fields, differing,
               kept
          FROM entry
         WHERE survey = $1 AND wave = $2 AND sheet = $3
         ORDER BY turn
        """,
        survey,
        wave,
        sheet,
    )
    return [msgspec.convert(dict(row), Entry) for row in rows]


async def list_waiting(conn: Connection, survey: str, wave: str) -> Sequence[Waiting]:
    """The sheets of a wave that are held back, those first that have waited longest."""
    rows = await conn.fetch(
        """
        SELECT sheet, (array_agg(typed_by ORDER BY turn))[1] AS typed_by, min(typed_at) AS typed_at,
               max(turn) > 1 AS differs
          FROM entry
         WHERE survey = $1 AND wave = $2
         GROUP BY bucket, response_id, sheet
        HAVING NOT bool_or(kept)
         ORDER BY min(typed_at)
         LIMIT $3
        """,
        survey,
        wave,
        SHOWN,
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def count_progress(conn: Connection, survey: str, wave: str) -> Progress:
    """How far a wave's paper is."""
    row = await conn.fetchrow(
        """
        SELECT count(*) FILTER (WHERE turn = 1) AS sheets, count(*) FILTER (WHERE kept) AS kept,
               count(*) FILTER (WHERE turn = 2) AS twice, coalesce(sum(fields), 0)::bigint AS fields,
               coalesce(sum(differing), 0)::bigint AS differing
          FROM entry
         WHERE survey = $1 AND wave = $2
        """,
        survey,
        wave,
    )
    return msgspec.convert(dict(row), Progress)


async def erase_typed(conn: Connection, response_id: UUID) -> None:
    """Forget what was typed of a sheet; that it was typed, by whom and when, stays."""
    await conn.execute(
        "UPDATE entry SET sealed = '' WHERE bucket = $1 AND response_id = $2", bucket_of(response_id), response_id
    )


async def erase_counted(conn: Connection, before: datetime) -> None:
    """Forget what was typed of the sheets that count since `before`; that it was typed, by whom and when, stays."""
    await conn.execute(
        """
        UPDATE entry SET sealed = ''
         WHERE sealed <> '' AND typed_at <= $1
           AND EXISTS (SELECT FROM entry AS last
                        WHERE last.bucket = entry.bucket AND last.response_id = entry.response_id
                          AND last.kept AND last.typed_at <= $1)
        """,
        before,
    )


async def forget_waiting(conn: Connection, before: datetime) -> int:
    """Forget the sheets that nobody has gone on with since `before`, so that they can be typed anew. How many."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT survey, wave, sheet
          FROM entry
         WHERE sealed <> '' AND typed_at <= $1
         ORDER BY survey, wave, sheet
        """,
        before,
    )
    forgotten = 0
    for row in rows:
        await lock_sheet(conn, *row)
        typed = await list_entries(conn, *row)
        if typed and all(not entry.kept and entry.typed_at <= before for entry in typed):
            await conn.execute("DELETE FROM entry WHERE survey = $1 AND wave = $2 AND sheet = $3", *row)
            forgotten += 1
    return forgotten
