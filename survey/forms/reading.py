"""From what a respondent gave to answers: routing and parsing in one walk."""

from collections.abc import Mapping

import msgspec

from survey.forms.conditions import Condition
from survey.forms.instrument import Asked, End, Instrument
from survey.forms.items import Answer, Info, Invalid, Missing
from survey.forms.items.base import Fields, Scalar
from survey.forms.wording import Text


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Why something cannot be an answer. Soft ones only ask to look again."""

    item: str
    code: str
    params: dict[str, Scalar] = {}
    text: Text = {}
    soft: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    `answers` has an entry for every item on the respondent's path, a value or the reason why there is none; `path`
    names them in order, and `seen` the information blocks too; `contacts` are kept apart; `dropped` was given off
    the path and does not count; `end` is the way out taken, None when the last question was reached.
    """

    answers: dict[str, Answer]
    contacts: dict[str, str]
    path: tuple[str, ...]
    seen: frozenset[str]
    issues: tuple[Issue, ...]
    soft: tuple[Issue, ...]
    dropped: tuple[str, ...]
    end: End | None


def given_in(instrument: Instrument, fields: Fields) -> dict[str, object]:
    """What a browser's fields say, by item, as the JSON API would say it."""
    pairs = ((asked.item.id, asked.item.given(fields)) for asked in instrument.asked)
    return {item: given for item, given in pairs if given is not None}


def read(
    instrument: Instrument, given: Mapping[str, object], *, prefill: Mapping[str, Scalar] | None = None
) -> Reading:
    """Walk the instrument once, in order, reading the items this respondent is routed to.

    An item whose value is prefilled is not asked: the value is its answer, unless another one is given.
    """
    known: dict[str, Answer] = dict(prefill or {})
    walk = _Walk(known)
    end: End | None = None
    for asked in instrument.asked:
        if end is not None or (asked.when is not None and not asked.when.holds(known)):
            continue
        if asked.item.id in given or not walk.prefilled(asked):
            walk.ask(asked, given.get(asked.item.id))
        for stop in asked.stops:
            if stop.when.holds(known):
                end = instrument.end(stop.end)
                break
    unknown = [Issue(item=item, code="unknown-item") for item in given if item not in instrument.by_id]
    return Reading(
        answers=walk.answers,
        contacts=walk.contacts,
        path=tuple(walk.path),
        seen=frozenset(walk.seen),
        issues=(*unknown, *walk.issues),
        soft=tuple(walk.soft),
        dropped=tuple(a.item.id for a in instrument.asked if a.item.id in given and a.item.id not in walk.seen),
        end=end,
    )


class _Walk:
    """What has been read so far. `known` is what conditions see: prefilled values and answers."""

    def __init__(self, known: dict[str, Answer]) -> None:
        self.known = known
        self.answers: dict[str, Answer] = {}
        self.contacts: dict[str, str] = {}
        self.issues: list[Issue] = []
        self.soft: list[Issue] = []
        self.path: list[str] = []
        self.seen: set[str] = set()

    def ask(self, asked: Asked, given: object | None) -> None:
        """Read one item."""
        item = asked.item
        self.seen.add(item.id)
        if isinstance(item, Info):
            return
        self.path.append(item.id)
        if given is None:
            self._keep(asked, Missing.SKIPPED)
            if _must(asked.required, self.known):
                self.issues.append(Issue(item=item.id, code="required"))
            else:
                self._check(asked)
            return
        try:
            answer = item.accept(given)
        except Invalid as error:
            self.issues.append(Issue(item=item.id, code=error.code, params=error.params))
            self._keep(asked, Missing.SKIPPED)
            return
        self._keep(asked, answer)
        self._check(asked)

    def prefilled(self, asked: Asked) -> bool:
        """Take what was known beforehand for the answer, when it can be one; then nobody is asked."""
        if asked.item.id not in self.known:
            return False
        try:
            self._keep(asked, asked.item.accept(self.known[asked.item.id]))
        except Invalid:
            del self.known[asked.item.id]
            return False
        return True

    def _check(self, asked: Asked) -> None:
        for check in asked.checks:
            if check.when.holds(self.known):
                issue = Issue(item=asked.item.id, code="check", text=check.text, soft=check.severity == "soft")
                (self.soft if issue.soft else self.issues).append(issue)

    def _keep(self, asked: Asked, answer: Answer) -> None:
        self.known[asked.item.id] = answer
        if not asked.item.contact:
            self.answers[asked.item.id] = answer
        elif isinstance(answer, str):
            self.contacts[asked.item.id] = answer


def _must(required: bool | Condition, known: Mapping[str, Answer]) -> bool:  # noqa: FBT001 - a rule, not a switch
    return required if isinstance(required, bool) else required.holds(known)
