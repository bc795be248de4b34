"""What small groups must not give away."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from survey.forms.wording import Text

FLOOR = 10
"""Groups with fewer responses are not shown. A policy, not mathematics."""
FEW = f"fewer than {FLOOR} responses: not shown. Choose a wider part, or wait for more responses"
SUBTRACTION = (
    f"leaves out fewer than {FLOOR} responses, or a group of so few could be had by subtraction: not shown. "
    "Name fewer conditions, or a wider part"
)


class Withheld(NamedTuple):
    """Why something is not shown; of a range of a number at which values ranges may end instead."""

    reason: str
    ends: tuple[float, ...] = ()


class HeldBack(msgspec.Struct, frozen=True, kw_only=True):
    """A group that is not shown, why, and what can be done about it; `ends` as in `Withheld`."""

    group: str
    title: Text
    reason: str
    ends: tuple[float, ...] = ()


def hidden(sizes: Sequence[int], *, floor: int = FLOOR) -> frozenset[int]:
    """The places of the parts of a whole not to be shown: the small ones, and others until they are enough together.

    What is held back could be had, as one, by taking the others from the whole: it must not be a small group itself.

    >>> sorted(hidden([40, 3, 25, 31])), sorted(hidden([40, 3, 8, 0])), sorted(hidden([40, 3, 2]))
    ([1, 2], [1, 2], [0, 1, 2])
    """
    held = {place for place, size in enumerate(sizes) if 0 < size < floor}
    for place in sorted(range(len(sizes)), key=lambda place: sizes[place]):
        if 0 < sum(sizes[each] for each in held) < floor and sizes[place] > 0:
            held.add(place)
    return frozenset(held)


def too_few(n: int, *, floor: int = FLOOR) -> str | None:
    """Why nothing is shown of a group of this size; None when it may be."""
    return f"fewer than {floor} responses: not shown" if 0 < n < floor else None
