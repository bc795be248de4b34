from typing import ClassVar

from survey.forms.items.base import Level, Step
from survey.forms.items.choice import ChoiceItem


class Select(ChoiceItem, tag="select", frozen=True, kw_only=True):
    """One option of a long list (districts, offices), shown as the device's own picker."""

    level: ClassVar[Level] = Level.NOMINAL

    def steps(self, *, max_options: int, unfold: bool) -> tuple[Step, ...]:
        """Always one page: the picker is one control, however long its list."""
        return (Step(codes=tuple(option.code for option in self.options)),)
