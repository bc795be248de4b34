"""`survey import`: instruments, and responses from tables."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from survey.cli.intake import Job, Result, import_table
from survey.cli.running import connected, given_settings, secret_key
from survey.cli.tables import Table
from survey.settings import Settings
from survey.web.sealing import Sealer

existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="import")
def import_() -> None:
    """Bring in an instrument, or responses from a table."""


@import_.command()
@click.argument("file", type=existing_file)
def instrument(file: Path) -> None:
    """Publish an instrument from a JSON file, after proofing it."""
    from survey.cli.designing import publish_file

    click.echo(asyncio.run(publish_file(given_settings(), file)))


@import_.command()
@click.option("--survey", "slug", required=True, help="Which survey, for example gov-sat.")
@click.option("--wave", required=True, help="Which wave of it, for example 2026H2.")
@click.option("--map", "mapping", type=existing_file, help="What the columns hold; without it they are named by items.")
@click.argument("file", type=existing_file)
def responses(slug: str, wave: str, mapping: Path | None, file: Path) -> int:
    """Bring in responses from a CSV, XLSX or Parquet file; a second time adds nothing."""
    try:
        result = asyncio.run(_responses(given_settings(), Job(slug, wave, file, mapping)))
    except KeyboardInterrupt:
        click.echo("stopped; what was kept stays, and the same command goes on from there", err=True)
        raise
    click.echo(result.summary())
    for line in result.remarks():
        click.echo(line, err=True)
    return 1 if result.rejected and not result.kept + result.known else 0


async def _responses(settings: Settings, job: Job) -> Result:
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # rows are many small objects, and never in cycles
    async with connected(settings) as conn:
        return await import_table(conn, Sealer(secret_key(settings)), job, progress=_progress)


@contextlib.contextmanager
def _progress(table: Table) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal; nothing where the output goes to a file."""
    if not sys.stderr.isatty():
        yield lambda row: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=table.total or None)

        yield lambda row: bar.update(task, completed=table.done() or row, description=f"row {row}")
