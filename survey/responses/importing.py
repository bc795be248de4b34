"""From the cells of a table to what a respondent gave. Pure: a row in, what was given or why not out.

A cell means what the same value means in the JSON API, whichever file it comes from: 3, 3.0 and the text "3" are one
code. So a file and its copy in another format are the same responses.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np

from survey.errors import Refused
from survey.forms.each import Each, Mask, together
from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, ChoiceItem, Date, Multiple, Number
from survey.forms.modes import Mode
from survey.forms.reading import Issue
from survey.responses.cells import SEPARATORS, WHOLE, says_yes, text_of

Name = Annotated[str, msgspec.Meta(min_length=1)]


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, and deaf to unknown fields: a typing mistake in a mapping is an error, not silence."""


class ColumnMap(Struct, frozen=True, kw_only=True):
    """What a column holds."""

    item: Name
    values: dict[str, int | str] = {}
    """What the cells say -> the code they mean. A cell that is not listed is taken for a code itself."""
    option: int | str | None = None
    """For a multiple choice with a column for each option: which one this is. The cells say yes or no."""
    separator: Name = SEPARATORS
    """For a multiple choice in one column: what stands between the codes."""
    escapes: bool = True
    """Whether a number equal to an escape code (99) means the escape, as in the JSON API, or is the number."""


class TableMap(Struct, frozen=True, kw_only=True):
    """How a table is to be read: which column holds which item, and what is the same for every row."""

    columns: dict[str, Name | ColumnMap]
    id: Name | None = None
    """The column that tells responses apart."""
    respondent: Name | None = None
    """The column that tells persons apart, the same in every wave."""
    frequency: Name | None = None
    """The column that says how many respondents a row stands for."""
    batch: str = ""
    """Tells apart files of different people who may have answered alike, where there is no column of ids."""
    blanks: tuple[str, ...] = ()
    """Texts that mean an empty cell, such as NA."""
    variant: Name = "standard"
    locale: Name | None = None
    mode: Mode = Mode.IMPORT


class Rejection(msgspec.Struct, frozen=True):
    """Why a cell, and with it its row, cannot be taken."""

    column: str
    value: str
    reason: str


class Plan:
    """A mapping made ready for the columns that a file has; `Refused` names the column that does not fit."""

    def __init__(self, mapping: TableMap, instrument: Instrument, columns: Sequence[str]) -> None:
        self.mapping = mapping
        self.instrument = instrument
        self.maps = {
            column: ColumnMap(item=to) if isinstance(to, str) else to for column, to in mapping.columns.items()
        }
        special = [column for column in (mapping.id, mapping.respondent, mapping.frequency) if column is not None]
        for column in (*self.maps, *special):
            if column not in columns:
                raise Refused(f"the mapping names a column {column!r} that the file does not have: {_listed(columns)}")
        self.column_of: dict[str, str] = {}
        self._maps_of: dict[str, dict[str, ColumnMap]] = defaultdict(dict)
        for column, to in self.maps.items():
            _check(column, to, instrument)
            if to.item in self.column_of and to.option is None:
                raise Refused(f"columns {self.column_of[to.item]!r} and {column!r} are both mapped to {to.item}")
            self.column_of[to.item] = column
            self._maps_of[to.item][column] = to
        self.left_out = tuple(column for column in columns if column not in self.maps and column not in special)

    def row(self, cells: Mapping[str, object]) -> tuple[dict[str, object], list[Rejection]]:
        """What the row's respondent gave, by item, as the JSON API would say it."""
        return self._given(self.maps, cells)

    def row_each(self, cells: Mapping[str, Each[object]], n: int) -> tuple[dict[str, Each[Any]], Mask]:
        """The same of n rows, None where nothing was given; and for which rows some cell cannot be taken."""
        wrong: Mask = np.zeros(n, dtype=np.bool_)
        given: dict[str, Each[Any]] = {}
        for item, maps in self._maps_of.items():
            some = together([cells[column] for column in maps], n)
            said = some.map(lambda row: self._given(maps, dict(zip(maps, row, strict=True))))  # noqa: B023 - at once
            wrong |= said.where(lambda one: bool(one[1]))
            given[item] = said.map(lambda one: one[0].get(item))  # noqa: B023
        return given, wrong

    def _given(
        self, maps: Mapping[str, ColumnMap], cells: Mapping[str, object]
    ) -> tuple[dict[str, object], list[Rejection]]:
        given: dict[str, object] = {}
        rejections: list[Rejection] = []
        for column, to in maps.items():
            cell = cells.get(column)
            try:
                value = self._value(to, cell)
            except ValueError as error:
                rejections.append(Rejection(column, text_of(cell), str(error)))
                continue
            if isinstance(value, list):
                given[to.item] = [*given.get(to.item, []), *value]  # type: ignore[misc]
            elif value is not None:
                given[to.item] = value
        return given, rejections

    def copies(self, cells: Mapping[str, object]) -> int:
        """How many respondents the row stands for; ValueError says why that cannot be."""
        if self.mapping.frequency is None:
            return 1
        text = text_of(cells.get(self.mapping.frequency))
        if not (text.isascii() and text.isdecimal() and len(text) <= 7):
            raise ValueError("how many respondents a row stands for must be a whole number from 0 to 9999999")
        return int(text)

    def _value(self, to: ColumnMap, cell: object) -> object:
        """What one cell says; None when it is blank; a list for a multiple choice."""
        item = self.instrument.by_id[to.item].item
        if isinstance(item, Multiple):
            return self._chosen(item, to, cell)
        text = text_of(cell)
        if text == "" or text in self.mapping.blanks:
            return None
        return to.values[text] if text in to.values else _typed(item, text, escapes=to.escapes, cell=cell)

    def _chosen(self, item: Multiple, to: ColumnMap, cell: object) -> list[object] | None:
        if to.option is not None:
            return [to.option] if says_yes(text_of(cell), self.mapping.blanks) else None
        parts = cell if isinstance(cell, list | tuple) else text_of(cell).split(to.separator)
        texts = [text for text in map(text_of, parts) if text != "" and text not in self.mapping.blanks]
        return [to.values[text] if text in to.values else _code(item, text) for text in texts] or None


def default_mapping(instrument: Instrument, columns: Sequence[str]) -> TableMap:
    """The mapping of a file whose columns are named by item ids (`Q3`), options (`Q12.4`), and perhaps `id`."""
    codes = {
        f"{asked.item.id}.{option.code}": ColumnMap(item=asked.item.id, option=option.code)
        for asked in instrument.asked
        if isinstance(asked.item, Multiple)
        for option in asked.item.options
    }
    mapped: dict[str, Name | ColumnMap] = {}
    for column in columns:
        if column in instrument.by_id:
            mapped[column] = column
        elif column in codes:
            mapped[column] = codes[column]
        elif column != "id":
            raise Refused(f"column {column!r} is no item of {instrument.slug}: say with --map what the columns hold")
    has_ids = "id" in columns and "id" not in mapped
    return TableMap(columns=mapped, id="id" if has_ids else None)


def _check(column: str, to: ColumnMap, instrument: Instrument) -> None:
    asked = instrument.by_id.get(to.item)
    if asked is None or not asked.item.asks:
        raise Refused(f"column {column!r} is mapped to {to.item!r}, which {instrument.slug} does not ask")
    codes = {option.code for option in asked.item.options} if isinstance(asked.item, ChoiceItem) else set()
    if to.option is not None and not (isinstance(asked.item, Multiple) and to.option in codes):
        raise Refused(f"column {column!r} is mapped to option {to.option!r} of {to.item}, which has no such option")
    wrong = next((code for code in to.values.values() if codes and code not in codes), None)
    if wrong is not None and not isinstance(asked.item, Number):
        raise Refused(f"column {column!r} maps a value to {wrong!r}, which is no code of {to.item}")


def _typed(item: BaseItem, text: str, *, escapes: bool, cell: object) -> object:
    if isinstance(item, Number):
        return _number(item, text, escapes=escapes)
    if isinstance(item, ChoiceItem):
        return _code(item, text)
    if isinstance(item, Date) and isinstance(cell, datetime):
        return cell.date().isoformat()
    return text


def _number(item: Number, text: str, *, escapes: bool) -> int | float | str:
    """The number that the JSON API would be sent; text where it would be taken for an escape, or is not written so."""
    escape = next((option.code for option in item.options if str(option.code) == text), None)
    if escape is not None:
        return escape if escapes else text
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            if str(number := kind(text)) == text and abs(number) < WHOLE:
                return number
    return text


def _code(item: ChoiceItem, text: str) -> int | str:
    return next((option.code for option in item.options if str(option.code) == text), text)


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:20])
    return f"it has {shown}{' …' if len(columns) > len(columns[:20]) else ''}"


REASONS: dict[str, str] = {
    "required": "this question must be answered",
    "not-an-option": "this is not one of the codes",
    "exclusive": "code {option} cannot stand beside others",
    "too-many": "{chosen} were chosen, at most {maximum} can be",
    "not-a-number": "this is not a number",
    "not-a-whole-number": "this is not a whole number",
    "below": "the least is {minimum}",
    "above": "the most is {maximum}",
    "not-text": "this is not text",
    "too-long": "this has {length} characters, {maximum} fit",
    "too-short": "this has {length} characters, at least {minimum} are needed",
    "too-heavy": "too many marks stand on one letter",
    "not-a-date": "this is not a day, written as 2026-12-31",
    "too-early": "the first possible day is {earliest}",
    "too-late": "the last possible day is {latest}",
    "not-a-phone-number": "this is not a telephone number",
}


def reason(issue: Issue, say: Callable[[Issue], str] | None = None) -> str:
    """Why an answer cannot be one, in plain words; a check of the instrument has its own."""
    if issue.code in REASONS:
        return REASONS[issue.code].format_map(issue.params)
    return (say(issue) if say else "") or issue.code
