"""Tickets: links that can be used once, and what came of the people invited by them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from asyncpg import Connection

from survey.responses.tickets import ticket_bucket

Disposition = Literal["unknown", "complete", "partial", "refusal", "not_eligible", "undeliverable", "other"]

LOT = 5000
"""So many people are invited by one statement."""


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


class Cell(NamedTuple):
    """A place where people invited are counted."""

    survey: str
    wave: str
    bucket: int
    disposition: str


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
    new: Counter[int] = Counter()
    for start in range(0, len(people), LOT):
        new += await _invite_lot(conn, survey, wave, people[start : start + LOT])
    await _count(conn, {Cell(survey, wave, bucket, "unknown"): n for bucket, n in new.items()})
    return new.total()


async def _invite_lot(conn: Connection, survey: str, wave: str, people: Sequence[Invited]) -> Counter[int]:
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
    return Counter(row["bucket"] for row in rows)


async def settle(
    conn: Connection, token_hash: bytes, *, survey: str, wave: str, disposition: Disposition, now: datetime
) -> bool:
    """Use a ticket up; False when it was used before. A link to rate one matter is first known here."""
    bucket = ticket_bucket(token_hash)
    was = await conn.fetchval(
        "SELECT disposition FROM ticket WHERE bucket = $1 AND token_hash = $2 FOR UPDATE", bucket, token_hash
    )
    settled = await conn.fetchrow(
        """
        INSERT INTO ticket (bucket, token_hash, survey, wave, invited, disposition, settled_at)
        VALUES ($1, $2, $3, $4, false, $5, $6)
            ON CONFLICT (bucket, token_hash)
            DO UPDATE SET disposition = excluded.disposition, settled_at = excluded.settled_at
                    WHERE ticket.settled_at IS NULL
        RETURNING survey, wave, invited
        """,
        bucket,
        token_hash,
        survey,
        wave,
        disposition,
        now,
    )
    if settled is not None and settled["invited"]:
        await _count(conn, _moved(settled["survey"], settled["wave"], bucket, was or "unknown", disposition))
    return settled is not None


async def note_undeliverable(conn: Connection, hashes: Iterable[bytes]) -> int:
    """Note that invitations did not arrive; whoever has answered all the same stays answered. How many are new."""
    wanted = list(hashes)
    rows = await conn.fetch(
        """
        UPDATE ticket SET disposition = 'undeliverable'
          FROM unnest($1::smallint[], $2::bytea[]) AS returned (bucket, token_hash)
         WHERE ticket.bucket = returned.bucket AND ticket.token_hash = returned.token_hash
           AND invited AND disposition = 'unknown'
        RETURNING survey, wave, ticket.bucket
        """,
        [ticket_bucket(one) for one in wanted],
        wanted,
    )
    changes: Counter[Cell] = Counter()
    for row in rows:
        changes.update(_moved(row["survey"], row["wave"], row["bucket"], "unknown", "undeliverable"))
    await _count(conn, changes)
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
        SELECT disposition, sum(n)::bigint AS n
          FROM disposition_count
         WHERE survey = $1 AND wave = $2
         GROUP BY disposition
        HAVING sum(n) <> 0
         ORDER BY disposition
        """,
        survey,
        wave,
    )
    return {row["disposition"]: row["n"] for row in rows}


def _moved(survey: str, wave: str, bucket: int, was: str, now: str) -> dict[Cell, int]:
    """One of the people invited has another disposition than before."""
    return {Cell(survey, wave, bucket, was): -1, Cell(survey, wave, bucket, now): 1}


async def _count(conn: Connection, changes: Mapping[Cell, int]) -> None:
    """Count what has changed, always in one order, so that no two wait for each other in turn."""
    await conn.executemany(
        """
        INSERT INTO disposition_count (survey, wave, bucket, disposition, n)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (survey, wave, bucket, disposition) DO UPDATE SET n = disposition_count.n + excluded.n
        """,
        [(*cell, n) for cell, n in sorted(changes.items())],
    )
