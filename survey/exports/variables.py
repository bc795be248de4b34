"""The columns of an export: what each is called, what it measures, and what its values mean."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from survey.evaluation.coding import LOWEST_MISSING, MISSING_BYTES, MISSING_OF, CodeBook
from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, ChoiceItem, Level, Missing, Multiple, Number, Option, Single
from survey.forms.items.base import Scalar
from survey.forms.wording import Text
from survey.responses import AnsweredBy
from survey.responses.exporting import STATES, OpenItems, open_items

Measure = Literal["nominal", "ordinal", "scale"]

STATE_TEXT: dict[Missing, Text] = {
    Missing.NOT_ASKED: {"zh-Hans": "未问到", "en": "Not asked"},
    Missing.SKIPPED: {"zh-Hans": "未作答", "en": "Skipped"},
    Missing.REFUSED: {"zh-Hans": "拒绝回答", "en": "Refused"},
    Missing.NOT_APPLICABLE: {"zh-Hans": "不适用", "en": "Not applicable"},
    Missing.DONT_KNOW: {"zh-Hans": "不知道", "en": "Do not know"},
}
CHOSEN: dict[int, Text] = {0: {"zh-Hans": "未选", "en": "Not chosen"}, 1: {"zh-Hans": "选中", "en": "Chosen"}}
ABOUT: dict[str, Text] = {
    "id": {"zh-Hans": "答卷编号", "en": "Response id"},
    "wave": {"zh-Hans": "调查轮次", "en": "Wave"},
    "variant": {"zh-Hans": "问卷版式", "en": "Variant of the form"},
    "mode": {"zh-Hans": "填答方式", "en": "Mode"},
    "helper": {"zh-Hans": "帮办或访问人员工号", "en": "Staff number of the helper or interviewer"},
    "answered_by": {"zh-Hans": "由谁回答", "en": "Who answered"},
    "locale": {"zh-Hans": "语言", "en": "Locale"},
    "disposition": {"zh-Hans": "结果", "en": "Disposition"},
    "synthetic": {"zh-Hans": "是否合成数据", "en": "Whether the response is made up"},
    "received_at": {"zh-Hans": "收到时间（UTC）", "en": "Received at (UTC)"},
}
"""What is known of every response, in the order of the columns."""

ANSWERED_BY: dict[AnsweredBy, Text] = {
    AnsweredBy.SELF: {"zh-Hans": "本人回答", "en": "The person"},
    AnsweredBy.TOGETHER: {"zh-Hans": "本人回答，他人解释题目", "en": "The person, with questions explained"},
    AnsweredBy.PROXY: {"zh-Hans": "他人代为回答", "en": "Somebody else for the person"},
}


class Category(msgspec.Struct, frozen=True):
    """A value and what it means; `missing` when it says why there is no answer."""

    value: Scalar
    text: Text
    missing: Missing | None = None


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A column about the response itself: `source` is which of `ABOUT`."""

    name: str
    source: str = ""
    label: Text
    item: BaseItem | None = None
    measure: Measure = "nominal"
    categories: tuple[Category, ...] = ()


class Coded(Variable, frozen=True, kw_only=True):
    """A column of codes: what the byte at `place` says, `cells[byte]`; None is an empty cell."""

    item: BaseItem
    place: int
    cells: tuple[Scalar | None, ...]


class Open(Variable, frozen=True, kw_only=True):
    """A column of open answers; `cells` says what stands there instead, one a state."""

    item: BaseItem
    cells: tuple[Scalar, ...]
    whole: bool = False


class NumberVariable(Open, frozen=True, kw_only=True):
    """Numbers, the `place`-th of their kind."""

    place: int
    state: int


class TextVariable(Open, frozen=True, kw_only=True):
    """Texts and days, the `place`-th of their kind."""

    place: int
    state: int


def state_codes(instrument: Instrument) -> dict[Missing, int]:
    """The codes of the missing states: -1 to -5, or the first of -91…, -991… where an answer could be one of those."""
    power = 1
    while True:
        codes = {state: -(10**power - 9) - place for place, state in enumerate(STATES)}
        if not any(_could_be(asked.item, code) for asked in instrument.asked for code in codes.values()):
            return codes
        power += 1


def _could_be(item: BaseItem, code: int) -> bool:
    if isinstance(item, Number) and item.minimum <= code <= item.maximum:
        return True
    return isinstance(item, ChoiceItem) and any(str(option.code) == str(code) for option in item.options)


def variables(instrument: Instrument, *, escapes: bool = True) -> tuple[Variable, ...]:
    """All columns. With `escapes`, a state is said by the item's own escape code where it has one (99)."""
    states = state_codes(instrument)
    book, opened = CodeBook(instrument), open_items(instrument)
    taken = {asked.item.id for asked in instrument.asked}
    columns: list[Variable] = [
        Variable(
            name=f"{name}_" if name in taken else name,
            source=name,
            label=label,
            categories=tuple(Category(*said) for said in ANSWERED_BY.items()) if name == "answered_by" else (),
        )
        for name, label in ABOUT.items()
    ]
    for asked in instrument.asked:
        item = asked.item
        if not item.asks or item.contact:
            continue
        if isinstance(item, Multiple):
            columns += _options(item, book, states)
        elif item.columns():
            columns.append(_coded(item, book.position[item.id], states_of(item, states, escapes=escapes)))
        else:
            columns.append(_open(item, opened, states_of(item, states, escapes=escapes)))
    return tuple(columns)


def states_of(item: BaseItem, states: dict[Missing, int], *, escapes: bool) -> dict[Missing, Scalar]:
    """What an item's cells say of each missing state; an escape code that could be a number too stays the number."""
    own = {state: _escape(item, state) for state in states} if escapes else {}
    return {state: code if (found := own.get(state)) is None else found for state, code in states.items()}


def _escape(item: BaseItem, state: Missing) -> Scalar | None:
    if not isinstance(item, ChoiceItem):
        return None
    code = next((option.code for option in item.escapes if option.missing == state.value), None)
    if isinstance(item, Number) and isinstance(code, int) and item.minimum <= code <= item.maximum:
        return None
    return code


def _coded(item: BaseItem, place: int, states: dict[Missing, Scalar]) -> Coded:
    codes = item.columns()[0].codes
    cells: list[Scalar | None] = [*codes, *[None] * (LOWEST_MISSING - len(codes))]
    cells += [states[MISSING_OF[byte]] for byte in range(LOWEST_MISSING, 256)]
    if any(isinstance(code, str) for code in codes):
        cells = [None if cell is None else str(cell) for cell in cells]
    named = {option.code: option.text for option in getattr(item, "substantive", ())}
    said = tuple(Category(cells[place], named[code]) for place, code in enumerate(codes) if code in named)  # type: ignore[arg-type]
    absent = tuple(
        Category(cells[MISSING_BYTES[state]], _state_text(item, state), state)  # type: ignore[arg-type]
        for state in STATES
    )
    return Coded(
        name=item.id,
        label=item.name or item.text,
        item=item,
        place=place,
        cells=tuple(cells),
        measure=_measure(item),
        categories=said + absent,
    )


def _open(item: BaseItem, opened: OpenItems, states: dict[Missing, Scalar]) -> Variable:
    kind, places = (NumberVariable, opened.numbers) if isinstance(item, Number) else (TextVariable, opened.texts)
    cells = tuple(states[state] if kind is NumberVariable else str(states[state]) for state in STATES)
    return kind(
        name=item.id,
        label=item.name or item.text,
        item=item,
        place=places.index(item.id),
        state=opened.ids.index(item.id),
        cells=cells,
        whole=isinstance(item, Number) and not item.decimals,
        measure=_measure(item),
        categories=tuple(
            Category(cell, _state_text(item, state), state) for cell, state in zip(cells, STATES, strict=True)
        ),
    )


def _options(item: Multiple, book: CodeBook, states: dict[Missing, int]) -> Iterator[Coded]:
    """A column an option. An escape has one too; where it was chosen, the cells of the others are empty."""
    said_by = {option.missing: option for option in item.escapes}
    for option in item.options:
        if not item.substantive:
            return
        place = book.position[f"{item.id}.{(item.substantive[0] if option.missing else option).code}"]
        cells: list[Scalar | None] = [None] * 256
        cells[0], cells[1] = 0, 0 if option.missing else 1
        for state, byte in MISSING_BYTES.items():
            cells[byte] = _option_cell(option, state, states, escaped=state.value in said_by)
        absent = [state for state in STATES if cells[MISSING_BYTES[state]] == states[state]]
        yield Coded(
            name=f"{item.id}.{option.code}",
            label=_joined(item.name or item.text, option.text),
            item=item,
            place=place,
            cells=tuple(cells),
            categories=(
                *(Category(code, text) for code, text in CHOSEN.items()),
                *(Category(states[state], _state_text(None, state), state) for state in absent),
            ),
        )


def _option_cell(option: Option, state: Missing, states: dict[Missing, int], *, escaped: bool) -> int | None:
    if not escaped:
        return states[state]
    if option.missing is None:
        return None
    return int(option.missing == state.value)


def _joined(first: Text, second: Text) -> Text:
    """Question and option in each language that both have."""
    return {locale: f"{plain(first[locale])}: {plain(second[locale])}" for locale in first if locale in second} or first


def plain(wording: object) -> str:
    """A wording as an office writes it."""
    return wording if isinstance(wording, str) else str(getattr(wording, "standard", ""))


def _state_text(item: BaseItem | None, state: Missing) -> Text:
    escapes: Sequence[Option] = item.escapes if isinstance(item, ChoiceItem) else ()
    return next((option.text for option in escapes if option.missing == state.value), STATE_TEXT[state])


def _measure(item: BaseItem) -> Measure:
    if item.level is Level.INTERVAL:
        return "scale"
    ordered = isinstance(item, Single) and item.ordered
    return "ordinal" if ordered or item.level is Level.ORDINAL else "nominal"
