"""What the templates of pages are given. Pure: a form in, words and choices out."""

from collections.abc import Sequence
from random import Random
from uuid import UUID

import msgspec

from survey.forms.instrument import Asked
from survey.forms.items import ChoiceItem, Matrix, Multiple, Number, Option, Rating
from survey.forms.items.base import BaseItem, Fields, Scalar, Step
from survey.forms.items.choice import MORE
from survey.forms.items.number import ESCAPE
from survey.forms.items.rating import STRONG, Fold
from survey.forms.reading import Issue
from survey.forms.screens import Part, Screen
from survey.forms.wording import Reader, Text
from survey.web.i18n import gettext, mark
from survey.web.messages import sentence
from survey.web.public import recordings
from survey.web.public.flow import Sheet

WORDS = {
    "yes": mark("Yes"),
    "no": mark("No"),
    "more": mark("Something else: show more"),
    "or-more": mark("%(number)s or more"),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to choose: what the browser sends, what it says, whether it was chosen, its line for more text."""

    value: str
    label: str
    chosen: bool
    specify: "Field | None" = None


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question on a page, in the reader's words. `kind` names its template."""

    kind: str
    id: str
    name: str
    item: BaseItem
    text: str
    hint: str = ""
    stem: str = ""
    audio: str = ""
    error: str = ""
    odd: str = ""
    required: bool = False
    heading: int = 2
    choices: tuple[Choice, ...] = ()
    escapes: tuple[Choice, ...] = ()
    rows: tuple["Field", ...] = ()
    typed: dict[str, str] = {}
    unit: str = ""

    @property
    def described_by(self) -> str:
        """The ids of what explains the question, for assistive technology."""
        parts = (("hint", self.hint), ("odd", self.odd), ("error", self.error))
        return " ".join(f"{self.id}-{part}" for part, text in parts if text)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What every question of a page is drawn with."""

    sheet: Sheet
    reader: Reader
    shuffle_by: str
    errors: dict[str, str]
    odd: dict[str, str]
    heading: int


def fields_of(
    page: Screen,
    sheet: Sheet,
    reader: Reader,
    response_id: UUID,
    *,
    issues: Sequence[Issue] = (),
    odd: Sequence[Issue] = (),
) -> tuple[Field, ...]:
    """The questions of a page. A page with one question has it as its heading."""
    by_id = sheet.instrument.by_id
    desk = Desk(
        sheet=sheet,
        reader=reader,
        shuffle_by=str(response_id),
        errors={issue.item: sentence(issue, reader, by_id[issue.item].item) for issue in reversed(issues)},
        odd={issue.item: sentence(issue, reader, by_id[issue.item].item) for issue in odd},
        heading=1 if sheet.variant.layout == "items" else 2,
    )
    return tuple(_field_of(part, desk) for part in page.parts)


def _field_of(part: Part, desk: Desk) -> Field:
    item = part.asked.item
    if isinstance(item, Matrix):
        rows = tuple(
            _field(one, one.item.steps(max_options=0, unfold=False)[0], desk, heading=3)
            for one in part.ones
            if one.item.id in desk.sheet.reading.path
        )
        return Field(
            kind="matrix", id=item.id, name=item.id, item=item, text=desk.reader.say(item.text),
            hint=desk.reader.say(item.hint), heading=desk.heading, rows=rows, required=True,
            audio=recordings.address(part.asked, part.step, desk.sheet, desk.reader),
        )  # fmt: skip
    specify = {one.item.id: one for one in part.ones[1:]}
    return _field(part.asked, part.step, desk, specify=specify)


def _field(asked: Asked, step: Step, desk: Desk, *, heading: int = 0, specify: dict[str, Asked] | None = None) -> Field:
    item, say = asked.item, desk.reader.say
    text, stem, name = say(wording(asked, desk.sheet)), "", f"{item.id}.{step.part}" if step.part else item.id
    if isinstance(item, Rating):
        stem = say(item.stem) if heading == 0 else ""
        if step.part == STRONG and (fold := item.fold(desk.sheet.filled.fields)):
            name = f"{name}.{fold.mild}"
            text, stem = say(fold.question), text
    choices, escapes = _choices(item, step, name, desk, specify or {})
    return Field(
        kind=str(item.__struct_config__.tag),
        id=item.id,
        name=name,
        item=item,
        text=text,
        hint=say(item.hint),
        stem=stem,
        audio=recordings.address(asked, step, desk.sheet, desk.reader),
        error=desk.errors.get(item.id, ""),
        odd=desk.odd.get(item.id, ""),
        required=asked.required is not False or step.part == STRONG or not item.asks,
        heading=heading or desk.heading,
        choices=choices,
        escapes=escapes,
        typed=_typed(item, desk.sheet.filled.fields),
        unit=say(item.unit) if isinstance(item, Number) else "",
    )


def wording(asked: Asked, sheet: Sheet) -> Text:
    """The question, in the wording that earlier answers call for."""
    return next((piped.text for piped in asked.piped if piped.when.holds(sheet.known)), asked.item.text)


def _typed(item: BaseItem, fields: Fields) -> dict[str, str]:
    """What was typed, by the part of the field's name behind the item's id."""
    return {
        name.removeprefix(item.id).removeprefix("."): "\n".join(texts)
        for name, texts in fields.items()
        if name.partition(".")[0] == item.id
    }


def _choices(
    item: BaseItem, step: Step, name: str, desk: Desk, specify: dict[str, Asked]
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """What can be chosen on this page of an item, and below the line what says that none of it fits."""
    if not isinstance(item, ChoiceItem):
        return (), ()
    chosen: Sequence[str] = desk.sheet.filled.fields.get(name, ())
    if isinstance(item, Rating) and step.part == STRONG:
        return _yes_or_no(name, chosen, desk), ()
    if isinstance(item, Number):
        return _of_number(item, step, desk)
    if isinstance(item, Multiple) or not step.part:
        chosen = chosen or _in_one_field(item, step, desk.sheet)
    folds = _folds(item, step)
    above: list[Choice] = []
    below: list[Choice] = []
    for option in _in_order(item, step, desk):
        text = folds[option.code].text if option.code in folds else option.text
        line = specify.get(f"{item.id}_specify") if option.specify else None
        choice = Choice(
            value=str(option.code),
            label=desk.reader.say(text),
            chosen=str(option.code) in chosen,
            specify=None if line is None else _field(line, Step(), desk, heading=3),
        )
        (below if stands_apart(option) else above).append(choice)
    if step.more:
        below.append(Choice(value=MORE, label=_ui(desk, "more"), chosen=MORE in chosen))
    return tuple(above), tuple(below)


def _in_one_field(item: ChoiceItem, step: Step, sheet: Sheet) -> Sequence[str]:
    """The codes chosen, wherever they were, when one page shows all options."""
    if step.more or (len(step.codes) < len(item.options) and not isinstance(item, Rating)):
        return ()
    given = item.given(sheet.filled.fields)
    return [str(code) for code in given] if isinstance(given, list) else [str(given)]


def _folds(item: ChoiceItem, step: Step) -> dict[Scalar, Fold]:
    """The directions of an unfolded scale, when this is its first page."""
    if not isinstance(item, Rating) or len(step.codes) == len(item.options):
        return {}
    return {fold.mild: fold for fold in item.folds}


def stands_apart(option: Option) -> bool:
    """Whether an option goes below the line: an escape, one that excludes the others, one that keeps its place."""
    return option.missing is not None or option.exclusive or option.last


def _in_order(item: ChoiceItem, step: Step, desk: Desk) -> list[Option]:
    """The options of this page, shuffled where the item wants it: always the same for one response."""
    options = [option for option in item.options if option.code in step.codes]
    if item.shuffle:
        Random(f"{desk.shuffle_by}:{item.id}").shuffle(options)  # noqa: S311 - an order, not a secret
    return sorted(options, key=stands_apart)


def _yes_or_no(name: str, chosen: Sequence[str], desk: Desk) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=value, label=_ui(desk, word), chosen=value in chosen)
        for value, word in (("1", "yes"), ("0", "no"))
    )


def _of_number(item: Number, step: Step, desk: Desk) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    fields, unit = desk.sheet.filled.fields, desk.reader.say(item.unit)
    spacer = "" if desk.reader.locale.startswith("zh") else " "
    if not step.more:
        chosen = fields.get(f"{item.id}.{ESCAPE}", ())
        escapes = () if step.part else item.escapes
        return (), tuple(_escape(option, str(option.code), chosen, desk) for option in escapes)
    chosen = fields.get(item.id, ())
    buttons = [Choice(value=str(n), label=f"{n}{spacer}{unit}".strip(), chosen=str(n) in chosen) for n in item.buttons]
    many = _ui(desk, "or-more") % {"number": f"{item.buttons[-1] + 1}{spacer}{unit}".strip()}
    buttons.append(Choice(value=MORE, label=many, chosen=MORE in chosen))
    return tuple(buttons), tuple(_escape(option, f"{ESCAPE}-{option.code}", chosen, desk) for option in item.escapes)


def _escape(option: Option, value: str, chosen: Sequence[str], desk: Desk) -> Choice:
    return Choice(value=value, label=desk.reader.say(option.text), chosen=value in chosen)


def _ui(desk: Desk, word: str) -> str:
    return gettext(desk.reader.locale, WORDS[word])
