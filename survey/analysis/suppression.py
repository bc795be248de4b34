"""The smallest set of figures to hide so that sums betray nothing: cutting planes from the attacker's programs."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from msgspec import Struct

from survey.analysis.checks import Floats

# Beyond these the proof can take seconds; a heuristic, verified too, finds the pattern then.
EXACT_CELLS, EXACT_PROGRAM, ROUNDS, NODES = 150, 20_000, 80, 2_000
# Room far beyond the width asked for is not needed, and programs that mix 1 and 2^40 are badly conditioned.
ROOM = 1e3
SLACK, DIGITS = 1e-6, 1e4
# Figures that are shown count as hidden by this much, so that the cuts know which of them would help most.
GLIMPSE = 1e-4


class Bounds(Struct, frozen=True):
    """What an attacker can conclude of a hidden count; `high` None = nothing."""

    low: float
    high: float | None

    def width(self) -> float:
        """Room between the bounds."""
        return float("inf") if self.high is None else self.high - self.low


class Figures(Struct, frozen=True):
    """Published figures, the sums that tie them (`system @ values` is known), and what must be hidden.

    `usable` figures may be hidden; each of `primary` must stay uncertain by `width`.
    """

    values: Floats
    system: Floats
    primary: tuple[int, ...]
    usable: tuple[int, ...]
    width: float

    def bounds(self, hidden: Iterable[int], targets: Iterable[int]) -> dict[int, Bounds]:
        """Extremes of the targets among all non-negative values with the same known sums."""
        cells = sorted(set(hidden))
        return {t: _range(self.system[:, cells], self.values[cells], cells.index(t)) for t in targets}

    def weak(self, hidden: Iterable[int]) -> list[int]:
        """Figures that the pattern does not protect."""
        found = self.bounds(hidden, self.primary)
        return [i for i, b in found.items() if b.width() < self.width - 1e-9]


def smallest_pattern(figures: Figures) -> list[int] | None:
    """The fewest figures to hide (ties: the smallest sum), or None when the problem is too large to prove it.

    Integer program over the choice of figures. Each attacker's linear program that finds too little room for a primary
    figure gives, by duality, an inequality that every safe pattern obeys; it is added until none is left. The cuts of
    the relaxed program come first, they cost no branching. Assumes that hiding all usable figures is safe.

    References
    ----------
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47(7), 1008-1027.

    Examples
    --------
    >>> margins = np.array([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0]])
    >>> table = np.array([3.0, 40, 30, 50, 60, 65])
    >>> smallest_pattern(Figures(table, margins, (0,), tuple(range(6)), 10.0))
    [0, 2, 3, 5]
    """
    if not figures.primary or figures.width == 0:
        return list(figures.primary)
    if len(figures.usable) > EXACT_CELLS or 2 * len(figures.usable) * len(figures.primary) > EXACT_PROGRAM:
        return None
    found = _proved(figures)
    return None if found is None or figures.weak(found) else found


def neighbours(figures: Figures) -> list[int]:
    """A safe pattern: the cheapest figure in one relation with a hidden one is hidden until all are protected."""
    values, hidden = figures.values, list(figures.primary)
    while figures.weak(hidden):
        near = np.abs(figures.system[(figures.system[:, hidden] != 0).any(axis=1)]).sum(axis=0) > 0
        left = [i for i in figures.usable if i not in hidden]
        hidden.append(min(left, key=lambda i: (not near[i], values[i] < figures.width, values[i])))
    return needed(figures, hidden)


def needed(figures: Figures, hidden: list[int]) -> list[int]:
    """The pattern without the figures it can do without, largest first."""
    for figure in sorted(set(hidden) - set(figures.primary), key=lambda i: -figures.values[i]):
        fewer = [i for i in hidden if i != figure]
        if not figures.weak(fewer):
            hidden = fewer
    return hidden


def _proved(figures: Figures) -> list[int] | None:
    usable = np.array(figures.usable)
    attacker = _attacker(figures)
    cuts = np.empty((0, usable.size))
    relaxed = True
    for _ in range(ROUNDS):
        chosen = _cheapest(figures, cuts, relaxed=relaxed)
        if chosen is None:
            return None
        new = attacker(chosen)
        if new.size:
            cuts = np.unique(np.vstack([cuts, new]), axis=0)
        elif not relaxed:
            return [int(i) for i in usable[chosen > 0.5]]
        else:
            relaxed = False
    return None


def _cheapest(figures: Figures, cuts: Floats, *, relaxed: bool) -> Floats | None:
    """Fewest figures that obey the cuts, with the smallest sum among equals; None when the search is cut short."""
    from scipy.optimize import Bounds as Limits
    from scipy.optimize import LinearConstraint, milp

    usable = np.array(figures.usable)
    counts = figures.values[usable]
    found = milp(
        1.0 + counts / (1.0 + counts.sum()),
        integrality=np.full(usable.size, 0 if relaxed else 1),
        bounds=Limits(np.isin(usable, figures.primary).astype(float), 1.0),
        constraints=[LinearConstraint(cuts, 1.0, np.inf)] if cuts.size else None,
        options={"mip_rel_gap": 0.0, "node_limit": NODES},
    )
    if found.status != 0:
        return None
    return np.asarray(found.x if relaxed else np.round(found.x), dtype=np.float64)


def _attacker(figures: Figures) -> Callable[[Floats], Floats]:
    """From a choice to the inequalities `cut @ choice >= 1` that it breaks, one per primary figure without room.

    All programs are solved as one, block by block: the largest rise and the largest fall of each primary figure, in
    units of the width, when figure i can fall by its value and rise without limit if it is hidden, else not at all.
    """
    from scipy.sparse import csr_array, kron

    usable = np.array(figures.usable)
    matrix = figures.system[:, usable]
    matrix = matrix[(matrix != 0).any(axis=1)]
    fall = np.minimum(figures.values[usable], ROOM * figures.width) / figures.width
    blocks = 2 * len(figures.primary)
    aims = np.zeros((blocks, usable.size))
    for k, cell in enumerate(figures.primary):
        aims[2 * k : 2 * k + 2, np.searchsorted(usable, cell)] = 1.0, -1.0
    everything = csr_array(kron(np.eye(blocks), matrix))

    def cuts(capacity: Floats) -> Floats:
        found = _largest(aims.ravel(), everything, np.tile(fall * capacity, blocks), np.tile(ROOM * capacity, blocks))
        prices = np.zeros((blocks, matrix.shape[0])) if found.status else found.eqlin.marginals.reshape(blocks, -1)
        rest = aims + prices @ matrix
        worth = np.maximum(rest, 0.0) * ROOM + np.maximum(-rest, 0.0) * fall
        sums = np.minimum(worth[0::2] + worth[1::2], 1.0)
        # Upwards to few digits: what is left of an inequality still holds, and the solver meets it exactly.
        return np.asarray(np.ceil((sums - SLACK) * DIGITS) / DIGITS)

    def broken(choice: Floats) -> Floats:
        for least in (GLIMPSE, 0.0):
            found = cuts(np.maximum(choice, least))
            found = found[found @ choice < 1.0 - SLACK]
            if found.size:
                break
        return found

    return broken


def _range(system: Floats, truth: Floats, target: int) -> Bounds:
    """Largest fall and rise of one hidden value when the known sums stay as they are."""
    # The last row asks nothing: without any relation the program still has the form of one.
    known = np.vstack([system[(system != 0).any(axis=1)], np.zeros(truth.size)])
    direction = np.zeros(truth.size)
    direction[target] = 1.0
    ends: list[float | None] = []
    for sign in (-1.0, 1.0):
        found = _largest(sign * direction, known, truth, np.full(truth.size, np.inf))
        # A program that was not solved proves no room.
        change = 0.0 if found.fun is None else -sign * float(found.fun)
        ends.append(None if found.status == 3 else round(float(truth[target]) + change, 9) + 0.0)
    return Bounds(ends[0] or 0.0, ends[1])


def _largest(gain: Floats, known: Any, fall: Floats, rise: Floats) -> Any:
    """The changes with the largest gain that leave the known sums alone."""
    from scipy.optimize import linprog

    limits: Any = np.column_stack([-fall, rise])
    return linprog(-gain, A_eq=known, b_eq=np.zeros(known.shape[0]), bounds=limits)
