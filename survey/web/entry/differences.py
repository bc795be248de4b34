"""Handlers of the page on which somebody decides, sheet in hand, what it says where two entries differ."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Connection
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import entries
from survey.db.entries import Entry
from survey.errors import NotFound
from survey.responses.entries import Cells, cells_of, compare
from survey.responses.sheets import sheet_number
from survey.web.entry.desk import GUARDS, Asking, Desk, open_desk, opened, standing
from survey.web.entry.judging import Judged, judged
from survey.web.entry.keeping import Typed, decide
from survey.web.entry.pages import draw_desk, frame, reader_of
from survey.web.entry.views import Line, Shown, blocks, lines_of
from survey.web.public.visits import BODY_LIMIT

TAKE, OTHER = "take.", "other."
ONE, TWO, ELSE = "1", "2", "other"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A question that two people typed otherwise, and what is decided of it so far."""

    line: Line
    first: str
    second: str
    taken: str = ""
    other: str = ""


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet whose entries differ."""

    sheet: str
    before: Sequence[Entry]
    first: Cells
    second: Cells
    items: tuple[str, ...]

    def merged(self, taken: dict[str, str], others: dict[str, str]) -> Cells:
        """What the sheet says by what was decided."""
        cells = dict(self.first)
        for item in self.items:
            said = {ONE: self.first, TWO: self.second, ELSE: others}.get(taken.get(item, ""), self.first)
            cells[item] = said.get(item, "")
        return {item: text for item, text in cells.items() if text}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided of a dispute, as far as they did, and what the sheet would be with it."""

    taken: dict[str, str]
    others: Cells
    cells: Cells
    judged: Judged
    undecided: tuple[str, ...]
    confirmed: bool


@get("/entry/{slug:str}/{wave:str}/differences", guards=GUARDS)
async def show_differences(
    request: Asking,
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
) -> Template:
    """The questions in which two entries of a sheet differ, with both values."""
    desk = await open_desk(request, slug, wave, now)
    found = await _dispute(request, conn, desk, request.query_params.get("sheet", ""))
    return _draw(request, desk, found) if isinstance(found, Dispute) else found


async def _dispute(request: Asking, conn: Connection, desk: Desk, wanted: str) -> Dispute | Template:
    sheet = sheet_number(wanted)
    before = await entries.list_entries(conn, desk.wave.survey, desk.wave.wave, sheet) if sheet else []
    if not before:
        raise NotFound("No sheet %(sheet)s was typed in", sheet=wanted[:40])
    state = standing(before, request.state.account.name)
    if state != "differs":
        return await draw_desk(request, conn, desk, status=409, problem=(sheet, state), sheet=sheet)
    first, second = (opened(entry, request.app.state.sealer) for entry in before)
    items = compare(desk.loaded.instrument, first, second).items
    return Dispute(sheet=sheet, before=before, first=first, second=second, items=items)


@post("/entry/{slug:str}/{wave:str}/differences", guards=GUARDS, request_max_body_size=BODY_LIMIT)
async def settle_differences(
    request: Asking, slug: FromPath[str], wave: FromPath[str], now: NamedDependency[datetime]
) -> Template | Redirect:
    """Keep what was decided, and with it the sheet; or the same page with what must be put right."""
    desk = await open_desk(request, slug, wave, now)
    posted = {name: texts[0] for name, texts in request.state.posted.items() if name != "confirm"}
    async with request.app.state.pool.acquire() as conn:
        found = await _dispute(request, conn, desk, posted.get("sheet", ""))
    if not isinstance(found, Dispute):
        return found
    decision = _decision(request, desk, found, posted)
    if decision.undecided or decision.judged.wrong or not decision.confirmed:
        return _draw(request, desk, found, decision)
    first, cells = found.before[0], decision.cells
    typed = Typed(sheet=found.sheet, cells=cells, judged=decision.judged, variant=first.variant, locale=first.locale)
    if not await decide(request, desk, found.before, typed, now):
        return Redirect(f"{desk.address}/differences?sheet={found.sheet}", status_code=303)
    return Redirect(f"{desk.address}?saved={found.sheet}", status_code=303)


def _decision(request: Asking, desk: Desk, found: Dispute, posted: dict[str, str]) -> Decision:
    instrument = desk.loaded.instrument
    taken = {name.removeprefix(TAKE): text for name, text in posted.items() if name.startswith(TAKE)}
    typed = {name.removeprefix(OTHER): text for name, text in posted.items() if name.startswith(OTHER)}
    others = cells_of(instrument, typed)
    cells = found.merged(taken, others)
    result = judged(instrument, cells, reader_of(request))
    return Decision(
        taken=taken,
        others=others,
        cells=cells,
        judged=result,
        undecided=tuple(item for item in found.items if taken.get(item) not in (ONE, TWO, ELSE)),
        confirmed=set(result.seals(cells)) <= set(request.state.posted.get("confirm", [])),
    )


def _draw(request: Asking, desk: Desk, found: Dispute, decision: Decision | None = None) -> Template:
    first, instrument = found.before[0], desk.loaded.instrument
    shown = Shown(variant=instrument.variant(first.variant), locale=first.locale)
    seals: list[str] = []
    if decision is not None and not decision.undecided:
        odd = {} if decision.confirmed else decision.judged.odd
        shown = msgspec.structs.replace(shown, wrong=decision.judged.wrong, odd=odd)
        seals = decision.judged.seals(decision.cells)
    lines = list(lines_of(blocks(instrument, shown, reader_of(request))))
    differences = [
        Difference(
            line=line,
            first=found.first.get(line.item, ""),
            second=found.second.get(line.item, ""),
            taken=decision.taken.get(line.item, "") if decision else "",
            other=decision.others.get(line.item, "") if decision else "",
        )
        for line in lines
        if line.item in found.items
    ]
    context = {
        **frame(request, desk),
        "sheet": found.sheet,
        "paper": first.locale,
        "differences": differences,
        "undecided": decision.undecided if decision else (),
        "wrong": [line for line in lines if line.wrong],
        "odd": [line for line in lines if line.odd],
        "confirm": seals,
    }
    return Template("entry/differences.html", context=context, status_code=422 if decision else 200)


HANDLERS: list[BaseRouteHandler] = [show_differences, settle_differences]
