from typing import ClassVar

from survey.forms.characters import is_longer, length, plain
from survey.forms.items.base import Answer, BaseItem, Fields, Invalid, Level, Missing

HEAVIEST = 48
"""Bytes for each character allowed. The largest emoji in use have 35; more is marks piled upon one letter."""


class TextItem(BaseItem, frozen=True, kw_only=True):
    """Free text of `minimum` to `maximum` characters, counted as a person counts."""

    level: ClassVar[Level] = Level.OPEN
    lines: ClassVar[bool] = False
    minimum: int = 0
    maximum: int = 500

    def given(self, fields: Fields) -> object | None:
        """The text that was meant; None when nothing of it can be seen."""
        return plain("\n".join(fields.get(self.id, ())), lines=self.lines) or None

    def accept(self, given: object) -> Answer:
        """The text that was meant, when its length is right; skipped when nothing of it can be seen, which is blank."""
        if not isinstance(given, str):
            raise Invalid("not-text")
        text = plain(given, lines=self.lines)
        if not text:
            return Missing.SKIPPED
        if is_longer(text, self.maximum):
            raise Invalid("too-long", maximum=self.maximum, length=length(text))
        if self.minimum and not is_longer(text, self.minimum - 1):
            raise Invalid("too-short", minimum=self.minimum, length=length(text))
        if len(text.encode()) > HEAVIEST * self.maximum:
            raise Invalid("too-heavy")
        return text


class ShortText(TextItem, tag="text", frozen=True, kw_only=True):
    """One line."""

    maximum: int = 100
    autocomplete: str = ""


class LongText(TextItem, tag="long-text", frozen=True, kw_only=True):
    """Several lines."""

    lines: ClassVar[bool] = True
    maximum: int = 500
