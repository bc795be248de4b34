"""Handlers of the pages on which paper is typed in."""

from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Connection
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.analysis.proportions import wilson
from survey.db import entries
from survey.db.entries import Progress
from survey.forms.instrument import Variant
from survey.forms.wording import Reader
from survey.responses.entries import Cells, cells_of
from survey.responses.sheets import SHARE, sheet_number
from survey.web import i18n
from survey.web.entry.desk import GUARDS, Asking, Desk, open_desk, standing
from survey.web.entry.judging import judged
from survey.web.entry.keeping import ERASED_AFTER, WAITS_FOR, Typed, save
from survey.web.entry.views import NAME, Shown, blocks, lines_of
from survey.web.paper.sheets import variant_on_paper
from survey.web.public.visits import BODY_LIMIT

BAD_NUMBER = "number"


@get("/entry", guards=GUARDS)
async def list_desks(request: Asking) -> Template:
    """All surveys and the waves whose paper can be typed in."""
    found = await request.app.state.fieldwork.list()
    return Template("waves.html", context={"surveys": found, "heading": i18n.mark("Type paper in"), "under": "/entry"})


@get("/entry/{slug:str}/{wave:str}", guards=GUARDS)
async def show_desk(
    request: Asking,
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
) -> Template:
    """A wave: how far its paper is, what waits, how often two people typed something else; and the next sheet."""
    desk = await open_desk(request, slug, wave, now)
    sheet = sheet_number(request.query_params.get("saved", ""))
    before = await entries.list_entries(conn, slug, wave, sheet) if sheet else []
    said = standing(before, request.state.account.name) if before else ""
    return await draw_desk(request, conn, desk, saved=(sheet, said) if said else None)


async def draw_desk(request: Asking, conn: Connection, desk: Desk, *, status: int = 200, **more: Any) -> Template:
    """The page of a wave. `problem` and `saved` are a sheet and what is said of it."""
    wave = desk.wave
    progress = await entries.count_progress(conn, wave.survey, wave.wave)
    context = {
        **frame(request, desk),
        "progress": progress,
        "waiting": await entries.list_waiting(conn, wave.survey, wave.wave),
        "me": request.state.account.name,
        "rate": _rate(progress),
        "share": SHARE,
        "erased_after": ERASED_AFTER,
        "waits_for": WAITS_FOR,
        "problem": None,
        "saved": None,
        "sheet": "",
        **more,
    }
    return Template("entry/wave.html", context=context, status_code=status)


def frame(request: Asking, desk: Desk) -> dict[str, Any]:
    """What every page of a desk is drawn with: whose wave, and how the sheets before this one were printed."""
    wanted, instrument = request.query_params, desk.loaded.instrument
    lang = wanted.get("paper", "")
    return {
        "instrument": instrument,
        "wave": desk.wave,
        "address": desk.address,
        "is_late": desk.is_late,
        "synthetic": desk.wave.synthetic,
        "paper": lang if lang in instrument.locales else instrument.locales[0],
        "large_print": wanted.get("print", "") == "large",
    }


def _rate(progress: Progress) -> dict[str, float] | None:
    if not progress.fields:
        return None
    interval = wilson(progress.differing, progress.fields)
    return {"value": progress.differing / progress.fields, "low": interval.low, "high": interval.high}


@get("/entry/{slug:str}/{wave:str}/sheet", guards=GUARDS)
async def show_sheet(
    request: Asking,
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
) -> Template:
    """Every question of a sheet, to be typed in; or why this sheet is not to be."""
    desk = await open_desk(request, slug, wave, now)
    wanted = request.query_params.get("sheet", "")[:40]
    sheet = sheet_number(wanted)
    if not sheet:
        return await draw_desk(request, conn, desk, status=422, problem=(wanted, BAD_NUMBER), sheet=wanted)
    before = await entries.list_entries(conn, slug, wave, sheet)
    found = standing(before, request.state.account.name)
    if found not in ("new", "second"):
        return await draw_desk(request, conn, desk, status=409, problem=(sheet, found), sheet=sheet)
    printed = frame(request, desk)
    variant = variant_on_paper(desk.loaded.instrument, large=printed["large_print"])
    shown = Shown(variant=variant, locale=printed["paper"])
    if before:
        shown = Shown(variant=desk.loaded.instrument.variant(before[0].variant), locale=before[0].locale)
    return _draw_sheet(request, desk, sheet, shown, is_again=bool(before))


@post("/entry/{slug:str}/{wave:str}/sheet", guards=GUARDS, request_max_body_size=BODY_LIMIT)
async def save_sheet(
    request: Asking, slug: FromPath[str], wave: FromPath[str], now: NamedDependency[datetime]
) -> Template | Redirect:
    """Keep a typed sheet; or the same page with everything that was typed, and what must be put right."""
    desk = await open_desk(request, slug, wave, now)
    posted = {name: texts[0] for name, texts in request.state.posted.items() if name != "confirm"}
    instrument, reader = desk.loaded.instrument, reader_of(request)
    typed_number = posted.get("sheet", "")[:40]
    sheet = sheet_number(typed_number)
    fields = {name.removeprefix(NAME): text for name, text in posted.items() if name.startswith(NAME)}
    cells = cells_of(instrument, fields)
    result = judged(instrument, cells, reader)
    confirmed = set(result.seals(cells)) <= set(request.state.posted.get("confirm", []))
    shown = Shown(variant=_variant(desk, posted), locale=_locale(desk, posted), cells=cells, wrong=result.wrong)
    again = {"is_again": "again" in posted}
    if "check" in posted:
        return _draw_sheet(request, desk, typed_number, _with_odd(shown, result.odd, cells), checked=True, **again)
    if not sheet or not cells:
        problem = BAD_NUMBER if not sheet else "empty"
        return _draw_sheet(request, desk, typed_number, shown, status=422, problem=problem, **again)
    if result.wrong or not confirmed:
        shown = msgspec.structs.replace(shown, odd={} if confirmed else result.odd)
        return _draw_sheet(request, desk, sheet, shown, status=422, confirm=result.seals(cells), **again)
    typed = Typed(sheet=sheet, cells=cells, judged=result, variant=shown.variant.id, locale=shown.locale)
    refused = await save(request, desk, typed, now)
    if refused is not None:
        return _draw_sheet(request, desk, sheet, shown, status=409, problem=refused)
    printed = f"&paper={shown.locale}{'&print=large' if shown.variant.large else ''}"
    return Redirect(f"{desk.address}?saved={sheet}{printed}", status_code=303)


def reader_of(request: Asking) -> Reader:
    """In which words the service speaks to whoever types."""
    return Reader(i18n.negotiate(request))


def _variant(desk: Desk, posted: dict[str, str]) -> Variant:
    return variant_on_paper(desk.loaded.instrument, large=posted.get("print", "") == "large")


def _locale(desk: Desk, posted: dict[str, str]) -> str:
    locales = desk.loaded.instrument.locales
    return posted["paper"] if posted.get("paper") in locales else locales[0]


def _with_odd(shown: Shown, odd: dict[str, str], cells: Cells) -> Shown:
    """What is odd about what was typed so far; a blank is not, before everything was typed."""
    typed = {item: text for item, text in odd.items() if item in cells}
    return msgspec.structs.replace(shown, odd=typed)


def _draw_sheet(request: Asking, desk: Desk, sheet: str, shown: Shown, *, status: int = 200, **more: Any) -> Template:
    found = blocks(desk.loaded.instrument, shown, reader_of(request))
    lines = list(lines_of(found))
    blank = "" if status != 200 or shown.wrong else next((line.item for line in lines if not line.value), "")
    context = {
        **frame(request, desk),
        "sheet": sheet,
        "blocks": found,
        "paper": shown.locale,
        "large_print": shown.variant.large,
        "wrong": [line for line in lines if line.wrong],
        "odd": [line for line in lines if line.odd],
        "focused": blank,
        "confirm": [],
        "problem": None,
        "checked": False,
        "is_again": False,
        **more,
    }
    return Template("entry/sheet.html", context=context, status_code=status)


HANDLERS: list[BaseRouteHandler] = [list_desks, show_desk, show_sheet, save_sheet]
