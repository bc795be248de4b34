"""Row predicates and weights as R writes them, and pandas: `btn<1005 & gender %in% c('a','b')`, `ifelse(x>2,1.4,.8)`.

A missing value makes a comparison false.
"""

import ast
import math
import re
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

Column = list[str | None]


class Source(Protocol):
    """Columns of text that may be numbers."""

    columns: dict[str, Column]

    def numbers(self, name: str) -> np.ndarray: ...

    def text(self, name: str) -> np.ndarray: ...


PYTHON = (
    (r"%in%", " in "),
    (r"&+", " and "),
    (r"\|+", " or "),
    (r"!(?!=)|~", " not "),
    (r"\^", "**"),
    (r"(\d+)\s*:\s*(\d+)", r"seq(\1,\2)"),
    (r"\b(is|as)\.(\w+)", r"\1_\2"),
    (r"\bTRUE\b", "True"),
    (r"\bFALSE\b", "False"),
)
QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")


def value_of(expression: str, rows: Source) -> Any:
    """What an expression says of each row."""
    parts = QUOTED.split(expression.strip())
    for i in range(0, len(parts), 2):
        for written, meant in PYTHON:
            parts[i] = re.sub(written, meant, parts[i])
    return _value(ast.parse("".join(parts).strip(), mode="eval").body, rows)


def _value(node: ast.expr, rows: Source) -> Any:
    kind = VALUES.get(type(node))
    if kind is None:
        raise ValueError(f"cannot evaluate {ast.dump(node)}")
    return kind(node, rows)


def _name(node: ast.Name, rows: Source) -> Any:
    column = rows.columns[node.id]
    return rows.numbers(node.id) if all(numeric(v) for v in column) else rows.text(node.id)


def _compare(node: ast.Compare, rows: Source) -> Any:
    terms = [_value(v, rows) for v in (node.left, *node.comparators)]
    found = [COMPARE[type(op)](a, b) for op, a, b in zip(node.ops, terms, terms[1:], strict=False)]
    return np.logical_and.reduce([np.asarray(f, dtype=bool) for f in found])


def _bool(node: ast.BoolOp, rows: Source) -> Any:
    parts = np.broadcast_arrays(*(np.asarray(_value(v, rows), dtype=bool) for v in node.values))
    return np.logical_and.reduce(parts) if isinstance(node.op, ast.And) else np.logical_or.reduce(parts)


def _unary(node: ast.UnaryOp, rows: Source) -> Any:
    inner = _value(node.operand, rows)
    if isinstance(node.op, ast.Not):
        return np.logical_not(np.asarray(inner, dtype=bool))
    return -_number(inner) if isinstance(node.op, ast.USub) else inner


def _call(node: ast.Call, rows: Source) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in CALLS:
        raise ValueError(f"cannot evaluate {ast.dump(node)}")
    return CALLS[name](*(_value(a, rows) for a in node.args))


def _index(node: ast.Subscript, rows: Source) -> Any:
    """`c(.8,.9)[age]`: R counts from 1."""
    values, which = np.asarray(_value(node.value, rows)), np.asarray(_value(node.slice, rows))
    return values[which.astype(int) - 1]


def _equal(a: Any, b: Any) -> np.ndarray:
    first, second = np.broadcast_arrays(np.asarray(a, dtype=object), np.asarray(b, dtype=object))
    return np.array([same(x, y) for x, y in zip(first.ravel(), second.ravel(), strict=True)]).reshape(first.shape)


def _unequal(a: Any, b: Any) -> np.ndarray:
    return np.asarray(~_equal(a, b) & ~_missing(a) & ~_missing(b))


def _among(a: Any, b: Any) -> np.ndarray:
    first = np.asarray(a, dtype=object)
    return np.array([any(same(x, y) for y in np.atleast_1d(b)) for x in first.ravel()]).reshape(first.shape)


def _missing(a: Any) -> np.ndarray:
    values = np.asarray(a, dtype=object)
    return np.array([v is None or (isinstance(v, float) and math.isnan(v)) for v in values.ravel()]).reshape(
        values.shape
    )


def _number(a: Any) -> Any:
    return np.asarray(a, dtype=np.float64)


VALUES: dict[type, Callable[[Any, Source], Any]] = {
    ast.Constant: lambda node, rows: node.value,
    ast.Name: _name,
    ast.Compare: _compare,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Call: _call,
    ast.Subscript: _index,
    ast.BinOp: lambda node, rows: ARITHMETIC[type(node.op)](
        _number(_value(node.left, rows)), _number(_value(node.right, rows))
    ),
    ast.List: lambda node, rows: [_value(v, rows) for v in node.elts],
    ast.Tuple: lambda node, rows: [_value(v, rows) for v in node.elts],
}
COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: _equal,
    ast.NotEq: _unequal,
    ast.Lt: lambda a, b: _number(a) < _number(b),
    ast.LtE: lambda a, b: _number(a) <= _number(b),
    ast.Gt: lambda a, b: _number(a) > _number(b),
    ast.GtE: lambda a, b: _number(a) >= _number(b),
    ast.In: _among,
    ast.NotIn: lambda a, b: ~_among(a, b),
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
CALLS: dict[str, Callable[..., Any]] = {
    "c": lambda *values: list(values),
    "seq": lambda low, high: list(range(low, high + 1)),
    "ifelse": np.where,
    "is_na": _missing,
    "as_numeric": _number,
    "as_integer": lambda a: np.trunc(_number(a)),
    "floor": lambda a: np.floor(_number(a)),
    "abs": lambda a: np.abs(_number(a)),
    "sqrt": lambda a: np.sqrt(_number(a)),
    "log": lambda a: np.log(_number(a)),
    "pmin": np.minimum,
    "pmax": np.maximum,
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
