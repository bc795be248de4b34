"""The command line: which commands there are, and how each of them ends.

Exit codes: 0 done, 1 the input was refused, 2 usage, 3 the service or database was not reachable. What went wrong is
one line on standard error. Commands are imported when they are called, so that `survey --help` answers at once.
"""

import importlib.util
import os
import signal
import sys
from typing import NamedTuple

import click

from survey.errors import Busy, CannotStart, SurveyError

REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


class Lazy(NamedTuple):
    """Where a command is, and what it does in a line."""

    module: str
    name: str
    help: str


COMMANDS = {
    "demo": Lazy("survey.demo.command", "demo", "Show it: a database, the shipped surveys, demo answers, a server."),
    "serve": Lazy("survey.cli.serving", "serve", "Run the service."),
    "migrate": Lazy("survey.cli.upkeep", "migrate", "Bring the database schema up to date."),
    "proof": Lazy("survey.cli.designing", "proof", "Check instrument files, a line for each flaw."),
    "import": Lazy("survey.cli.importing", "import_", "Bring in an instrument, or responses from a table."),
    "invite": Lazy("survey.cli.inviting", "invite", "Make links that can be used once, and say whom to remind."),
    "export": Lazy("survey.cli.exporting", "export", "Write responses to a CSV, XLSX, Parquet or SPSS file."),
    "summary": Lazy("survey.cli.results", "summary", "Sum up a wave: distributions, indices, rates."),
    "compare": Lazy("survey.cli.results", "compare", "Compare groups or waves by the test that fits."),
    "break-off": Lazy("survey.cli.stopping", "break_off", "Say how many began and did not submit, and where."),
    "user": Lazy("survey.cli.upkeep", "user", "Open accounts for evaluators and administrators."),
    "reconcile": Lazy("survey.cli.reconciling", "reconcile", "Hold the figures against a recount of the responses."),
    "doctor": Lazy("survey.cli.upkeep", "doctor", "Check the set-up and say what to mend."),
}


class Program(click.Group):
    """A group of commands that are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is None or importlib.util.find_spec(lazy.module) is None:
            return None
        command = getattr(importlib.import_module(lazy.module), lazy.name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in COMMANDS.items()])


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="survey-service", message="%(version)s")
def program() -> None:
    """A survey service for public bodies: ask, keep, compute, compare.

    Settings come from the environment: SURVEY_DATABASE_URL, SURVEY_DATA_DIR, SURVEY_SECRET_KEY, SURVEY_BASE_URL,
    SURVEY_HOST, SURVEY_PORT, SURVEY_LOG_LEVEL. Without a database URL a private PostgreSQL runs in the data folder.
    """


def main() -> None:
    """Run a command and end with its exit code."""
    _end_cleanly()
    sys.exit(run(sys.argv[1:]))


def _end_cleanly() -> None:
    """Let whoever ends us otherwise do what Ctrl-C does: the command clears away what it has begun."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup has closed terminals ignored
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


def run(arguments: list[str]) -> int:
    """Run a command; the exit code, after a line on standard error when something is wrong."""
    try:
        code = program.main(arguments, prog_name="survey", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (click.ClickException, SurveyError, OSError) as error:
        return _tell(error)
    except Exception as error:
        if _is_database_away(error):
            return _tell(CannotStart(f"The database went away: {error}. Start it, then run the command again."))
        raise
    return code if isinstance(code, int) else 0


def _tell(error: Exception) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return USAGE
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "survey"
    click.echo(f"{where}: {' '.join(text.split())}", err=True)
    if isinstance(error, click.ClickException):
        return error.exit_code
    if isinstance(error, ConnectionError | TimeoutError):
        return UNREACHABLE
    return UNREACHABLE if isinstance(error, CannotStart | Busy) else REFUSED


def _is_database_away(error: Exception) -> bool:
    """Whether asyncpg lost its connection; asyncpg is looked at only where it is loaded already."""
    asyncpg = sys.modules.get("asyncpg")
    if asyncpg is None:
        return False
    away = (
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
    )
    return isinstance(error, away)
