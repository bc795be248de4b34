"""How one variable divides a wave into groups of which none, and no remainder, is too small to be shown."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats
from survey.analysis.differencing import nearly_the_same
from survey.evaluation.coding import LOWEST_MISSING
from survey.evaluation.disclosure import FLOOR, hidden
from survey.evaluation.sample import Counted, Variable

Blocks = NDArray[np.int64]


class Partition(NamedTuple):
    """The blocks that a variable divides a wave into: everything that may be asked of it is some of them together.

    `block` is that of each byte, `counts` how often each byte stands there. Those who gave no answer are a block like
    any other, since they are what all groups leave over. `held` is the block that is shown as part of a whole only.
    """

    variable: Variable
    block: Blocks
    counts: Counted
    held: int | None = None

    @property
    def sizes(self) -> Counted:
        """How many are in each block."""
        return np.bincount(self.block, weights=self.counts, minlength=self.block.max() + 1).astype(np.int64)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Of two variables the one with the higher rank gives way: a rating, the finer one, the later one."""
        return self.variable.rating, int(np.count_nonzero(self.sizes)), self.variable.place

    def shows(self, place: int) -> bool:
        """Whether the group of a code may be shown."""
        return int(self.block[place]) != self.held

    def matrix(self) -> Floats:
        """Blocks by bytes: 1 where the byte is in the block."""
        return np.eye(int(self.block.max()) + 1)[:, self.block]

    def holding(self, places: list[int]) -> "Partition":
        """The same with these blocks held back too: they become one with what is held back already."""
        together = {*places} | ({self.held} if self.held is not None else set())
        if not together:
            return self
        renumbered = np.zeros(int(self.block.max()) + 1, dtype=np.int64)
        kept = [place for place in range(renumbered.size) if place not in together]
        renumbered[kept] = np.arange(len(kept))
        renumbered[list(together)] = len(kept)
        return self._replace(block=renumbered[self.block], held=len(kept))


class Plan:
    """What is known already of how a wave may be divided, by the names of variables; the same at every computing."""

    def __init__(self) -> None:
        self.alone: dict[str, Partition] = {}
        self.partitions: dict[str, Partition] = {}
        self.hidden: dict[tuple[str, ...], NDArray[np.bool_]] = {}


def partition(variable: Variable, counts: Counted) -> Partition:
    """A variable by itself: small groups are held back, with others until those cannot be had by subtraction.

    Neighbouring values of a number are put together until there are enough of them.
    """
    block = np.full(256, len(variable.codes), dtype=np.int64)
    block[: len(variable.codes)] = np.arange(len(variable.codes))
    if variable.numeric:
        block = _bands(variable, counts, block)
    whole = Partition(variable, block, counts)
    return whole.holding(sorted(hidden(whole.sizes.tolist())))


def apart(mine: Partition, counted: Counted, others: list[Partition]) -> Partition:
    """The partition without groups that another variable's groups nearly coincide with.

    Of two variables that nearly coincide a rating gives way, or else the finer one, or else the later: the same one in
    whichever order they are asked for. `counted` is how often each byte stands in each column, group by group.
    """
    groups = np.zeros((counted.shape[0], 256))
    groups[np.arange(len(groups) - 1), np.arange(len(groups) - 1)] = 1.0
    groups[-1, LOWEST_MISSING] = 1.0
    bare = mine
    if mine.counts.sum() < FLOOR:
        return mine  # nothing of it is shown
    for other in others:
        if bare.rank <= other.rank:
            continue
        table = groups.T @ counted[:, other.variable.place].astype(np.float64) @ other.matrix().T
        while (found := nearly_the_same(mine.matrix() @ table, FLOOR)) is not None:
            mine = mine.holding(across(mine.sizes, mine.held, found[0]))
    return mine


def across(sizes: Counted, held: int | None, side: NDArray[np.bool_]) -> list[int]:
    """The smallest block on each side, those held back first: together they are on neither."""
    found = []
    for here in (side, ~side):
        places = [int(place) for place in np.flatnonzero(here & (sizes > 0))]
        found.append(min(places, key=lambda place: (place != held, sizes[place], place)))
    return found


def _bands(variable: Variable, counts: Counted, block: Blocks) -> Blocks:
    """Values in their order, so many to a band that none is small; what is left over is part of the last."""
    order = sorted(range(len(variable.codes)), key=lambda place: float(variable.codes[place]))
    band, inside = 0, 0
    bands = np.zeros(len(order), dtype=np.int64)
    for number, place in enumerate(order):
        if inside >= FLOOR and counts[order[number:]].sum() >= FLOOR:
            band, inside = band + 1, 0
        bands[number] = band
        inside += int(counts[place])
    done = block.copy()
    done[order] = bands
    done[len(order) :] = band + 1
    return done
