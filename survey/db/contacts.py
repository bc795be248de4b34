"""Contact data: sealed, and apart from the responses that it came with."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from survey.responses import bucket_of


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
