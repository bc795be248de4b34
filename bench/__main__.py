"""`make bench`: one table, each figure beside what it can be judged by, in one run on one machine.

The server's rates stand beside pgbench and the same server doing less, results from counts beside scipy on the answers.
"""

import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import counting, freshness, growing, methods, moving, submitting

RESULTS = Path(__file__).parent / "results.json"


def report(
    submitted: submitting.Submitting,
    fresh: list[float],
    counted: counting.Counting,
    moved: moving.Moving,
    grown: growing.Growing,
    timings: methods.Timings,
) -> None:
    """One table for people, one file for programs."""
    table = Table("figure", "a second", "ratio", "p50 ms", "p99 ms", "remarks")
    for row in submitting.rates(submitted):
        table.add_row(*row)
    parts = (submitting.rows(submitted), freshness.rows(fresh), counting.rows(counted), moving.rows(moved))
    for rows in (*parts, growing.rows(grown), methods.rows(timings)):
        table.add_section()
        for row in rows:
            table.add_row(*row)
    console = Console()
    console.print(table)
    console.print("Ratio of the server's rates: to the empty handler. Ratio of summaries: the database's time for the")
    console.print("same counts to ours. Ratio of a new wave: its time beside other waves to its time beside none.")
    console.print("Ratio of methods: scipy's time on the answers to")
    console.print(f"ours on counts of {timings.answers:,} answers; in brackets, with the time it takes to count them.")
    console.print(f"{submitted.acknowledged:,} submissions acknowledged, {submitted.kept:,} in the database.")
    cores = os.cpu_count()
    machine = {"python": platform.python_version(), "cores": cores, "connections": submitting.CONNECTIONS}
    written = {"machine": machine, "submitting": submitting.summary(submitted)}
    written |= {"counting": counting.figures(counted), "methods": methods.summary(timings)}
    written |= {"moving": moving.summary(moved), "freshness": freshness.summary(fresh)}
    written |= {"growing": growing.summary(grown)}
    RESULTS.write_text(json.dumps(written, indent=2))


def main() -> None:
    """Measure and report."""
    submitted = submitting.measure()
    timings = methods.measure()
    report(submitted, freshness.measure(), counting.measure(), moving.measure(), growing.measure(), timings)


if __name__ == "__main__":
    main()
