"""The coded responses of a wave, or some of them, and what their bytes stand for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.errors import Refused
from survey.evaluation.coding import LOWEST_MISSING, MISSING_BYTES, CodeBook
from survey.evaluation.process import PROCESS, labels_of
from survey.forms.items import Item, Multiple, Number, Rating, Single
from survey.forms.items.base import Scalar
from survey.forms.items.choice import ChoiceItem
from survey.forms.wording import Text

if TYPE_CHECKING:
    from survey.evaluation.partitions import Plan

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Counted = NDArray[np.int64]
LOWEST_NIBBLE = LOWEST_MISSING % 16
"""The last four bits of the lowest missing state: codes below it and missing states differ in these bits."""
BLOCK = 2**16
"""Rows that are counted at once: some columns of them fit into a processor's cache."""

OF_GROUPS = "Use one of %(items)s"


class Beside(NamedTuple):
    """Answers to a number that has no byte: each value and how often, and how often each missing state."""

    values: list[float]
    counts: list[int]
    missing: dict[str, int]


class Variable(NamedTuple):
    """One column that can break down or filter: where it is, what its bytes stand for, whether they are in order."""

    id: str
    place: int
    codes: tuple[Scalar, ...]
    title: Text
    labels: tuple[Text, ...]
    ordered: bool = False
    numeric: bool = False
    rating: bool = False

    def in_order(self) -> list[int]:
        """The places of its codes, by the codes themselves where they are ordered."""
        places = list(range(len(self.codes)))
        if self.ordered:
            places.sort(key=lambda place: ascending(self.codes[place]))
        return places


class Sample:
    """Responses as a matrix of bytes: the columns of the code book, then one for each of `paradata`."""

    def __init__(
        self,
        book: CodeBook,
        codes: Bytes,
        paradata: Mapping[str, tuple[str, ...]] | None = None,
        beside: Mapping[str, Beside] | None = None,
    ) -> None:
        self.book = book
        self.paradata = dict(paradata or {})
        self.beside = dict(beside or {})
        self.plan: Plan | None = None
        """How these responses may be divided, where something is known of it already; see `protection`."""
        width = len(book.columns) + len(self.paradata)
        self.codes = codes if codes.size else np.empty((0, width), dtype=np.uint8)

    def __len__(self) -> int:
        return int(self.codes.shape[0])

    def where(self, mask: Mask) -> "Sample":
        """Only some of the responses; what has no byte cannot be told apart and is left out."""
        return Sample(self.book, self.codes.T[:, mask].T, self.paradata)  # column by column, as they are read

    def among(self, chosen: Mask, variable: "Variable", place: int) -> "Sample":
        """Those chosen who are in one group of a variable."""
        return self.where(chosen & (self.codes[:, variable.place] == place))

    def column(self, column_id: str) -> Bytes:
        """The bytes of one column of the code book."""
        return np.asarray(self.codes[:, self.book.position[column_id]])

    def item(self, item_id: str) -> Item:
        """The item of that id; raises Refused."""
        asked = self.book.instrument.by_id.get(item_id)
        if asked is None:
            raise Refused(
                "There is no item '%(item)s'; there are %(items)s",
                item=item_id,
                items=", ".join(self.book.instrument.by_id),
            )
        return asked.item

    def variable(self, name: str) -> Variable:
        """The column of a closed item, or of what is known beside the answers; raises Refused."""
        if name in self.paradata:
            place = len(self.book.columns) + list(self.paradata).index(name)
            levels = self.paradata[name]
            labels = labels_of(self.book.instrument, name, levels)
            return Variable(name, place, levels, PROCESS.get(name, {"en": name}), labels)
        item = self.item(name)
        if isinstance(item, Multiple):
            raise Refused(
                "%(name)s is a multiple choice: its groups would overlap.", OF_GROUPS, name=name, items=self._closed()
            )
        if name not in self.book.position or not isinstance(item, ChoiceItem):
            raise Refused(
                "%(name)s has no fixed options to tell groups apart.", OF_GROUPS, name=name, items=self._closed()
            )
        place, title = self.book.position[name], item.name or item.text
        codes = self.book.columns[place].codes
        if isinstance(item, Number):
            return Variable(name, place, codes, title, tuple({"en": str(code)} for code in codes), numeric=True)
        labels = tuple(option.text for option in item.substantive)
        ordered = isinstance(item, Rating) or (isinstance(item, Single) and item.ordered)
        return Variable(name, place, codes, title, labels, ordered=ordered, rating=isinstance(item, Rating))

    def variables(self) -> tuple[Variable, ...]:
        """Everything that a filter can use: what a breakdown can, and numbers with a byte of their own."""
        items = (asked.item for asked in self.book.instrument.asked if asked.item.id in self.book.position)
        numbers = (item.id for item in items if isinstance(item, Number))
        return (*self.closed(), *(self.variable(name) for name in numbers))

    def closed(self) -> tuple[Variable, ...]:
        """Everything that a breakdown can use."""
        items = (a.item for a in self.book.instrument.asked if a.item.id in self.book.position)
        closed = [item.id for item in items if not isinstance(item, Number)]
        return tuple(self.variable(name) for name in (*closed, *self.paradata))

    def _closed(self) -> str:
        return ", ".join(variable.id for variable in self.closed())

    def groups(self, variable: Variable) -> list[tuple[int, Mask]]:
        """For each of its codes, in order of the codes when they are ordered, its place and who chose it."""
        column = self.codes[:, variable.place]
        return [(place, np.asarray(column == place)) for place in variable.in_order()]


def ascending(code: Scalar) -> tuple[bool, float, str]:
    """Numbers by size, texts by letters after them."""
    return (True, 0.0, code) if isinstance(code, str) else (False, float(code), "")


def grouped(sample: Sample, variable: Variable | None) -> Bytes:
    """The group of each response: the place of its code, behind them where it has none; 0 without a variable."""
    if variable is None:
        return np.zeros(len(sample), dtype=np.uint8)
    return np.minimum(sample.codes[:, variable.place], np.uint8(len(variable.codes)))


def count_bytes(sample: Sample, group: Bytes | None = None, groups: int = 1) -> Counted:
    """How often each byte stands in each column: groups x columns x 256."""
    high = None if group is None or groups == 1 else np.left_shift(group, 8, dtype=np.uint16)
    counts = np.zeros((groups, sample.codes.shape[1], 256), dtype=np.int64)
    lines = sample.codes.T
    narrow, wide = _by_width(sample)
    for place in wide:
        counts[:, place] = _histogram(lines[place], high, groups)
    for first, second in zip(narrow[::2], narrow[1::2], strict=True):
        pairs = _histogram((lines[first] << 4) | (lines[second] & 15), high, groups).reshape(-1, 16, 16)
        for place, nibbles in ((first, pairs.sum(axis=2)), (second, pairs.sum(axis=1))):
            counts[:, place, :LOWEST_NIBBLE] = nibbles[:, :LOWEST_NIBBLE]
            counts[:, place, LOWEST_MISSING:] = nibbles[:, LOWEST_NIBBLE:]
    return counts


def _by_width(sample: Sample) -> tuple[list[int], list[int]]:
    """The columns whose bytes differ in their last four bits, an even number of them, and the others."""
    columns = [len(column.codes) for column in sample.book.columns]
    columns += [len(levels) for levels in sample.paradata.values()]
    narrow = [place for place, levels in enumerate(columns) if levels <= LOWEST_NIBBLE]
    narrow = narrow[: len(narrow) // 2 * 2]
    return narrow, sorted({*range(len(columns))} - {*narrow})


def _histogram(values: Bytes, high: NDArray[np.uint16] | None, groups: int) -> Counted:
    return np.bincount(values if high is None else values | high, minlength=groups * 256).reshape(groups, 256)


def states(counts: NDArray[np.int64]) -> dict[str, int]:
    """How often each missing state, from the counts of the bytes of a column."""
    return {missing.value: int(counts[byte]) for missing, byte in MISSING_BYTES.items()}


def answered(column: Bytes) -> Mask:
    """Who gave a substantive answer."""
    return np.asarray(column < LOWEST_MISSING)
