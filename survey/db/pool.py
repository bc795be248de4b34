"""The way to the database: one pool of connections, and plain words when there is none."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from survey.errors import CannotStart

CLOSING_SECONDS = 5.0

FORM = "SURVEY_DATABASE_URL must look like postgresql://user:password@host:5432/database"


async def create_pool(
    url: str,
    *,
    application_name: str = "survey",
    min_size: int = 2,
    max_size: int = 10,
    command_timeout: float = 60,
) -> asyncpg.Pool:
    """Open a pool; `CannotStart` says which part of the address is wrong."""
    try:
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            command_timeout=command_timeout,
            timeout=10,
            server_settings=_session(application_name),
            reset=_keep,
        )
    except _FAILURES as error:
        raise CannotStart(_explain(url, error)) from error


@asynccontextmanager
async def open_pool(url: str, *, max_size: int = 10, command_timeout: float = 60) -> AsyncIterator[asyncpg.Pool]:
    """A pool that connects when it is asked to, so that a process may start while the database is away.

    Its end does not wait for a database that does not answer.
    """
    pool = await create_pool(url, min_size=0, max_size=max_size, command_timeout=command_timeout)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), CLOSING_SECONDS)
        except TimeoutError:
            pool.terminate()


class FairPool:
    """A pool, first come first served: asyncpg's own lets newcomers overtake those who already wait."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(pool.get_max_size())

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for as long as the context lasts."""
        async with self._turns, self._pool.acquire() as conn:
            yield conn


async def connect(url: str, *, application_name: str = "survey") -> asyncpg.Connection:
    """Open one connection, for a command that needs no more; `CannotStart` says which part of the address is wrong."""
    try:
        return await asyncpg.connect(url, timeout=10, server_settings=_session(application_name))
    except _FAILURES as error:
        raise CannotStart(_explain(url, error)) from error


async def ping(conn: asyncpg.Connection) -> None:
    """Ask whether the database answers; raises what asyncpg raises when it does not."""
    await conn.fetchval("SELECT 1")


_FAILURES = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


def _session(application_name: str) -> dict[str, str]:
    return {"application_name": application_name, "timezone": "UTC"}


async def _keep(_: Any) -> None:
    """Send no reset query: nothing in `db` outlives its transaction, and asyncpg rolls an open one back anyway."""


def _explain(url: str, error: Exception) -> str:
    """Say in one line, without the password, what to mend.

    >>> _explain("postgresql://ann:secret@db.example:5433/survey", ConnectionRefusedError())
    'No PostgreSQL answers at db.example:5433: start it, or correct host and port in SURVEY_DATABASE_URL.'
    """
    try:
        where, user, database = _read(url)
    except ValueError:
        return f"{FORM}."
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            line = f"PostgreSQL at {where} does not let {user} in: correct user and password in SURVEY_DATABASE_URL."
        case asyncpg.InvalidCatalogNameError():
            line = f"There is no database {database} at {where}: create it, or correct SURVEY_DATABASE_URL."
        case asyncpg.CannotConnectNowError():
            line = f"PostgreSQL at {where} is starting or stopping: try again in a moment."
        case OSError():
            line = f"No PostgreSQL answers at {where}: start it, or correct host and port in SURVEY_DATABASE_URL."
        case asyncpg.PostgresError():
            line = f"PostgreSQL at {where} refuses: {_first_line(error)}: mend that, or correct SURVEY_DATABASE_URL."
        case _:
            line = f"{FORM}: {_first_line(error)}."
    return line


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _read(url: str) -> tuple[str, str, str]:
    """Read where, who and which database from an address; the host may be in the query (a socket's folder)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(url)
    query = parse_qs(parts.query)
    host = parts.hostname or query.get("host", ["localhost"])[0]
    port = parts.port or query.get("port", ["5432"])[0]
    user = parts.username or query.get("user", [os.environ.get("PGUSER", "this account")])[0]
    return f"{host}:{port}", user, parts.path.lstrip("/") or user
