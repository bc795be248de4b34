"""`make bench`: one table, each figure beside what it can be judged by, in one run on one machine.

The server's rates stand beside pgbench and the same server doing less, results from counts beside scipy on the answers.
`python -m bench growing filling` measures these parts alone.
"""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from bench import counting, filling, freshness, growing, methods, moving, submitting

RESULTS = Path(__file__).parent / "results.json"


class Part(Protocol):
    """What is measured together."""

    def measure(self) -> Any:
        """Run it."""

    def rows(self, measured: Any) -> Iterable[tuple[str, ...]]:
        """The figures as rows of the table: name, a second, ratio, p50, p99, remarks."""

    def summary(self, measured: Any) -> object:
        """The same for programs."""


PARTS: dict[str, Part] = {
    "submitting": submitting,
    "methods": methods,
    "filling": filling,
    "freshness": freshness,
    "counting": counting,
    "moving": moving,
    "growing": growing,
}
NOTES = f"""\
Ratio of the server's rates: to the empty handler. Ratio of summaries: the database's time for the same counts to
ours. Ratio of a new wave: its time beside other waves to its time beside none. Ratio of methods: scipy's time on the
answers to ours on counts of {methods.ANSWERS:,} answers; in brackets, with the time it takes to count them. Ratio of
forms over a weak line: their time to what the line alone must take for the same pages."""


def main(wanted: Sequence[str]) -> None:
    """Measure and report: one table for people, one file for programs."""
    if unknown := set(wanted) - set(PARTS):
        raise SystemExit(f"There is no part {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}.")
    table = Table("figure", "a second", "ratio", "p50 ms", "p99 ms", "remarks")
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "connections": submitting.CONNECTIONS}
    written: dict[str, object] = {"machine": machine}
    for name in wanted or PARTS:
        part = PARTS[name]
        print(f"measuring: {name}", file=sys.stderr)
        measured = part.measure()
        table.add_section()
        for row in part.rows(measured):
            table.add_row(*row)
        written[name] = part.summary(measured)
        RESULTS.write_text(json.dumps(written, indent=2), encoding="utf-8")
    Console().print(table)
    print(NOTES)


if __name__ == "__main__":
    main(sys.argv[1:])
