"""The part of the responses that a filter selects, and what it must not give away of those it leaves out."""

from typing import NamedTuple

import numpy as np

from survey.errors import Refused
from survey.evaluation.disclosure import FEW, FLOOR, Withheld
from survey.evaluation.protection import Protection
from survey.evaluation.sample import Mask, Sample
from survey.evaluation.selectors import Part, parse, select


class Filtered(NamedTuple):
    """Who is meant. `left_out` are the groups that could be had by taking these from a wider selection.

    The wider selections are those with one condition fewer, down to everybody.
    """

    chosen: Mask
    left_out: tuple[Mask, ...] = ()
    parts: tuple[Part, ...] = ()
    withheld: Withheld | None = None

    @property
    def held_back(self) -> Withheld | None:
        """Why nothing may be shown: too few are meant, or too few are left out."""
        if not self.parts:
            return None
        return Withheld(FEW) if 0 < self.chosen.sum() < FLOOR else self.withheld


def filtered(sample: Sample, wave: str, where: str | None) -> Filtered:
    """Whom `where` selects in a wave (everybody without it); raises Refused."""
    if not where:
        return Filtered(np.ones(len(sample), dtype=np.bool_))
    selector = parse(where)
    if selector.wave not in (None, wave):
        raise Refused(
            "This is the summary of wave %(wave)s; ask for that of %(other)s instead", wave=wave, other=selector.wave
        )
    parts = selector.parts
    if not parts:
        return Filtered(np.ones(len(sample), dtype=np.bool_))
    chosen = select(sample, parts)
    wider = [select(sample, parts[:place] + parts[place + 1 :]) for place in range(len(parts))]
    return Filtered(chosen, tuple(mask & ~chosen for mask in wider), parts, Protection(sample).withholds(parts))
