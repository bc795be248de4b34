"""Numbers on the command line: `survey summary` and `survey compare`, as tables for people or JSON for programs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import asyncpg
import click
import msgspec
from rich.console import Console

from survey.cli.running import connected, given_settings
from survey.cli.showing import show_comparison, show_summary
from survey.errors import Refused
from survey.evaluation.weights import Margins, read_margins
from survey.web.questions import question_of
from survey.web.results import Figures

T = TypeVar("T")


MARGINS = click.option(
    "--margins",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Weight to the population: a CSV of item,code,population.",
)
CLUSTER = click.option("--cluster", metavar="ITEM", help="Answers within this item's groups are alike, as in a hall.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="The JSON of the API.")
SURVEY = click.option("--survey", required=True, help="The survey's slug.")


@click.command()
@SURVEY
@click.option("--wave", required=True, help="The name of the wave.")
@click.option("--by", metavar="ITEM", help="Break down by this closed item, or by mode, variant, locale, disposition.")
@click.option("--where", metavar="ITEM:CODE", help="Only these responses; join conditions with a semicolon.")
@MARGINS
@CLUSTER
@AS_JSON
def summary(
    survey: str,
    wave: str,
    by: str | None,
    where: str | None,
    margins: Path | None,
    cluster: str | None,
    *,
    as_json: bool,
) -> None:
    """Sum up a wave: distributions, indices, rates."""
    people, now = _margins(margins), datetime.now(UTC)
    found = fetched(
        lambda conn: Figures().summary(conn, survey, wave, by=by, where=where, now=now, cluster=cluster, margins=people)
    )
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        show_summary(Console(), found)


@click.command()
@SURVEY
@click.option("--measure", required=True, metavar="M", help="An item (Q3), an index of it (Q3:sat2), or a scale.")
@click.option(
    "--groups",
    multiple=True,
    help="An item whose groups to compare, `wave` for all waves, or two selectors (wave:2026H1 and wave:2026H2).",
)
@click.option("--wave", help="The wave, where the groups do not say; the newest with responses.")
@click.option("--pilot", metavar="ITEM:CODE", help="Who was in the pilot; with --control, --before and --after.")
@click.option("--control", metavar="ITEM:CODE", help="Whom the pilot is held against.")
@click.option("--before", metavar="WAVE", help="The wave before the pilot.")
@click.option("--after", metavar="WAVE", help="The wave after it.")
@click.option("--target", type=float, help="Hold one group against this number instead of another group.")
@click.option("--paired/--independent", default=None, help="Whether the same people answered; found out otherwise.")
@click.option("--sesoi", type=float, help="The smallest effect of interest, in points or percentage points.")
@click.option("--test", help="A test to use instead of the one that fits best.")
@MARGINS
@CLUSTER
@AS_JSON
def compare(survey: str, groups: tuple[str, ...], margins: Path | None, *, as_json: bool, **asked: object) -> None:
    """Compare groups, waves, or pilot and control by the test that fits."""
    question = question_of(asked | _sides(groups, one=asked["target"] is not None))
    people = _margins(margins)
    found = fetched(lambda conn: Figures().comparison(conn, survey, question, margins=people))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        show_comparison(Console(), found)


def _sides(groups: tuple[str, ...], *, one: bool) -> dict[str, str]:
    """What --groups says: an item, or selectors."""
    names = [name.strip() for text in groups for name in text.split(",") if name.strip()]
    if not names:
        return {}
    if len(names) == 1 and (one or ":" not in names[0]):
        return {"a": names[0]} if one else {"by": names[0]}
    if len(names) == 2:
        return {"a": names[0], "b": names[1]}
    raise click.UsageError("--groups takes one item (--groups type) or two selectors (--groups D1:1 --groups D1:6)")


def _margins(path: Path | None) -> Margins | None:
    if path is None:
        return None
    try:
        return read_margins(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error


def fetched(ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Ask the configured database, in one read-only transaction."""

    async def fetch() -> T:
        async with connected(given_settings()) as conn, conn.transaction(readonly=True, isolation="repeatable_read"):
            return await ask(conn)

    return asyncio.run(fetch())
