from typing import ClassVar, Literal

import msgspec

from survey.forms.items.base import Answer, BaseItem, Invalid, Level
from survey.forms.items.choice import Option
from survey.forms.items.rating import Fold, Rating
from survey.forms.wording import Audio, Text


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a matrix: an item of its own, with an id and a text of its own."""

    id: str
    text: Text
    name: Text = {}
    audio: Audio = {}
    reverse_keyed: bool = False


class Matrix(BaseItem, tag="matrix", frozen=True, kw_only=True):
    """Several ratings under one stem and one scale.

    Only a shorthand: it is shown as one question a row, and read, coded and counted as its rows.
    """

    level: ClassVar[Level] = Level.ORDINAL
    rows: tuple[Row, ...]
    options: tuple[Option, ...]
    polarity: Literal["high-is-better", "low-is-better"] = "high-is-better"
    folds: tuple[Fold, ...] = ()

    def items(self) -> tuple[Rating, ...]:
        """Its rows, each as the rating that it is."""
        return tuple(
            Rating(
                id=row.id,
                text=row.text,
                name=row.name,
                audio=row.audio,
                options=self.options,
                polarity=self.polarity,
                reverse_keyed=row.reverse_keyed,
                folds=self.folds,
                stem=self.text,
            )
            for row in self.rows
        )

    def accept(self, given: object) -> Answer:
        """Its rows are answered, not itself."""
        raise Invalid("unknown-item")
