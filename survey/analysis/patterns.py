"""Respondents alike in everything that matters, counted: what a weighted or clustered estimate needs of them."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, floats

Labels = tuple[str, ...] | tuple[float, ...]


class Patterns(Struct, frozen=True):
    """Distinct rows and how many respondents each stands for; `a + b` describes the union of the two samples.

    Columns are what a design and a test ask for: cluster, stratum, weight, group, level. Rows are in sorted order, so
    the sum does not depend on the order of the chunks.

    >>> a = Patterns.of({"hall": ["x", "x", "y"], "level": [3, 3, 5]})
    >>> b = Patterns.of({"hall": ["x", "y"], "level": [3, 4]}, count=[10, 2])
    >>> (a + b).columns, (a + b).count
    ((('x', 'y', 'y'), (3.0, 4.0, 5.0)), (12.0, 2.0, 1.0))
    """

    names: tuple[str, ...]
    columns: tuple[Labels, ...]
    count: tuple[float, ...]

    @classmethod
    def of(cls, columns: Mapping[str, ArrayLike], count: ArrayLike | None = None) -> "Patterns":
        """From columns of labels or numbers, one entry per row; rows alike are added up."""
        arrays = {name: _column(values, name) for name, values in columns.items()}
        sizes = {array.size for array in arrays.values()}
        if len(sizes) != 1:
            raise BadData("columns", "must be one or more, all of one length")
        size = sizes.pop()
        held = np.ones(size) if count is None else floats(count, "count")
        if held.size != size or (held < 0).any():
            raise BadData("count", "must be one per row and not negative")
        return cls._merged(tuple(arrays), list(arrays.values()), held)

    @classmethod
    def _merged(cls, names: tuple[str, ...], arrays: list[NDArray[np.str_] | Floats], held: Floats) -> "Patterns":
        code = np.zeros(held.size, dtype=np.int64)
        for array in arrays:
            own = np.unique(array, return_inverse=True)[1].ravel()
            # numbered anew after each column: products of many level counts would overflow
            code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1].ravel()
        first = np.unique(code, return_index=True)[1]
        total = np.bincount(code, weights=held) if held.size else held
        return cls(names, tuple(tuple(array[first].tolist()) for array in arrays), tuple(total.tolist()))

    def __add__(self, other: "Patterns") -> "Patterns":
        if self.names != other.names:
            raise BadData("other", f"must have the same columns: {', '.join(self.names)}")
        if not self.count or not other.count:
            return self if not other.count else other
        arrays = []
        for name, mine, theirs in zip(self.names, self.columns, other.columns, strict=True):
            pair = np.asarray(mine), np.asarray(theirs)
            if pair[0].dtype.kind != pair[1].dtype.kind:
                raise BadData(name, "must be numbers in both, or labels in both")
            arrays.append(np.concatenate(pair))
        return Patterns._merged(self.names, arrays, np.asarray(self.count + other.count))

    def __getitem__(self, name: str) -> NDArray[np.str_] | Floats:
        """One column, one entry per pattern."""
        if name not in self.names:
            raise BadData("name", f"must be one of {', '.join(self.names)}")
        return np.asarray(self.columns[self.names.index(name)])


def _column(values: ArrayLike, name: str) -> NDArray[np.str_] | Floats:
    array = np.asarray(values)
    return array if array.dtype.kind == "U" and array.ndim == 1 else floats(values, name)
