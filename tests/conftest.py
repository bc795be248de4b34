"""A real PostgreSQL for every test that touches data; a database of its own for each, copied from a migrated one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

import survey
from survey.db import accounts, surveys
from survey.db.embedded import EmbeddedPostgres, throwaway
from survey.db.migrate import migrate
from survey.responses import Wave
from survey.settings import Settings

INSTRUMENTS = Path(survey.__file__).parent / "instruments"
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count()

Publish = Callable[..., Awaitable[Wave]]


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL for this run, gone afterwards."""
    with throwaway() as server:
        yield server


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres) -> str:
    """The name of a migrated, empty database that others are copied from."""

    async def prepare() -> None:
        conn = await asyncpg.connect(server.url)
        try:
            await migrate(conn)
        finally:
            await conn.close()

    asyncio.run(prepare())
    return "survey"


@pytest.fixture
async def database_url(server: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """A migrated database for this test alone."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.admin_url)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER survey")
    yield server.url.replace("/survey?", f"/{name}?")
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def conn(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to this test's database."""
    conn = await asyncpg.connect(database_url)
    yield conn
    await conn.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for this test's database."""
    return Settings(database_url=database_url, secret_key="only for tests, 16+", data_dir=tmp_path, log_level="error")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Litestar]:
    """The whole application, started."""
    from survey.web.app import create_app  # heavy: only the tests that need it pay

    app = create_app(settings)
    started, finished = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        """One task enters and leaves the lifespan; pytest-asyncio sets up and tears down in two."""
        async with app.lifespan():
            started.set()
            await finished.wait()

    life = asyncio.create_task(live())
    await asyncio.wait([life, asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        life.result()
    try:
        yield app
    finally:
        finished.set()
        await life


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    """The whole application, started, on this test's database."""
    async with running(settings) as app:
        yield app


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncClient]:
    """A client of the whole application; redirects are not followed."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def publish(conn: asyncpg.Connection) -> Publish:
    """Publish a shipped instrument (or any definition) and open a wave of it: `await publish("gov-sat")`."""

    async def publish(
        slug: str = "gov-sat",
        wave: str = "2026H2",
        *,
        definition: str | None = None,
        opens_at: datetime = OPENED,
        closes_at: datetime | None = None,
        synthetic: bool = False,
    ) -> Wave:
        text = definition or (INSTRUMENTS / f"{slug}.json").read_text(encoding="utf-8")
        published = await surveys.publish(conn, text)
        planned = Wave(
            survey=published.survey,
            wave=wave,
            instrument_version=published.version,
            opens_at=opens_at,
            closes_at=closes_at or datetime.now(UTC) + timedelta(days=365),
            synthetic=synthetic,
        )
        await surveys.insert_wave(conn, planned)
        return planned

    return publish


@pytest.fixture
async def evaluator_headers(conn: asyncpg.Connection) -> dict[str, str]:
    """The header of somebody who may see results."""
    return {"Authorization": f"Bearer {await accounts.insert_account(conn, 'test-evaluator', 'evaluator')}"}


@pytest.fixture
async def administrator(conn: asyncpg.Connection) -> dict[str, str]:
    """The header of somebody who may print and set up."""
    return {"Authorization": f"Bearer {await accounts.insert_account(conn, 'test-admin', 'administrator')}"}
