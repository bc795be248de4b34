"""The database goes away and comes back: said at once, nothing acknowledged, nothing lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
from httpx import ASGITransport, AsyncClient

import survey
from survey.db import surveys
from survey.db.embedded import throwaway
from survey.db.migrate import migrate
from survey.responses import Wave
from survey.settings import Settings
from tests.conftest import running

URL = "/api/v1/surveys/housing/responses"


async def prepare(url):
    conn = await asyncpg.connect(url)
    await migrate(conn)
    await surveys.publish(conn, (Path(survey.__file__).parent / "instruments" / "housing.json").read_text("utf-8"))
    now = datetime.now(UTC)
    wave = Wave(survey="housing", wave="now", instrument_version=1, opens_at=now - timedelta(days=1))
    await surveys.insert_wave(conn, wave)
    await conn.close()


def submission():
    return {"id": str(uuid4()), "answers": {"type": "Tower", "contact": 1, "infl": 2, "sat": 3}}


async def test_while_the_database_is_away_nothing_is_acknowledged_and_afterwards_it_goes_on(tmp_path):
    with throwaway() as server:
        await prepare(server.url)
        settings = Settings(database_url=server.url, secret_key="only for this test", data_dir=tmp_path)
        async with (
            running(settings) as app,
            AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://test") as client,
        ):
            first, lost = submission(), submission()
            assert (await client.post(URL, json=first)).status_code == 201
            server.stop()
            for reply in (
                await client.post(URL, json=lost),
                await client.get("/health"),
                await client.get("/s/housing"),
            ):
                assert reply.status_code == 503
                assert int(reply.headers["retry-after"]) > 0
            server.start()
            assert msgspec.structs.replace(settings, database_url=server.url) == settings
            assert (await client.post(URL, json=lost)).status_code == 201
            assert (await client.post(URL, json=first)).status_code == 200
            assert (await client.get("/health")).status_code == 200
