"""Accounts of people who work here. Only hashes of their tokens are kept."""

import hashlib
import secrets

import msgspec
from asyncpg import Connection, UniqueViolationError

from survey.errors import Conflict


class Account(msgspec.Struct, frozen=True):
    """Somebody with a token: what they are called, and what they may do."""

    name: str
    role: str


def token_hash(token: str) -> bytes:
    """What is kept of a token. Tokens are random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


async def insert_account(conn: Connection, name: str, role: str, token: str | None = None) -> str:
    """Open an account and return its token, which nobody can look up later; raises Conflict."""
    token = token or secrets.token_urlsafe(32)
    try:
        await conn.execute(
            "INSERT INTO account (name, role, token_hash) VALUES ($1, $2, $3)", name, role, token_hash(token)
        )
    except UniqueViolationError:
        raise Conflict("There is an account '%(name)s' already", name=name) from None
    return token


async def find_account(conn: Connection, token: str) -> Account | None:
    """Whose token this is."""
    row = await conn.fetchrow("SELECT name, role FROM account WHERE token_hash = $1", token_hash(token))
    return None if row is None else msgspec.convert(dict(row), Account)


async def find_account_by_name(conn: Connection, name: str) -> Account | None:
    """The account of that name."""
    row = await conn.fetchrow("SELECT name, role FROM account WHERE name = $1", name)
    return None if row is None else msgspec.convert(dict(row), Account)
