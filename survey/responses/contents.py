"""What `content_hash` hashes, for many at once: canonical JSON put together from the JSON of distinct values."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from survey.forms.each import Each
from survey.responses.cells import text_of


def objects(columns: Mapping[str, Each[Any]], n: int) -> list[bytes]:
    """What each of n respondents has as a JSON object with sorted keys; None is left out.

    >>> from survey.forms.each import each_of
    >>> objects({"Q2": each_of([[1, 4], None]), "Q1": each_of([5, 5])}, 2)
    [b'{"Q1":5,"Q2":[1,4]}', b'{"Q1":5}']
    """
    members = (columns[name].map(lambda value: _member(name, value)) for name in sorted(columns))  # noqa: B023 - at once
    return [b"{%b}" % row for row in _joined(members, n)]


def pairs(cells: Mapping[str, Each[object]], n: int) -> list[bytes]:
    """What makes each of n rows the row it is, as JSON: `content_of` of their cells.

    >>> from survey.forms.each import each_of
    >>> pairs({"b": each_of([2.0, 1]), "a": each_of(["x", ""])}, 2)
    [b'[["a","x"],["b","2"]]', b'[["b","1"]]']
    """
    parts = (cells[column].map(lambda cell: _pair(column, text_of(cell))) for column in sorted(cells))  # noqa: B023
    return [b"[%b]" % row for row in _joined(parts, n)]


def _member(name: str, value: object) -> bytes:
    return b"" if value is None else msgspec.json.encode({name: value}, order="deterministic")[1:-1]


def _pair(column: str, text: str) -> bytes:
    return msgspec.json.encode((column, text)) if text else b""


def _joined(columns: Iterable[Each[bytes]], n: int) -> list[bytes]:
    rows = list(zip(*(column.every() for column in columns), strict=True)) or [()] * n
    return [b",".join(filter(None, row)) for row in rows]
