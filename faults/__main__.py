"""`make faults`: break the running service under load, one fault after the other, and count what is left.

Exit code 1 when anything that was acknowledged is missing, anything is there twice, or a count is wrong.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from rich.console import Console
from rich.table import Table

from faults.disk import CannotMount
from faults.kinds import BESIDE, EMBEDDED, ON_SMALL_DISK, Fault
from faults.rehearsal import Outcome, Place, beside, embedded, on_small_disk, rehearse

WIDTH = 132
LEGEND = """\
found: acknowledged and in the database, with its receipt and the hash of what was sent
double: there more than once, or sent by nobody. open: never acknowledged; kept: of those, in the database (once)
replayed: acknowledged only when sent again, as there already. refused: replies that acknowledge nothing, by status
cut: tries that ended without a reply. seconds: from the end of the cause until answers came again"""

Make = Callable[[Sequence[str]], AbstractAsyncContextManager[Place]]


def run(faults: Sequence[Fault], make: Make, console: Console) -> list[Outcome]:
    """Rehearse faults in one place; a place that the machine does not grant is no failure."""
    try:
        return asyncio.run(_run(faults, make, console))
    except CannotMount as error:
        return [Outcome(fault, None, reason=f"not run: {error}", was_run=False) for fault in faults]


async def _run(faults: Sequence[Fault], make: Make, console: Console) -> list[Outcome]:
    """One fault after the other, each with a wave of its own."""
    waves = [f"fault-{number}" for number, _ in enumerate(faults, start=1)]
    outcomes = []
    async with make(waves) as place:
        for fault, wave in zip(faults, waves, strict=True):
            console.print(f"… {fault.name}")
            outcomes.append(await rehearse(fault, place, wave))
    return outcomes


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """One table, and what its columns mean."""
    table = Table("fault")
    for heading in (
        "acknowledged",
        "found",
        "missing",
        "double",
        "open",
        "kept",
        "replayed",
        "refused",
        "cut",
        "seconds",
    ):
        table.add_column(heading, justify="right")
    for outcome in outcomes:
        table.add_row(outcome.fault.name, *_cells(outcome), style="" if outcome.is_well else "bold red")
    console.print(table)
    console.print(LEGEND)
    for outcome in outcomes:
        if outcome.reason:
            console.print(f"{outcome.fault.name}: {outcome.reason}")
        for disagreement in outcome.account.disagreements if outcome.account else ():
            console.print(f"{outcome.fault.name}: the summary says {disagreement}")


def _cells(outcome: Outcome) -> list[str]:
    account = outcome.account
    if account is None:
        return ["–"] * 10
    counts = (
        account.acknowledged,
        account.found,
        account.missing,
        account.double,
        account.unacknowledged,
        account.kept_unacknowledged,
        account.replayed,
    )
    refused = ", ".join(f"{n:,} x {status}" for status, n in account.refused.items()) or "0"
    return [*(f"{count:,}" for count in counts), refused, f"{account.lost:,}", f"{outcome.seconds:.1f}"]


def main() -> int:
    """Rehearse, report, and say by the exit code whether all is well."""
    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=WIDTH)
    places = ((EMBEDDED, embedded), (BESIDE, beside), (ON_SMALL_DISK, on_small_disk))
    outcomes = [outcome for faults, make in places for outcome in run(faults, make, console)]
    show(outcomes, console)
    return 0 if all(outcome.is_well for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
