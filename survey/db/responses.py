"""Responses: kept once, never changed; withdrawn by their respondents alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec.structs import replace

from survey.errors import NotFound
from survey.responses import Response, bucket_in, bucket_of, next_receipt


class Kept(msgspec.Struct, frozen=True):
    """What the database has under an id. `new` when this very insert put it there."""

    id: UUID
    receipt: int
    received_at: datetime
    content_sha256: bytes
    new: bool


async def insert_many(conn: Connection, responses: Sequence[Response]) -> list[Kept]:
    """Keep responses of distinct ids in one statement; for each what is kept, be it this one or an earlier one.

    Those that are new share the time of the transaction. One whose receipt is another's is kept with another receipt.
    """
    inserted = await conn.fetch(
        """
        INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                              synthetic, receipt, respondent, content_sha256, codes, extra)
        SELECT bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
               synthetic, receipt, respondent, content_sha256, codes, extra
          FROM unnest($1::arriving_response[])
            ON CONFLICT DO NOTHING
        RETURNING id, received_at
        """,
        [_row(one) for one in responses],
    )
    if len(inserted) == len(responses):
        return [_new(one, inserted[0]["received_at"]) for one in responses]
    received_at = {row["id"]: row["received_at"] for row in inserted}
    kept = {one.id: _new(one, received_at[one.id]) for one in responses if one.id in received_at}
    kept |= await find_many(conn, [one.id for one in responses if one.id not in kept])
    left = [replace(one, receipt=next_receipt(one.receipt)) for one in responses if one.id not in kept]
    if left:
        kept |= {one.id: one for one in await insert_many(conn, left)}
    return [kept[one.id] for one in responses]


def _new(response: Response, received_at: datetime) -> Kept:
    return Kept(response.id, response.receipt, received_at, response.content_sha256, new=True)


class Origin(NamedTuple):
    """What responses that come together have in common."""

    survey: str
    wave: str
    instrument_version: int
    variant: str
    locale: str
    mode: str


class Row(NamedTuple):
    """A response without its origin, as it is copied; `extra` is JSON."""

    bucket: int
    id: UUID
    disposition: str
    receipt: int
    respondent: int | None
    content_sha256: bytes
    codes: bytes
    extra: str


async def copy_many(conn: Connection, origin: Origin, rows: Sequence[Row]) -> tuple[set[UUID], dict[UUID, Kept]]:
    """Keep many responses of distinct ids at once, within a transaction.

    Which of the ids are new, and what was kept before under the others.
    """
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS arriving (
            bucket smallint, id uuid, disposition text, receipt bigint, respondent bigint, content_sha256 bytea,
            codes bytea, extra jsonb
        ) ON COMMIT DELETE ROWS
        """
    )
    await conn.copy_records_to_table("arriving", records=rows, columns=Row._fields)
    inserted = await conn.fetch(
        """
        INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                              receipt, respondent, content_sha256, codes, extra)
        SELECT bucket, id, $1, $2, $3, $4, $5, $6, disposition, receipt, respondent, content_sha256, codes, extra
          FROM arriving
            ON CONFLICT DO NOTHING
        RETURNING id
        """,
        *origin,
    )
    new = {row["id"] for row in inserted}
    if len(new) == len(rows):
        return new, {}
    before = await find_many(conn, [row.id for row in rows if row.id not in new])
    left = [row for row in rows if row.id not in new and row.id not in before]
    if not left:
        return new, before
    await conn.execute("TRUNCATE arriving")
    more, earlier = await copy_many(conn, origin, [row._replace(receipt=next_receipt(row.receipt)) for row in left])
    return new | more, before | earlier


def _row(response: Response) -> tuple[object, ...]:
    """An `arriving_response`."""
    return (
        bucket_in(response.receipt),
        response.id,
        response.survey,
        response.wave,
        response.instrument_version,
        response.variant,
        response.locale,
        response.mode,
        response.disposition,
        response.synthetic,
        response.receipt,
        response.respondent,
        response.content_sha256,
        response.codes,
        _json(response.extra),
    )


def _json(extra: dict[str, Any]) -> str:
    return msgspec.json.encode(extra).decode() if extra else "{}"


async def find_many(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """What is kept under these ids."""
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
        bucket_in(receipt),
        receipt,
    )
    if row is None:
        raise NotFound("There is no response with this reference number")
    return _received(dict(row))


def _received(row: dict[str, object]) -> Received:
    return Received(**{**row, "extra": msgspec.Raw(str(row["extra"]).encode())})  # type: ignore[arg-type]


async def withdraw(conn: Connection, response: Received, now: datetime) -> None:
    """Take a response back for its respondent: erase contact data, free text and who it was, and count it no more."""
    key = (bucket_of(response.id), response.id)
    await conn.execute(
        """
        INSERT INTO withdrawal (bucket, response_id, survey, wave, withdrawn_at)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
        """,
        *key,
        response.survey,
        response.wave,
        now,
    )
    await conn.execute("DELETE FROM contact WHERE bucket = $1 AND response_id = $2", *key)
    await conn.execute("UPDATE response SET extra = '{}', respondent = NULL WHERE bucket = $1 AND id = $2", *key)


async def find_withdrawal(conn: Connection, response_id: UUID) -> datetime | None:
    """When a response was withdrawn."""
    found: datetime | None = await conn.fetchval(
        "SELECT withdrawn_at FROM withdrawal WHERE bucket = $1 AND response_id = $2",
        bucket_of(response_id),
        response_id,
    )
    return found


async def count_withdrawn(conn: Connection, survey: str, wave: str) -> int:
    """How many responses of a wave were withdrawn."""
    return int(await conn.fetchval("SELECT count(*) FROM withdrawal WHERE survey = $1 AND wave = $2", survey, wave))
