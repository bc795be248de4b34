import re
from collections.abc import Mapping
from typing import ClassVar

from survey.forms.items.base import (
    Answer,
    Column,
    Fields,
    Invalid,
    Level,
    Missing,
    Scalar,
    Step,
    first,
)
from survey.forms.items.choice import MORE, ChoiceItem, Option
from survey.forms.wording import Text

ESCAPE = "escape"
WIDEST = 240
"""How many values one byte can tell apart, the missing states left free."""
_WHOLE = re.compile(r"[-+]?\d{1,15}")
_DECIMAL = re.compile(r"[-+]?\d{1,15}(\.\d{1,6})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－", "0123456789.-")


class Number(ChoiceItem, tag="number", frozen=True, kw_only=True):
    """A number from `minimum` to `maximum`, whole unless `decimals`; `options` holds only escapes.

    In JSON a number equal to an escape code means the escape; written as text ("99") it is always the number.
    `buttons` lets a variant show small counts as buttons, the last of which opens the field.
    """

    level: ClassVar[Level] = Level.INTERVAL
    options: tuple[Option, ...] = ()
    minimum: float
    maximum: float
    decimals: bool = False
    unit: Text = {}
    buttons: tuple[int, ...] = ()

    def given(self, fields: Fields) -> object | None:
        """The text typed, or the escape chosen beside it."""
        typed = first(fields, self.id)
        if typed == MORE:
            typed = first(fields, f"{self.id}.{MORE}") or MORE
        elif typed is None:
            escape = first(fields, f"{self.id}.{ESCAPE}")
            return None if escape is None else self._typed(escape)
        return self._typed(typed.removeprefix(f"{ESCAPE}-")) if typed.startswith(f"{ESCAPE}-") else typed

    def accept(self, given: object) -> Answer:
        """The number; the missing state for an escape code."""
        if isinstance(given, str):
            given = given.strip().translate(_FULL_WIDTH)
            if not (_DECIMAL if self.decimals else _WHOLE).fullmatch(given):
                raise Invalid("not-a-number" if self.decimals else "not-a-whole-number")
            return self._within(float(given))
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise Invalid("not-a-number")
        escape = self.answers.get(given)
        if isinstance(escape, Missing):
            return escape
        if not abs(given) < 10**15:
            raise Invalid("above", maximum=self._shown(self.maximum))
        return self._within(float(given))

    def _within(self, number: float) -> int | float:
        if number < self.minimum:
            raise Invalid("below", minimum=self._shown(self.minimum))
        if number > self.maximum:
            raise Invalid("above", maximum=self._shown(self.maximum))
        if self.decimals:
            return number
        if not number.is_integer():
            raise Invalid("not-a-whole-number")
        return int(number)

    @staticmethod
    def _shown(bound: float) -> Scalar:
        return int(bound) if float(bound).is_integer() else bound

    def accepts(self) -> Mapping[object, Answer]:
        """The numbers of a range that is whole and narrow, and the escapes, which come first."""
        whole: dict[object, Answer] = {code: code for column in self.columns() for code in column.codes}
        return {**whole, **self.answers}

    def fields(self, answer: Answer) -> dict[str, list[str]]:
        """The number in its field, or the escape in its own."""
        if isinstance(answer, Missing):
            code = self.plain(answer)
            return {} if code is None else {f"{self.id}.{ESCAPE}": [str(code)]}
        return {self.id: [str(answer)]}

    def columns(self) -> tuple[Column, ...]:
        """One byte when the range is whole and narrow; otherwise the number is kept beside the codes."""
        if self.decimals or self.maximum - self.minimum >= WIDEST:
            return ()
        return (Column(self.id, self.id, tuple(range(int(self.minimum), int(self.maximum) + 1))),)

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """Buttons first, the field for larger numbers after, where a variant wants small choices."""
        if not (max_options and self.buttons):
            return (Step(),)
        return (
            Step(codes=(*self.buttons, *(option.code for option in self.options)), more=True),
            Step(part=MORE),
        )

    def shows(self, step: Step, fields: Fields) -> bool:
        """The field behind the buttons only when the last button was pressed."""
        return not step.part or first(fields, self.id) == MORE

    def sets(self, step: Step) -> tuple[str, ...]:
        """The button and the field behind it apart; together where there are no buttons."""
        if step.part:
            return (f"{self.id}.{step.part}",)
        return (self.id,) if step.more else (self.id, f"{self.id}.")
