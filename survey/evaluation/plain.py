"""What most people send - codes and blanks, nothing that is not asked - coded at once instead of read one by one.

Reading is a quarter of what a submission costs. Here the answers of all items are looked up by a few calls that loop
outside Python, and what a condition says of them is worked out once for each combination of answers that it refers
to. Whatever is out of the ordinary is left to `forms.reading.read` and `CodeBook.encode`; a test holds the two to the
same result.
"""

from collections.abc import Callable, Mapping
from operator import getitem, itemgetter
from typing import Any, NamedTuple

import msgspec

from survey.evaluation.coding import MISSING_BYTES, CodeBook
from survey.forms.conditions import Condition
from survey.forms.instrument import Asked, End
from survey.forms.items import Answer, Missing
from survey.forms.items.base import Scalar
from survey.forms.reading import PLAIN_TYPES

COMBINATIONS = 1_000
"""For so many combinations of answers a rule remembers what it says."""

_NOT_ASKED: Any = object()
"""Stands among what was given for an item that is not on the path."""
_REQUIRED: Any = object()
"""Stands among the bytes for a blank that is no answer, unless the item turns out not to be asked. Cannot be joined."""


class Plain(msgspec.Struct, frozen=True):
    """A reading that is coded already: nothing was wrong, dropped or to be kept apart, and no way out was taken."""

    codes: bytes
    extra: dict[str, Any]
    contacts: Mapping[str, str] = {}
    dropped: tuple[str, ...] = ()
    end: End | None = None


class PlainCoding:
    """The plain answers to one instrument version, ready to be looked up."""

    def __init__(self, book: CodeBook) -> None:
        asked = [one for one in book.instrument.asked if one.item.asks]
        self._ids = [one.item.id for one in asked]
        self._answers = [one.plain() for one in asked]
        self._bytes: list[dict[object, Any]] = [
            {None: _REQUIRED}
            | {given: book.bytes_of(one.item, answer) for given, answer in plain.items() if not _is_odd(one, answer)}
            for one, plain in zip(asked, self._answers, strict=True)
        ]
        self._open = [
            (place, one.item.id, {given: state.value for given, state in plain.items() if isinstance(state, Missing)})
            for place, (one, plain) in enumerate(zip(asked, self._answers, strict=True))
            if not one.item.columns() and not one.item.contact
        ]
        self._turns = [turn for place, one in enumerate(asked) if (turn := self._turn(place, one)) is not None]
        self._looks_ahead = any(turn.looks_ahead() for turn in self._turns)

    def _turn(self, place: int, asked: Asked) -> "_Turn | None":
        odd = [self._rule(condition) for condition in _odd(asked) if not _is_about(asked, condition)]
        when = None if asked.when is None else self._rule(asked.when)
        not_asked = bytes([MISSING_BYTES[Missing.NOT_ASKED]]) * len(asked.item.columns())
        return _Turn(place, when, tuple(odd), not_asked) if when is not None or odd else None

    def _rule(self, condition: Condition) -> "_Rule":
        places = {item: self._ids.index(item) for item in condition.refers() if item in self._ids}
        return _Rule(condition, places, self._answers)

    def encode(self, given: Mapping[str, object], prefill: Mapping[str, Scalar]) -> Plain | None:
        """What was given, coded; None when it has to be read."""
        values = [*map(given.get, self._ids)]
        if prefill or self._looks_ahead or not PLAIN_TYPES.issuperset(map(type, given.values())):
            return None
        if len(values) - values.count(None) != len(given):
            return None
        try:
            codes: list[Any] = [*map(getitem, self._bytes, values)]
        except KeyError:
            return None
        if not self._is_straight(values, codes):
            return None
        try:
            coded = b"".join(codes)
        except TypeError:
            return None
        missing = {item: states[values[place]] for place, item, states in self._open if values[place] is not _NOT_ASKED}
        return Plain(coded, {"missing": missing} if missing else {})

    def _is_straight(self, values: list[Any], codes: list[Any]) -> bool:
        """Mark what is not asked. Whether that leaves nothing given, odd or ended."""
        for place, when, odd, not_asked in self._turns:
            if when is not None:
                held = when.known.get(when.key(values))  # what `holds` does first, without the call
                if not (when.holds(values) if held is None else held):
                    if values[place] is not None:
                        return False
                    codes[place], values[place] = not_asked, _NOT_ASKED
                    continue
            for rule in odd:
                if rule.holds(values):
                    return False
        return True


def _odd(asked: Asked) -> list[Condition]:
    """When an answer has to be looked at again, or ends the interview."""
    return [check.when for check in asked.checks] + [stop.when for stop in asked.stops]


def _is_about(asked: Asked, condition: Condition) -> bool:
    """Whether it is about the item's own answer alone, and never holds where there is none."""
    return {*condition.refers()} == {asked.item.id} and not condition.holds({})


def _is_odd(asked: Asked, answer: Answer) -> bool:
    """Whether an answer is never plain, whatever else was given."""
    return any(_is_about(asked, when) and when.holds({asked.item.id: answer}) for when in _odd(asked))


class _Turn(NamedTuple):
    """What is decided at an item: whether it is asked, and if so whether something is odd or ends the interview."""

    place: int
    when: "_Rule | None"
    odd: tuple["_Rule", ...]
    not_asked: bytes

    def looks_ahead(self) -> bool:
        """Whether something here is decided by what comes later, which a respondent has not answered yet."""
        return any(rule.latest > self.place for rule in self.odd) or (
            self.when is not None and self.when.latest >= self.place
        )


class _Rule:
    """A condition as a table over what was given to the items it refers to, filled in as it is asked."""

    def __init__(self, condition: Condition, places: Mapping[str, int], answers: list[dict[object, Answer]]) -> None:
        self._condition = condition
        self._referred = [(item, place, answers[place]) for item, place in places.items()]
        self.key: Callable[[list[Any]], object] = itemgetter(*places.values()) if places else _nothing
        self.known: dict[object, bool] = {}
        self.latest = max(places.values(), default=-1)

    def holds(self, values: list[Any]) -> bool:
        """Whether it holds for these values, plain or not asked."""
        key = self.key(values)
        held = self.known.get(key)
        if held is None:
            given = [(item, values[place], answers) for item, place, answers in self._referred]
            held = self._condition.holds({item: answers[value] for item, value, answers in given if value in answers})
            if len(self.known) < COMBINATIONS:
                self.known[key] = held
        return held


def _nothing(_: list[Any]) -> None:
    """The one combination of the answers to no item."""
