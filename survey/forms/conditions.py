"""When something holds: a closed algebra over the answers so far and what was known beforehand.

An item that was not asked, was left blank or was escaped has no value: only `IsMissing` sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
import numpy as np

from survey.forms.characters import is_longer
from survey.forms.each import Each, Mask
from survey.forms.items.base import Answer, Missing, Scalar

Answers = Mapping[str, Answer]
AnswersEach = Mapping[str, Each[Answer | None]]
"""The answers of many respondents; None where there is none."""
_NUMBER = (int, float)


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op"):
    """Something that holds or does not."""

    def holds(self, answers: Answers) -> bool:
        """Whether it holds for these answers."""
        raise NotImplementedError

    def holds_each(self, answers: AnswersEach, n: int) -> Mask:
        """For whom of n respondents it holds."""
        raise NotImplementedError

    def refers(self) -> Iterator[str]:
        """The ids it looks at."""
        raise NotImplementedError


class OnItem(Base, frozen=True):
    """A condition on one item, or on one value known beforehand."""

    item: str

    def holds_each(self, answers: AnswersEach, n: int) -> Mask:
        """For whom it holds: asked once for every distinct answer."""
        if self.item not in answers:
            return np.full(n, self.holds({}))
        return answers[self.item].where(lambda answer: self.holds({} if answer is None else {self.item: answer}))

    def refers(self) -> Iterator[str]:
        """Its item."""
        yield self.item


class Equals(OnItem, tag="equals", frozen=True):
    """The answer is this value."""

    value: Scalar

    def holds(self, answers: Answers) -> bool:
        """Whether it is."""
        return answers.get(self.item) == self.value


class AnyOf(OnItem, tag="any-of", frozen=True):
    """The answer is one of these values; for a multiple choice, one of these was chosen."""

    values: tuple[int | str, ...]

    def holds(self, answers: Answers) -> bool:
        """Whether it is."""
        match answers.get(self.item):
            case tuple() as chosen:
                return any(value in chosen for value in self.values)
            case answer:
                return answer in self.values


class AtMost(OnItem, tag="at-most", frozen=True):
    """The answer is a number not above this one."""

    value: float

    def holds(self, answers: Answers) -> bool:
        """Whether it is."""
        answer = answers.get(self.item)
        return isinstance(answer, _NUMBER) and answer <= self.value


class AtLeast(OnItem, tag="at-least", frozen=True):
    """The answer is a number not below this one."""

    value: float

    def holds(self, answers: Answers) -> bool:
        """Whether it is."""
        answer = answers.get(self.item)
        return isinstance(answer, _NUMBER) and answer >= self.value


class Shorter(OnItem, tag="shorter", frozen=True):
    """The answer is a text of fewer characters than this."""

    length: int

    def holds(self, answers: Answers) -> bool:
        """Whether it is."""
        answer = answers.get(self.item)
        return isinstance(answer, str) and not is_longer(answer, self.length - 1)


class Answered(OnItem, tag="answered", frozen=True):
    """There is a substantive answer, or the value was known beforehand."""

    def holds(self, answers: Answers) -> bool:
        """Whether there is."""
        answer = answers.get(self.item)
        return answer is not None and not isinstance(answer, Missing)


class IsMissing(OnItem, tag="is-missing", frozen=True):
    """The respondent chose an escape, or left it blank: one of these states."""

    states: tuple[Literal["refused", "not_applicable", "dont_know", "skipped"], ...]

    def holds(self, answers: Answers) -> bool:
        """Whether the state is one of them."""
        answer = answers.get(self.item)
        return isinstance(answer, Missing) and answer.value in self.states


class All(Base, tag="all", frozen=True):
    """Every one of these holds."""

    of: tuple[Condition, ...]

    def holds(self, answers: Answers) -> bool:
        """Whether every one does."""
        for condition in self.of:  # noqa: SIM110 - a generator would cost more than the conditions
            if not condition.holds(answers):
                return False
        return True

    def holds_each(self, answers: AnswersEach, n: int) -> Mask:
        """For whom every one does."""
        held = np.ones(n, dtype=np.bool_)
        for condition in self.of:
            held &= condition.holds_each(answers, n)
        return held

    def refers(self) -> Iterator[str]:
        """What its parts look at."""
        for condition in self.of:
            yield from condition.refers()


class Any(Base, tag="any", frozen=True):
    """At least one of these holds."""

    of: tuple[Condition, ...]

    def holds(self, answers: Answers) -> bool:
        """Whether one does."""
        for condition in self.of:  # noqa: SIM110 - a generator would cost more than the conditions
            if condition.holds(answers):
                return True
        return False

    def holds_each(self, answers: AnswersEach, n: int) -> Mask:
        """For whom one does."""
        held = np.zeros(n, dtype=np.bool_)
        for condition in self.of:
            held |= condition.holds_each(answers, n)
        return held

    def refers(self) -> Iterator[str]:
        """What its parts look at."""
        for condition in self.of:
            yield from condition.refers()


class Not(Base, tag="not", frozen=True):
    """This does not hold."""

    of: Condition

    def holds(self, answers: Answers) -> bool:
        """Whether it does not."""
        return not self.of.holds(answers)

    def holds_each(self, answers: AnswersEach, n: int) -> Mask:
        """For whom it does not."""
        return ~self.of.holds_each(answers, n)

    def refers(self) -> Iterator[str]:
        """What its part looks at."""
        return self.of.refers()


Condition = Equals | AnyOf | AtMost | AtLeast | Shorter | Answered | IsMissing | All | Any | Not
