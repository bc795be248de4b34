"""`survey break-off`: how many began a form of a wave and did not submit it, and where they stopped."""

from datetime import UTC, datetime

import click
import msgspec
from rich.console import Console
from rich.table import Table

from survey.cli.results import AS_JSON, SURVEY, fetched
from survey.cli.showing import ENGLISH
from survey.evaluation.breakoff import BreakOff, Stop
from survey.web.results import Figures


@click.command("break-off")
@SURVEY
@click.option("--wave", required=True, help="The name of the wave.")
@AS_JSON
def break_off(survey: str, wave: str, *, as_json: bool) -> None:
    """Say how many began and did not submit, and on which page they stopped."""
    now = datetime.now(UTC)
    found = fetched(lambda conn: Figures().break_off(conn, survey, wave, now=now))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        _show(Console(), found)


def _show(console: Console, found: BreakOff) -> None:
    console.print(f"[bold]{found.survey} {found.wave}[/bold]  as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    if found.synthetic:
        console.print("[bold]SYNTHETIC: these responses are made up.[/bold]")
    console.print(f"Stopped: nothing kept for {found.idle_minutes} minutes and not submitted.")
    totals = Table("variant", "began", "submitted", "going on", "stopped", "stopped in %")
    for one in found.variants:
        numbers = (one.began, one.submitted, one.going_on, one.stopped)
        totals.add_row(one.variant, *map(str, numbers), _percent(one.rate))
    numbers = (found.began, found.submitted, found.going_on, found.stopped)
    totals.add_row("all", *map(str, numbers), _percent(found.rate))
    console.print(totals)
    for one in found.variants:
        if one.reason:
            console.print(f"{one.variant}: {one.reason}")
        if one.stops:
            console.print(_stops(one.variant, one.stops))


def _stops(variant: str, stops: tuple[Stop, ...]) -> Table:
    table = Table("page", "came so far", "stopped here", "in %", title=variant, title_justify="left")
    for stop in stops:
        pages = ", ".join(f"{page.id} {ENGLISH.say(page.title)}" for page in stop.pages)
        table.add_row(pages, str(stop.arrived), str(stop.n), _percent(stop.share))
    return table


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
