"""What small groups must not give away."""

from collections.abc import Sequence

FLOOR = 10
"""Groups with fewer responses are not shown. A policy, not mathematics."""


def hidden(sizes: Sequence[int], *, floor: int = FLOOR) -> frozenset[int]:
    """The places of the groups not to be shown.

    A single group held back could be had by taking the others from the total: then the next smallest goes too.

    >>> sorted(hidden([40, 3, 25, 31]))
    [1, 2]
    >>> sorted(hidden([40, 3, 8, 0]))
    [1, 2]
    """
    small = {place for place, size in enumerate(sizes) if 0 < size < floor}
    if len(small) == 1:
        others = [place for place, size in enumerate(sizes) if size >= floor]
        if others:
            small.add(min(others, key=lambda place: sizes[place]))
    return frozenset(small)


def too_few(n: int, *, floor: int = FLOOR) -> str | None:
    """Why nothing is shown of a group of this size; None when it may be."""
    return f"fewer than {floor} responses: not shown" if 0 < n < floor else None
