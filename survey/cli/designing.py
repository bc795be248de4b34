"""`survey proof`, and publishing an instrument from a file."""

import importlib.util
from pathlib import Path

import click
import msgspec

from survey.cli.running import connected
from survey.errors import Refused
from survey.settings import Settings

SHOWN = 5


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def proof(files: tuple[Path, ...]) -> int:
    """Check instrument files: a line for each flaw, with its place; exit code 1 when there is one."""
    flaws = [f"{file}: {flaw}" for file in files for flaw in flaws_in(file, _text(file))]
    for flaw in flaws:
        click.echo(flaw)
    return 1 if flaws else 0


def flaws_in(file: Path, text: str) -> list[str]:
    """What is wrong with a definition, a line each."""
    if importlib.util.find_spec("survey.forms.proofing") is not None:
        from survey.forms.proofing import proof_text

        return [str(flaw) for flaw in proof_text(text)]
    from survey.forms.instrument import Instrument

    try:
        msgspec.json.decode(text, type=Instrument)
    except msgspec.MsgspecError as error:
        return [str(error)]
    return []


async def publish_file(settings: Settings, file: Path) -> str:
    """Publish a definition that has no flaw; a line that says so."""
    from survey.db.surveys import publish

    if file.suffix.lower() == ".xlsx":
        raise Refused(f"{file}: instruments in XLSX are not supported yet; give the JSON file")
    text = _text(file)
    flaws = flaws_in(file, text)
    if flaws:
        more = f"; and {len(flaws) - SHOWN} more, see `survey proof`" if len(flaws) > SHOWN else ""
        raise Refused(f"{file}: {'; '.join(flaws[:SHOWN])}{more}")
    async with connected(settings) as conn, conn.transaction():
        published = await publish(conn, text)
    return f"{published.survey} version {published.version} is published, sha256 {published.sha256.hex()}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeError:
        raise Refused(f"{file}: not a UTF-8 text") from None
