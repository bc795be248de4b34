from typing import ClassVar

from survey.forms.items.base import Answer, BaseItem, Fields, Invalid, Level


class TextItem(BaseItem, frozen=True, kw_only=True):
    """Free text of `minimum` to `maximum` characters, counted as a person counts."""

    level: ClassVar[Level] = Level.OPEN
    minimum: int = 0
    maximum: int = 500

    def given(self, fields: Fields) -> object | None:
        """The text with the browser's line ends made plain."""
        text = "\n".join(fields.get(self.id, ())).replace("\r\n", "\n").strip()
        return text or None

    def accept(self, given: object) -> Answer:
        """The text, when its length is right."""
        if not isinstance(given, str):
            raise Invalid("not-text")
        text = given.strip().replace("\x00", "")
        if len(text) > self.maximum:
            raise Invalid("too-long", maximum=self.maximum, length=len(text))
        if len(text) < self.minimum:
            raise Invalid("too-short", minimum=self.minimum, length=len(text))
        return text


class ShortText(TextItem, tag="text", frozen=True, kw_only=True):
    """One line."""

    maximum: int = 100
    autocomplete: str = ""


class LongText(TextItem, tag="long-text", frozen=True, kw_only=True):
    """Several lines."""

    maximum: int = 500
