"""Options, and what single choice, rating, select and consent share."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import msgspec

from survey.forms.items.base import Answer, BaseItem, Column, Fields, Invalid, Missing, Scalar, Step, first
from survey.forms.wording import Text

CODE_TYPES = (int, str)
"""What a code can be; neither 1.0 nor true is one, though Python takes them for 1."""
MORE = "more"
"""What the button sends that leads to the options on the next page."""


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that can be chosen.

    `missing` makes it an escape ("prefer not to say"), shown below an "or"; `exclusive` forbids choosing it beside
    others; `points` is its worth in a test; `specify` opens a line for free text; `last` keeps its place at the
    end where the others are shuffled.
    """

    code: int | str
    text: Text
    missing: Literal["refused", "not_applicable", "dont_know"] | None = None
    exclusive: bool = False
    points: float | None = None
    specify: bool = False
    last: bool = False


class ChoiceItem(BaseItem, frozen=True, kw_only=True, dict=True):
    """An item whose answer is the code of one option."""

    options: tuple[Option, ...]
    shuffle: bool = False
    feedback: Text = {}

    @property
    def escapes(self) -> tuple[Option, ...]:
        """The options that say why there is no substantive answer."""
        return tuple(option for option in self.options if option.missing)

    @property
    def substantive(self) -> tuple[Option, ...]:
        """The options that are answers."""
        return tuple(option for option in self.options if not option.missing)

    def option(self, code: Scalar) -> Option | None:
        """The option of that code."""
        return next((option for option in self.options if option.code == code), None)

    @cached_property
    def answers(self) -> dict[object, int | str | Missing]:
        """What choosing a code answers: the code, or the missing state that an escape stands for."""
        return {option.code: Missing(option.missing) if option.missing else option.code for option in self.options}

    def given(self, fields: Fields) -> object | None:
        """The code chosen on the last page that was reached by "more"."""
        part, chosen = 1, first(fields, self.id)
        while chosen == MORE:
            part += 1
            chosen = first(fields, f"{self.id}.{part}")
        return None if chosen is None else self._typed(chosen)

    def _typed(self, text: str) -> int | str:
        return next((option.code for option in self.options if str(option.code) == text), text)

    def accept(self, given: object) -> Answer:
        """The chosen code, or the missing state that an escape stands for."""
        answer = self.answers.get(given) if type(given) in CODE_TYPES else None
        if answer is None:
            raise Invalid("not-an-option")
        return answer

    def accepts(self) -> Mapping[object, Answer]:
        """Every option's code."""
        return self.answers

    def fields(self, answer: Answer) -> dict[str, list[str]]:
        """One field with the code, escape codes included."""
        code = self.plain(answer)
        return {} if code is None else {self.id: [str(code)]}

    def plain(self, answer: Answer) -> object:
        """The code; for a missing state the escape code that says it."""
        if isinstance(answer, Missing):
            return next((option.code for option in self.escapes if option.missing == answer.value), None)
        return answer

    def columns(self) -> tuple[Column, ...]:
        """One byte, over the substantive options in their order."""
        return (Column(self.id, self.id, tuple(option.code for option in self.substantive)),)

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """Chunks of options; every page but the last has a button for more, which counts as one."""
        codes = tuple(option.code for option in self.options)
        if not max_options or len(codes) <= max_options:
            return (Step(codes=codes),)
        steps: list[Step] = []
        while len(codes) > max_options:
            part = "" if not steps else str(len(steps) + 1)
            steps.append(Step(part=part, codes=codes[: max_options - 1], more=True))
            codes = codes[max_options - 1 :]
        return (*steps, Step(part=str(len(steps) + 1), codes=codes))

    def shows(self, step: Step, fields: Fields) -> bool:
        """Whether "more" was pressed on every page of the item before this one."""
        if not step.part:
            return True
        names = [self.id, *(f"{self.id}.{number}" for number in range(2, int(step.part)))]
        return all(first(fields, name) == MORE for name in names)

    def sets(self, step: Step) -> tuple[str, ...]:
        """The field of this page; when the item has one page only, all its fields."""
        if step.part:
            return (f"{self.id}.{step.part}",)
        return (self.id,) if len(step.codes) < len(self.options) else (self.id, f"{self.id}.")
