"""A value for each of many respondents, told by which of a few distinct values it is.

What decides about one value decides about many by being asked once for every distinct one: there is one `accept` and
one `holds`, whether a respondent comes alone or with five thousand others.
"""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
T = TypeVar("T")
S = TypeVar("S")

ALIKE = (str, int, float, bool)
"""Types of which two equal values are alike in everything, beside values of their own type."""


class Each(NamedTuple, Generic[T]):
    """Respondent i has `values[places[i]]`."""

    values: Sequence[T]
    places: Places

    def map(self, function: Callable[[T], S]) -> "Each[S]":
        """What the function makes of each value."""
        return Each([function(value) for value in self.values], self.places)

    def where(self, holds: Callable[[T], bool]) -> Mask:
        """For whom it holds."""
        return np.array([holds(value) for value in self.values], dtype=np.bool_)[self.places]

    def one(self, respondent: int) -> T:
        """The value of one respondent."""
        return self.values[int(self.places[respondent])]

    def every(self) -> list[T]:
        """The values, respondent by respondent."""
        return [self.values[place] for place in self.places.tolist()]


def everyone(value: T, n: int) -> Each[T]:
    """The same value for all of them.

    >>> everyone(None, 3).every()
    [None, None, None]
    """
    return Each([value], np.zeros(n, dtype=np.intp))


def each_of(values: Sequence[object]) -> Each[object]:
    """The values of a list, by their distinct ones.

    >>> each_of(["a", "b", "a"]).values, each_of([1, True, 1.0]).values
    (['a', 'b'], [1, True, 1.0])
    """
    kinds = {*map(type, values)} - {type(None)}
    plain = len(kinds) <= 1 and kinds.issubset(ALIKE)
    keys: Sequence[object] = values if plain else [(type(value), repr(value)) for value in values]
    distinct = dict(zip(keys, values, strict=True))
    place = {key: number for number, key in enumerate(distinct)}
    return Each(list(distinct.values()), np.fromiter(map(place.__getitem__, keys), dtype=np.intp, count=len(values)))


def chosen(mask: Mask, these: Each[T], others: Each[S]) -> Each[T | S]:
    """These where the mask says so, the others elsewhere."""
    return Each([*these.values, *others.values], np.where(mask, these.places, others.places + len(these.values)))


def together(columns: Sequence[Each[T]], n: int) -> Each[tuple[T, ...]]:
    """What n respondents have in several columns, as tuples.

    >>> together([each_of([1, 1, 2]), each_of("xyx")], 3).every()
    [(1, 'x'), (1, 'y'), (2, 'x')]
    """
    found: Each[tuple[T, ...]] = everyone((), n)
    for column in columns:
        width = len(column.values)
        pairs, places = np.unique(found.places * width + column.places, return_inverse=True)
        tuples = [(*found.values[pair // width], column.values[pair % width]) for pair in pairs.tolist()]
        found = Each(tuples, places)
    return found
