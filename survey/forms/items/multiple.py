from collections.abc import Mapping, Sequence
from typing import ClassVar

from survey.forms.items.base import Answer, Column, Fields, Invalid, Level, Missing, Scalar, Step
from survey.forms.items.choice import CODE_TYPES, ChoiceItem


class Multiple(ChoiceItem, tag="multiple", frozen=True, kw_only=True):
    """Any number of options up to `maximum` (0: all); an exclusive option stands alone.

    In a test the keys have positive points and the wrong options negative ones; what was chosen is worth
    max(0, sum of its points), out of the sum of the positive points.
    """

    level: ClassVar[Level] = Level.MULTIPLE
    maximum: int = 0

    def given(self, fields: Fields) -> object | None:
        """The codes chosen on all pages of the item, in the order of the options."""
        chosen = {
            text.strip()
            for name, texts in fields.items()
            if name == self.id or (name.startswith(f"{self.id}.") and name[len(self.id) + 1 :].isdecimal())
            for text in texts
            if text.strip()
        }
        known = [option.code for option in self.options if str(option.code) in chosen]
        return [*known, *(chosen - {str(code) for code in known})] or None

    def accept(self, given: object) -> Answer:
        """The codes, in the order of the options, each once."""
        codes = given if isinstance(given, list | tuple) else (given,)
        for code in codes:
            if type(code) not in CODE_TYPES or code not in self.answers:
                raise Invalid("not-an-option")
        chosen = [option for option in self.options if option.code in codes]
        alone = next((option for option in chosen if option.exclusive or option.missing), None)
        if alone is not None and len(chosen) > 1:
            raise Invalid("exclusive", option=alone.code)
        if self.maximum and len(chosen) > self.maximum:
            raise Invalid("too-many", maximum=self.maximum, chosen=len(chosen))
        if alone is not None and alone.missing:
            return Missing(alone.missing)
        if not chosen:
            return Missing.SKIPPED
        return tuple(option.code for option in chosen)

    def accepts(self) -> Mapping[object, Answer]:
        """None: a code is one of several, and others may stand beside it."""
        return {}

    def fields(self, answer: Answer) -> dict[str, list[str]]:
        """One field with every code."""
        codes = self.plain(answer)
        return {} if codes is None else {self.id: [str(code) for code in codes]}

    def plain(self, answer: Answer) -> list[Scalar] | None:
        """The codes as a list."""
        if isinstance(answer, tuple):
            return list(answer)
        code = super().plain(answer)
        return [code] if isinstance(code, int | float | str) else None

    def columns(self) -> tuple[Column, ...]:
        """One byte an option: not chosen, chosen."""
        return tuple(Column(f"{self.id}.{option.code}", self.id, (0, 1)) for option in self.substantive)

    def code(self, answer: Answer) -> tuple[Scalar | Missing, ...]:
        """For each substantive option whether it was chosen."""
        if isinstance(answer, tuple):
            return tuple(int(option.code in answer) for option in self.substantive)
        return (answer,) * len(self.substantive)

    def uncode(self, entries: Sequence[Scalar | Missing]) -> Answer:
        """The codes of the options that were chosen."""
        if isinstance(entries[0], Missing):
            return entries[0]
        pairs = zip(self.substantive, entries, strict=True)
        return tuple(option.code for option, chosen in pairs if chosen == 1)

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """Chunks of options, every one shown to everybody."""
        codes = tuple(option.code for option in self.options)
        size = max_options or len(codes)
        return tuple(
            Step(part="" if start == 0 else str(start // size + 1), codes=codes[start : start + size])
            for start in range(0, len(codes), size)
        )

    def shows(self, step: Step, fields: Fields) -> bool:
        """Always: everybody sees every option."""
        return True
