"""What an attacker has of three variables at once, who asks for all their groups and adds and subtracts them."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from survey.analysis.differencing import Mask, given_away, hypercubes, nearly_the_same
from survey.evaluation.disclosure import FLOOR
from survey.evaluation.partitions import Partition, across
from survey.evaluation.sample import Counted

Axes = tuple[int, ...]
PAIRS: tuple[Axes, ...] = ((0, 1), (0, 2), (1, 2))
MOST_CELLS = 1500
"""The span of more cells takes seconds; beyond, hypercubes protect each table by itself."""


class _Audit(NamedTuple):
    """The cells of three variables that have somebody, and who of them is meant, group by group."""

    table: Counted
    occupied: Mask

    def sums(self, axes: Axes, groups: Mask) -> list[Mask]:
        """For each of some groups of some of the variables which of the cells are in it."""
        found = []
        for place in np.argwhere(groups):
            index: list[slice | int] = [slice(None)] * self.table.ndim
            for axis, at in zip(axes, place, strict=True):
                index[axis] = int(at)
            inside = np.zeros(self.table.shape, dtype=np.bool_)
            inside[tuple(index)] = True
            found.append(inside[self.occupied])
        return found

    def margin(self, axes: Axes) -> Counted:
        """How many are in each group of some of the variables."""
        others = tuple(axis for axis in range(self.table.ndim) if axis not in axes)
        return np.asarray(self.table.sum(axis=others))


def refused_pairs(table: Counted, parts: list[Partition]) -> set[Axes]:
    """Which pairs of three variables are not to be crossed, so that no combination of what is left gives a small group.

    Of the pairs the one with the variable that gives way goes first, then the next, until nothing is given away.
    """
    audit = _Audit(table, table > 0)
    wanted = _small(audit)
    if not wanted or audit.occupied.sum() > MOST_CELLS:
        return set()
    known = [np.ones(int(audit.occupied.sum()), dtype=np.bool_), *_alone(audit, parts)]
    order = sorted(PAIRS, key=lambda axes: sorted((parts[axis].rank for axis in axes), reverse=True), reverse=True)
    groups = {axes: audit.sums(axes, ~hidden_cells(audit.margin(axes)) & (audit.margin(axes) > 0)) for axes in order}
    for gone in range(len(order) + 1):
        shown = [one for axes in order[gone:] for one in groups[axes]]
        if not given_away([*known, *shown], wanted).size:
            return set(order[:gone])
    return set(order)


def cells_given_away(table: Counted, parts: list[Partition], hidden: dict[Axes, Mask], cells: Mask) -> bool:
    """Whether the cells of three variables, shown beside their margins, give a small group away."""
    audit = _Audit(table, table > 0)
    wanted = _small(audit)
    if not wanted or audit.occupied.sum() > MOST_CELLS:
        return False
    known = [np.ones(int(audit.occupied.sum()), dtype=np.bool_), *_alone(audit, parts)]
    for axes, mask in hidden.items():
        known += audit.sums(axes, ~mask & (audit.margin(axes) > 0))
    known += audit.sums((0, 1, 2), cells & audit.occupied)
    return bool(given_away(known, wanted).size)


def hidden_cells(table: Counted) -> Mask:
    """The cells of a table not to be shown: all of them when the small ones cannot be protected."""
    found = hypercubes(table, FLOOR)
    return np.asarray(table > 0) if found is None else found


def _alone(audit: _Audit, parts: list[Partition]) -> list[Mask]:
    """The groups of each variable by itself, but for those that nearly coincide with another's."""
    found = []
    for axis, mine in enumerate(parts):
        held = np.zeros(audit.table.shape[axis], dtype=np.bool_)
        if mine.held is not None:
            held[mine.held] = True
        for other in range(audit.table.ndim):
            if mine.rank <= parts[other].rank:
                continue
            crossed = audit.margin(tuple(sorted((axis, other))))
            held |= _coinciding(crossed if axis < other else crossed.T, held)
        found += audit.sums((axis,), ~held)
    return found


def _coinciding(crossed: Counted, held: Mask) -> Mask:
    """The rows that must be held back, as one, so that none together nearly coincide with columns."""
    held = held.copy()
    while True:
        merged = np.vstack([crossed[~held], crossed[held].sum(axis=0, keepdims=True)])
        found = nearly_the_same(merged, FLOOR)
        if found is None:
            return held
        rows = [*np.flatnonzero(~held), -1]
        for place in across(merged.sum(axis=1), len(merged) - 1, found[0]):
            if rows[place] >= 0:
                held[rows[place]] = True


def _small(audit: _Audit) -> list[Mask]:
    """Every group of fewer than FLOOR that one, two or three of the variables tell apart."""
    found: list[Mask] = []
    for count in range(1, audit.table.ndim + 1):
        for axes in combinations(range(audit.table.ndim), count):
            margin = audit.margin(axes)
            found += audit.sums(axes, (margin > 0) & (margin < FLOOR))
    return found
