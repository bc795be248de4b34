"""Rows of a reference data set: a CSV file, filtered and completed as a case asks."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.reference.expressions import Column, numeric, same, value_of

__all__ = ["Column", "Rows", "numeric", "same", "sorted_levels"]


class Rows:
    """Columns of text; an empty field is missing."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = dict(columns)
        self.size = len(next(iter(self.columns.values()), []))

    @classmethod
    def read(cls, path: Path) -> "Rows":
        with path.open(newline="", encoding="utf-8") as file:
            records = list(csv.reader(file))
        return cls({name: [row[i] or None for row in records[1:]] for i, name in enumerate(records[0])})

    @classmethod
    def of(cls, source: Mapping[str, Any], folder: Path) -> "Rows":
        """The rows a case's `source` describes."""
        rows = cls.read(folder / "data" / source["csv"])
        chosen = source.get("filter") or {}
        if isinstance(chosen, str):
            return rows.keep(rows.evaluate(chosen)).complete(source.get("drop_na") or [])
        for name, allowed in chosen.items():
            values = allowed if isinstance(allowed, list) else [allowed]
            rows = rows.keep([v is not None and any(same(v, a) for a in values) for v in rows.columns[name]])
        return rows.complete(source.get("drop_na") or [])

    def keep(self, mask: Iterable[bool]) -> "Rows":
        chosen = [i for i, flag in enumerate(mask) if flag]
        return Rows({name: [column[i] for i in chosen] for name, column in self.columns.items()})

    def complete(self, names: str | list[str]) -> "Rows":
        wanted = [names] if isinstance(names, str) else names
        return self.keep([all(self.columns[n][i] is not None for n in wanted) for i in range(self.size)])

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats; missing is NaN."""
        return np.array([np.nan if v is None else float(v) for v in self.columns[name]])

    def matrix(self, names: list[str]) -> np.ndarray:
        return np.column_stack([self.numbers(n) for n in names])

    def text(self, name: str) -> np.ndarray:
        return np.array(self.columns[name], dtype=object)

    def table(self, source: Mapping[str, Any]) -> list[list[float]]:
        """Row levels by column levels."""
        rows = self.complete([source["row"], source["col"]])
        weights = rows.numbers(source["freq"]) if source.get("freq") else np.ones(rows.size)
        result = np.zeros((len(source["row_levels"]), len(source["col_levels"])))
        for r, c, w in zip(rows.columns[source["row"]], rows.columns[source["col"]], weights, strict=True):
            i = [k for k, level in enumerate(source["row_levels"]) if same(r, level)]
            j = [k for k, level in enumerate(source["col_levels"]) if same(c, level)]
            if i and j:
                result[i[0], j[0]] += w
        return result.tolist()

    def evaluate(self, expression: str) -> np.ndarray:
        """A row predicate or weight expression, as R and pandas write it."""
        return np.array(np.broadcast_to(value_of(expression, self), (self.size,)))


def sorted_levels(column: Column) -> list[str]:
    """Distinct values in the order of R's `factor`."""
    levels = {v for v in column if v is not None}
    return sorted(levels, key=float if all(numeric(v) for v in levels) else _collated)


def _collated(level: str) -> tuple[list[tuple[int, str]], str]:
    """As R sorts text in any language's locale: signs, digits, letters; capitals after their small letters."""
    letters = [(2 if c.isalpha() else 1 if c.isdigit() else 0, c.casefold()) for c in level]
    return letters, level.swapcase()
