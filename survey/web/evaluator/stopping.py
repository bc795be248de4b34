"""The page that says where people stopped; every figure on it is one of the API's."""

from datetime import datetime
from typing import Any

from asyncpg import Connection
from litestar import Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from survey.web.auth import requires
from survey.web.evaluator import charts


@get("/evaluate/{slug:str}/{wave:str}/break-off", guards=[requires("evaluator", "administrator")])
async def show_break_off(
    request: Request[Any, Any, State],
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
) -> Template:
    """How many began, submitted and stopped, and on which page."""
    found = await request.app.state.figures.break_off(conn, slug, wave, now=now)
    survey = await request.app.state.fieldwork.survey(slug)
    context = {
        "slug": slug,
        "wave": wave,
        "survey_title": survey.latest.instrument.title,
        "found": found,
        "synthetic": found.synthetic,
        "bars": {one.variant: charts.bars(one.stops) for one in found.variants},
    }
    return Template("evaluate/break-off.html", context=context)


HANDLERS: list[BaseRouteHandler] = [show_break_off]
