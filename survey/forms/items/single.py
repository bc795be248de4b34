from typing import ClassVar

from survey.forms.items.base import Level
from survey.forms.items.choice import ChoiceItem


class Single(ChoiceItem, tag="single", frozen=True, kw_only=True):
    """One of a few options."""

    level: ClassVar[Level] = Level.NOMINAL
    ordered: bool = False
    """Whether the options are in an order that means something (age groups, amounts)."""
