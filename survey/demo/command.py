"""`survey demo`: the whole service with something to look at."""

import asyncio
import os
from pathlib import Path

import click
from msgspec.structs import replace

from survey.cli.running import database, given_settings, secret_key
from survey.cli.serving import Port, address, listening, run, until_stopped
from survey.demo.loading import prepare


@click.command()
@click.option("--port", type=Port, help="Port to listen on. [SURVEY_PORT, else 8000]")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=True),
    help="Where the database is kept. [SURVEY_DATA_DIR, else var]",
)
def demo(port: int | None, data_dir: Path | None) -> None:
    """Show it: a database, the shipped surveys and demo answers once, then the service until Ctrl-C."""
    settings = given_settings(port=port, data_dir=data_dir)
    if not os.environ.get("SURVEY_LOG_LEVEL"):
        settings = replace(settings, log_level="warning")  # what is printed here is for people
    with until_stopped(), listening(settings) as listener, database(settings) as running:
        settings = replace(settings, database_url=running.url, secret_key=secret_key(settings))
        lines = asyncio.run(prepare(settings, tell=click.echo))
        here = address(settings, listener)
        run(settings, running, listener, 1, [line.replace("{address}", here) for line in lines])
