"""Handlers of the administrator's pages."""

import asyncio
from typing import Any

from asyncpg import Connection
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from survey.db import collectors
from survey.errors import Conflict, NotFound
from survey.forms.instrument import Instrument
from survey.web.auth import requires
from survey.web.paper import paper_form, poster, qr_svg, run_of
from survey.web.public.flow import prefill_from
from survey.web.public.visits import BODY_LIMIT, posted_fields
from survey.web.rendering import address_of

GUARDS = [requires("administrator")]
Asking = Request[Any, Any, State]
PDF, SVG = "application/pdf", "image/svg+xml"


@get("/admin", guards=GUARDS)
async def list_surveys(request: Asking) -> Template:
    """All surveys."""
    return Template("admin/surveys.html", context={"surveys": await request.app.state.fieldwork.list()})


@get("/admin/{slug:str}", guards=GUARDS)
async def show_survey(request: Asking, slug: FromPath[str], conn: NamedDependency[Connection]) -> Template:
    """One survey: its collectors with their posters, and its paper forms."""
    return await _page(request, conn, slug)


async def _page(request: Asking, conn: Connection, slug: str, *, error: str = "", place: str = "") -> Template:
    survey = await request.app.state.fieldwork.survey(slug)
    found = await collectors.list_collectors(conn, slug)
    context = {
        "survey": survey,
        "instrument": survey.latest.instrument,
        "address": address_of(request, f"/s/{slug}"),
        "collectors": [(one, address_of(request, f"/c/{one.code}")) for one in found],
        "embedders": request.app.state.settings.embedders,
        "error": error,
        "place": place,
    }
    return Template("admin/survey.html", context=context, status_code=422 if error else 200)


@post("/admin/{slug:str}", guards=GUARDS, request_max_body_size=BODY_LIMIT)
async def add_collector(request: Asking, slug: FromPath[str], conn: NamedDependency[Connection]) -> Template | Redirect:
    """Offer the survey at one more place."""
    survey = await request.app.state.fieldwork.survey(slug)
    posted = {name: texts[0] for name, texts in (await posted_fields(request)).items()}
    place = " ".join(posted.get("place", "").split())
    if not 1 <= len(place) <= 100:
        return await _page(request, conn, slug, error="place", place=place)
    try:
        async with conn.transaction():  # a savepoint: the page is drawn whatever comes of it
            await collectors.insert_collector(conn, slug, place, prefill_from(survey.latest.instrument, posted))
    except Conflict:
        return await _page(request, conn, slug, error="taken", place=place)
    return Redirect(f"/admin/{slug}", status_code=303)


@get("/admin/{slug:str}/paper.pdf", guards=GUARDS)
async def print_form(
    request: Asking, slug: FromPath[str], lang: FromQuery[str | None] = None, *, large: FromQuery[bool] = False
) -> Response[bytes]:
    """The questionnaire on paper."""
    instrument = (await request.app.state.fieldwork.survey(slug)).latest.instrument
    locale = _locale(instrument, lang)
    made = await asyncio.to_thread(paper_form, instrument, locale, address_of(request, f"/s/{slug}"), large=large)
    return _file(made, PDF, f"{slug}-{locale}{'-large' if large else ''}.pdf")


@get("/admin/{slug:str}/sheets.pdf", guards=GUARDS)
async def print_sheets(
    request: Asking,
    slug: FromPath[str],
    wave: FromQuery[str],
    first: FromQuery[int],
    sheets: FromQuery[int],
    lang: FromQuery[str | None] = None,
    *,
    large: FromQuery[bool] = False,
) -> Response[bytes]:
    """The questionnaire of a wave on numbered sheets, each with a page to keep."""
    state = request.app.state
    found = (await state.fieldwork.survey(slug)).wave(wave)
    instrument = (await state.fieldwork.version(slug, found.instrument_version)).instrument
    run = run_of(found, first, sheets, state.sealer.receipt_secret, address_of(request, "/r"))
    locale, address = _locale(instrument, lang), address_of(request, f"/s/{slug}")
    made = await asyncio.to_thread(paper_form, instrument, locale, address, large=large, run=run)
    return _file(made, PDF, f"{slug}-{wave}-{locale}{'-large' if large else ''}-from-{first}.pdf")


@get("/admin/{slug:str}/{code:str}/poster.pdf", guards=GUARDS)
async def print_poster(
    request: Asking,
    slug: FromPath[str],
    code: FromPath[str],
    conn: NamedDependency[Connection],
    lang: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The poster of a collector."""
    instrument = (await request.app.state.fieldwork.survey(slug)).latest.instrument
    collector = await collectors.fetch_collector(conn, slug, code)
    locale, address = _locale(instrument, lang), address_of(request, f"/c/{collector.code}")
    made = await asyncio.to_thread(poster, instrument, locale, address, collector.place)
    return _file(made, PDF, f"{slug}-{collector.code}-{locale}.pdf")


@get("/admin/{slug:str}/{code:str}/qr.svg", guards=GUARDS)
async def show_qr(
    request: Asking, slug: FromPath[str], code: FromPath[str], conn: NamedDependency[Connection]
) -> Response[bytes]:
    """The QR code of a collector alone, for a poster of one's own."""
    collector = await collectors.fetch_collector(conn, slug, code)
    return _file(qr_svg(address_of(request, f"/c/{collector.code}")).encode(), SVG, f"{slug}-{collector.code}.svg")


def _locale(instrument: Instrument, wanted: str | None) -> str:
    if wanted is not None and wanted not in instrument.locales:
        raise NotFound(
            "%(survey)s has no language '%(wanted)s'; it has %(locales)s",
            survey=instrument.slug,
            wanted=wanted,
            locales=", ".join(instrument.locales),
        )
    return wanted or instrument.locales[0]


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(content, media_type=media_type, headers={"content-disposition": f'inline; filename="{name}"'})


HANDLERS = [list_surveys, show_survey, add_collector, print_form, print_sheets, print_poster, show_qr]
