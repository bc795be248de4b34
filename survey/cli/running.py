"""From settings to a database that is ready for use, and the one secret."""

import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import asyncpg
from msgspec.structs import replace

from survey.db.embedded import MAJOR, EmbeddedPostgres
from survey.db.migrate import status
from survey.db.pool import connect
from survey.errors import CannotStart
from survey.settings import Settings, read_settings

SECRET_FILE = "secret-key"  # noqa: S105 - the name of the file


def given_settings(
    environ: Mapping[str, str] = os.environ,
    *,
    data_dir: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> Settings:
    """The settings of the environment, as changed on the command line."""
    settings = read_settings(environ)
    given = {"data_dir": data_dir, "host": host, "port": port}
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


class Database(NamedTuple):
    """Where the database is, and its server when that is the embedded one."""

    url: str
    embedded: EmbeddedPostgres | None


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The database of the settings; without one, the embedded server, started here or shared with who has it."""
    if settings.database_url is not None:
        yield Database(settings.database_url, None)
        return
    with EmbeddedPostgres(settings.data_dir) as embedded:
        yield Database(embedded.url, embedded)


@contextlib.asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """One connection to a database with the schema of this program, for a command."""
    if settings.database_url is None and not (settings.data_dir / f"pg{MAJOR}").exists():
        raise CannotStart(
            f"There is no database in {settings.data_dir.absolute()}: make one with `survey demo` or `survey migrate`, "
            "or set SURVEY_DATA_DIR or SURVEY_DATABASE_URL."
        )
    with database(settings) as running:
        async with connection(running.url) as conn:
            pending = (await status(conn)).pending
            if pending:
                raise CannotStart(f"The database waits for migration {pending[0]}: run `survey migrate`.")
            yield conn


@contextlib.asynccontextmanager
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, closed afterwards."""
    conn = await connect(url)
    try:
        yield conn
    finally:
        await conn.close(timeout=5)


def secret_key(settings: Settings) -> str:
    """The service's secret: the one that is set, else one made once and kept in the data folder for us alone."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.data_dir / SECRET_FILE
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CannotStart(
            f"Cannot keep the secret key in {path.absolute()} ({reason}): make the folder writable, choose another "
            "with SURVEY_DATA_DIR, or set SURVEY_SECRET_KEY."
        ) from None
    if len(secret) < 16:
        raise CannotStart(f"{path.absolute()} holds no secret key: restore it from a backup, or delete it.")
    return secret


def _make_secret(path: Path) -> None:
    """Write a new secret whole or not at all; the first of two programs wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
