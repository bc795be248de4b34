"""What every question type has in common."""

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import Any, ClassVar

import msgspec

from survey.forms.wording import Audio, Text

Scalar = int | float | str
Value = int | float | str | tuple[int | str, ...]
Fields = Mapping[str, Sequence[str]]
"""What a browser sends: by field name, the texts typed or chosen. Fields of one item are `id` and `id.part`."""


class Missing(Enum):
    """Why there is no substantive answer."""

    NOT_ASKED = "not_asked"
    SKIPPED = "skipped"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"

    __hash__ = object.__hash__  # Enum's own is made anew from the name each time, and every answer is looked up


Answer = Value | Missing


class Level(StrEnum):
    """Stevens's levels of measurement; decides which statistics are allowed."""

    NOMINAL = "nominal"
    BINARY = "binary"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    MULTIPLE = "multiple"
    OPEN = "open"


class Invalid(ValueError):
    """The respondent's input cannot be an answer to this item: a code for the catalogue, and its numbers."""

    def __init__(self, code: str, **params: Scalar) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Column(msgspec.Struct, frozen=True):
    """One byte of a coded response: the byte `i` stands for `codes[i]`."""

    id: str
    item: str
    codes: tuple[Scalar, ...]


class Step(msgspec.Struct, frozen=True):
    """One page's worth of an item, where a variant shows an item on more than one page.

    `part` is the suffix of the field (empty: the item's own), `codes` the options shown, `more` whether a button
    leads on to the options that did not fit.
    """

    part: str = ""
    codes: tuple[Scalar, ...] = ()
    more: bool = False


class BaseItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """One thing asked. A subclass says how it is given, what can be an answer, and how that is coded."""

    id: str
    text: Text
    hint: Text = {}
    name: Text = {}
    """What tables and charts call it; the text, when there is no name."""
    audio: Audio = {}
    """The question read out by a person."""

    level: ClassVar[Level] = Level.OPEN
    contact: ClassVar[bool] = False
    """Whether the answer identifies a person: it is then kept apart from all other answers, encrypted."""
    asks: ClassVar[bool] = True
    """Whether there can be an answer at all."""

    def given(self, fields: Fields) -> object | None:
        """What the fields say, as the JSON API would say it; None when nothing was typed or chosen."""
        return first(fields, self.id)

    def accept(self, given: object) -> Answer:
        """The answer that `given` is; raises Invalid."""
        raise NotImplementedError

    def accepts(self) -> Mapping[object, Answer]:
        """The codes that `accept` takes, and what each answers; those of few enough values that they can be listed."""
        return {}

    def fields(self, answer: Answer) -> dict[str, list[str]]:
        """The fields that would have given this answer."""
        return {} if isinstance(answer, Missing) else {self.id: [str(answer)]}

    def plain(self, answer: Answer) -> Any:
        """The answer as the JSON API says it: escape codes where there are any, None where nothing was answered."""
        return None if isinstance(answer, Missing) else answer

    def columns(self) -> tuple[Column, ...]:
        """The bytes this item takes in a coded response; none when its answers are no codes."""
        return ()

    def code(self, answer: Answer) -> tuple[Scalar | Missing, ...]:
        """The answer, one entry a column."""
        return (answer,) if not isinstance(answer, tuple) else ()

    def uncode(self, entries: Sequence[Scalar | Missing]) -> Answer:
        """The answer that `code` was given."""
        return entries[0]

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """The pages that this item takes where at most `max_options` (0: any number) go on one."""
        return (Step(),)

    def shows(self, step: Step, fields: Fields) -> bool:
        """Whether what was chosen so far leads to this page of the item."""
        return not step.part

    def sets(self, step: Step) -> tuple[str, ...]:
        """The fields that a post of this page sets: names, or prefixes that end in a dot."""
        return (self.id, f"{self.id}.")


def first(fields: Fields, name: str) -> str | None:
    """The first text of a field, stripped; None when blank."""
    for text in fields.get(name, ()):
        if stripped := text.strip():
            return stripped
    return None
