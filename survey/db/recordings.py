"""Recorded audio of published instruments: kept with the version, and like it never changed."""

import hashlib
from collections.abc import Mapping

import msgspec
from asyncpg import Connection

from survey.errors import Conflict, NotFound, Refused
from survey.forms.instrument import Instrument
from survey.forms.recordings import media_type, recordings, unusable_files


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A recording, and the hash of it."""

    content: bytes
    media_type: str
    sha256: bytes


async def missing_recordings(conn: Connection, instrument: Instrument, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The recordings that are to be kept with a version; raises Refused and Conflict.

    A version that is published already has its own: they need not be given again, and cannot be other ones.
    """
    rows = await conn.fetch(
        "SELECT file, sha256 FROM recording WHERE survey = $1 AND version = $2", instrument.slug, instrument.version
    )
    kept = {row["file"]: row["sha256"] for row in rows}
    named = {one.file for one in recordings(instrument)}
    if kept and named <= kept.keys():
        changed = [file for file in named & files.keys() if hashlib.sha256(files[file]).digest() != kept[file]]
        if changed:
            raise Conflict(
                "%(survey)s version %(version)s is published with another recording '%(file)s';"
                " give the instrument with the new one a higher version",
                survey=instrument.slug,
                version=instrument.version,
                file=min(changed),
            )
        return {}
    if flaws := unusable_files(instrument, files):
        raise Refused(
            "%(survey)s cannot be published with its recordings: %(flaws)s",
            survey=instrument.slug,
            flaws=" ".join(flaw.message for flaw in flaws[:3]),
        )
    return {file: files[file] for file in sorted(named)}


async def insert_recordings(conn: Connection, survey: str, version: int, files: Mapping[str, bytes]) -> None:
    """Keep the recordings of a version."""
    await conn.executemany(
        """
        INSERT INTO recording (survey, version, file, media_type, sha256, content)
        VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
        """,
        [
            (survey, version, file, media_type(file), hashlib.sha256(content).digest(), content)
            for file, content in files.items()
        ],
    )


async def fetch_recording(conn: Connection, survey: str, version: int, file: str) -> Recorded:
    """A recording; raises NotFound."""
    row = await conn.fetchrow(
        "SELECT content, media_type, sha256 FROM recording WHERE survey = $1 AND version = $2 AND file = $3",
        survey,
        version,
        file,
    )
    if row is None:
        raise NotFound("%(survey)s has no recording '%(file)s'", survey=survey, file=file)
    return Recorded(content=row["content"], media_type=row["media_type"], sha256=row["sha256"])
