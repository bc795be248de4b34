"""Which cells may be shown: small ones hidden, and others with them, so that no subtraction brings them back."""

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, floats, table_of

Cell = tuple[int, int]


class Bounds(Struct, frozen=True):
    """What an attacker can conclude of a hidden count; `high` None = nothing."""

    low: float
    high: float | None

    def width(self) -> float:
        """Room between the bounds."""
        return float("inf") if self.high is None else self.high - self.low


class Suppression(Struct, frozen=True, kw_only=True):
    """Cells to hide in one table, rows and columns numbered from 0."""

    method: str = "suppression"
    version: int = 1
    threshold: float
    protection_width: float
    primary: tuple[Cell, ...]
    secondary: tuple[Cell, ...]
    bounds: dict[str, Bounds]
    safe: bool
    reason: str | None = None

    @property
    def hidden(self) -> tuple[Cell, ...]:
        """All hidden cells."""
        return self.primary + self.secondary


class LinkedSuppression(Struct, frozen=True, kw_only=True):
    """Cells to hide in a set of linked figures (margins, subgroups, cumulated waves), numbered from 0."""

    primary: tuple[int, ...]
    secondary: tuple[int, ...]
    bounds: dict[str, Bounds]
    safe: bool
    reason: str | None = None


def primary_cells(table: ArrayLike, threshold: float, *, zeros_published: bool = True) -> tuple[Cell, ...]:
    """Cells with 0 < n < threshold (zeros too when they are not published).

    Examples
    --------
    >>> primary_cells([[120, 45, 8], [210, 60, 31]], 10)
    ((0, 2),)
    """
    counts = table_of(table)
    if threshold <= 0:
        raise BadData("threshold", "must be positive")
    small = counts < threshold if not zeros_published else (counts > 0) & (counts < threshold)
    return tuple((int(i), int(j)) for i, j in np.argwhere(small))


def attacker_bounds(
    table: ArrayLike, hidden: Iterable[Cell], targets: Iterable[Cell] | None = None, *, margins_published: bool = True
) -> dict[Cell, Bounds]:
    """Smallest and largest value each hidden cell can have, given all shown cells and margins (linear programs).

    References
    ----------
    Willenborg, L. & de Waal, T. (2001). Elements of Statistical Disclosure Control. Springer, chapter 8.

    Examples
    --------
    >>> attacker_bounds([[120, 45, 8], [210, 60, 31]], [(0, 2), (0, 1), (1, 1), (1, 2)])[0, 2]
    Bounds(low=0.0, high=39.0)
    """
    counts, cells = table_of(table), list(dict.fromkeys(hidden))
    wanted = cells if targets is None else list(targets)
    if not margins_published:
        return {cell: Bounds(0.0, None) for cell in wanted}
    rows, cols = counts.shape
    system = np.zeros((rows + cols, len(cells)))
    for k, (i, j) in enumerate(cells):
        system[i, k] = system[rows + j, k] = 1.0
    truth = np.array([counts[cell] for cell in cells])
    places = {cell: k for k, cell in enumerate(cells)}
    return {cell: _range(system, truth, places[cell]) for cell in wanted}


def suppress(
    table: ArrayLike,
    threshold: float = 10,
    *,
    protection_width: float | None = None,
    margins_published: bool = True,
    zeros_published: bool = True,
) -> Suppression:
    """Hide small cells, and as many others as it takes to keep every small one uncertain by `protection_width`.

    Rectangles around unprotected cells are hidden cheapest first, then every needless cell is shown again. When even
    hiding
    all cells does not protect (a margin is itself small), `safe` is False: merge categories or hide the margin.

    References
    ----------
    Cox, L. H. (1980). Journal of the American Statistical Association 75, 377-385. Fischetti, M. & Salazar, J. J.
    (2001). Management Science 47(7), 1008-1027.

    Examples
    --------
    >>> plan = suppress([[120, 45, 8], [210, 60, 31], [95, 52, 27]], 10)
    >>> plan.primary, len(plan.secondary), plan.safe
    (((0, 2),), 3, True)
    """
    counts, width = table_of(table), float(threshold if protection_width is None else protection_width)
    primary = primary_cells(counts, threshold, zeros_published=zeros_published)
    usable = [(int(i), int(j)) for i, j in np.ndindex(*counts.shape) if counts[i, j] > 0 or not zeros_published]

    def weak(hidden: Iterable[Cell]) -> list[Cell]:
        found = attacker_bounds(counts, hidden, primary, margins_published=margins_published)
        return [cell for cell, bounds in found.items() if bounds.width() < width - 1e-9]

    secondary: list[Cell] = []
    safe = not weak(usable)
    if safe:
        secondary = _protected(counts, primary, usable, weak)
    bounds = attacker_bounds(counts, [*primary, *secondary], margins_published=margins_published)
    return Suppression(
        threshold=float(threshold),
        protection_width=width,
        primary=primary,
        secondary=tuple(secondary),
        bounds={f"{i},{j}": b for (i, j), b in bounds.items()},
        safe=safe,
        reason=None if safe else "a published margin is too small: merge categories or hide the margin",
    )


def _protected(
    counts: Floats, primary: tuple[Cell, ...], usable: list[Cell], weak: Callable[[Iterable[Cell]], list[Cell]]
) -> list[Cell]:
    hidden = list(primary)
    while bad := weak(hidden):
        added = _best_rectangle(counts, bad[0], set(hidden), set(usable))
        if not added:
            added = min(
                ([c] for c in usable if c not in hidden),
                key=lambda cells: (cells[0][0] != bad[0][0] and cells[0][1] != bad[0][1], counts[cells[0]]),
            )
        hidden.extend(added)
    for cell in sorted(set(hidden) - set(primary), key=lambda c: -counts[c]):
        fewer = [c for c in hidden if c != cell]
        if not weak(fewer):
            hidden = fewer
    return [c for c in hidden if c not in primary]


def _best_rectangle(counts: Floats, cell: Cell, hidden: set[Cell], usable: set[Cell]) -> list[Cell]:
    """The three corners that, with the cell, form the most protective and cheapest cycle not yet hidden."""
    i, j = cell
    best: tuple[tuple[float, float, float], list[Cell]] | None = None
    for r, c in itertools.product(range(counts.shape[0]), range(counts.shape[1])):
        corners = [(i, c), (r, j), (r, c)]
        new = [corner for corner in corners if corner not in hidden]
        if r == i or c == j or not new or not usable.issuperset(corners):
            continue
        room = min(counts[i, c], counts[r, j]) + min(counts[i, j], counts[r, c])
        key = (-min(room, 1e6) if room < 5 else -1e6, float(len(new)), float(sum(counts[corner] for corner in new)))
        if best is None or key < best[0]:
            best = (key, new)
    return best[1] if best else []


def suppress_linked(
    values: ArrayLike,
    relations: Sequence[Sequence[tuple[int, float]]],
    threshold: float = 10,
    *,
    protection_width: float | None = None,
) -> LinkedSuppression:
    """One plan for all figures of a survey: cells, margins, subgroups and cumulated waves tied by sums.

    Parameters
    ----------
    values
        All published counts.
    relations
        What the reader knows: each a list of (figure, coefficient) that sums to 0, e.g. whole - part - part.

    Examples
    --------
    >>> plan = suppress_linked([100, 96, 4, 60, 40], [[(0, 1), (1, -1), (2, -1)], [(0, 1), (3, -1), (4, -1)]], 10)
    >>> plan.primary, plan.secondary, plan.safe
    ((2,), (1,), True)
    """
    figures = floats(values, "values")
    width = float(threshold if protection_width is None else protection_width)
    system = _system(figures, relations)
    primary = [int(i) for i in np.flatnonzero((figures > 0) & (figures < threshold))]
    hidden = list(primary)

    def bounds(cells: list[int]) -> dict[int, Bounds]:
        return {i: _range(system[:, cells], figures[cells], cells.index(i)) for i in primary}

    def weak(cells: list[int]) -> list[int]:
        return [i for i, b in bounds(cells).items() if b.width() < width - 1e-9]

    usable = [int(i) for i in np.flatnonzero(figures > 0)]
    safe = not weak(usable)
    while safe and weak(hidden):
        near = np.abs(system[(system[:, hidden] != 0).any(axis=1)]).sum(axis=0) > 0
        left = [i for i in usable if i not in hidden]
        hidden.append(min(left, key=lambda i: (not near[i], figures[i] < width, figures[i])))
    for cell in sorted(set(hidden) - set(primary), key=lambda i: -figures[i]):
        fewer = [i for i in hidden if i != cell]
        if safe and not weak(fewer):
            hidden = fewer
    return LinkedSuppression(
        primary=tuple(primary),
        secondary=tuple(i for i in hidden if i not in primary),
        bounds={str(i): b for i, b in bounds(hidden).items()},
        safe=safe,
        reason=None if safe else "hiding every figure does not protect: merge categories",
    )


def _system(figures: Floats, relations: Sequence[Sequence[tuple[int, float]]]) -> Floats:
    system = np.zeros((len(relations), figures.size))
    for k, relation in enumerate(relations):
        for index, coefficient in relation:
            system[k, index] = coefficient
    if relations and float(np.abs(system @ figures).max()) > 1e-6 * max(1.0, float(np.abs(figures).max())):
        raise BadData("relations", "must hold for the values")
    return system


def _range(system: Floats, truth: Floats, target: int) -> Bounds:
    """Extremes of one hidden value among all non-negative values with the same known sums."""
    from scipy.optimize import linprog

    used = (system != 0).any(axis=1)
    a, b = system[used], system[used] @ truth
    direction = np.zeros(truth.size)
    direction[target] = 1.0
    ends: list[float | None] = []
    for sign in (1.0, -1.0):
        kwargs = {"A_eq": a, "b_eq": b} if a.size else {}
        found = linprog(sign * direction, bounds=(0, None), method="highs", **kwargs)
        ends.append(None if found.status == 3 else round(sign * float(found.fun or 0.0), 9) + 0.0)
    return Bounds(ends[0] or 0.0, ends[1])
