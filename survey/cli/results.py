"""Numbers on the command line: `survey summary` and `survey compare`, as tables for people or JSON for programs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import asyncpg
import click
import msgspec
from rich.console import Console
from rich.table import Table

from survey.analysis.results import ConfInt
from survey.cli.running import connected, given_settings
from survey.evaluation.comparison import Comparison
from survey.evaluation.indices import IndexValue
from survey.evaluation.items import ItemSummary
from survey.evaluation.summary import Summary
from survey.forms.wording import Reader
from survey.web.results import comparison_of, summary_of

T = TypeVar("T")
ENGLISH = Reader("en")


@click.command()
@click.option("--survey", required=True, help="The survey's slug.")
@click.option("--wave", required=True, help="The name of the wave.")
@click.option("--by", metavar="ITEM", help="Break down by this closed item, or by mode, variant, locale, disposition.")
@click.option("--where", metavar="ITEM:CODE", help="Only these responses; join conditions with a semicolon.")
@click.option("--json", "as_json", is_flag=True, help="The JSON of the API.")
def summary(survey: str, wave: str, by: str | None, where: str | None, *, as_json: bool) -> None:
    """Sum up a wave: distributions, indices, rates."""
    now = datetime.now(UTC)
    found = _fetch(lambda conn: summary_of(conn, survey, wave, by=by, where=where, now=now))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        show_summary(Console(), found)


@click.command()
@click.option("--survey", required=True, help="The survey's slug.")
@click.option("--measure", required=True, metavar="M", help="An item (Q3), an index of it (Q3:sat2), or a scale.")
@click.option(
    "--groups",
    "groups",
    required=True,
    multiple=True,
    help="An item whose groups to compare, or two selectors such as wave:2026H1 and wave:2026H2.",
)
@click.option("--wave", help="The wave, where the groups do not say; the newest with responses.")
@click.option("--test", help="A test to use instead of the one that fits best.")
@click.option("--json", "as_json", is_flag=True, help="The JSON of the API.")
def compare(
    survey: str, measure: str, groups: tuple[str, ...], wave: str | None, test: str | None, *, as_json: bool
) -> None:
    """Compare groups or waves by the test that fits."""
    names = [name.strip() for text in groups for name in text.split(",") if name.strip()]
    if len(names) == 1 and ":" not in names[0]:
        sides: dict[str, str] = {"by": names[0]}
    elif len(names) == 2:
        sides = {"a": names[0], "b": names[1]}
    else:
        raise click.UsageError("--groups takes one item (--groups type) or two selectors (--groups D1:1 --groups D1:6)")
    found = _fetch(lambda conn: comparison_of(conn, survey, measure, wave=wave, test=test, **sides))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        show_comparison(Console(), found)


def _fetch(ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Ask the configured database, in one read-only transaction."""

    async def fetch() -> T:
        async with connected(given_settings()) as conn, conn.transaction(readonly=True, isolation="repeatable_read"):
            return await ask(conn)

    return asyncio.run(fetch())


def show_summary(console: Console, found: Summary) -> None:
    """A summary as tables."""
    console.print(f"[bold]{found.survey} {found.wave}[/bold]  n = {found.n}, as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    if found.synthetic:
        console.print("[bold]SYNTHETIC: these responses are made up.[/bold]")
    if found.reason:
        console.print(found.reason)
        return
    console.print(_index_table("Headline", found.indices))
    console.print(_item_table(found.items))
    for group in found.groups:
        title = f"{found.by} = {ENGLISH.say(group.title)} (n = {group.n})"
        console.print(_index_table(title, group.indices))
    if found.suppressed:
        console.print(f"{found.suppressed} groups are not shown: too few responses in them or in one beside them.")


def _index_table(title: str, values: tuple[IndexValue, ...]) -> Table:
    table = Table("of", "index", "value", "95 % interval", "n", "definition", title=title, title_justify="left")
    for value in values:
        shown = value.reason or "" if value.value is None else f"{value.value:.2f}"
        table.add_row(value.of or "", value.index, shown, _interval(value.confint), str(value.n), value.definition)
    return table


def _item_table(items: tuple[ItemSummary, ...]) -> Table:
    table = Table("item", "n", "counts", "missing", title="Items", title_justify="left")
    for item in items:
        counts = "  ".join(f"{code}: {n}" for code, n in item.counts.items() if n)
        missing = "  ".join(f"{state}: {n}" for state, n in item.missing.items() if n)
        table.add_row(f"{item.item} {ENGLISH.say(item.title)}", str(item.n), counts, missing)
    return table


def show_comparison(console: Console, found: Comparison) -> None:
    """A comparison as sentences and tables."""
    if found.synthetic:
        console.print("[bold]SYNTHETIC: these responses are made up.[/bold]")
    for text in found.sentence.values():
        console.print(text)
    if found.reason:
        console.print(found.reason)
    groups = Table("group", "n", "counts", found.index or "", "95 % interval")
    for group in found.groups:
        counts = "  ".join(f"{code}: {n}" for code, n in group.counts.items())
        index = group.index
        value = "" if index is None or index.value is None else f"{index.value:.2f}"
        interval = _interval(None if index is None else index.confint)
        groups.add_row(f"{group.group} {ENGLISH.say(group.title)}", str(group.n), counts, value, interval)
    console.print(groups)
    tests = Table("test", "statistic", "df", "p", "effect size", "95 % interval")
    for test in found.tests:
        effect = test.effect_size
        tests.add_row(
            test.test,
            "" if test.statistic is None else f"{test.statistic:.6g}",
            "" if test.df is None else str(test.df),
            "" if test.pvalue is None else f"{test.pvalue:.4g}",
            "" if effect is None or effect.value is None else f"{effect.name} {effect.value:.4f}",
            _interval(None if effect is None else effect.confint, digits=4),
        )
    console.print(tests)
    console.print(ENGLISH.say(found.why))


def _interval(interval: ConfInt | None, *, digits: int = 2) -> str:
    return "" if interval is None else f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"
