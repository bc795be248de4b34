"""What an instrument measures beyond single items: scales, rates and flags. Definitions only; `evaluation` counts."""

from typing import Literal

import msgspec

from survey.forms.conditions import Condition
from survey.forms.wording import Text


class BaseScale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="method"):
    """Items measuring one construct, and how one person's answers become one score of 0 to 100."""

    id: str
    title: Text

    def measured_by(self) -> tuple[str, ...]:
        """The ids of its items."""
        raise NotImplementedError


class MeanScale(BaseScale, tag="mean", frozen=True, kw_only=True):
    """The mean of the items' linear scores over the answered items, when at least `at_least` were answered."""

    items: tuple[str, ...]
    at_least: int = 1

    def measured_by(self) -> tuple[str, ...]:
        """The ids of its items."""
        return self.items


class PointsScale(BaseScale, tag="points", frozen=True, kw_only=True):
    """A test: 100 times the points won over the points that could be won on the items administered.

    An item shown and left blank wins nothing; an item not asked does not count. `pass_mark` is in points of 100.
    """

    items: tuple[str, ...]
    pass_mark: float | None = None
    alone: bool = True
    """Whether it may be reported by itself; a sub-score that is too short may not."""

    def measured_by(self) -> tuple[str, ...]:
        """The ids of its items."""
        return self.items


class Component(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part of a composite: its weight, and for a number the value that scores 100 and the one that scores 0."""

    item: str
    weight: float
    best: float | None = None
    worst: float | None = None


class CompositeScale(BaseScale, tag="composite", frozen=True, kw_only=True):
    """The weighted mean over the answered components, when their weights reach `least_weight` of the whole.

    `set_by` says who set the weights: they are policy, not mathematics.
    """

    components: tuple[Component, ...]
    least_weight: float = 0.60
    set_by: Text

    def measured_by(self) -> tuple[str, ...]:
        """The ids of its items."""
        return tuple(component.item for component in self.components)


Scale = MeanScale | PointsScale | CompositeScale


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of responses for which `numerator` holds among those for which `base` holds."""

    id: str
    title: Text
    numerator: Condition
    base: Condition


class Flag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something about a response that somebody must know: a repeat, a rebound, pressure on the respondent."""

    id: str
    title: Text
    when: Condition
    tells: Literal["handler", "supervisor", "evaluator"] = "evaluator"
