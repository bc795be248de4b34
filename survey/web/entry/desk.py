"""Where paper is typed in: a wave and its questionnaire, who may, and in which state a sheet is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from survey.db.entries import DECIDED, Entry
from survey.errors import Closed
from survey.responses import Wave, is_open
from survey.responses.entries import Cells
from survey.web.auth import requires
from survey.web.fieldwork import Loaded
from survey.web.public.visits import posted_fields
from survey.web.sealing import Sealer

Asking = Request[Any, Any, State]


async def hold_typed(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Read what was typed before it is known who types: if they are signed out meanwhile, it is not lost."""
    if isinstance(connection, Request) and connection.method == "POST":
        await posted_fields(connection)


GUARDS = [hold_typed, requires("clerk", "evaluator", "administrator")]
"""No account belongs to a body that is evaluated, so whoever has one may type."""

Standing = Literal["new", "second", "yours", "typed", "differs"]
"""Of a sheet, for one person: to be typed, to be typed again, typed by them and waits for another, done, in dispute."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A wave whose paper is typed in."""

    wave: Wave
    loaded: Loaded
    is_late: bool
    """The wave has closed: paper that arrives late is still typed in."""

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"/entry/{self.wave.survey}/{self.wave.wave}"


async def open_desk(request: Asking, slug: str, wave: str, now: datetime) -> Desk:
    """The desk of a wave; raises NotFound, and Closed where nobody can have filled in paper yet, or any more."""
    found = (await request.app.state.fieldwork.survey(slug)).wave(wave)
    loaded: Loaded = await request.app.state.fieldwork.version(slug, found.instrument_version)
    valid_until = loaded.instrument.header.valid_until
    if found.opens_at > now:
        raise Closed(
            "%(wave)s opens on %(day)s: no paper can have been filled in yet",
            wave=wave,
            day=f"{found.opens_at:%Y-%m-%d}",
        )
    if valid_until is not None and valid_until < found.opens_at.date():
        raise Closed("%(survey)s was valid until %(valid_until)s", survey=slug, valid_until=valid_until)
    return Desk(wave=found, loaded=loaded, is_late=not is_open(found, now))


def standing(before: Sequence[Entry], name: str) -> Standing:
    """The state of a sheet for a person."""
    if not before:
        return "new"
    if any(entry.kept for entry in before):
        return "typed"
    if len(before) > 1:
        return "differs"
    return "yours" if before[0].typed_by == name else "second"


def by(before: Sequence[Entry], name: str) -> Entry | None:
    """What a person has typed of a sheet."""
    return next((entry for entry in before if entry.typed_by == name and entry.turn != DECIDED), None)


def sealed(cells: Cells, sealer: Sealer) -> bytes:
    """What was typed, as it is kept."""
    return sealer.seal(msgspec.json.encode(cells))


def opened(entry: Entry, sealer: Sealer) -> Cells:
    """What an entry holds; nothing, when it was erased."""
    content = sealer.open(entry.sealed)
    return {} if content is None else msgspec.json.decode(content, type=Cells)
