"""What is typed in from a sheet of paper, what it means, and where two entries of a sheet differ. Pure.

What is typed is read as the cells of a table are (`importing`): the codes that stand beside the answers on the paper.
"""

import re
import unicodedata
from collections.abc import Mapping

import msgspec

from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, ChoiceItem, Date, Invalid, LongText, Multiple, Number, ShortText
from survey.forms.items.choice import Option
from survey.responses.cells import SEPARATORS
from survey.responses.importing import ColumnMap, Plan, TableMap

Cells = dict[str, str]
"""What was typed, by item; blank ones left out."""
TEXTS = (ShortText, LongText)
APART = re.compile(r"[\s,;、]+")
"""What may stand between the codes of several answers."""


class Compared(msgspec.Struct, frozen=True):
    """Two entries of a sheet: the items in which they differ, of how many fields, and how many of those differ.

    A field is an item with something typed in at least one of the entries. Sentences are no fields: two people hardly
    ever write one alike, and how often they do says nothing about codes.
    """

    items: tuple[str, ...]
    fields: int
    differing: int


def typed_code(item: BaseItem, option: Option) -> str:
    """What is typed for an option: its code, with # before an escape that could be taken for a number."""
    return f"#{option.code}" if _could_be_a_number(item, option) else str(option.code)


def _could_be_a_number(item: BaseItem, option: Option) -> bool:
    return isinstance(item, Number) and isinstance(option.code, int) and item.minimum <= option.code <= item.maximum


def cells_of(instrument: Instrument, typed: Mapping[str, str]) -> Cells:
    """What was typed, made plain: full-width figures, capital letters, what stands between codes, line ends."""
    cells = {}
    for asked in instrument.asked:
        item = asked.item
        text = typed.get(item.id, "").replace("\r\n", "\n").replace("\0", "").strip()
        if item.asks and text:
            cells[item.id] = _plain(item, text)
    return cells


def _plain(item: BaseItem, text: str) -> str:
    if isinstance(item, TEXTS):
        return text
    text = unicodedata.normalize("NFKC", text)
    match item:
        case Multiple():
            return SEPARATORS.join(_code(item, part) for part in APART.split(text) if part)
        case Number():
            return "".join(text.split())
        case ChoiceItem():
            return _code(item, text)
        case Date():
            return _day(text)
    return text


def _code(item: ChoiceItem, text: str) -> str:
    alike = [str(option.code) for option in item.options if str(option.code).casefold() == text.casefold()]
    return alike[0] if len(alike) == 1 else text


def _day(text: str) -> str:
    """A day as ISO writes it, whether it was typed with hyphens, with spaces, or as eight figures."""
    parts = re.findall(r"\d+", text)
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])]) if len(parts) == 3 else text


def given_of(instrument: Instrument, cells: Mapping[str, str]) -> dict[str, object]:
    """What the sheet's respondent gave, by item, as the JSON API would say it."""
    columns = {
        asked.item.id: _map(asked.item) for asked in instrument.asked if asked.item.asks and asked.item.id in cells
    }
    given, _ = Plan(TableMap(columns=dict(columns)), instrument, list(columns)).row(cells)
    return given


def _map(item: BaseItem) -> ColumnMap:
    options = item.options if isinstance(item, Number) else ()
    marked = {typed_code(item, option): option.code for option in options if _could_be_a_number(item, option)}
    return ColumnMap(item=item.id, values=marked, escapes=not marked)


def compare(instrument: Instrument, first: Mapping[str, str], second: Mapping[str, str]) -> Compared:
    """Hold two entries of a sheet against each other, by what they mean."""
    ones, others = given_of(instrument, first), given_of(instrument, second)
    items = [asked.item for asked in instrument.asked if asked.item.id in ones or asked.item.id in others]
    differ = [item for item in items if _meaning(item, ones.get(item.id)) != _meaning(item, others.get(item.id))]
    return Compared(
        items=tuple(item.id for item in differ),
        fields=sum(not isinstance(item, TEXTS) for item in items),
        differing=sum(not isinstance(item, TEXTS) for item in differ),
    )


def _meaning(item: BaseItem, given: object) -> object:
    if given is None:
        return None
    if isinstance(item, TEXTS):
        return "".join(unicodedata.normalize("NFKC", str(given)).split())
    try:
        return item.accept(given)
    except Invalid:
        return given
