"""From what many respondents gave to their answers: the walk of `read`, made once for all of them.

For every one of them it comes to what `read` comes to; a test holds the two together. What is wrong with somebody's
answers is for `read` to say: here it is only known that something is.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from survey.forms.conditions import Condition
from survey.forms.each import Each, Mask, Places, chosen, everyone
from survey.forms.instrument import Asked, End, Instrument
from survey.forms.items import BaseItem, Info, Invalid, Missing

Column = Each[Any]
_WRONG: Any = object()
"""Stands for what cannot be an answer."""


class Readings(NamedTuple):
    """What came of it, respondent by respondent.

    `answers` and `contacts` have None where the item is not on the path, `known` what conditions see. `right` are
    those without an issue; `dropped` says how many answers were given off the path.
    """

    answers: dict[str, Column]
    contacts: dict[str, Column]
    known: dict[str, Column]
    right: Mask
    dropped: Places
    ends: Each[End | None]


def read_each(instrument: Instrument, given: Mapping[str, Column], n: int, prefill: Mapping[str, Column]) -> Readings:
    """Walk the instrument once with n respondents; None is what was not given, or not known beforehand."""
    walk = _Walk(given, n, prefill)
    for asked in instrument.asked:
        on = walk.ends.where(lambda end: end is None)
        if asked.when is not None:
            on &= asked.when.holds_each(walk.known, n)
        if asked.item.id in given:
            walk.dropped += ~on & given[asked.item.id].where(_is_there)
        if not on.any():
            continue
        if not isinstance(asked.item, Info):
            walk.read(asked, on)
        for stop in asked.stops:
            stops = on & walk.ends.where(lambda end: end is None) & stop.when.holds_each(walk.known, n)
            walk.ends = chosen(stops, everyone(instrument.end(stop.end), n), walk.ends)
    return Readings(walk.answers, walk.contacts, walk.known, ~walk.wrong, walk.dropped, walk.ends)


class _Walk:
    """What has been read so far."""

    def __init__(self, given: Mapping[str, Column], n: int, prefill: Mapping[str, Column]) -> None:
        self.n = n
        self.given = given
        self.prefill = prefill
        self.known: dict[str, Column] = dict(prefill)
        self.answers: dict[str, Column] = {}
        self.contacts: dict[str, Column] = {}
        self.wrong: Mask = np.zeros(n, dtype=np.bool_)
        self.dropped: Places = np.zeros(n, dtype=np.intp)
        self.ends: Each[End | None] = everyone(None, n)

    def read(self, asked: Asked, on: Mask) -> None:
        """Read one item of those who are routed to it."""
        item, nothing = asked.item, everyone(None, self.n)
        given = self.given.get(item.id, nothing)
        said = given.map(lambda value: Missing.SKIPPED if value is None else _accepted(item, value))
        asks = on
        if item.id in self.prefill:
            before = self.prefill[item.id].map(lambda value: _WRONG if value is None else _accepted(item, value))
            taken = on & ~given.where(_is_there) & ~before.where(_is_nothing)
            said, asks = chosen(taken, before, said), on & ~taken
        self.wrong |= asks & said.where(_is_wrong)
        self._keep(item, on, said.map(lambda answer: Missing.SKIPPED if answer is _WRONG else answer))
        blank = asks & said.where(_is_skipped)
        if asked.required is not False and blank.any():
            self.wrong |= blank & self._holds(asked.required)
        for check in asked.checks:
            if check.severity == "hard":
                self.wrong |= asks & self._holds(check.when)

    def _holds(self, rule: Condition | bool) -> Mask:  # noqa: FBT001 - a rule, not a switch
        return np.full(self.n, rule) if isinstance(rule, bool) else rule.holds_each(self.known, self.n)

    def _keep(self, item: BaseItem, on: Mask, answer: Column) -> None:
        nothing = everyone(None, self.n)
        self.known[item.id] = chosen(on, answer, self.prefill.get(item.id, nothing))
        if item.contact:
            texts = answer.map(lambda answer: answer if isinstance(answer, str) else None)
            self.contacts[item.id] = chosen(on, texts, nothing)
        else:
            self.answers[item.id] = chosen(on, answer, nothing)


def _accepted(item: BaseItem, value: object) -> Any:
    try:
        return item.accept(value)
    except Invalid:
        return _WRONG


def _is_there(value: object) -> bool:
    return value is not None


def _is_wrong(value: object) -> bool:
    return value is _WRONG


def _is_skipped(value: object) -> bool:
    return value is Missing.SKIPPED


def _is_nothing(value: object) -> bool:
    return value is _WRONG or value is Missing.SKIPPED
