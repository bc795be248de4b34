"""Handlers of the evaluator's pages; every figure on them is one of the API's."""

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from asyncpg import Connection
from litestar import Request, get, post
from litestar.datastructures import State, UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from survey.db import surveys
from survey.db.coded import PARADATA
from survey.errors import Refused
from survey.evaluation.breakdowns import GroupSummary
from survey.evaluation.comparison import Comparison
from survey.evaluation.indices import IndexValue
from survey.evaluation.outcomes import TESTED
from survey.evaluation.process import named
from survey.evaluation.questions import Question
from survey.evaluation.sample import Sample, Variable
from survey.evaluation.summary import Summary
from survey.forms.instrument import Instrument
from survey.forms.items import Number, Rating
from survey.forms.items.base import Level
from survey.forms.wording import Reader, Text
from survey.web import i18n
from survey.web.auth import requires
from survey.web.evaluator import charts
from survey.web.fieldwork import Loaded
from survey.web.questions import READS, margins_of, question_of

GUARDS = [requires("evaluator", "administrator")]
MEASURABLE = (Level.NOMINAL, Level.BINARY, Level.ORDINAL, Level.INTERVAL)


NOT_IN_BREAKDOWNS = ("gov60", "pct20", "gov30", "sat3", "w09")
"""Left out of the table of a breakdown, which would be too wide with every definition."""


NOTHING_CHOSEN: dict[str, str] = dict.fromkeys(Question.__struct_fields__, "")
MARGINS_LIMIT = 1024 * 1024
NO_QUESTION = {"lang", "wave", "measure"}
"""What an address may say of the page without asking anything yet."""


class Breakdown(msgspec.Struct, frozen=True):
    """Groups by figures: a header for each figure, a row for each group; None where a figure is not shown."""

    columns: tuple[IndexValue, ...]
    rows: tuple[tuple[GroupSummary, tuple[IndexValue | None, ...]], ...]


class Measure(msgspec.Struct, frozen=True):
    """Something that can be compared."""

    id: str
    title: Text
    index: str = ""


@get("/evaluate", guards=GUARDS)
async def list_waves(request: Request[Any, Any, State]) -> Template:
    """All surveys and their waves."""
    found = await request.app.state.fieldwork.list()
    return Template("waves.html", context={"surveys": found, "heading": i18n.mark("Evaluate"), "under": "/evaluate"})


@get("/evaluate/{slug:str}/{wave:str}", guards=GUARDS)
async def show_wave(
    request: Request[Any, Any, State],
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
    by: FromQuery[str | None] = None,
    where: FromQuery[str | None] = None,
) -> Template:
    """A wave: participation, distributions, indices, and a breakdown when one is asked for."""
    summary = await request.app.state.figures.summary(conn, slug, wave, by=by or None, where=where or None, now=now)
    loaded = await _loaded(request, conn, slug, wave)
    titles = _titles(summary)
    first = _overall(summary)
    overall = tuple(value for value in summary.indices if first is not None and value.of == first)
    ratings = tuple(_linear(item.item, item.indices) for item in summary.items if item.level == Level.ORDINAL)
    by_item = tuple(value for values in ratings for value in values)
    context = await _choices(request, conn, slug, wave) | {
        "summary": summary,
        "taken_part": named(loaded.instrument, summary.participation.by if summary.participation else {}),
        "synthetic": summary.synthetic,
        "overall": first,
        "titles": titles,
        "pictures": charts.diverging(loaded.instrument, summary.items),
        "definitions": charts.dots(overall, titles, by_item=False),
        "item_dots": charts.dots(by_item, titles, by_item=True),
        "group_bars": _group_dots(summary),
        "breakdown": _breakdown(summary),
        "chosen": NOTHING_CHOSEN | {"wave": wave},
    }
    return Template("evaluate/wave.html", context=context)


@get("/evaluate/{slug:str}/compare", guards=GUARDS)
async def show_comparison(
    request: Request[Any, Any, State], slug: FromPath[str], conn: NamedDependency[Connection]
) -> Template:
    """A comparison in a sentence, the numbers behind it, and why by that test; or what was wrong with the question."""
    return await _comparison(request, conn, slug, dict(request.query_params))


@post("/evaluate/{slug:str}/compare", guards=GUARDS, status_code=200, opt=READS, request_max_body_size=MARGINS_LIMIT)
async def show_weighted_comparison(
    request: Request[Any, Any, State], slug: FromPath[str], conn: NamedDependency[Connection]
) -> Template:
    """The same, weighted to the population figures of an uploaded table."""
    form = await request.form()
    table = form.get("margins")
    content = await table.read() if isinstance(table, UploadFile) else b""
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    return await _comparison(request, conn, slug, values, table=content)


async def _comparison(
    request: Request[Any, Any, State],
    conn: Connection,
    slug: str,
    values: dict[str, Any],
    *,
    table: bytes | None = None,
) -> Template:
    context = await _choices(request, conn, slug, values.get("wave") or None)
    context |= {"chosen": NOTHING_CHOSEN | values, "comparison": None, "error": None}
    if not {name for name, value in values.items() if value} - NO_QUESTION:
        return Template("evaluate/compare.html", context=context)
    try:
        margins = None if table is None else margins_of(table)
        found = await request.app.state.figures.comparison(conn, slug, question_of(values), margins=margins)
    except Refused as error:
        context["error"] = i18n.said(i18n.negotiate(request), error)
        return Template("evaluate/compare.html", context=context, status_code=422)
    shown = context | {"comparison": found, "dots": _dots(found), "synthetic": found.synthetic}
    shown["named"] = {group.group: group.title for group in found.groups}
    return Template("evaluate/compare.html", context=shown)


def _dots(found: Comparison) -> tuple[charts.Dot, ...]:
    """The groups on an axis of 0 to 100, where the measure has one."""
    if found.level in ("score", "nps") and found.index != "linear":
        return ()
    values = tuple(msgspec.structs.replace(g.index, of=g.group) for g in found.groups if g.index is not None)
    dots = charts.dots(values, {group.group: group.title for group in found.groups}, by_item=True)
    return tuple(msgspec.structs.replace(dot, name="") for dot in dots)


def _titles(summary: Summary) -> dict[str, Text]:
    """What people call each item, scale, pass rate and rate."""
    titles = {item.item: item.title for item in summary.items}
    titles |= {rate.rate: rate.title for rate in summary.rates}
    for scale in summary.scales:
        titles[scale.scale] = scale.title
        titles[f"{scale.scale}.pass"] = {
            "zh-Hans": f"{Reader('zh-Hans').say(scale.title)}：达标率",
            "en": f"{Reader('en').say(scale.title)}: pass rate",
        }
    return titles


def _overall(summary: Summary) -> str | None:
    """The rating to begin with: the first that belongs to no scale."""
    return next((value.of for value in summary.indices if value.of), None)


def _linear(item: str, values: tuple[IndexValue, ...]) -> tuple[IndexValue, ...]:
    return tuple(msgspec.structs.replace(value, of=item) for value in values if value.index == "linear")


def _group_dots(summary: Summary) -> tuple[charts.Dot, ...]:
    """The first headline figure of every group."""
    values, titles = [], {}
    for group in summary.groups:
        name = str(next(iter(group.by.values())))
        titles[name] = group.title
        values += [msgspec.structs.replace(value, of=name) for value in group.indices[:1]]
    dots = charts.dots(tuple(values), titles, by_item=True)
    return tuple(msgspec.structs.replace(dot, name="") for dot in dots)


def _breakdown(summary: Summary) -> Breakdown:
    """The headline figures of every group, one column a figure."""
    tables = [{(value.of, value.index): value for value in group.indices} for group in summary.groups]
    names = [name for name in dict.fromkeys(n for table in tables for n in table) if name[1] not in NOT_IN_BREAKDOWNS]
    columns = tuple(next(table[name] for table in tables if name in table) for name in names)
    rows = tuple(
        (group, tuple(table.get(name) for name in names)) for group, table in zip(summary.groups, tables, strict=True)
    )
    return Breakdown(columns, rows)


async def _loaded(request: Request[Any, Any, State], conn: Connection, slug: str, wave: str) -> Loaded:
    version = (await surveys.fetch_wave(conn, slug, wave)).instrument_version
    loaded: Loaded = await request.app.state.fieldwork.version(slug, version)
    return loaded


async def _choices(
    request: Request[Any, Any, State], conn: Connection, slug: str, wave: str | None
) -> dict[str, object]:
    """What the forms of these pages offer."""
    survey = await request.app.state.fieldwork.survey(slug)
    loaded = survey.latest if wave is None else await _loaded(request, conn, slug, wave)
    return {
        "slug": slug,
        "wave": wave,
        "survey_title": loaded.instrument.title,
        "waves": survey.waves,
        "closed": _closed(loaded),
        "measures": _measures(loaded.instrument),
    }


def _closed(loaded: Loaded) -> tuple[Variable, ...]:
    return Sample(loaded.book, np.empty((0, 0), dtype=np.uint8), dict.fromkeys(PARADATA, ())).closed()


def _measures(instrument: Instrument) -> tuple[Measure, ...]:
    found: list[Measure] = []
    for asked in instrument.asked:
        item = asked.item
        if item.level not in MEASURABLE or (isinstance(item, Number) and not item.columns()):
            continue
        found.append(Measure(item.id, item.name or item.text))
        if isinstance(item, Rating) and len(item.substantive) == charts.TONES:
            found += [
                Measure(f"{item.id}:{index}", item.name or item.text, index) for index in TESTED if index != "nps"
            ]
    ordinal = {asked.item.id for asked in instrument.asked if asked.item.level is Level.ORDINAL}
    found.sort(key=lambda measure: measure.id.partition(":")[0] not in ordinal)
    return (*found, *(Measure(scale.id, scale.title) for scale in instrument.scales))


HANDLERS: list[BaseRouteHandler] = [list_waves, show_wave, show_comparison, show_weighted_comparison]
