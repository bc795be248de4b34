"""Migrations and connections, on the real database."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from asyncpg import Connection

from survey.db.embedded import EmbeddedPostgres, throwaway
from survey.db.migrate import MIGRATIONS, Status, migrate, read_migrations, status
from survey.db.pool import connect, create_pool
from survey.db.surveys import insert_wave, list_waves, publish
from survey.errors import CannotStart
from survey.responses import Wave
from tests.conftest import INSTRUMENTS


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with throwaway() as postgres:
        yield postgres


@pytest.fixture
async def conn(server: EmbeddedPostgres) -> AsyncIterator[Connection]:
    """A connection to a database with nothing in it."""
    connection = await connect(server.url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_ask.sql").write_text("CREATE TABLE asked (n int);\nCREATE TABLE answered (n int);\n")
    (tmp_path / "0002_keep.sql").write_text("ALTER TABLE asked ADD COLUMN kept_at timestamptz;\n")
    return tmp_path


async def test_each_migration_is_applied_once(conn: Connection, folder: Path) -> None:
    assert await status(conn, folder) == Status(applied=(), pending=("0001_ask", "0002_keep"))
    assert await migrate(conn, folder) == ["0001_ask", "0002_keep"]
    assert await migrate(conn, folder) == []
    (folder / "0003_more.sql").write_text("CREATE TABLE more (n int);\n")
    assert await status(conn, folder) == Status(applied=("0001_ask", "0002_keep"), pending=("0003_more",))
    assert await migrate(conn, folder) == ["0003_more"]


async def test_the_shipped_migrations_apply(conn: Connection) -> None:
    assert await migrate(conn) == [migration.name for migration in read_migrations(MIGRATIONS)]
    assert await migrate(conn) == []


async def test_ids_of_imports_have_an_order_in_waves_made_since(conn: Connection, tmp_path: Path) -> None:
    for file in sorted(MIGRATIONS.glob("*.sql")):
        if file.name == "0021_ids_of_imports.sql":
            break
        shutil.copy(file, tmp_path)
    await migrate(conn, tmp_path)
    await publish(conn, (INSTRUMENTS / "gov-sat.json").read_text(encoding="utf-8"))
    await conn.execute(
        "INSERT INTO wave (survey, wave, instrument_version, opens_at) VALUES ('gov-sat', 'old', 1, now())"
    )
    await migrate(conn)
    await insert_wave(conn, Wave(survey="gov-sat", wave="new", instrument_version=1, opens_at=datetime.now(UTC)))
    assert {wave.wave: wave.scattered for wave in await list_waves(conn)} == {"old": True, "new": False}


async def test_a_changed_migration_is_refused(conn: Connection, folder: Path) -> None:
    await migrate(conn, folder)
    (folder / "0001_ask.sql").write_text("CREATE TABLE asked (n bigint);\n")
    with pytest.raises(CannotStart, match=r"^Migration 0001_ask was changed after .* into a new migration\.$"):
        await migrate(conn, folder)


async def test_line_ends_are_no_change(conn: Connection, folder: Path) -> None:
    await migrate(conn, folder)
    file = folder / "0001_ask.sql"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert await migrate(conn, folder) == []


async def test_a_database_newer_than_the_program_is_refused(conn: Connection, folder: Path) -> None:
    await migrate(conn, folder)
    (folder / "0002_keep.sql").unlink()
    for refuses in (migrate, status):
        with pytest.raises(CannotStart, match=r"^The database is newer than this program: it has migration 0002_keep"):
            await refuses(conn, folder)


async def test_a_migration_that_fails_changes_nothing(conn: Connection, folder: Path) -> None:
    (folder / "0003_wrong.sql").write_text("CREATE TABLE third (n int);\nCREATE TABLE (\n")
    with pytest.raises(
        CannotStart, match=r"^Migration 0003_wrong fails at line 2 \(syntax error .*nothing was changed"
    ):
        await migrate(conn, folder)
    assert await conn.fetchval("SELECT to_regclass('asked')") is None


async def test_a_number_that_was_passed_or_taken_is_refused(conn: Connection, folder: Path) -> None:
    await migrate(conn, folder)
    (folder / "0000_late.sql").touch()
    with pytest.raises(CannotStart, match=r"^Migration 0000_late comes before 0002_keep, .* the next number\.$"):
        await migrate(conn, folder)
    (folder / "0000_later.sql").touch()
    with pytest.raises(CannotStart, match=r"0000_late and 0000_later have one number"):
        await migrate(conn, folder)


async def test_a_folder_without_migrations_or_with_odd_names_is_refused(conn: Connection, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"no migrations in .* complete checkout\.$"):
        await migrate(conn, tmp_path)
    (tmp_path / "first.sql").touch()
    with pytest.raises(CannotStart, match=r"not named like 0001_name\.sql"):
        await migrate(conn, tmp_path)


async def test_two_programs_that_migrate_at_once_do_it_once(
    conn: Connection, server: EmbeddedPostgres, folder: Path
) -> None:
    (folder / "0003_slow.sql").write_text("SELECT pg_sleep(0.1);\n")
    other = await connect(server.url)
    both = await asyncio.gather(migrate(conn, folder), migrate(other, folder))
    assert sorted(both) == [[], ["0001_ask", "0002_keep", "0003_slow"]]
    await other.close()


async def test_a_pool_names_its_program_and_forgets_an_open_transaction(server: EmbeddedPostgres) -> None:
    async with await create_pool(server.url, min_size=1, max_size=1, application_name="test") as pool:
        async with pool.acquire() as conn:
            assert await conn.fetchval("SHOW application_name") == "test"
            await conn.execute("BEGIN")
        async with pool.acquire() as conn:
            assert not conn.is_in_transaction()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("/survey?", "/nowhere?"),
            r"^There is no database nowhere at .*: create it, or correct SURVEY_DATABASE_URL\.$",
        ),
        (("survey@", "stranger@"), r"does not let stranger in: correct user and password in SURVEY_DATABASE_URL\.$"),
        (("port=5432", "port=5433"), r"^No PostgreSQL answers at .*5433: start it, or correct host and port"),
        (("port=5432", "port=many"), r"^SURVEY_DATABASE_URL must look like"),
        (("postgresql:", "mysql:"), r"^SURVEY_DATABASE_URL must look like"),
    ],
)
async def test_a_wrong_address_is_answered_in_one_line(
    server: EmbeddedPostgres, change: tuple[str, str], says: str
) -> None:
    for opens in (create_pool, connect):
        with pytest.raises(CannotStart, match=says) as refusal:
            await opens(server.url.replace(*change))
        assert "\n" not in str(refusal.value)


async def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(CannotStart, match=r"^No PostgreSQL answers at nowhere\.invalid:5432") as refusal:
        await create_pool("postgresql://ann:secret@nowhere.invalid/survey")
    assert "secret" not in str(refusal.value)


async def test_the_inner_cause_is_kept(server: EmbeddedPostgres) -> None:
    with pytest.raises(CannotStart) as refusal:
        await connect(server.url.replace("/survey?", "/nowhere?"))
    assert isinstance(refusal.value.__cause__, asyncpg.InvalidCatalogNameError)
