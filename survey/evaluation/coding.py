"""Answers to codes and back: one byte a column, missing states as bytes of their own."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.forms.each import Each, together
from survey.forms.instrument import Instrument
from survey.forms.items import Answer, Missing
from survey.forms.items.base import BaseItem, Column, Scalar

MISSING_BYTES: dict[Missing, int] = {
    Missing.NOT_ASKED: 255,
    Missing.SKIPPED: 254,
    Missing.REFUSED: 253,
    Missing.NOT_APPLICABLE: 252,
    Missing.DONT_KNOW: 251,
}
MISSING_OF = {byte: missing for missing, byte in MISSING_BYTES.items()}
LOWEST_MISSING = min(MISSING_OF)
"""Every byte from here on is a missing state; every byte below is a position in its column's codes."""


class CodeBook:
    """What each byte of a coded response of one instrument version stands for.

    Columns are in the order of the instrument. Answers that are no codes (text, dates, wide numbers) are the book's
    open items; they are kept beside the codes by item id.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.columns: tuple[Column, ...] = instrument.columns
        self.position = {column.id: place for place, column in enumerate(self.columns)}
        """The place of each column in the bytes, by column id (an item's id; for multiple choice `item.code`)."""
        self._items = [
            (asked.item, tuple(_Table(column) for column in asked.item.columns()))
            for asked in instrument.asked
            if asked.item.asks and not asked.item.contact
        ]
        starts = accumulate((len(tables) for _, tables in self._items), initial=0)
        self._places = {
            item.id: (item, start, tables) for (item, tables), start in zip(self._items, starts, strict=False)
        }
        self._bytes = {
            item.id: (start, tables[0].byte)
            for item, start, tables in self._places.values()
            if len(tables) == 1 and type(item).code is BaseItem.code
        }
        """Where the one byte of an item goes whose answer is the entry itself, and the byte of each answer."""
        self._nothing_asked = bytes([MISSING_BYTES[Missing.NOT_ASKED]]) * len(self.columns)

    def encode(self, answers: Mapping[str, Answer]) -> tuple[bytes, dict[str, Any]]:
        """The bytes, and what is no code: `{"answers": {item: value}, "missing": {item: state}}`, empty parts left out.

        An item without an entry in `answers` was not asked.
        """
        codes = bytearray(self._nothing_asked)
        values: dict[str, Any] = {}
        missing: dict[str, str] = {}
        byte_of = self._bytes.get
        for item_id, answer in answers.items():
            if (one := byte_of(item_id)) is not None:
                place, byte = one
                codes[place] = byte[answer]
                continue
            if item_id not in self._places:  # contact data, which is kept elsewhere
                continue
            item, start, tables = self._places[item_id]
            if tables:
                entries = item.code(answer)
                for place, (table, entry) in enumerate(zip(tables, entries, strict=True), start):
                    codes[place] = table.byte[entry]
            elif not isinstance(answer, Missing):
                values[item_id] = answer
            elif answer is not Missing.NOT_ASKED:
                missing[item_id] = answer.value
        extra = {"answers": values, "missing": missing}
        return bytes(codes), {part: found for part, found in extra.items() if found}

    def bytes_of(self, item: BaseItem, answer: Answer) -> bytes:
        """The bytes of one item's answer; none when its answers are no codes."""
        if item.contact:
            return b""
        _, _, tables = self._places[item.id]
        entries = item.code(answer) if tables else ()
        return bytes(table.byte[entry] for table, entry in zip(tables, entries, strict=True))

    def encode_each(
        self, answers: Mapping[str, Each[Answer | None]], n: int
    ) -> tuple[NDArray[np.uint8], Each[dict[str, Any]]]:
        """The same for n respondents: n rows of bytes, and for each of them what is no code. None was not asked."""
        codes = np.full((n, len(self.columns)), MISSING_BYTES[Missing.NOT_ASKED], dtype=np.uint8)
        opened = []
        for item_id, (_, start, tables) in self._places.items():
            if item_id not in answers:
                continue
            if not tables:
                opened.append(item_id)
                continue
            columns, places = slice(start, start + len(tables)), answers[item_id].places
            cells = [list(self._encode_some({item_id: answer})[0][columns]) for answer in answers[item_id].values]
            codes[:, columns] = np.array(cells, dtype=np.uint8)[places]
        said = together([answers[item_id] for item_id in opened], n)
        return codes, said.map(lambda some: self._encode_some(dict(zip(opened, some, strict=True)))[1])

    def _encode_some(self, answers: Mapping[str, Answer | None]) -> tuple[bytes, dict[str, Any]]:
        return self.encode({item_id: answer for item_id, answer in answers.items() if answer is not None})

    def decode(self, codes: bytes, extra: Mapping[str, Any]) -> dict[str, Answer]:
        """The answers that `encode` was given."""
        answers: dict[str, Answer] = {}
        place = 0
        for item, tables in self._items:
            if tables:
                mine = codes[place : place + len(tables)]
                place += len(tables)
                answer = item.uncode([table.entry[byte] for table, byte in zip(tables, mine, strict=True)])
            else:
                answer = extra.get("answers", {}).get(item.id)
                if answer is None:
                    answer = Missing(extra.get("missing", {}).get(item.id, "not_asked"))
            if answer is not Missing.NOT_ASKED:
                answers[item.id] = answer
        return answers


class _Table:
    """One column's bytes by entry, and its entries by byte."""

    def __init__(self, column: Column) -> None:
        self.entry: dict[int, Scalar | Missing] = {**dict(enumerate(column.codes)), **MISSING_OF}
        self.byte: dict[Answer, int] = {entry: byte for byte, entry in self.entry.items()}
