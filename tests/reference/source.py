"""Rows of a reference data set: a CSV file, filtered and completed as a case asks."""

import ast
import csv
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Column = list[str | None]


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
        for name, allowed in (source.get("filter") or {}).items():
            values = allowed if isinstance(allowed, list) else [allowed]
            rows = rows.keep([any(same(v, a) for a in values) for v in rows.columns[name]])
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
        text = re.sub(r"(?<![&])&(?![&])", " and ", re.sub(r"(?<![|])\|(?![|])", " or ", expression))
        return np.asarray(self._value(ast.parse(text, mode="eval").body))

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            column = self.columns[node.id]
            return self.numbers(node.id) if all(numeric(v) for v in column) else self.text(node.id)
        if isinstance(node, ast.Compare):
            return COMPARE[type(node.ops[0])](self._value(node.left), self._value(node.comparators[0]))
        if isinstance(node, ast.BinOp):
            return ARITHMETIC[type(node.op)](self._value(node.left), self._value(node.right))
        if isinstance(node, ast.BoolOp):
            parts = [np.asarray(self._value(v)) for v in node.values]
            return np.logical_and.reduce(parts) if isinstance(node.op, ast.And) else np.logical_or.reduce(parts)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ifelse":
            return np.where(*(self._value(a) for a in node.args))
        raise ValueError(f"cannot evaluate {ast.dump(node)}")


COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: np.array([same(x, b) for x in a]),
    ast.NotEq: lambda a, b: np.array([not same(x, b) for x in a]),
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def numeric(value: str | None) -> bool:
    """Missing or a number."""
    if value is None:
        return True
    try:
        float(value)
    except ValueError:
        return False
    return True


def same(value: Any, other: Any) -> bool:
    """Equal as text or as numbers: CSV has only text."""
    if value is None or other is None:
        return value is other
    if str(value) == str(other):
        return True
    try:
        return float(value) == float(other)
    except ValueError:
        return False


def sorted_levels(column: Column) -> list[str]:
    """Distinct values, numbers by size, text by code point."""
    levels = {v for v in column if v is not None}
    return sorted(levels, key=float) if all(numeric(v) for v in levels) else sorted(levels)
