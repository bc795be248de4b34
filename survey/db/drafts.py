"""Drafts: what somebody has filled in so far. Gone once submitted or expired."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Connection


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A form that somebody is filling in. `id` is the id its response will have; `sealed` holds the typed fields.

    `submitted_at` is when its core was submitted, with only the optional last page still open; `reached` is the
    furthest page that was shown.
    """

    id: UUID
    survey: str
    wave: str
    variant: str
    locale: str
    sealed: bytes
    started_at: datetime
    expires_at: datetime
    submitted_at: datetime | None = None
    reached: str | None = None


_SELECT = """
    SELECT id, survey, wave, variant, locale, sealed, started_at, expires_at, submitted_at, reached
      FROM draft
"""


async def insert_draft(conn: Connection, draft: Draft) -> None:
    """Begin a draft."""
    await conn.execute(
        """
        INSERT INTO draft (id, survey, wave, variant, locale, sealed, started_at, updated_at, expires_at, reached)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
        """,
        draft.id,
        draft.survey,
        draft.wave,
        draft.variant,
        draft.locale,
        draft.sealed,
        draft.started_at,
        draft.expires_at,
        draft.reached,
    )


class Wanted(NamedTuple):
    """Which draft is looked for, and when."""

    id: UUID
    at: datetime


async def find_many(conn: Connection, wanted: Sequence[Wanted]) -> list[Draft | None]:
    """Drafts of distinct ids, in one statement; None for those that are no more or have expired."""
    rows = await conn.fetch(f"{_SELECT} WHERE id = ANY($1::uuid[])", [one.id for one in wanted])
    found = {row["id"]: Draft(**row) for row in rows}
    return [_unexpired(found.get(one.id), one.at) for one in wanted]


def _unexpired(draft: Draft | None, now: datetime) -> Draft | None:
    return draft if draft is not None and draft.expires_at > now else None


async def lock_draft(conn: Connection, draft_id: UUID, now: datetime) -> Draft | None:
    """A draft that has not expired; others cannot change it until this transaction ends."""
    row = await conn.fetchrow(f"{_SELECT} WHERE id = $1 FOR UPDATE", draft_id)
    return None if row is None else _unexpired(Draft(**row), now)


class Change(NamedTuple):
    """A draft as it is to be (fields, variant, locale, expiry, whether submitted, how far), and what was sealed."""

    draft: Draft
    was: bytes
    at: datetime

    @property
    def id(self) -> UUID:
        """The draft's."""
        return self.draft.id


async def update_many(conn: Connection, changes: Sequence[Change]) -> list[bool]:
    """Keep what has changed of drafts of distinct ids, in one statement.

    False for a draft that somebody else has stored since it was found, and nothing of it is kept. The rows are locked
    in the order of their ids, as far as the planner follows it, so that two processes seldom wait for each other.
    """
    rows = [(*_changed(change), change.was) for change in sorted(changes, key=attrgetter("id"))]
    done = await conn.fetch(
        """
        UPDATE draft
           SET variant = new.variant, locale = new.locale, sealed = new.sealed, expires_at = new.expires_at,
               updated_at = new.updated_at, submitted_at = new.submitted_at, reached = new.reached
          FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::timestamptz[],
                      $7::timestamptz[], $8::text[], $9::bytea[])
               AS new (id, variant, locale, sealed, expires_at, updated_at, submitted_at, reached, was)
         WHERE draft.id = new.id AND draft.sealed = new.was
        RETURNING draft.id
        """,
        *zip(*rows, strict=True),
    )
    stored = {row["id"] for row in done}
    return [change.id in stored for change in changes]


def _changed(change: Change) -> tuple[object, ...]:
    draft = change.draft
    described = (draft.id, draft.variant, draft.locale, draft.sealed, draft.expires_at)
    return (*described, change.at, draft.submitted_at, draft.reached)


async def delete_draft(conn: Connection, draft_id: UUID) -> None:
    """Forget a draft: it has become a response, or its owner wants it gone."""
    await conn.execute("DELETE FROM draft WHERE id = $1", draft_id)


async def list_submitted_before(conn: Connection, before: datetime, limit: int = 100) -> Sequence[Draft]:
    """Drafts whose core was submitted before `before` and whose optional page was left open: theirs to lock."""
    rows = await conn.fetch(
        f"{_SELECT} WHERE submitted_at <= $1 ORDER BY submitted_at LIMIT $2 FOR UPDATE SKIP LOCKED", before, limit
    )
    return [Draft(**row) for row in rows]


async def set_resume_hash(conn: Connection, draft_id: UUID, resume_hash: bytes) -> None:
    """Let a draft be found by its code."""
    await conn.execute("UPDATE draft SET resume_hash = $2 WHERE id = $1", draft_id, resume_hash)


async def find_by_resume_hash(conn: Connection, resume_hash: bytes) -> UUID | None:
    """The draft of a code."""
    found: UUID | None = await conn.fetchval("SELECT id FROM draft WHERE resume_hash = $1", resume_hash)
    return found
