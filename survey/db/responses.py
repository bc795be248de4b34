"""Responses: kept once, never changed; withdrawn by their respondents alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Connection

from survey.errors import NotFound
from survey.responses import Response, bucket_in, bucket_of


class Kept(msgspec.Struct, frozen=True):
    """What the database has under an id. `new` when this very insert put it there."""

    id: UUID
    receipt: int
    received_at: datetime
    content_sha256: bytes
    new: bool


async def insert_many(conn: Connection, responses: Sequence[Response]) -> list[Kept | None]:
    """Keep responses of distinct ids in one statement; for each what is kept, be it this one or an earlier one.

    Those that are new share the time of the transaction. None where nothing is kept, as the receipt is another's.
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
    before = await find_many(conn, [one.id for one in responses if one.id not in received_at])
    return [_new(one, received_at[one.id]) if one.id in received_at else before.get(one.id) for one in responses]


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


async def copy_many(conn: Connection, origin: Origin, rows: Sequence[Row]) -> set[UUID]:
    """Keep many responses of distinct ids at once, within a transaction; which of the ids are new."""
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS arriving (
            bucket smallint, id uuid, disposition text, receipt bigint, respondent bigint, content_sha256 bytea,
            codes bytea, extra jsonb
        ) ON COMMIT DELETE ROWS
        """
    )
    await conn.copy_records_to_table("arriving", records=rows, columns=Row._fields)
    new = await conn.fetch(
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
    return {row["id"] for row in new}


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


class Contact(NamedTuple):
    """Contact data of a response, sealed; `held` until a supervisor decides."""

    response_id: UUID
    item: str
    sealed: bytes
    held: bool


async def insert_contacts(conn: Connection, contacts: Iterable[Contact]) -> None:
    """Keep sealed contact data, apart from the responses."""
    await conn.executemany(
        """
        INSERT INTO contact (bucket, response_id, item, sealed, held)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
        """,
        [(bucket_of(contact.response_id), *contact) for contact in contacts],
    )


async def list_contacts(conn: Connection, response_id: UUID) -> dict[str, bytes]:
    """A response's contact data, still sealed, by item."""
    rows = await conn.fetch(
        "SELECT item, sealed FROM contact WHERE bucket = $1 AND response_id = $2", bucket_of(response_id), response_id
    )
    return {row["item"]: row["sealed"] for row in rows}


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
