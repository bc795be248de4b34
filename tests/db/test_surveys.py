"""Published versions never change; waves are named once."""

import asyncpg
import pytest

from survey.db import surveys
from survey.errors import Conflict


async def test_a_published_version_cannot_be_changed_or_deleted_even_in_sql(conn, publish):
    await publish()
    for statement in ("UPDATE instrument SET version = 2", "DELETE FROM instrument", "TRUNCATE instrument CASCADE"):
        with pytest.raises(asyncpg.PostgresError, match="immutable"):
            await conn.execute(statement)


async def test_publishing_the_same_definition_again_changes_nothing(conn, publish):
    await publish()
    published = await surveys.fetch_published(conn, "gov-sat", 1)
    definition = await conn.fetchval("SELECT definition FROM instrument")
    assert await surveys.publish(conn, definition) == published


async def test_another_definition_under_a_published_version_is_refused(conn, publish):
    await publish()
    definition = await conn.fetchval("SELECT definition FROM instrument")
    with pytest.raises(Conflict, match="higher version"):
        await surveys.publish(conn, definition.replace('"version": 1', '"version":  1', 1))


async def test_a_wave_is_named_once(conn, publish):
    wave = await publish()
    with pytest.raises(Conflict, match="2026H2"):
        await surveys.insert_wave(conn, wave)
