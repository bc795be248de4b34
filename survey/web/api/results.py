"""Numbers out: a wave in summary, and comparisons of groups or waves."""

from datetime import datetime

from asyncpg import Connection
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from survey.evaluation.comparison import Comparison
from survey.evaluation.summary import Summary
from survey.web.auth import requires
from survey.web.results import comparison_of, summary_of

GUARDS = [requires("evaluator", "administrator")]


@get(
    "/api/v1/surveys/{slug:str}/waves/{wave:str}/summary",
    guards=GUARDS,
    tags=["results"],
    summary="A wave in numbers",
    description=(
        "Distributions with the missing states apart, every index with its interval and definition, scales, rates, "
        "flags and reliability. `by` breaks it down by a closed item or by mode, variant, locale, disposition; `where` "
        "keeps only some responses (`D3:3`, `B2:..30`, joined by semicolons). Groups below the floor are suppressed, "
        "with one more where a single one could be had by subtraction. Rates are in percent, indices in points."
    ),
)
async def show_summary(
    slug: FromPath[str],
    wave: FromPath[str],
    conn: NamedDependency[Connection],
    now: NamedDependency[datetime],
    by: FromQuery[str | None] = None,
    where: FromQuery[str | None] = None,
) -> Summary:
    """A wave in numbers."""
    return await summary_of(conn, slug, wave, by=by, where=where, now=now)


@get(
    "/api/v1/surveys/{slug:str}/compare",
    guards=GUARDS,
    tags=["results"],
    summary="Two groups or waves compared, or all groups of a variable",
    description=(
        "`measure` is an item (`Q3`), an index of it (`Q3:sat2`), a number or a scale. Give `a` and `b`, selectors "
        "as `wave:2026H1`, `D1:1`, `wave:2026H2;D3:3`, or `by`, a closed item whose groups are compared. Without a "
        "wave the newest one with responses is meant. The test is chosen by the level of the outcome and the design, "
        "unless `test` names one that fits; the others that fit stand beside it in `tests`. `difference` is first "
        "minus second, in points or percentage points as its `unit` says."
    ),
)
async def show_comparison(
    slug: FromPath[str],
    conn: NamedDependency[Connection],
    measure: FromQuery[str],
    a: FromQuery[str | None] = None,
    b: FromQuery[str | None] = None,
    by: FromQuery[str | None] = None,
    wave: FromQuery[str | None] = None,
    test: FromQuery[str | None] = None,
) -> Comparison:
    """Two groups or waves compared, or all groups of a variable."""
    return await comparison_of(conn, slug, measure, a=a, b=b, by=by, wave=wave, test=test)


HANDLERS: list[BaseRouteHandler] = [show_summary, show_comparison]
