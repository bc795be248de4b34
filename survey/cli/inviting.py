"""`survey invite`: links for the people on a list, reminders that stop at "no", links to rate one matter.

Lists and links stay in files with whoever sends them: the service keeps a hash of each token and no address.
"""

import asyncio
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from survey.cli.running import connected, given_settings, secret_key
from survey.cli.tables import opened
from survey.db import surveys, tickets
from survey.db.tickets import Invited
from survey.errors import CannotStart, Refused
from survey.responses.cells import text_of
from survey.responses.tickets import invitation_token, matter_token, ticket_hash
from survey.settings import Settings
from survey.web.public.flow import prefill_from
from survey.web.public.ticketing import TICKET, UNTIL
from survey.web.rendering import TIME_ZONE
from survey.web.sealing import Sealer

REMINDERS = 2

existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)
new_file = click.Path(dir_okay=False, path_type=Path)


@click.group()
def invite() -> None:
    """Make links for people on a list, remind them, or make links to rate one matter."""


def _about_people(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.argument("file", type=existing_file),
        click.option("--id", "column", required=True, help="The column that tells people apart; it is not kept."),
        click.option("--wave", required=True, help="Which wave of it, for example 2026H2."),
        click.option("--survey", "slug", required=True, help="Which survey, for example gov-sat."),
    ):
        command = option(command)
    return command


@invite.command()
@_about_people
@click.option("--stratum", help="The column that says from which part of the list somebody was drawn.")
@click.option("--to", "target", required=True, type=new_file, help="The list again, with a link for each person.")
def people(slug: str, wave: str, column: str, file: Path, stratum: str | None, target: Path) -> None:
    """Invite the people on a list. A second time with the same list makes the same links."""
    settings = given_settings()
    list_ = _List(settings, slug, wave, column, file)
    click.echo(asyncio.run(_invite(list_, stratum, target)))


@invite.command()
@_about_people
@click.option("--most", default=REMINDERS, show_default=True, help="How often anybody is reminded at most.")
@click.option("--to", "target", required=True, type=new_file, help="Whom to remind, with their links.")
def reminders(slug: str, wave: str, column: str, file: Path, most: int, target: Path) -> None:
    """Whom to remind: who has not answered, did not say no, could be reached, and was not reminded too often."""
    list_ = _List(given_settings(), slug, wave, column, file)
    click.echo(asyncio.run(_remind(list_, most, target)))


@invite.command()
@_about_people
def undeliverable(slug: str, wave: str, column: str, file: Path) -> None:
    """Note whose invitation came back, so that response rates know of it."""
    list_ = _List(given_settings(), slug, wave, column, file)
    click.echo(asyncio.run(_note(list_)))


@invite.command()
@click.option("--survey", "slug", required=True, help="Which survey, for example gov-sat.")
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 3650), help="For how long links are good."
)
@click.option("--to", "target", required=True, type=new_file, help="The table again, with a link in each row.")
@click.argument("file", type=existing_file)
def matters(slug: str, days: int, target: Path, file: Path) -> None:
    """Make a link for each matter of a table (a column for each value known beforehand), to be used once."""
    click.echo(asyncio.run(_link_matters(given_settings(), slug, days, target, file)))


class _List:
    """People in a file, and the tokens of their links."""

    def __init__(self, settings: Settings, slug: str, wave: str, column: str, file: Path) -> None:
        self.settings = settings
        self.slug = slug
        self.wave = wave
        self._column = column
        self._file = file
        self._secret = Sealer(secret_key(settings)).receipt_secret

    def rows(self, *more: str | None) -> Iterator[tuple[dict[str, str], str]]:
        """Each row with the person's token; `Refused` where nobody is named, or somebody twice."""
        seen: set[str] = set()
        for number, row in _rows(self._file, [self._column, *filter(None, more)]):
            member = row[self._column]
            if not member or member in seen:
                why = "nobody is named" if not member else f"{member!r} is there already"
                raise Refused(f"{self._file}, row {number}, column {self._column}: {why}; nothing was written")
            seen.add(member)
            yield row, invitation_token(self.slug, self.wave, member, self._secret)

    def link(self, token: str) -> str:
        """The address that the person is sent."""
        return _address(self.settings, self.slug, {TICKET: token})


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with opened(file) as table:
        for column in columns:
            if column not in table.columns:
                raise Refused(f"{file} has no column {column!r}: {', '.join(filter(None, table.columns))}")
        for chunk in table.chunks:
            for place, number in enumerate(chunk.numbers):
                yield number, {name: text_of(cell) for name, cell in chunk.row(place).items()}


def _address(settings: Settings, slug: str, query: dict[str, object]) -> str:
    if settings.base_url is None:
        raise CannotStart("Set SURVEY_BASE_URL to the address that people see: links need it")
    return f"{settings.base_url.rstrip('/')}/s/{slug}?{urlencode(query)}"


def _write(target: Path, rows: Iterable[dict[str, str]]) -> int:
    """Write a table whole or not at all; how many rows."""
    half, n = target.with_name(f"{target.name}.part"), 0
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for n, row in enumerate(rows, start=1):  # noqa: B007 - the number of rows
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
    half.replace(target)
    return n


async def _invite(people: _List, stratum: str | None, target: Path) -> str:
    rows = list(people.rows(stratum))
    async with connected(people.settings) as conn, conn.transaction():
        await surveys.fetch_wave(conn, people.slug, people.wave)
        invited = [Invited(ticket_hash(token), row.get(stratum or "", "")) for row, token in rows]
        new = await tickets.invite_many(conn, people.slug, people.wave, invited)
        written = _write(target, ({**row, "link": people.link(token)} for row, token in rows))
    return f"{written} links in {target}, {new} people newly invited"


async def _remind(people: _List, most: int, target: Path) -> str:
    rows = list(people.rows())
    async with connected(people.settings) as conn, conn.transaction():
        wanted = await tickets.remind_many(conn, [ticket_hash(token) for _, token in rows], at_most=most)
        due = ({**row, "link": people.link(token)} for row, token in rows if ticket_hash(token) in wanted)
        written = _write(target, due)
    return f"{written} of {len(rows)} to be reminded, in {target}"


async def _note(people: _List) -> str:
    rows = list(people.rows())
    async with connected(people.settings) as conn, conn.transaction():
        noted = await tickets.note_undeliverable(conn, [ticket_hash(token) for _, token in rows])
    return f"{noted} of {len(rows)} newly noted as undeliverable"


async def _link_matters(settings: Settings, slug: str, days: int, target: Path, file: Path) -> str:
    async with connected(settings) as conn:
        version = await surveys.fetch_latest_version(conn, slug)
        instrument = (await surveys.fetch_published(conn, slug, version)).instrument
    secret = Sealer(secret_key(settings)).receipt_secret
    until = datetime.now(UTC).astimezone(TIME_ZONE).date() + timedelta(days=days)

    def linked() -> Iterator[dict[str, str]]:
        for number, row in _rows(file, []):
            known = prefill_from(instrument, row)
            if not known:
                names = ", ".join(prefill.id for prefill in instrument.prefill)
                raise Refused(f"{file}, row {number}: nothing is known beforehand; {slug} takes {names or 'nothing'}")
            token = matter_token(slug, known, until, secret)
            yield {**row, "link": _address(settings, slug, {**known, UNTIL: until.isoformat(), TICKET: token})}

    return f"{_write(target, linked())} links in {target}, good until {until}"
