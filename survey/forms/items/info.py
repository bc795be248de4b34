from typing import ClassVar

from survey.forms.items.base import Answer, BaseItem, Fields, Invalid


class Info(BaseItem, tag="info", frozen=True, kw_only=True):
    """A block to read; it asks nothing."""

    asks: ClassVar[bool] = False

    def given(self, fields: Fields) -> object | None:
        """Nothing, whatever was sent."""
        return None

    def accept(self, given: object) -> Answer:
        """Nothing can be an answer to it."""
        raise Invalid("unknown-item")
