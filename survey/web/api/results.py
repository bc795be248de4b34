"""Numbers out: a wave in summary, and comparisons of groups or waves."""

from datetime import datetime
from typing import Any

from asyncpg import Connection
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery

from survey.evaluation.breakoff import BreakOff
from survey.evaluation.comparison import Comparison
from survey.evaluation.questions import Question
from survey.evaluation.summary import Summary
from survey.web.auth import requires
from survey.web.dependencies import provide_conn_once_asked
from survey.web.questions import READS, margins_of, provide_question
from survey.web.results import Figures

GUARDS = [requires("evaluator", "administrator")]


SUMMARY = (
    "Distributions with the missing states apart, every index with its interval and definition, scales, rates, "
    "flags and reliability. `by` breaks it down by a closed item or by mode, variant, locale, disposition; `where` "
    "keeps only some responses (`D3:3`, `B2:..30`, joined by semicolons). Groups below the floor are suppressed, "
    "with one more where a single one could be had by subtraction. Rates are in percent, indices in points. With a "
    "`cluster`, the item within whose groups answers are alike, `weighted` has the headline figures with its error."
)
COMPARISON = (
    "`measure` is an item (`Q3`), an index of it (`Q3:sat2`), a number or a scale. Compare two parts with `a` and `b` "
    "(selectors as `wave:2026H1`, `D1:1`, `wave:2026H2;D3:3`); all groups of a closed item with `by`; all waves with "
    "`by=wave`; one part with a number with `target`; a pilot with `pilot`, `control`, `before` and `after`. Without a "
    "`wave` the newest one with responses is meant. Waves that mostly the same people answered are compared person by "
    "person (`paired` says otherwise). `cluster` names the item within whose groups answers are alike, such as the "
    "service hall. The test is chosen by the level of the outcome and the design, unless `test` names one that fits; "
    "others stand beside it in `tests`. `difference` is first minus second, of a pilot its change minus that of the "
    "control, in points or percentage points as its `unit` says; `verdict` holds it against `sesoi`, the smallest "
    "effect of interest."
)
WEIGHTED = (
    " The body is the population's margins as CSV: `item,code,population`, a line for each option of each item. "
    "Responses are raked to them wave by wave, none counting for more than five average ones."
)
BREAK_OFF = (
    "Of everybody who began a form on a page how many submitted it, are still filling it in (`going_on`), or stopped: "
    "nothing was kept for `idle_minutes` and it was not submitted. Who comes back within 14 days no longer counts as "
    "stopped; later only the count is left. `stops` has the furthest page that they were shown, variant by variant; "
    "neighbouring pages with few stops are put together, and nothing is said where fewer than `floor` stopped. Rates "
    "are in percent."
)
QUESTION = {
    "question": Provide(provide_question, sync_to_thread=False),
    "conn": Provide(provide_conn_once_asked),
}
CSV = RequestBody(content={"text/csv": OpenAPIMediaType(Schema(type=OpenAPIType.STRING))}, required=True)


class TakesMargins(Operation):
    """An operation whose body is a table of margins."""

    def __post_init__(self) -> None:
        self.request_body = CSV


@get(
    "/api/v1/surveys/{slug:str}/waves/{wave:str}/summary",
    guards=GUARDS,
    tags=["results"],
    summary="A wave in numbers",
    description=SUMMARY,
)
async def show_summary(
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    figures: NamedDependency[Figures],
    now: NamedDependency[datetime],
    by: FromQuery[str | None] = None,
    where: FromQuery[str | None] = None,
    cluster: FromQuery[str | None] = None,
) -> Summary:
    """A wave in numbers."""
    return await figures.summary(conn, slug, wave, by=by, where=where, cluster=cluster, now=now)


@post(
    "/api/v1/surveys/{slug:str}/waves/{wave:str}/summary",
    guards=GUARDS,
    status_code=200,
    opt=READS,
    operation_class=TakesMargins,
    tags=["results"],
    summary="The same, weighted to the population",
    description=SUMMARY + WEIGHTED,
)
async def show_weighted_summary(
    request: Request[Any, Any, State],
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    figures: NamedDependency[Figures],
    now: NamedDependency[datetime],
    by: FromQuery[str | None] = None,
    where: FromQuery[str | None] = None,
    cluster: FromQuery[str | None] = None,
) -> Summary:
    """The summary with its headline figures weighted by the margins in the body."""
    margins = margins_of(await request.body())
    return await figures.summary(conn, slug, wave, by=by, where=where, cluster=cluster, now=now, margins=margins)


@get(
    "/api/v1/surveys/{slug:str}/waves/{wave:str}/break-off",
    guards=GUARDS,
    tags=["results"],
    summary="How many began and did not submit, and where they stopped",
    description=BREAK_OFF,
)
async def show_break_off(
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    figures: NamedDependency[Figures],
    now: NamedDependency[datetime],
) -> BreakOff:
    """Where people stopped."""
    return await figures.break_off(conn, slug, wave, now=now)


@get(
    "/api/v1/surveys/{slug:str}/compare",
    guards=GUARDS,
    dependencies=QUESTION,
    tags=["results"],
    summary="Groups, waves, or pilot and control compared",
    description=COMPARISON,
)
async def show_comparison(
    slug: FromPath[str],
    conn: NamedDependency[Connection],
    figures: NamedDependency[Figures],
    question: NamedDependency[Question],
) -> Comparison:
    """Groups, waves, or pilot and control compared."""
    return await figures.comparison(conn, slug, question)


@post(
    "/api/v1/surveys/{slug:str}/compare",
    guards=GUARDS,
    dependencies=QUESTION,
    status_code=200,
    opt=READS,
    operation_class=TakesMargins,
    tags=["results"],
    summary="The same, weighted to the population",
    description=COMPARISON + WEIGHTED,
)
async def show_weighted_comparison(
    request: Request[Any, Any, State],
    slug: FromPath[str],
    conn: NamedDependency[Connection],
    figures: NamedDependency[Figures],
    question: NamedDependency[Question],
) -> Comparison:
    """The comparison under weights from the margins in the body."""
    return await figures.comparison(conn, slug, question, margins=margins_of(await request.body()))


HANDLERS: list[BaseRouteHandler] = [
    show_summary,
    show_weighted_summary,
    show_break_off,
    show_comparison,
    show_weighted_comparison,
]
