"""Responses: kept once, never changed, handed out as counts or codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.errors import NotFound
from survey.responses import Response, bucket_of


class Kept(NamedTuple):
    """What the database has under an id. `new` when this very insert put it there."""

    id: UUID
    receipt: int
    received_at: datetime
    content_sha256: bytes
    new: bool


async def insert_many(conn: Connection, responses: Sequence[Response]) -> dict[UUID, Kept]:
    """Keep responses of distinct ids in one statement; for each id what is kept, be it this one or an earlier one."""
    rows = await conn.fetch(
        """
        INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                              synthetic, receipt, content_sha256, codes, extra)
        SELECT bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
               synthetic, receipt, content_sha256, codes, extra::jsonb
          FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
                      $8::text[], $9::text[], $10::boolean[], $11::bigint[], $12::bytea[], $13::bytea[], $14::text[])
            AS sent (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                     synthetic, receipt, content_sha256, codes, extra)
            ON CONFLICT DO NOTHING
        RETURNING id, receipt, received_at, content_sha256
        """,
        *map(list, zip(*map(_columns, responses), strict=True)),
    )
    kept = {row["id"]: Kept(**dict(row), new=True) for row in rows}
    replayed = [response.id for response in responses if response.id not in kept]
    if replayed:
        kept |= await _find_many(conn, replayed)
    return kept


def _columns(response: Response) -> tuple[object, ...]:
    return (
        bucket_of(response.id),
        response.id,
        response.survey,
        response.wave,
        response.instrument_version,
        response.variant,
        response.locale,
        response.mode.value,
        response.disposition,
        response.synthetic,
        response.receipt,
        response.content_sha256,
        response.codes,
        msgspec.json.encode(response.extra).decode(),
    )


async def _find_many(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Kept]:
    rows = await conn.fetch(
        """
        SELECT response.id, receipt, received_at, content_sha256
          FROM unnest($1::smallint[], $2::uuid[]) AS sought (bucket, id)
          JOIN response USING (bucket, id)
        """,
        [bucket_of(id) for id in ids],
        list(ids),
    )
    return {row["id"]: Kept(**dict(row), new=False) for row in rows}


async def insert_contacts(conn: Connection, response_id: UUID, sealed: Mapping[str, bytes], *, held: bool) -> None:
    """Keep a response's sealed contact data, apart from the response."""
    await conn.executemany(
        """
        INSERT INTO contact (bucket, response_id, item, sealed, held)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
        """,
        [(bucket_of(response_id), response_id, item, secret, held) for item, secret in sealed.items()],
    )


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A kept response, as its receipt shows it and as an export writes it."""

    id: UUID
    survey: str
    wave: str
    instrument_version: int
    variant: str
    locale: str
    mode: str
    disposition: str
    synthetic: bool
    received_at: datetime
    codes: bytes
    extra: msgspec.Raw


async def fetch_by_receipt(conn: Connection, receipt: int) -> Received:
    """The response that a receipt was given for."""
    row = await conn.fetchrow(
        """
        SELECT id, survey, wave, instrument_version, variant, locale, mode, disposition, synthetic, received_at,
               codes, extra
          FROM response
         WHERE bucket = $1 AND receipt = $2
        """,
        receipt >> 54,
        receipt,
    )
    if row is None:
        raise NotFound("There is no response with this reference number")
    return _received(dict(row))


def _received(row: dict[str, object]) -> Received:
    return Received(**{**row, "extra": msgspec.Raw(str(row["extra"]).encode())})  # type: ignore[arg-type]


PARADATA = ("mode", "variant", "locale", "disposition")
"""What is known of every response beside its answers; each can be a breakdown or a filter like a closed item."""


class Coded(NamedTuple):
    """The coded responses of one wave: `codes` is n by (columns of the code book + columns of PARADATA)."""

    codes: NDArray[np.uint8]
    paradata: dict[str, tuple[str, ...]]
    """For each column behind the code book's what its bytes stand for."""


async def fetch_coded(conn: Connection, survey: str, wave: str) -> Coded:
    """All codes of a wave as one matrix of bytes, straight from the server's binary copy: no objects, no parsing."""
    levels = {name: await _levels(conn, survey, wave, name) for name in PARADATA}
    tail = " || ".join(
        # names are ours (PARADATA), values go as parameters
        f"set_byte('\\x00'::bytea, 0, array_position(${place}::text[], {name}) - 1)"
        for place, name in enumerate(PARADATA, start=3)
    )
    chunks: list[bytes] = []

    async def collect(chunk: bytes) -> None:
        chunks.append(bytes(chunk))

    await conn.copy_from_query(
        f"SELECT codes || {tail} FROM response WHERE survey = $1 AND wave = $2",  # noqa: S608
        survey,
        wave,
        *(list(levels[name]) for name in PARADATA),
        output=collect,
        format="binary",
    )
    return Coded(_matrix(b"".join(chunks)), levels)


async def _levels(conn: Connection, survey: str, wave: str, name: str) -> tuple[str, ...]:
    rows = await conn.fetch(
        f"SELECT DISTINCT {name} AS level FROM response WHERE survey = $1 AND wave = $2 ORDER BY 1",  # noqa: S608
        survey,
        wave,
    )
    return tuple(row["level"] for row in rows)


def _matrix(copied: bytes) -> NDArray[np.uint8]:
    """PostgreSQL's binary copy format: 19 bytes of header, per row a count of fields and a length, 2 of trailer."""
    header, per_row, trailer = 19, 6, 2
    body = np.frombuffer(copied, dtype=np.uint8)[header : len(copied) - trailer]
    if body.size == 0:
        return np.empty((0, 0), dtype=np.uint8)
    width = per_row + int.from_bytes(copied[header + 2 : header + per_row])
    return body.reshape(-1, width)[:, per_row:]


async def count_values(
    conn: Connection, survey: str, wave: str, item: str
) -> tuple[list[float], list[int], dict[str, int]]:
    """How often each number was given to an open item (ascending), and how often each missing state."""
    values = await conn.fetch(
        """
        SELECT (extra -> 'answers' ->> $3)::float8 AS value, count(*) AS n
          FROM response
         WHERE survey = $1 AND wave = $2 AND jsonb_typeof(extra -> 'answers' -> $3) = 'number'
         GROUP BY 1
         ORDER BY 1
        """,
        survey,
        wave,
        item,
    )
    missing = await conn.fetch(
        """
        SELECT extra -> 'missing' ->> $3 AS state, count(*) AS n
          FROM response
         WHERE survey = $1 AND wave = $2 AND extra -> 'missing' ? $3
         GROUP BY 1
         ORDER BY 1
        """,
        survey,
        wave,
        item,
    )
    return [row["value"] for row in values], [row["n"] for row in values], {row["state"]: row["n"] for row in missing}
