"""`survey proof`, and publishing an instrument from a file."""

import contextlib
from pathlib import Path

import click
import msgspec

from survey.cli.running import connected
from survey.db.surveys import publish
from survey.errors import Refused
from survey.forms.instrument import Instrument
from survey.forms.proofing import proof_text
from survey.forms.proofing_simple import advice
from survey.forms.recordings import FILE_NAME, LARGEST, recordings, unusable_files
from survey.settings import Settings

SHOWN = 3


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def proof(files: tuple[Path, ...]) -> int:
    """Check instrument files: a line for each flaw, with its place; exit code 1 when there is one.

    Advice on the simple wording comes after the flaws, marked as such, and leaves the exit code alone.
    """
    flaws = [f"{file}: {flaw}" for file in files for flaw in flaws_in(file)]
    for line in (*flaws, *(f"{file}: {line}" for file in files for line in _advice_on(file))):
        click.echo(line)
    return 1 if flaws else 0


def flaws_in(file: Path) -> list[str]:
    """What is wrong with a definition, a line each: where, and what to do."""
    _refuse_workbook(file)
    instrument, flaws = proof_text(file.read_bytes())
    if instrument is not None:
        flaws += unusable_files(instrument, recorded_beside(file, instrument))
    return [f"{flaw.place}: {flaw.message} [{flaw.code}]" for flaw in flaws]


def recorded_beside(file: Path, instrument: Instrument) -> dict[str, bytes]:
    """The recordings that lie beside a definition; of one that is too large no more than shows it."""
    found = {}
    for name in {one.file for one in recordings(instrument) if FILE_NAME.fullmatch(one.file)}:
        with contextlib.suppress(OSError), file.with_name(name).open("rb") as audio:
            found[name] = audio.read(LARGEST + 1)
    return found


def _advice_on(file: Path) -> list[str]:
    instrument, _ = proof_text(file.read_bytes())
    found = advice(instrument) if instrument is not None else ()
    return [f"{flaw.place}: advice: {flaw.message} [{flaw.code}]" for flaw in found]


async def publish_file(settings: Settings, file: Path) -> str:
    """Publish a definition that has no flaw; a line that says so."""
    flaws = flaws_in(file)
    if flaws:
        more = f"; and {len(flaws) - SHOWN} more, see `survey proof`" if len(flaws) > SHOWN else ""
        raise Refused(f"{file}: {'; '.join(flaws[:SHOWN])}{more}")
    definition = _text(file)
    recorded = recorded_beside(file, msgspec.json.decode(definition, type=Instrument))
    async with connected(settings) as conn, conn.transaction():
        published = await publish(conn, definition, recorded)
    return f"{published.survey} version {published.version} is published, sha256 {published.sha256.hex()}"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _refuse_workbook(file: Path) -> None:
    if file.suffix.lower() == ".xlsx":
        raise Refused(f"{file}: instruments in XLSX are not supported yet; give the JSON file")
