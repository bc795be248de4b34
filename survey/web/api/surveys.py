"""What surveys there are, and whether the service is well."""

from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Connection
from litestar import Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from survey.db.pool import ping
from survey.forms.wording import Reader
from survey.responses import is_open
from survey.web.i18n import negotiate


class Listed(msgspec.Struct, frozen=True):
    """A survey in a list; the title in the language that the request accepts."""

    slug: str
    title: str
    open: bool


class ListedWave(msgspec.Struct, frozen=True):
    """A wave of a survey."""

    wave: str
    opens_at: datetime
    closes_at: datetime | None
    open: bool
    synthetic: bool


class Described(msgspec.Struct, frozen=True):
    """A survey with the instrument that it asks now, to the letter what its hash was taken of."""

    slug: str
    title: str
    instrument: dict[str, Any]
    instrument_sha256: str
    waves: tuple[ListedWave, ...]


@get("/api/v1/surveys")
async def list_surveys(request: Request[Any, Any, State], now: NamedDependency[datetime]) -> list[Listed]:
    """All surveys, and whether they take answers."""
    reader = Reader(negotiate(request))
    return [
        Listed(survey.slug, reader.say(survey.latest.instrument.title), survey.open_wave(now) is not None)
        for survey in await request.app.state.fieldwork.list()
    ]


@get("/api/v1/surveys/{slug:str}")
async def describe_survey(
    request: Request[Any, Any, State], slug: FromPath[str], now: NamedDependency[datetime]
) -> Described:
    """One survey: its instrument, complete, and its waves."""
    fieldwork = request.app.state.fieldwork
    survey = await fieldwork.survey(slug)
    wave = survey.open_wave(now)
    loaded = survey.latest if wave is None else await fieldwork.version(slug, wave.instrument_version)
    return Described(
        slug,
        Reader(negotiate(request)).say(loaded.instrument.title),
        msgspec.to_builtins(loaded.published),
        loaded.sha256,
        tuple(ListedWave(w.wave, w.opens_at, w.closes_at, is_open(w, now), w.synthetic) for w in survey.waves),
    )


@get("/health")
async def health(conn: NamedDependency[Connection]) -> dict[str, str]:
    """Whether the database answers."""
    await ping(conn)
    return {"status": "ok"}
