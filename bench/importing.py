"""How many rows of a table a second are imported, and how many PostgreSQL copies into the same table by itself."""

import csv
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import numpy as np

from bench import command
from bench.serving import SURVEY, WAVE

ROUNDS = 3
ROWS = 1_000_000
PIECE = 100_000
GOAL = 0.3

COLUMNS = (
    *("form", "Q0", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9"),
    *("Q10", "Q11", "Q12", "Q13", "Q14", "D1", "D2", "D3", "D4", "Z1"),
)
LEVELS = [5, 4, 3, 2, 1, 98, 99]
SHARES = [0.45, 0.3, 0.12, 0.05, 0.03, 0.02, 0.03]
ROUTED = {"Q5": {2, 4, 5, 6}, "Q9": {1, 3, 6}, "Q10": {1, 3, 6}, "Q11": {2, 4, 6}}
"""Which channels (Q2) these questions are asked about."""
REMARKS = (
    "窗口排队太久，希望增加人手",
    "材料要求前后不一致，跑了三趟",
    "网上系统打不开",
    "The staff were friendly",
    "很好",
)


class Importing(NamedTuple):
    """Rows a second, round by round: imported, and copied bare; the most memory that an import held, in MiB."""

    imported: list[float]
    copied: list[float]
    peak_mebibytes: float


async def measure(conn: asyncpg.Connection, url: str, folder: Path) -> Importing:
    """Import a table and copy what came of it, by turns; the rows of the last copy stay."""
    write_table(folder / "people.csv", ROWS)
    imported, copied, peak = [], [], 0.0
    for _ in range(ROUNDS):
        await conn.execute("TRUNCATE response")
        done = import_table(url, WAVE, folder / "people.csv")
        imported.append(ROWS / done.seconds)
        peak = max(peak, done.peak_mebibytes)
        copied.append(await _copy(conn, folder / "rows"))
    return Importing(imported, copied, peak)


def import_table(url: str, wave: str, table: Path) -> command.Done:
    """Import a table by the command, and see to it that nearly all its rows were kept."""
    mapping = table.with_suffix(".json")
    mapping.write_text('{"id": "form", "columns": {%s}}' % ", ".join(f'"{name}": "{name}"' for name in COLUMNS[1:]))  # noqa: UP031
    done = command.run(url, "import", "responses", "--survey", SURVEY, "--wave", wave, "--map", mapping, table)
    kept, _, known, _, _, rejected, _ = done.out.split()
    if int(known) or not 0 < int(rejected) < 0.01 * int(kept):
        raise SystemExit(f"the import said: {done.out}")
    return done


async def _copy(conn: asyncpg.Connection, path: Path) -> float:
    """Rows a second of a bare COPY of the table's rows into the table."""
    await conn.copy_from_table("response", output=path, format="binary", timeout=600)
    rows = await conn.fetchval("SELECT count(*) FROM response")
    await conn.execute("TRUNCATE response")
    began = time.perf_counter()
    await conn.copy_to_table("response", source=path, format="binary", timeout=600)
    return float(rows) / (time.perf_counter() - began)


def write_table(path: Path, rows: int) -> None:
    """A CSV file of people: one in ten has written something, a few answered off their path, 0.3 % are wrong."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for start in range(0, rows, PIECE):
            writer.writerows(_people(start, min(PIECE, rows - start)))


def _people(start: int, n: int) -> Iterator[tuple[object, ...]]:
    draw = np.random.default_rng(start)

    def some(codes: list[Any], shares: list[float] | None = None) -> Any:
        return np.array(codes, dtype=object)[draw.choice(len(codes), n, p=shares)]

    people = {"form": [f"F{number:07d}" for number in range(start, start + n)]}
    people |= {"Q0": some([1, 0], [0.99, 0.01]), "Q1": some([1, 2, 3]), "Q2": some([1, 2, 3, 4, 5, 6])}
    people |= {item: some(LEVELS, SHARES) for item in ("Q3", "Q4", "Q5", "Q6", "Q9", "Q11")}
    people |= {"Q7": some([0, 1, 2, 3, 5, 99]), "Q8": some([0, 1, 2, 4], [0.6, 0.25, 0.1, 0.05])}
    people |= {"Q10": some([1, 2, 3, 4, 99]), "Q12": some(["1", "1;4", "2;3;5", "7", "96"]), "Q14": some([1, 0])}
    people |= {"D1": some([1, 2, 3, 4, 5, 6, 7, 97]), "D2": some([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 97])}
    people |= {"D3": some([1, 2, 3, 97]), "D4": some([1, 2, 3, 4]), "Z1": some([1, 0, 97])}
    for item, channels in ROUTED.items():
        people[item][~np.isin(people["Q2"].astype(int), list(channels))] = ""
    unhappy = np.any([np.isin(people[item], [1, 2]) for item in ("Q3", "Q4", "Q5", "Q6", "Q9", "Q11")], axis=0)
    people["Q12"][~(unhappy | (people["Q8"] == 4))] = ""
    people["Q14"][~np.isin(people["Q3"], [1, 2])] = ""
    people["Q4"][draw.random(n) < 0.003] = 7
    people["Q13"] = some(["", *REMARKS], [0.9, *[0.1 / len(REMARKS)] * len(REMARKS)])
    people["Q13"] += np.where(people["Q13"] != "", draw.integers(0, 10_000, n).astype(str).astype(object), "")
    return zip(*(people[name] for name in COLUMNS), strict=True)


def ratio(importing: Importing) -> float:
    """Of the rows a second that a bare copy makes, the part that an import makes."""
    return statistics.median(a / b for a, b in zip(importing.imported, importing.copied, strict=True))


def rows(importing: Importing) -> Iterator[tuple[str, ...]]:
    """The rates for people."""
    reached = ratio(importing)
    remark = f"{'at least' if reached >= GOAL else 'BELOW'} {GOAL:g}; {importing.peak_mebibytes:.0f} MiB at most"
    rate = statistics.median(importing.imported)
    yield f"import of {ROWS:,} rows / bare COPY", f"{rate:,.0f}", f"{reached:.2f}", "", "", remark
    yield "bare COPY of the same rows", f"{statistics.median(importing.copied):,.0f}", "", "", "", ""


def summary(importing: Importing) -> dict[str, Any]:
    """The rates for programs."""
    return importing._asdict() | {"ratio": ratio(importing), "goal": GOAL}
