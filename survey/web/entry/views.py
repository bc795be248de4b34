"""The questions of a sheet as they are typed in: in the order of the paper, with its numbers, ids and codes. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from survey.forms.instrument import Instrument, Variant
from survey.forms.items import BaseItem, ChoiceItem, Date, LongText, Matrix, Multiple, Number, Phone, ShortText
from survey.forms.wording import Reader
from survey.responses.entries import Cells, typed_code
from survey.web.i18n import gettext, mark
from survey.web.paper.sheets import Part, Question, parts_on_paper

NAME = "a."
"""Before the id of an item in the name of its field, for other fields of the form have names too."""
Width = Literal["short", "medium", "long", "lines"]
SEVERAL = mark("Several codes: with spaces between them")
A_DAY = mark("Year, month and day, for example 2026-12-31")
SPECIFY = mark("What is written beside the answer")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what stands on the paper, what can be typed, what was typed, what is wrong with it or odd."""

    item: str
    number: int
    text: str
    hint: str = ""
    only: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    how: str = ""
    width: Width = "short"
    value: str = ""
    wrong: str = ""
    odd: str = ""
    rows: tuple["Line", ...] = ()


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the paper."""

    title: str
    lines: tuple[Line, ...]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of a sheet: in which words it was printed, and what was typed so far."""

    variant: Variant
    locale: str
    cells: Cells = {}
    wrong: Mapping[str, str] = {}
    odd: Mapping[str, str] = {}


def blocks(instrument: Instrument, shown: Shown, reader: Reader) -> tuple[Block, ...]:
    """The whole sheet; questions in the language of the paper, what the service says in the reader's."""
    writer = _Writer(instrument, shown, reader)
    found = (writer.block(part) for part in parts_on_paper(instrument, shown.variant, shown.locale))
    return tuple(block for block in found if block.lines)


def lines_of(found: tuple[Block, ...]) -> Iterator[Line]:
    """The questions that something is typed for, in order."""
    for block in found:
        for line in block.lines:
            yield from line.rows or (line,)


class _Writer:
    def __init__(self, instrument: Instrument, shown: Shown, reader: Reader) -> None:
        self._instrument = instrument
        self._shown = shown
        self._reader = reader

    def block(self, part: Part) -> Block:
        return Block(title=part.title, lines=tuple(line for one in part.questions for line in self._lines(one)))

    def _lines(self, question: Question) -> Iterator[Line]:
        if question.type == Matrix.__struct_config__.tag:
            rows = tuple(self._line(row) for row in question.rows)
            codes = self._codes(self._instrument.by_id[question.rows[0].id].item, question)
            yield Line(
                item=question.id, number=0, text=question.text, hint=question.hint, only=question.only,
                codes=codes, rows=rows,
            )  # fmt: skip
        elif question.number:
            yield self._line(question)
            specify = f"{question.id}_specify"
            if specify in self._instrument.by_id:
                words = gettext(self._reader.locale, SPECIFY)
                yield self._line(Question(number=question.number, id=specify, type="text", text=words))

    def _line(self, question: Question) -> Line:
        item, shown = self._instrument.by_id[question.id].item, self._shown
        return Line(
            item=item.id,
            number=question.number,
            text=question.text,
            hint=question.hint,
            only=question.only,
            codes=self._codes(item, question),
            how=self._how(item),
            width=_width(item),
            value=shown.cells.get(item.id, ""),
            wrong=shown.wrong.get(item.id, ""),
            odd=shown.odd.get(item.id, ""),
        )

    def _codes(self, item: BaseItem, question: Question) -> tuple[tuple[str, str], ...]:
        options = item.options if isinstance(item, ChoiceItem) else ()
        pairs = zip(options, question.choices, strict=False)
        return tuple((typed_code(item, option), choice.text) for option, choice in pairs)

    def _how(self, item: BaseItem) -> str:
        match item:
            case Multiple():
                return gettext(self._reader.locale, SEVERAL)
            case Date():
                return gettext(self._reader.locale, A_DAY)
            case Number():
                return self._reader.say(item.unit)
        return ""


def _width(item: BaseItem) -> Width:
    match item:
        case LongText():
            return "lines"
        case ShortText():
            return "long"
        case Multiple() | Date() | Phone():
            return "medium"
    return "short"
