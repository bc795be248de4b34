"""Surveys, the published versions of their instruments, and their waves."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from asyncpg import Connection, UniqueViolationError

from survey.db.recordings import insert_recordings, missing_recordings
from survey.errors import Conflict, NotFound, Refused
from survey.forms.instrument import Instrument
from survey.responses import RESERVED_WAVES, Wave

EMPTY: Mapping[str, bytes] = {}


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an instrument as it was published, and the hash of its definition."""

    survey: str
    version: int
    sha256: bytes
    instrument: Instrument


async def publish(conn: Connection, definition: str, recorded: Mapping[str, bytes] = EMPTY) -> Published:
    """Publish a definition as the version it says it is, with the recordings it names, by their file names.

    The same definition again changes nothing.
    """
    instrument = msgspec.json.decode(definition, type=Instrument)
    new = await missing_recordings(conn, instrument, recorded)
    sha256 = hashlib.sha256(definition.encode()).digest()
    await conn.execute("INSERT INTO survey (slug) VALUES ($1) ON CONFLICT DO NOTHING", instrument.slug)
    await conn.execute(
        """
        INSERT INTO instrument (survey, version, definition, sha256)
        VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
        """,
        instrument.slug,
        instrument.version,
        definition,
        sha256,
    )
    published = await fetch_published(conn, instrument.slug, instrument.version)
    if published.sha256 != sha256:
        raise Conflict(
            "%(survey)s version %(version)s is published already and never changes;"
            " give the changed instrument a higher version",
            survey=instrument.slug,
            version=instrument.version,
        )
    await insert_recordings(conn, instrument.slug, instrument.version, new)
    return published


async def fetch_published(conn: Connection, survey: str, version: int) -> Published:
    """One version of a survey's instrument."""
    row = await conn.fetchrow(
        """
        SELECT survey, version, sha256, definition
          FROM instrument
         WHERE survey = $1 AND version = $2
        """,
        survey,
        version,
    )
    if row is None:
        raise NotFound("There is no version %(version)s of a survey '%(survey)s'", version=version, survey=survey)
    instrument = msgspec.json.decode(row["definition"], type=Instrument)
    return Published(survey=row["survey"], version=row["version"], sha256=row["sha256"], instrument=instrument)


async def fetch_latest_version(conn: Connection, survey: str) -> int:
    """The number of the newest version of a survey's instrument."""
    version = await conn.fetchval("SELECT max(version) FROM instrument WHERE survey = $1", survey)
    if version is None:
        raise NotFound("There is no survey '%(survey)s'", survey=survey)
    return int(version)


async def list_surveys(conn: Connection) -> list[str]:
    """The slugs of all surveys, in the order of their making."""
    rows = await conn.fetch("SELECT slug FROM survey ORDER BY created_at, slug")
    return [row["slug"] for row in rows]


async def insert_wave(conn: Connection, wave: Wave) -> None:
    """Plan a wave; raises Conflict when there is one of that name, and Refused when a page has it."""
    if wave.wave in RESERVED_WAVES:
        raise Refused("A wave cannot be called '%(wave)s': a page has this name; give it another", wave=wave.wave)
    try:
        await conn.execute(
            """
            INSERT INTO wave (survey, wave, instrument_version, opens_at, closes_at, synthetic, scattered)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            wave.survey,
            wave.wave,
            wave.instrument_version,
            wave.opens_at,
            wave.closes_at,
            wave.synthetic,
            wave.scattered,
        )
    except UniqueViolationError:
        raise Conflict("%(survey)s has a wave '%(wave)s' already", survey=wave.survey, wave=wave.wave) from None


_SELECT = """
    SELECT survey, wave, instrument_version, opens_at, closes_at, synthetic, scattered
      FROM wave
"""


async def list_waves(conn: Connection, survey: str | None = None) -> list[Wave]:
    """The waves of a survey (of all surveys, without one), newest first."""
    rows = await conn.fetch(
        f"{_SELECT} WHERE $1::text IS NULL OR survey = $1 ORDER BY survey, opens_at DESC, wave DESC", survey
    )
    return [msgspec.convert(dict(row), Wave) for row in rows]


async def fetch_wave(conn: Connection, survey: str, wave: str) -> Wave:
    """One wave of a survey."""
    row = await conn.fetchrow(f"{_SELECT} WHERE survey = $1 AND wave = $2", survey, wave)
    if row is None:
        raise NotFound("%(survey)s has no wave '%(wave)s'", survey=survey, wave=wave)
    return msgspec.convert(dict(row), Wave)


async def close_wave(conn: Connection, survey: str, wave: str, at: datetime) -> None:
    """End the fieldwork of a wave."""
    await conn.execute("UPDATE wave SET closes_at = $3 WHERE survey = $1 AND wave = $2", survey, wave, at)


async def count_once(conn: Connection, survey: str, wave: str, name: str) -> None:
    """Count something that must not be kept itself."""
    await conn.execute(
        """
        INSERT INTO tally (survey, wave, name, n)
        VALUES ($1, $2, $3, 1)
            ON CONFLICT (survey, wave, name, day) DO UPDATE SET n = tally.n + 1
        """,
        survey,
        wave,
        name,
    )


async def list_tallies(conn: Connection, survey: str, wave: str) -> dict[str, int]:
    """How often each uncounted way out was taken."""
    rows = await conn.fetch(
        "SELECT name, sum(n)::bigint AS n FROM tally WHERE survey = $1 AND wave = $2 GROUP BY name ORDER BY name",
        survey,
        wave,
    )
    return {row["name"]: row["n"] for row in rows}
