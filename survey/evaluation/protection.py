"""Which groups of a wave may be shown, so that no sum or difference of what is shown gives a small group away.

One plan a wave, the same whoever asks in whichever order: `partitions` for one variable, and for several their table
with small cells hidden by hypercubes. It depends on the responses alone, nothing is kept of what was asked before.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import prod

import numpy as np

from survey.analysis.differencing import hypercubes
from survey.errors import Refused
from survey.evaluation.chunks import chunks
from survey.evaluation.disclosure import FEW, FLOOR, SUBTRACTION
from survey.evaluation.partitions import Partition, apart, partition
from survey.evaluation.sample import Counted, Mask, Sample, Variable, count_bytes, grouped
from survey.evaluation.selectors import Part, holds

MOST_CELLS = 20_000
"""A table of more cells is not looked through: all but a few of them would be small."""
Selection = tuple[Partition, Mask]
"""A variable's partition, and which of its blocks are chosen."""


class Protection:
    """What may be shown of the responses of one wave."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._known = sample.partitions

    def partition(self, variable: Variable, counted: Counted | None = None) -> Partition:
        """How a variable divides the wave; `counted` are its groups x columns x 256 where they are known already."""
        if variable.id not in self._known:
            if counted is None:
                counted = _counted_by(self._sample, variable)
            column = counted.sum(axis=0)
            others = [partition(each, column[each.place]) for each in self._sample.variables()]
            mine = partition(variable, column[variable.place])
            self._known[variable.id] = apart(mine, counted, others)
        return self._known[variable.id]

    def withholds(self, parts: Iterable[Part]) -> str | None:
        """Why the group that all these conditions select may not be shown; None when it may be."""
        chosen = self._chosen(parts)
        if chosen and len(self._sample) < FLOOR:
            return FEW
        if isinstance(chosen, str):
            return chosen
        if not chosen:
            return None
        shown = self._cells([mine for mine, _ in chosen])
        return None if shown[np.ix_(*(blocks for _, blocks in chosen))].all() else self._why(chosen)

    def shows(self, parts: Iterable[Part], by: Variable) -> list[bool]:
        """For each code of a variable whether its group, within a part that may be shown, may be shown too."""
        mine, chosen = self.partition(by), self._chosen(parts)
        places = range(len(by.codes))
        if isinstance(chosen, str):
            return [False for _ in places]
        within = [each for each in chosen if each[0].variable.id != by.id]
        shown = self._cells([mine, *(each for each, _ in within)]) if within else _whole(mine)
        free = shown[np.ix_(np.ones(len(shown), dtype=np.bool_), *(blocks for _, blocks in within))]
        line = free.reshape(len(free), -1).all(axis=1)
        return [bool(line[mine.block[place]]) and mine.shows(place) for place in places]

    def _chosen(self, parts: Iterable[Part]) -> list[Selection] | str:
        """The blocks that conditions choose, variable by variable; or why they are not blocks that may be shown."""
        by_name: dict[str, list[str]] = {}
        for part in parts:
            by_name.setdefault(part.name, []).append(part.value)
        chosen: list[Selection] = []
        for name, values in by_name.items():
            variable = self._sample.variable(name)
            held = np.all([holds(variable, value) for value in values], axis=0)
            mine = self.partition(variable)
            blocks, whole = _blocks(mine, held)
            if not whole:
                return FEW if 0 < mine.counts[held].sum() < FLOOR else _wider(mine, held)
            chosen.append((mine, blocks))
        return sorted(chosen, key=lambda each: each[0].variable.place)

    def _why(self, chosen: list[Selection]) -> str:
        table = self._table([mine for mine, _ in sorted(chosen, key=lambda each: each[0].variable.place)])
        return FEW if 0 < table[np.ix_(*(blocks for _, blocks in chosen))].sum() < FLOOR else SUBTRACTION

    def _cells(self, parts: list[Partition]) -> Mask:
        """Which cells of the table of these variables may be shown; axes as the variables are given."""
        order = sorted(range(len(parts)), key=lambda number: parts[number].variable.place)
        table = self._table([parts[number] for number in order])
        return np.asarray(~_hidden(table).transpose(np.argsort(order)))

    def _table(self, parts: list[Partition]) -> Counted:
        """How many are in each combination of blocks."""
        shape = tuple(int(mine.block.max()) + 1 for mine in parts)
        if prod(shape) > MOST_CELLS:
            names = ", ".join(mine.variable.id for mine in parts)
            raise Refused(f"{names} together make {prod(shape)} groups, too many to be looked at: use fewer conditions")
        found = np.zeros(prod(shape), dtype=np.int64)
        for part in chunks(self._sample):
            places = tuple(mine.block[part.codes[:, mine.variable.place]] for mine in parts)
            found += np.bincount(np.ravel_multi_index(places, shape), minlength=found.size)
        return found.reshape(shape)


def _hidden(table: Counted) -> Mask:
    """The cells not to be shown: small ones in a hypercube, and what lies under a hidden cell of a smaller table."""
    hidden = np.zeros(table.shape, dtype=np.bool_)
    for size in range(2, table.ndim + 1):
        for axes in combinations(range(table.ndim), size):
            others = tuple(axis for axis in range(table.ndim) if axis not in axes)
            margin = table.sum(axis=others)
            found = hypercubes(margin, FLOOR)
            hidden |= np.expand_dims(margin > 0 if found is None else found, others)
    return hidden


def _blocks(mine: Partition, held: Mask) -> tuple[Mask, bool]:
    """The blocks whose every response a condition holds for, and whether these are all that it holds for."""
    sizes, inside = mine.sizes, np.bincount(mine.block, weights=mine.counts * held, minlength=mine.sizes.size)
    blocks = (inside == sizes) & (sizes > 0)
    return blocks, bool(inside[~blocks].sum() == 0)


def _wider(mine: Partition, held: Mask) -> str:
    """Why some values are not whole blocks; for a number which ranges are."""
    if not mine.variable.numeric:
        return SUBTRACTION
    bands: dict[int, list[float]] = {}
    for place, code in enumerate(mine.variable.codes):
        if mine.counts[place]:
            bands.setdefault(int(mine.block[place]), []).append(float(code))
    ends = sorted(max(values) for block, values in bands.items() if block != mine.held)
    some = ", ".join(f"{end:g}" for end in ends[:: max(1, len(ends) // 8)])
    return f"{SUBTRACTION}. Ranges of {mine.variable.id} may end at {some}"


def _whole(mine: Partition) -> Mask:
    return np.ones(int(mine.block.max()) + 1, dtype=np.bool_)


def _counted_by(sample: Sample, variable: Variable) -> Counted:
    """How often each byte stands in each column, group by group: groups x columns x 256."""
    groups = len(variable.codes) + 1

    def count(part: Sample) -> Counted:
        return count_bytes(part, grouped(part, variable), groups)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.asarray(sum(pool.map(count, chunks(sample))))
