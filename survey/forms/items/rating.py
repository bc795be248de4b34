from typing import ClassVar, Literal

import msgspec

from survey.forms.items.base import Answer, Fields, Level, Step, first
from survey.forms.items.choice import ChoiceItem
from survey.forms.wording import Text

STRONG = "strong"


class Fold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One direction of an unfolding scale: what the first page says, and the question that splits it in two.

    Choosing it means `mild`, until the second page says `strong`.
    """

    text: Text
    mild: int
    strong: int | None = None
    question: Text = {}


class Rating(ChoiceItem, tag="rating", frozen=True, kw_only=True):
    """An n-point scale: every point labelled, codes ascending with the construct, shown in the order of `options`.

    `polarity` says whether a high code is good news (satisfaction) or bad (effort); `reverse_keyed` that the item
    is worded against its scale. `folds` let a variant ask it in two small steps with the same codes as result.
    """

    level: ClassVar[Level] = Level.ORDINAL
    polarity: Literal["high-is-better", "low-is-better"] = "high-is-better"
    reverse_keyed: bool = False
    folds: tuple[Fold, ...] = ()
    positive: tuple[int, ...] = ()
    """The codes that count as satisfied; the top two, when none are named."""
    stem: Text = {}
    """What was said above all rows, when this item is a row of a matrix."""

    def given(self, fields: Fields) -> object | None:
        """The code; for an unfolded scale the mild code, until its second question is answered yes."""
        code = super().given(fields)
        fold = next((fold for fold in self.folds if fold.strong is not None and fold.mild == code), None)
        if fold is not None and first(fields, f"{self.id}.{STRONG}.{fold.mild}") == "1":
            return fold.strong
        return code

    def unfolded(self, answer: Answer) -> dict[str, list[str]]:
        """The fields of both pages that would have given this answer."""
        for fold in self.folds:
            if answer in (fold.mild, fold.strong):
                fields = {self.id: [str(fold.mild)]}
                if fold.strong is not None:
                    fields[f"{self.id}.{STRONG}.{fold.mild}"] = ["1" if answer == fold.strong else "0"]
                return fields
        return self.fields(answer)

    def fold(self, fields: Fields) -> Fold | None:
        """The direction chosen on the first page, when a second question follows from it."""
        code = super().given(fields)
        return next((fold for fold in self.folds if fold.strong is not None and fold.mild == code), None)

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """Two pages when unfolded, otherwise as any choice."""
        if not (unfold and self.folds):
            return super().steps(max_options=max_options, unfold=unfold)
        shown = (*(fold.mild for fold in self.folds), *(option.code for option in self.escapes))
        return (Step(codes=shown), Step(part=STRONG))

    def shows(self, step: Step, fields: Fields) -> bool:
        """The second question of an unfolded scale only in the directions that have one."""
        return self.fold(fields) is not None if step.part == STRONG else super().shows(step, fields)

    def sets(self, step: Step) -> tuple[str, ...]:
        """The field of this page; the second question has one for each direction."""
        if step.part == STRONG:
            return (f"{self.id}.{STRONG}.",)
        return super().sets(step)
