"""`survey migrate`, `survey user` and `survey doctor`."""

import asyncio

import click

from survey.cli.running import connected, connection, database, given_settings
from survey.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database schema up to date; makes the embedded database when there is none."""
    for name in asyncio.run(_migrate(given_settings())) or ["nothing to do, the schema is current"]:
        click.echo(name)


async def _migrate(settings: Settings) -> list[str]:
    from survey.db.migrate import migrate as apply_pending

    with database(settings) as running:
        async with connection(running.url) as conn:
            return await apply_pending(conn)


@click.group()
def user() -> None:
    """Open accounts for evaluators, administrators, and clerks who type paper in."""


@user.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["evaluator", "administrator", "clerk"]), required=True, help="What it may do."
)
def add(name: str, role: str) -> None:
    """Open an account and print its token, which nobody can look up later."""
    if not name.strip():
        raise click.UsageError("An account needs a name.")
    token = asyncio.run(_add(given_settings(), name.strip(), role))
    click.echo(f"{role} token: {token}")


async def _add(settings: Settings, name: str, role: str) -> str:
    from survey.db.accounts import insert_account

    async with connected(settings) as conn:
        return await insert_account(conn, name, role)


@click.command()
def doctor() -> int:
    """Check the set-up, say what to mend; exit code 1 when there is something."""
    from survey.cli.checking import check

    findings = check(given_settings())
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_well else 'MEND'}  {finding.subject}: {finding.text}")
    return 0 if all(finding.is_well for finding in findings) else 1
