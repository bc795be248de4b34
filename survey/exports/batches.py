"""Packed responses as record batches: every column at once, by a table of 256 cells."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from survey.exports.variables import Coded, NumberVariable, TextVariable, Variable
from survey.forms.items.base import Scalar
from survey.responses.exporting import ANSWERED, Packed, Texts

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""Texts that a spreadsheet would take for a formula; full-width signs count where Chinese and Japanese are typed."""
_DASHES = {8: 9, 12: 14, 16: 19, 20: 24}
"""Where the groups of a UUID's 32 digits begin in its text of 36 characters."""

HELPERS = ("helper", "answered_by")
"""The columns of who helped, as `survey.responses.exporting.HELPER` has them."""


def guard_of(columns: Sequence[Variable], *, formulas: bool) -> str:
    """The texts that get an apostrophe in front: formulas; elsewhere only what would be read as a missing state."""
    if formulas:
        return FORMULA
    states = {str(cell) for column in columns if isinstance(column, TextVariable) for cell in column.cells}
    return f"^({'|'.join(sorted(map(re.escape, states)))})$"


def schema_of(columns: Sequence[Variable]) -> pa.Schema:
    """The names and types of the columns."""
    return pa.schema([pa.field(column.name, _type(column)) for column in columns])


def _type(column: Variable) -> pa.DataType:
    match column:
        case Coded(cells=cells):
            return pa.string() if any(isinstance(cell, str) for cell in cells) else pa.int64()
        case NumberVariable(whole=whole):
            return pa.int64() if whole else pa.float64()
        case Variable(source="received_at"):
            return pa.timestamp("us", tz="UTC")
        case Variable(source="synthetic"):
            return pa.int64()
        case _:
            return pa.string()


def record_batch(
    columns: Sequence[Variable], packed: Packed, *, wave: str, levels: dict[str, tuple[str, ...]], guard: str
) -> pa.RecordBatch:
    """A chunk of responses as the export has them."""
    arrays = [_array(column, packed, wave, levels, guard) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(columns))


def _array(column: Variable, packed: Packed, wave: str, levels: dict[str, tuple[str, ...]], guard: str) -> pa.Array:
    match column:
        case Coded():
            return _looked_up(column.cells, packed.codes[:, column.place])
        case NumberVariable():
            states = packed.states[:, column.state]
            cells = np.array([*column.cells, 0], dtype=np.float64)
            numbers = np.where(states == ANSWERED, packed.numbers[:, column.place], cells[states])
            return pa.array(numbers.astype(np.int64) if column.whole else numbers)
        case TextVariable():
            states = packed.states[:, column.state]
            said = _guarded(_strings(packed.texts[column.place]), guard)
            return pc.if_else(pa.array(states == ANSWERED), said, _looked_up((*column.cells, ""), states))
        case _:
            return _about(column.source, packed, wave, levels)


def _about(source: str, packed: Packed, wave: str, levels: dict[str, tuple[str, ...]]) -> pa.Array:
    if source == "id":
        return _uuids(packed.ids)
    if source == "wave":
        return pa.repeat(wave, len(packed.ids))
    if source == "received_at":
        return pa.array(packed.received).cast(pa.timestamp("us", tz="UTC"))
    if source in HELPERS:
        told = _strings(packed.helper[HELPERS.index(source)])
        return pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)
    place = list(levels).index(source)
    names: tuple[Scalar, ...] = levels[source]
    if source == "synthetic":
        names = tuple(int(name == "true") for name in names)
    return _looked_up(names, packed.paradata[:, place])


def _looked_up(cells: Sequence[Scalar | None], bytes_: NDArray[np.uint8]) -> pa.Array:
    return pa.array(cells).take(pa.array(bytes_))


def _uuids(ids: NDArray[np.uint8]) -> pa.Array:
    """Sixteen bytes as 8-4-4-4-12 hexadecimal digits."""
    digits = np.frombuffer(ids.tobytes().hex().encode(), dtype=np.uint8).reshape(-1, 32)
    text = np.full((len(ids), 36), ord("-"), dtype=np.uint8)
    begins = [(0, 0), *_DASHES.items(), (32, 36)]
    for (start, to), (end, _) in pairwise(begins):
        text[:, to : to + end - start] = digits[:, start:end]
    offsets = np.arange(len(ids) + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))


def _strings(texts: Texts) -> pa.Array:
    return pa.StringArray.from_buffers(len(texts.offsets) - 1, pa.py_buffer(texts.offsets), pa.py_buffer(texts.data))


def _guarded(texts: pa.Array, guard: str) -> pa.Array:
    dangerous = pc.match_substring_regex(texts, guard)
    return pc.if_else(dangerous, pc.binary_join_element_wise("'", texts, ""), texts)
