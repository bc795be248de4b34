from datetime import date
from typing import ClassVar

import msgspec

from survey.forms.items.base import Answer, BaseItem, Fields, Invalid, Level, Missing, first

PARTS = ("year", "month", "day")


class Date(BaseItem, tag="date", frozen=True, kw_only=True):
    """A day, typed as year, month and day; kept as ISO 8601."""

    level: ClassVar[Level] = Level.OPEN
    earliest: date | None = None
    latest: date | None = None

    def given(self, fields: Fields) -> object | None:
        """The three fields joined; what is missing stays a gap, so that the error can say so."""
        parts = [first(fields, f"{self.id}.{part}") or "" for part in PARTS]
        if not any(parts):
            return first(fields, self.id)
        year, month, day = parts
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}"

    def accept(self, given: object) -> Answer:
        """A real day within the bounds."""
        try:
            day = msgspec.convert(given, date)
        except msgspec.ValidationError:
            raise Invalid("not-a-date") from None
        if self.earliest and day < self.earliest:
            raise Invalid("too-early", earliest=self.earliest.isoformat())
        if self.latest and day > self.latest:
            raise Invalid("too-late", latest=self.latest.isoformat())
        return day.isoformat()

    def fields(self, answer: Answer) -> dict[str, list[str]]:
        """Year, month and day apart."""
        if isinstance(answer, Missing):
            return {}
        return {f"{self.id}.{part}": [text] for part, text in zip(PARTS, str(answer).split("-"), strict=True)}
