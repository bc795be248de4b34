"""Which groups of a wave may be shown, so that no sum or difference of what is shown gives a small group away.

One plan a wave, the same whoever asks in whichever order: `partitions` for one variable, and for several their table
with small cells hidden by hypercubes. It depends on the responses alone, nothing is kept of what was asked before.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import prod

import numpy as np

from survey.errors import Refused
from survey.evaluation.audits import cells_given_away, hidden_cells, refused_pairs
from survey.evaluation.chunks import chunks
from survey.evaluation.disclosure import FEW, FLOOR, SUBTRACTION, Withheld
from survey.evaluation.partitions import Partition, Plan, apart, partition
from survey.evaluation.sample import Bytes, Counted, Mask, Sample, Variable, count_bytes, grouped
from survey.evaluation.selectors import Part, holds

MOST_CELLS = 20_000
"""A table of more cells is not looked through: all but a few of them would be small."""
GROUPS = 256
"""So many groups can be counted by at once."""
Selection = tuple[Partition, Mask]
"""A variable's partition, and which of its blocks are chosen."""


class Protection:
    """What may be shown of the responses of one wave."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        if sample.plan is None:
            sample.plan = Plan()
        self._plan = sample.plan

    def partition(self, variable: Variable, counted: Counted | None = None) -> Partition:
        """How a variable divides the wave; `counted` are its groups x columns x 256 where they are known already."""
        found = self._plan.partitions.get(variable.id)
        if found is None:
            if counted is None:
                groups = len(variable.codes) + 1
                counted = _counted(self._sample, lambda part: grouped(part, variable), groups)
            if not self._plan.alone:
                self._alone(counted.sum(axis=0))
            found = apart(self._plan.alone[variable.id], counted, list(self._plan.alone.values()))
            self._plan.partitions[variable.id] = found
        return found

    def withholds(self, parts: Iterable[Part]) -> Withheld | None:
        """Why the group that all these conditions select may not be shown; None when it may be."""
        chosen = self._chosen(parts)
        if chosen and len(self._sample) < FLOOR:
            return Withheld(FEW)
        if isinstance(chosen, Withheld):
            return chosen
        if len(chosen) < 2:
            return None
        shown = self._cells([mine for mine, _ in chosen])
        index = np.ix_(*(blocks for _, blocks in chosen))
        if shown[index].all():
            return None
        return Withheld(FEW if 0 < self._table([mine for mine, _ in chosen])[index].sum() < FLOOR else SUBTRACTION)

    def shows(self, parts: Iterable[Part], by: Variable) -> list[bool]:
        """For each code of a variable whether its group, within a part that may be shown, may be shown too."""
        chosen, places = self._chosen(parts), range(len(by.codes))
        if isinstance(chosen, Withheld):
            return [False for _ in places]
        whole, mine = self.partition(by), self._plan.alone[by.id]
        within = [each for each in chosen if each[0].variable.id != by.id]
        shown = self._cells([mine, *(each for each, _ in within)])
        free = shown[np.ix_(np.ones(len(shown), dtype=np.bool_), *(blocks for _, blocks in within))]
        line = free.reshape(len(free), -1).all(axis=1)
        return [bool(line[mine.block[place]]) and whole.shows(place) for place in places]

    def _chosen(self, parts: Iterable[Part]) -> list[Selection] | Withheld:
        """The blocks that conditions choose, variable by variable; or why they are not blocks that may be shown."""
        by_name: dict[str, list[str]] = {}
        for part in parts:
            by_name.setdefault(part.name, []).append(part.value)
        chosen: list[Selection] = []
        for name, values in by_name.items():
            variable = self._sample.variable(name)
            held = np.all([holds(variable, value) for value in values], axis=0)
            whole = self.partition(variable)
            if not _blocks(whole, held)[1]:
                return Withheld(FEW if 0 < whole.counts[held].sum() < FLOOR else SUBTRACTION, _ends(whole))
            mine = self._plan.alone[name]
            chosen.append((mine, _blocks(mine, held)[0]))
        return sorted(chosen, key=lambda each: each[0].variable.place)

    def _cells(self, parts: list[Partition]) -> Mask:
        """Which cells of the table of these variables may be shown; axes as the variables are given."""
        order = sorted(range(len(parts)), key=lambda number: parts[number].variable.place)
        hidden = self._hidden([parts[number] for number in order])
        return np.asarray(~hidden.transpose(np.argsort(order)))

    def _hidden(self, parts: list[Partition]) -> Mask:
        """The cells not to be shown: small ones in hypercubes, and what lies under a hidden cell of a smaller table."""
        key = tuple(mine.variable.id for mine in parts)
        if key not in self._plan.hidden:
            self._plan.hidden[key] = self._alone_hidden(parts[0]) if len(parts) == 1 else self._crossed_hidden(parts)
        return self._plan.hidden[key]

    def _alone_hidden(self, mine: Partition) -> Mask:
        return np.zeros(mine.sizes.size, dtype=np.bool_)

    def _crossed_hidden(self, parts: list[Partition]) -> Mask:
        table = self._table(parts)
        own = hidden_cells(table)
        smaller = {
            axes: self._hidden([parts[axis] for axis in axes])
            for size in range(2, len(parts))
            for axes in combinations(range(len(parts)), size)
        }
        under = own.copy()
        for axes, mask in smaller.items():
            under |= np.expand_dims(mask, tuple(axis for axis in range(len(parts)) if axis not in axes))
        if len(parts) == 2 and self._refused(parts):
            return np.asarray(table > 0)
        if len(parts) == 3 and cells_given_away(table, parts, smaller, ~under):
            return np.asarray(table > 0)
        return under

    def _refused(self, pair: list[Partition]) -> bool:
        """Whether two variables are not to be crossed because of what they would give away beside a third."""
        shape = tuple(mine.sizes.size for mine in pair)
        if prod(shape) > GROUPS:
            return False
        first, second = pair

        def cell(part: Sample) -> Bytes:
            rows = first.block[part.codes[:, first.variable.place]] * shape[1]
            return (rows + second.block[part.codes[:, second.variable.place]]).astype(np.uint8)

        counted = _counted(self._sample, cell, prod(shape))
        for third in self._plan.alone.values():
            if third.variable.id not in (first.variable.id, second.variable.id):
                table = (counted[:, third.variable.place] @ third.matrix().T.astype(np.int64)).reshape(*shape, -1)
                if (0, 1) in refused_pairs(table, [first, second, third]):
                    return True
        return False

    def _alone(self, counted: Counted) -> None:
        self._plan.alone |= {each.id: partition(each, counted[each.place]) for each in self._sample.variables()}

    def _table(self, parts: list[Partition]) -> Counted:
        """How many are in each combination of blocks."""
        shape = tuple(mine.sizes.size for mine in parts)
        if prod(shape) > MOST_CELLS:
            names = ", ".join(mine.variable.id for mine in parts)
            raise Refused(
                "%(names)s together make %(groups)s groups, too many to be looked at: use fewer conditions",
                names=names,
                groups=prod(shape),
            )
        found = np.zeros(prod(shape), dtype=np.int64)
        for part in chunks(self._sample):
            places = tuple(mine.block[part.codes[:, mine.variable.place]] for mine in parts)
            found += np.bincount(np.ravel_multi_index(places, shape), minlength=found.size)
        return found.reshape(shape)


def _blocks(mine: Partition, held: Mask) -> tuple[Mask, bool]:
    """The blocks whose every response a condition holds for, and whether these are all that it holds for."""
    sizes, inside = mine.sizes, np.bincount(mine.block, weights=mine.counts * held, minlength=mine.sizes.size)
    blocks = (inside == sizes) & (sizes > 0)
    return blocks, bool(inside[~blocks].sum() == 0)


def _ends(mine: Partition) -> tuple[float, ...]:
    """At which values ranges of a number may end: where one block is followed by the next."""
    if not mine.variable.numeric:
        return ()
    last: dict[int, float] = {}
    for place, code in enumerate(mine.variable.codes):
        block = int(mine.block[place])
        if mine.counts[place] and block != mine.held:
            last[block] = max(float(code), last.get(block, float(code)))
    return tuple(sorted(last.values()))


def _counted(sample: Sample, group: Callable[[Sample], Bytes], groups: int) -> Counted:
    """How often each byte stands in each column, group by group: groups x columns x 256."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda part: count_bytes(part, group(part), groups), chunks(sample))
        return np.asarray(sum(found))
