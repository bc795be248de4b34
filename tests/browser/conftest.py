"""The real server with the shipped surveys, and a real Chromium; skipped, with the reason, where there is none."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

import survey
from bench.browser import FLAGS, PHONE, found_browser
from bench.line import Line, weak
from survey.db import surveys
from survey.db.embedded import EmbeddedPostgres
from survey.responses import Wave
from survey.settings import Settings
from tests.browser.ways import INSTRUMENTS

PORTAL = "https://www.portal.test"
"""A site that may show invitations."""
PATIENCE = 30_000
"""Milliseconds: a machine that does other things too is slow, not wrong."""
expect.set_options(timeout=PATIENCE)

OpenPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


async def _prepare(admin_url: str, url: str, template: str) -> None:
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"CREATE DATABASE browsing TEMPLATE {template} OWNER survey")
    await admin.close()
    conn = await asyncpg.connect(url)
    now = datetime.now(UTC)
    for slug in INSTRUMENTS:
        text = (Path(survey.__file__).parent / "instruments" / f"{slug}.json").read_text(encoding="utf-8")
        version = (await surveys.publish(conn, text)).version
        wave = Wave(
            survey=slug,
            wave="w1",
            instrument_version=version,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=9),
            synthetic=slug == "h12345-followup",
        )
        await surveys.insert_wave(conn, wave)
    await conn.close()


@pytest.fixture(scope="session")
def site(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of the running service."""
    from survey.web.app import create_app

    url = server.url.replace("/survey?", "/browsing?")
    asyncio.run(_prepare(server.admin_url, url, template))
    app = create_app(Settings(database_url=url, secret_key="only for tests, 16+", embed_in=PORTAL))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        serving = uvicorn.Server(
            uvicorn.Config(app, fd=taken.fileno(), log_config=None, http="survey.web.protocol:WholeReplies", ws="none")
        )
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        while thread.is_alive() and not serving.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
        serving.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A Chromium for this run."""
    path = found_browser()
    if path is None:
        pytest.skip("there is no Chromium here: install the package chromium to run these tests")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium: Browser, site: str) -> AsyncIterator[OpenPage]:
    """Open a phone-sized page: `await open_page("/", scripts=False, locale="zh-CN")`."""
    contexts = []

    async def open_page(path: str, *, scripts: bool = True, locale: str = "zh-CN", width: int = 360, **more) -> Page:
        context = await chromium.new_context(
            base_url=site, viewport={**PHONE, "width": width}, java_script_enabled=scripts, locale=locale, **more
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    """A line to the running service that can be cut."""
    async with weak(int(site.rpartition(":")[2])) as line:
        yield line


@pytest.fixture
async def browsing(server: EmbeddedPostgres, site: str) -> AsyncIterator[asyncpg.Connection]:
    """The database of the running service."""
    conn = await asyncpg.connect(server.url.replace("/survey?", "/browsing?"))
    yield conn
    await conn.close()


@pytest.fixture
async def person(chromium: Browser, line: Line) -> AsyncIterator[BrowserContext]:
    """Somebody's phone, on that line."""
    context = await chromium.new_context(base_url=f"http://127.0.0.1:{line.port}", viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    yield context
    await context.close()
