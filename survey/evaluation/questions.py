"""What is to be compared, as the query string, the command line and the page say it."""

from math import isfinite
from typing import Literal

import msgspec

from survey.errors import Refused
from survey.evaluation.selectors import parse

Kind = Literal["parts", "target", "groups", "waves", "pilot"]
WAVES = "wave"
"""`by=wave` compares all waves in their order."""
HOW = (
    "Say what to compare: by=ITEM for its groups, by=wave for all waves, a=… and b=… (wave:NAME, ITEM:CODE), target=… "
    "for one group against a number, or pilot=…, control=…, before=WAVE and after=WAVE"
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison. Parts are selectors; `sesoi` is the smallest effect of interest, in the unit of the measure."""

    measure: str
    a: str | None = None
    b: str | None = None
    by: str | None = None
    wave: str | None = None
    pilot: str | None = None
    control: str | None = None
    before: str | None = None
    after: str | None = None
    target: float | None = None
    cluster: str | None = None
    paired: bool | None = None
    sesoi: float | None = None
    test: str | None = None

    @property
    def kind(self) -> Kind:
        """Which sort of comparison; raises Refused when it is none, or two at once."""
        asked: dict[Kind, bool] = {
            "pilot": any((self.pilot, self.control, self.before, self.after)),
            "target": self.target is not None,
            "groups": self.by is not None and self.by != WAVES,
            "waves": self.by == WAVES,
            "parts": self.b is not None or (self.a is not None and self.target is None),
        }
        kinds = [kind for kind, wanted in asked.items() if wanted]
        if len(kinds) > 1:
            raise Refused("That asks for two comparisons at once (%(kinds)s).", HOW, kinds=", ".join(kinds))
        if not kinds or (kinds == ["parts"] and not (self.a and self.b)):
            raise Refused(HOW)
        if kinds == ["pilot"] and not all((self.pilot, self.control, self.before, self.after)):
            raise Refused("A pilot is compared by all four of pilot=…, control=…, before=WAVE and after=WAVE")
        if self.target is not None and not isfinite(self.target):
            raise Refused("target, the number to compare with, must be a finite one")
        if self.sesoi is not None and not 0.0 < self.sesoi < float("inf"):
            raise Refused("sesoi, the smallest effect of interest, must be a number above 0")
        return kinds[0]

    @property
    def waves(self) -> tuple[str | None, ...] | None:
        """The names of the waves that it is about, each once (None: the newest with responses); None for all waves."""
        match self.kind:
            case "waves":
                return None
            case "pilot":
                names: tuple[str | None, ...] = (self.before, self.after)
            case "groups":
                names = (self.wave,)
            case "parts" | "target":
                names = tuple(parse(text).wave or self.wave for text in (self.a, self.b) if text) or (self.wave,)
        return tuple(dict.fromkeys(names))
