"""From what a respondent gave to answers: routing and parsing in one walk."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from survey.forms.instrument import Asked, End, Instrument
from survey.forms.items import Answer, Invalid, Missing
from survey.forms.items.base import BaseItem, Fields, Scalar
from survey.forms.items.choice import CODE_TYPES
from survey.forms.wording import Text

SKIPPED = Missing.SKIPPED
PLAIN_TYPES = frozenset((*CODE_TYPES, type(None)))


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Why something cannot be an answer. Soft ones only ask to look again."""

    item: str
    code: str
    params: dict[str, Scalar] = {}
    text: Text = {}
    soft: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What came of it.

    `answers` has an entry for every item on the respondent's path, a value or the reason why there is none; `path`
    names them in order, `blocks` the information between them; `contacts` are kept apart; `dropped` was given off
    the path and does not count; `end` is the way out taken, None when the last question was reached.
    """

    answers: dict[str, Answer]
    contacts: dict[str, str]
    path: tuple[str, ...]
    blocks: tuple[str, ...]
    issues: tuple[Issue, ...]
    soft: tuple[Issue, ...]
    dropped: tuple[str, ...]
    end: End | None

    @cached_property
    def seen(self) -> frozenset[str]:
        """The ids of all that was shown: what was asked, and the information."""
        return frozenset((*self.path, *self.blocks))


def given_in(instrument: Instrument, fields: Fields) -> dict[str, object]:
    """What a browser's fields say, by item, as the JSON API would say it."""
    named = {name.partition(".")[0] for name in fields}
    pairs = [(asked.item.id, asked.item.given(fields)) for asked in instrument.asked if asked.item.id in named]
    return {item: given for item, given in pairs if given is not None}


def read(
    instrument: Instrument, given: Mapping[str, object], *, prefill: Mapping[str, Scalar] | None = None
) -> Reading:
    """Walk the instrument once, in order, reading the items this respondent is routed to.

    An item whose value is prefilled is not asked: the value is its answer, unless another one is given.
    """
    walk = _Walk(dict(prefill or {}))
    known, answers, path, end, taken = walk.known, walk.answers, walk.path, None, 0
    for asked, item_id, when, plain, stops in instrument.route:
        if when is not None and not when(known):
            continue
        value = given.get(item_id)
        taken += value is not None
        answer = plain.get(value) if type(value) in PLAIN_TYPES else None
        if item_id in known and item_id not in given and walk.prefilled(asked):
            pass
        elif answer is not None:
            path.append(item_id)
            known[item_id] = answers[item_id] = answer
        else:
            walk.ask(asked, value)
        if stops and (end := _way_out(instrument, asked, known)):
            break
    unknown, dropped = _unseen(instrument, given, walk) if taken < len(given) else ((), ())
    return Reading(
        answers=answers,
        contacts=walk.contacts,
        path=tuple(path),
        blocks=tuple(walk.blocks),
        issues=(*unknown, *walk.issues),
        soft=tuple(walk.soft),
        dropped=dropped,
        end=end,
    )


def _way_out(instrument: Instrument, asked: Asked, known: Mapping[str, Answer]) -> End | None:
    for stop in asked.stops:
        if stop.when.holds(known):
            return instrument.end(stop.end)
    return None


def _unseen(
    instrument: Instrument, given: Mapping[str, object], walk: "_Walk"
) -> tuple[Iterable[Issue], tuple[str, ...]]:
    """What was given and is no item of this instrument, and what was given off the path."""
    rest = given.keys() - {*walk.path, *walk.blocks}
    unknown = [Issue(item=item, code="unknown-item") for item in given if item not in instrument.by_id]
    return unknown, tuple(asked.item.id for asked in instrument.asked if asked.item.id in rest)


def _is_required(asked: Asked, known: Mapping[str, Answer]) -> bool:
    return asked.required if isinstance(asked.required, bool) else asked.required.holds(known)


class _Walk:
    """What has been read so far. `known` is what conditions see: prefilled values and answers."""

    def __init__(self, known: dict[str, Answer]) -> None:
        self.known = known
        self.answers: dict[str, Answer] = {}
        self.contacts: dict[str, str] = {}
        self.issues: list[Issue] = []
        self.soft: list[Issue] = []
        self.path: list[str] = []
        self.blocks: list[str] = []

    def ask(self, asked: Asked, given: object | None) -> None:
        """Read one item."""
        item = asked.item
        if not item.asks:
            self.blocks.append(item.id)
            return
        self.path.append(item.id)
        issue = None
        answer: Answer = SKIPPED
        if given is not None:
            try:
                answer = item.accept(given)
            except Invalid as error:
                issue = Issue(item=item.id, code=error.code, params=error.params)
        if answer is SKIPPED and issue is None and _is_required(asked, self.known):
            issue = Issue(item=item.id, code="required")
        self._keep(item, answer)
        if issue is not None:
            self.issues.append(issue)
        elif asked.checks:
            self._check(asked)

    def prefilled(self, asked: Asked) -> bool:
        """Take what was known beforehand for the answer, when it is one; then nobody is asked."""
        item = asked.item
        try:
            answer = item.accept(self.known[item.id])
        except Invalid:
            answer = SKIPPED
        if answer is SKIPPED:
            del self.known[item.id]
            return False
        self._keep(item, answer)
        return True

    def _check(self, asked: Asked) -> None:
        for check in asked.checks:
            if check.when.holds(self.known):
                issue = Issue(item=asked.item.id, code="check", text=check.text, soft=check.severity == "soft")
                (self.soft if issue.soft else self.issues).append(issue)

    def _keep(self, item: BaseItem, answer: Answer) -> None:
        self.known[item.id] = answer
        if not item.contact:
            self.answers[item.id] = answer
        elif isinstance(answer, str):
            self.contacts[item.id] = answer
