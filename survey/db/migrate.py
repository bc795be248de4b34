"""The schema, brought up to date: `migrations/NNNN_name.sql`, forward only, each exactly once."""

import hashlib
import re
from pathlib import Path

import asyncpg
from asyncpg import Connection
from msgspec import Struct

from survey.errors import CannotStart

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK = 7_305_001  # any number, as long as every release uses the same
HOUR = 3600.0


class Migration(Struct, frozen=True):
    """One file: its name without the ending, what it says, and the fingerprint that shows whether it was changed."""

    name: str
    sql: str
    sha256: str


class Status(Struct, frozen=True):
    """Which migrations the database has, and which it waits for."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]


async def migrate(conn: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is pending, all or nothing, and return the names; a second program waits, then finds nothing to do."""
    migrations = read_migrations(folder)
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", LOCK, timeout=HOUR)
        await conn.execute(
            """
            CREATE TABLE IF NOT EXISTS migration (
                name       text PRIMARY KEY,
                sha256     text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        pending = _pending(migrations, await _fetch_applied(conn))
        for migration in pending:
            try:
                await conn.execute(migration.sql, timeout=HOUR)
            except asyncpg.PostgresError as error:
                raise CannotStart(
                    f"Migration {migration.name} fails{_at_line(migration, error)} ({error}); nothing was "
                    "changed: mend what it complains of and start again."
                ) from error
            await conn.execute("INSERT INTO migration (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256)
    return [migration.name for migration in pending]


async def status(conn: Connection, folder: Path = MIGRATIONS) -> Status:
    """Compare the database with the files and change nothing; refuses what `migrate` would refuse."""
    migrations = read_migrations(folder)
    exists = await conn.fetchval("SELECT to_regclass('migration') IS NOT NULL")
    applied = await _fetch_applied(conn) if exists else {}
    pending = _pending(migrations, applied)
    return Status(applied=tuple(sorted(applied)), pending=tuple(migration.name for migration in pending))


def read_migrations(folder: Path) -> list[Migration]:
    """Read the files in the order of their numbers."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        if not re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem):
            raise CannotStart(f"{path} is not named like 0001_name.sql: rename it.")
        if migrations and migrations[-1].name[:4] == path.stem[:4]:
            raise CannotStart(f"Migrations {migrations[-1].name} and {path.stem} have one number: give one the next.")
        sql = path.read_text(encoding="utf-8")  # with \n whatever the checkout made of the line ends
        migrations.append(Migration(path.stem, sql, hashlib.sha256(sql.encode()).hexdigest()))
    if not migrations:
        raise CannotStart(f"There are no migrations in {folder}: run the program from a complete checkout.")
    return migrations


async def _fetch_applied(conn: Connection) -> dict[str, str]:
    rows = await conn.fetch("SELECT name, sha256 FROM migration")
    return {row["name"]: row["sha256"] for row in rows}


def _pending(migrations: list[Migration], applied: dict[str, str]) -> list[Migration]:
    """What is to be applied; refuses a database that has another history than these files."""
    known = {migration.name: migration for migration in migrations}
    latest = max(applied, default="")
    if newer := sorted(applied.keys() - known.keys()):
        raise CannotStart(
            f"The database is newer than this program: it has migration {newer[-1]}, unknown here. "
            "Install the release it belongs to, or restore a backup made before it."
        )
    for name, sha256 in applied.items():
        if known[name].sha256 != sha256:
            raise CannotStart(
                f"Migration {name} was changed after this database had it: "
                "restore the file, and put the change into a new migration."
            )
    pending = [migration for migration in migrations if migration.name not in applied]
    if pending and pending[0].name < latest:
        raise CannotStart(
            f"Migration {pending[0].name} comes before {latest}, which this database already has: "
            "give it the next number."
        )
    return pending


def _at_line(migration: Migration, error: asyncpg.PostgresError) -> str:
    """Where PostgreSQL says where."""
    return f" at line {migration.sql[: int(error.position)].count(chr(10)) + 1}" if error.position else ""
