"""Routing on paper: for whom a question is, in words, with the numbers that questions have on the sheet."""

from collections.abc import Mapping

from survey.forms.conditions import (
    All,
    Answered,
    Any,
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    Equals,
    IsMissing,
    Not,
    OnItem,
    Shorter,
)
from survey.web.i18n import gettext, mark

SAID = {
    "chose": mark("question %(number)s: %(codes)s"),
    "not-chose": mark("question %(number)s: not %(codes)s"),
    "at-most": mark("question %(number)s: %(value)s or less"),
    "at-least": mark("question %(number)s: %(value)s or more"),
    "shorter": mark("question %(number)s: fewer than %(value)s characters"),
    "not-shorter": mark("question %(number)s: %(value)s characters or more"),
    "answered": mark("question %(number)s answered"),
    "unanswered": mark("question %(number)s not answered"),
}
HOW = {
    Equals: ("chose", "not-chose"),
    AnyOf: ("chose", "not-chose"),
    AtMost: ("at-most", "at-least"),
    AtLeast: ("at-least", "at-most"),
    Shorter: ("shorter", "not-shorter"),
    Answered: ("answered", "unanswered"),
    IsMissing: ("unanswered", "answered"),
}
"""How each condition on one item is said, and how its contrary."""
JOINED = {"all": mark(" and "), "any": mark(" or "), "codes": mark(", ")}


class Routes:
    """Says conditions in a language. `numbers` has the items on the sheet; nothing else is known of who fills it in."""

    def __init__(self, numbers: Mapping[str, int], locale: str) -> None:
        self._numbers = numbers
        self._locale = locale

    def said(self, condition: Condition | None) -> str | None:
        """For whom the question is: "" for everybody, None for nobody who fills in paper."""
        if condition is None:
            return ""
        found = self._say(condition, not_so=False)
        return {True: "", False: None}[found] if isinstance(found, bool) else found

    def _say(self, condition: Condition, *, not_so: bool) -> str | bool:
        match condition:
            case Not(of=inner):
                return self._say(inner, not_so=not not_so)
            case All(of=parts):
                return self._several(parts, "any" if not_so else "all", not_so=not_so)
            case Any(of=parts):
                return self._several(parts, "all" if not_so else "any", not_so=not_so)
            case _ if condition.item not in self._numbers:
                return condition.holds({}) is not not_so
            case _:
                return self._one(condition, not_so=not_so)

    def _several(self, parts: tuple[Condition, ...], how: str, *, not_so: bool) -> str | bool:
        """Parts that are settled beforehand are left out, or settle the whole."""
        decides = how == "any"
        said = [self._say(part, not_so=not_so) for part in parts]
        if any(part is decides for part in said):
            return decides
        left = list(dict.fromkeys(part for part in said if isinstance(part, str)))
        return self._ui(JOINED[how]).join(left) if left else not decides

    def _one(self, condition: OnItem, *, not_so: bool) -> str:
        how = HOW[type(condition)][not_so]
        values = {"number": self._numbers[condition.item], **self._values(condition, not_so=not_so)}
        return gettext(self._locale, SAID[how], **values)

    def _values(self, condition: OnItem, *, not_so: bool) -> dict[str, object]:
        match condition:
            case Equals(value=value):
                return {"codes": value}
            case AnyOf(values=values):
                return {"codes": self._ui(JOINED["codes"]).join(map(str, values))}
            case AtMost(value=value):
                return {"value": f"{value + not_so:g}"}
            case AtLeast(value=value):
                return {"value": f"{value - not_so:g}"}
            case Shorter(length=length):
                return {"value": length}
            case _:
                return {}

    def _ui(self, message: str) -> str:
        return gettext(self._locale, message)
