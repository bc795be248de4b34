"""Runs all cases of a folder (`cases.json`, `sdc_cases.json`, `data/`) and says which agree."""

import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.reference import answers_counts, answers_groups, answers_rows, answers_weighted
from tests.reference.agreement import disagreements
from tests.reference.disclosure import check_suppression
from tests.reference.registry import METHODS, Case
from tests.reference.source import Rows

__all__ = ["answers_counts", "answers_groups", "answers_rows", "answers_weighted", "load", "run", "verdicts"]
Disagreements = list[tuple[str, Any, Any]]


def load(folder: Path) -> list[dict[str, Any]]:
    """All cases of a folder, disclosure cases last."""
    cases: list[dict[str, Any]] = []
    for name in ("cases.json", "sdc_cases.json"):
        if (folder / name).exists():
            cases.extend(json.loads((folder / name).read_text(encoding="utf-8")))
    return cases


def verdicts(case: dict[str, Any], folder: Path) -> Iterator[tuple[str, Disagreements]]:
    """('table' or 'rows', disagreements) for each way in which the case can be computed."""
    if case["method"] == "sdc_suppression":
        yield "table", check_suppression(case)
        return
    answer, inputs = METHODS[case["method"]], case["inputs"]
    source = inputs.get("source")
    rows = Rows.of(source, folder) if source else None
    yield "table", _compared(answer(Case(inputs, folder, rows)), case)
    if source and rows is not None and "table" in inputs and "row" in source:
        rebuilt = inputs | {"table": rows.table(source)}
        yield "rows", _compared(answer(Case(rebuilt, folder, rows)), case)


def _compared(got: dict[str, Any], case: dict[str, Any]) -> Disagreements:
    return list(disagreements(got, case["expected"], case["tolerance"]))


def run(folder: Path) -> int:
    """Print a line per case and the sum; 1 when a case failed."""
    passed = failed = 0
    for case in load(folder):
        name = f"{case['id']} ({case['method']})"
        if case["method"] not in METHODS and case["method"] != "sdc_suppression":
            print(f"not supported  {name}")
            failed += 1
            continue
        try:
            found = [(way, d) for way, ds in verdicts(case, folder) for d in ds]
        except Exception as error:  # a runner reports every case, whatever happens in one
            print(f"differs        {name}: {type(error).__name__}: {error} at {_where(error)}")
            failed += 1
            continue
        print(f"{'differs' if found else 'agrees':14} {name}")
        for way, (field, got, expected) in found:
            print(f"    from {way}: {field}: got {got!r}, expected {expected!r}")
        passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _where(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
