"""`survey export`: responses as files."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from survey.cli.running import connected, given_settings
from survey.errors import Refused
from survey.exports.plan import Plan
from survey.settings import Settings
from survey.web.exports import ending_of, is_of_a_file, plan_of, reason_of, save_with_codebook


@click.group()
def export() -> None:
    """Write responses to a file."""


@export.command()
@click.option("--survey", "slug", required=True, help="Which survey, for example gov-sat.")
@click.option("--wave", required=True, help="Which wave of it, for example 2026H2.")
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; its ending .csv, .xlsx, .parquet or .sav says the format.",
)
def responses(slug: str, wave: str, path: Path) -> None:
    """Write the responses of a wave to a CSV, XLSX, Parquet or SPSS file, with a codebook beside it."""
    plan = asyncio.run(_responses(given_settings(), slug, wave, path))
    click.echo(f"{plan.extent.n} responses in {path}; what they mean: {path}.ddi.xml")


async def _responses(settings: Settings, slug: str, wave: str, path: Path) -> Plan:
    ending = ending_of(path.name)
    if not path.parent.is_dir():
        raise Refused(f"{path}: there is no folder {path.parent}")
    async with connected(settings) as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        plan = await plan_of(conn, slug, wave, ending)
        try:
            with _progress(plan.extent.n) as progress:
                await save_with_codebook(conn, plan, path, progress=progress)
        except OSError as error:
            if is_of_a_file(error):
                raise Refused(f"{path} cannot be written: {reason_of(error)}; what was there before stays") from None
            raise
        return plan


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal; nothing where the output goes to a file."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("responses", total=total)
        yield lambda done: bar.update(task, completed=done)
