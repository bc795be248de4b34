"""`make validity`: simulate every part and write docs/validity.md and docs/validity.svg."""

import multiprocessing
import os
from pathlib import Path

from rich.console import Console
from rich.progress import track

from validity import (
    decision,
    decision_designs,
    designs,
    effects,
    means,
    one_share,
    panels,
    pilots,
    repeated,
    several_groups,
    two_groups,
    two_shares,
    weighted,
)
from validity.picture import picture
from validity.report import report
from validity.scenarios import Part, Row, Scenario, simulate

PARTS: tuple[Part, ...] = (
    one_share.PART,
    two_shares.PART,
    means.PART,
    effects.PART,
    weighted.PART,
    two_groups.PART,
    several_groups.PART,
    panels.PART,
    pilots.PART,
    repeated.PART,
    designs.PART,
    decision.PART,
    decision_designs.PART,
)
"""Every table of the report, in its order. A new part is a module with a `PART` and its name here."""

DOCS = Path(__file__).parents[1] / "docs"
_work: tuple[Scenario, ...] = ()


def _take(work: tuple[Scenario, ...]) -> None:
    global _work
    _work = work


def _run(index: int) -> Row:
    return simulate(_work[index])


def rows_of(parts: tuple[Part, ...]) -> list[tuple[Part, list[Row]]]:
    """All rows of all parts, on all processors; the order and the figures do not depend on how many there are."""
    work = tuple(scenario for part in parts for scenario in part.scenarios)
    # forked, not spawned: the scenarios hold functions that cannot be sent
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _take, (work,)) as pool:
        found = pool.imap(_run, range(len(work)))
        done = iter(list(track(found, "Simulating", total=len(work))))
    return [(part, [next(done) for _ in part.scenarios] + list(part.rows() if part.rows else ())) for part in parts]


def main() -> None:
    """Simulate and write."""
    found = rows_of(PARTS)
    (DOCS / "validity.md").write_text(report(found), encoding="utf-8")
    (DOCS / "validity.svg").write_text(picture([row for _, rows in found for row in rows]), encoding="utf-8")
    Console().print(f"{sum(len(rows) for _, rows in found)} figures in docs/validity.md")


if __name__ == "__main__":
    main()
