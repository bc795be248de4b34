"""The part of the responses that a filter selects, and what it must not give away of those it leaves out."""

from typing import NamedTuple

import numpy as np

from survey.errors import Refused
from survey.evaluation.disclosure import FLOOR, too_few
from survey.evaluation.sample import Mask, Sample
from survey.evaluation.selectors import parse, select


class Filtered(NamedTuple):
    """Who is meant. `left_out` are the groups that could be had by taking these from a wider selection.

    The wider selections are those with one condition fewer, down to everybody.
    """

    chosen: Mask
    left_out: tuple[Mask, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why nothing may be shown: too few are meant, or too few are left out."""
        if not self.left_out:
            return None
        sizes = [int(mask.sum()) for mask in (self.chosen, *self.left_out)]
        if reason := too_few(sizes[0]):
            return reason
        if any(0 < size < FLOOR for size in sizes[1:]):
            return f"leaves out fewer than {FLOOR} responses, who could be had by subtraction: not shown"
        return None


def filtered(sample: Sample, wave: str, where: str | None) -> Filtered:
    """Whom `where` selects in a wave (everybody without it); raises Refused."""
    if not where:
        return Filtered(np.ones(len(sample), dtype=np.bool_))
    selector = parse(where)
    if selector.wave not in (None, wave):
        raise Refused(f"This is the summary of wave {wave}; ask for that of {selector.wave} instead")
    parts = selector.parts
    if not parts:
        return Filtered(np.ones(len(sample), dtype=np.bool_))
    chosen = select(sample, parts)
    wider = [select(sample, parts[:place] + parts[place + 1 :]) for place in range(len(parts))]
    return Filtered(chosen, tuple(mask & ~chosen for mask in wider))
