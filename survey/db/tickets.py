"""Tickets: links that can be used once, and what came of the people invited by them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from asyncpg import Connection

from survey.responses.tickets import ticket_bucket

Disposition = Literal["unknown", "complete", "partial", "refusal", "not_eligible", "undeliverable", "other"]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A link that can be used once, as far as it is known: what came of it, and when that was settled."""

    survey: str
    wave: str
    invited: bool
    disposition: Disposition
    reminders: int
    settled_at: datetime | None


class Invited(NamedTuple):
    """Somebody on a list: the hash of their token, and the stratum they were drawn from."""

    token_hash: bytes
    stratum: str


async def find_ticket(conn: Connection, token_hash: bytes) -> Ticket | None:
    """What is known of a ticket."""
    row = await conn.fetchrow(
        """
        SELECT survey, wave, invited, disposition, reminders, settled_at
          FROM ticket
         WHERE bucket = $1 AND token_hash = $2
        """,
        ticket_bucket(token_hash),
        token_hash,
    )
    return None if row is None else msgspec.convert(dict(row), Ticket)


async def invite_many(conn: Connection, survey: str, wave: str, people: Sequence[Invited]) -> int:
    """Invite people to a wave; those who are invited already stay as they are. How many are new."""
    rows = await conn.fetch(
        """
        INSERT INTO ticket (bucket, token_hash, survey, wave, invited, stratum)
        SELECT bucket, token_hash, $1, $2, true, stratum
          FROM unnest($3::smallint[], $4::bytea[], $5::text[]) AS sent (bucket, token_hash, stratum)
            ON CONFLICT DO NOTHING
        RETURNING bucket
        """,
        survey,
        wave,
        [ticket_bucket(one.token_hash) for one in people],
        [one.token_hash for one in people],
        [one.stratum for one in people],
    )
    return len(rows)


async def settle(
    conn: Connection, token_hash: bytes, *, survey: str, wave: str, disposition: Disposition, now: datetime
) -> bool:
    """Use a ticket up; False when it was used before. A link to rate one matter is first known here."""
    settled = await conn.fetchval(
        """
        INSERT INTO ticket (bucket, token_hash, survey, wave, invited, disposition, settled_at)
        VALUES ($1, $2, $3, $4, false, $5, $6)
            ON CONFLICT (bucket, token_hash)
            DO UPDATE SET disposition = excluded.disposition, settled_at = excluded.settled_at
                    WHERE ticket.settled_at IS NULL
        RETURNING true
        """,
        ticket_bucket(token_hash),
        token_hash,
        survey,
        wave,
        disposition,
        now,
    )
    return settled is not None


async def note_undeliverable(conn: Connection, hashes: Iterable[bytes]) -> int:
    """Note that invitations did not arrive; whoever has answered all the same stays answered. How many were noted."""
    wanted = list(hashes)
    rows = await conn.fetch(
        """
        UPDATE ticket SET disposition = 'undeliverable'
          FROM unnest($1::smallint[], $2::bytea[]) AS returned (bucket, token_hash)
         WHERE ticket.bucket = returned.bucket AND ticket.token_hash = returned.token_hash AND settled_at IS NULL
        RETURNING ticket.bucket
        """,
        [ticket_bucket(one) for one in wanted],
        wanted,
    )
    return len(rows)


async def remind_many(conn: Connection, hashes: Iterable[bytes], *, at_most: int) -> set[bytes]:
    """Count a reminder for those who have neither answered nor said no; whom to remind."""
    wanted = list(hashes)
    rows = await conn.fetch(
        """
        UPDATE ticket SET reminders = reminders + 1
          FROM unnest($1::smallint[], $2::bytea[]) AS asked (bucket, token_hash)
         WHERE ticket.bucket = asked.bucket AND ticket.token_hash = asked.token_hash
           AND invited AND disposition = 'unknown' AND reminders < $3
        RETURNING ticket.token_hash
        """,
        [ticket_bucket(one) for one in wanted],
        wanted,
        at_most,
    )
    return {row["token_hash"] for row in rows}


async def count_dispositions(conn: Connection, survey: str, wave: str) -> dict[str, int]:
    """What came of the people invited to a wave; empty where nobody was."""
    rows = await conn.fetch(
        """
        SELECT disposition, count(*) AS n
          FROM ticket
         WHERE survey = $1 AND wave = $2 AND invited
         GROUP BY disposition
         ORDER BY disposition
        """,
        survey,
        wave,
    )
    return {row["disposition"]: row["n"] for row in rows}
