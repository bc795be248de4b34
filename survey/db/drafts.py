"""Drafts: what somebody has filled in so far. Gone once submitted or expired."""

from collections.abc import Sequence
from datetime import datetime
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


async def find_draft(conn: Connection, draft_id: UUID, now: datetime, *, lock: bool = False) -> Draft | None:
    """A draft that has not expired. `lock` keeps others from changing it until this transaction ends."""
    row = await conn.fetchrow(
        f"""
        SELECT id, survey, wave, variant, locale, sealed, started_at, expires_at, submitted_at, reached
          FROM draft
         WHERE id = $1 AND expires_at > $2
         {"FOR UPDATE" if lock else ""}
        """,  # noqa: S608
        draft_id,
        now,
    )
    return None if row is None else msgspec.convert(dict(row), Draft)


async def update_draft(conn: Connection, draft: Draft, now: datetime, *, was: bytes) -> bool:
    """Keep what has changed (the fields, variant, locale, expiry, whether submitted, how far), in one statement.

    `was` is what was sealed when the draft was found; False, and nothing is kept, when somebody else has stored since.
    """
    done = await conn.execute(
        """
        UPDATE draft
           SET variant = $2, locale = $3, sealed = $4, expires_at = $5, submitted_at = $6, updated_at = $7,
               reached = $9
         WHERE id = $1 AND sealed = $8
        """,
        draft.id,
        draft.variant,
        draft.locale,
        draft.sealed,
        draft.expires_at,
        draft.submitted_at,
        now,
        was,
        draft.reached,
    )
    return bool(done == "UPDATE 1")


async def delete_draft(conn: Connection, draft_id: UUID) -> None:
    """Forget a draft: it has become a response, or its owner wants it gone."""
    await conn.execute("DELETE FROM draft WHERE id = $1", draft_id)


async def list_submitted_before(conn: Connection, before: datetime, limit: int = 100) -> Sequence[Draft]:
    """Drafts whose core was submitted before `before` and whose optional page was left open: theirs to lock."""
    rows = await conn.fetch(
        """
        SELECT id, survey, wave, variant, locale, sealed, started_at, expires_at, submitted_at
          FROM draft
         WHERE submitted_at <= $1
         ORDER BY submitted_at
         LIMIT $2
           FOR UPDATE SKIP LOCKED
        """,
        before,
        limit,
    )
    return [msgspec.convert(dict(row), Draft) for row in rows]


async def set_resume_hash(conn: Connection, draft_id: UUID, resume_hash: bytes) -> None:
    """Let a draft be found by its code."""
    await conn.execute("UPDATE draft SET resume_hash = $2 WHERE id = $1", draft_id, resume_hash)


async def find_by_resume_hash(conn: Connection, resume_hash: bytes, now: datetime) -> Draft | None:
    """The draft of a code that has not expired."""
    draft_id = await conn.fetchval("SELECT id FROM draft WHERE resume_hash = $1", resume_hash)
    return None if draft_id is None else await find_draft(conn, draft_id, now)
