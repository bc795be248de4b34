"""Which cells may be shown: small ones hidden, and others with them, so that no subtraction brings them back."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, counts_of, table_of
from survey.analysis.suppression import Bounds, Figures, needed, neighbours, smallest_pattern

Cell = tuple[int, int]


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
    _positive(threshold)
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
    if not set(wanted) <= set(cells):
        raise BadData("targets", "must be hidden cells")
    if not margins_published:
        return {cell: Bounds(0.0, None) for cell in wanted}
    found = Figures(counts.ravel(), _margins(counts), (), (), 0.0).bounds(
        [_place(counts, cell) for cell in cells], [_place(counts, cell) for cell in wanted]
    )
    return dict(zip(wanted, found.values(), strict=True))


def suppress(
    table: ArrayLike,
    threshold: float = 10,
    *,
    protection_width: float | None = None,
    margins_published: bool = True,
    zeros_published: bool = True,
) -> Suppression:
    """Hide small cells, and as many others as it takes to keep every small one uncertain by `protection_width`.

    The fewest cells that do, and among equals those with the smallest sum, proved by an integer program up to 150
    cells. In larger tables rectangles around unprotected cells are hidden cheapest first, then every needless cell is
    shown again. The attacker's bounds are computed for every pattern before it is returned. When even hiding all cells
    does not protect (a margin is itself small), `safe` is False: merge categories or hide the margin.

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
    counts = table_of(table)
    primary = primary_cells(counts, threshold, zeros_published=zeros_published)
    figures = Figures(
        values=counts.ravel(),
        system=_margins(counts) if margins_published else np.zeros((0, counts.size)),
        primary=tuple(_place(counts, cell) for cell in primary),
        usable=tuple(int(i) for i in np.flatnonzero((counts.ravel() > 0) | (not zeros_published))),
        width=_width(protection_width, threshold),
    )
    safe = not figures.weak(figures.usable)
    hidden = (smallest_pattern(figures) or _rectangles(counts, figures)) if safe else list(figures.primary)
    cells = [(i // counts.shape[1], i % counts.shape[1]) for i in hidden]
    bounds = attacker_bounds(counts, cells, margins_published=margins_published)
    return Suppression(
        threshold=float(threshold),
        protection_width=figures.width,
        primary=primary,
        secondary=tuple(cell for cell in cells if cell not in primary),
        bounds={f"{i},{j}": b for (i, j), b in bounds.items()},
        safe=safe,
        reason=None if safe else "a published margin is too small: merge categories or hide the margin",
    )


def suppress_linked(
    values: ArrayLike,
    relations: Sequence[Sequence[tuple[int, float]]],
    threshold: float = 10,
    *,
    protection_width: float | None = None,
) -> LinkedSuppression:
    """One plan for all figures of a survey: cells, margins, subgroups and cumulated waves tied by sums.

    The fewest figures, and among equals those with the smallest sum, as in `suppress`.

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
    counts = counts_of(values, "values")
    figures = Figures(
        values=counts,
        system=_system(counts, relations),
        primary=tuple(int(i) for i in np.flatnonzero((counts > 0) & (counts < _positive(threshold)))),
        usable=tuple(int(i) for i in np.flatnonzero(counts > 0)),
        width=_width(protection_width, threshold),
    )
    safe = not figures.weak(figures.usable)
    hidden = (smallest_pattern(figures) or neighbours(figures)) if safe else list(figures.primary)
    return LinkedSuppression(
        primary=figures.primary,
        secondary=tuple(i for i in hidden if i not in figures.primary),
        bounds={str(i): b for i, b in figures.bounds(hidden, figures.primary).items()},
        safe=safe,
        reason=None if safe else "hiding every figure does not protect: merge categories",
    )


def _rectangles(counts: Floats, figures: Figures) -> list[int]:
    hidden = list(figures.primary)
    cols = counts.shape[1]
    while bad := figures.weak(hidden):
        added = _best_rectangle(counts, bad[0], set(hidden), set(figures.usable))
        if not added:
            i, j = divmod(bad[0], cols)
            left = [c for c in figures.usable if c not in hidden]
            added = [min(left, key=lambda c: (c // cols != i and c % cols != j, figures.values[c]))]
        hidden.extend(added)
    return needed(figures, hidden)


def _best_rectangle(counts: Floats, place: int, hidden: set[int], usable: set[int]) -> list[int]:
    """The three corners that, with the cell, form the most protective and cheapest cycle not yet hidden."""
    rows, cols = counts.shape
    i, j = divmod(place, cols)
    best: tuple[tuple[float, float, float], list[int]] | None = None
    for r, c in itertools.product(range(rows), range(cols)):
        corners = [i * cols + c, r * cols + j, r * cols + c]
        new = [corner for corner in corners if corner not in hidden]
        if r == i or c == j or not new or not usable.issuperset(corners):
            continue
        room = min(counts[i, c], counts[r, j]) + min(counts[i, j], counts[r, c])
        key = (-min(room, 1e6) if room < 5 else -1e6, float(len(new)), float(counts.ravel()[new].sum()))
        if best is None or key < best[0]:
            best = (key, new)
    return best[1] if best else []


def _positive(threshold: float) -> float:
    if not 0 < threshold < float("inf"):
        raise BadData("threshold", "must be positive and finite")
    return float(threshold)


def _width(protection_width: float | None, threshold: float) -> float:
    width = float(threshold if protection_width is None else protection_width)
    if not 0 <= width < float("inf"):
        raise BadData("protection_width", "must not be negative, and finite")
    return width


def _place(counts: Floats, cell: Cell) -> int:
    """Number of a cell, row by row."""
    rows, cols = counts.shape
    i, j = cell
    if not (0 <= i < rows and 0 <= j < cols):
        raise BadData("hidden", f"must be cells of the table, not {cell}")
    return int(i * cols + j)


def _margins(counts: Floats) -> Floats:
    """Row and column sums as linear relations between cells."""
    rows, cols = counts.shape
    return np.vstack([np.kron(np.eye(rows), np.ones(cols)), np.kron(np.ones(rows), np.eye(cols))])


def _system(figures: Floats, relations: Sequence[Sequence[tuple[int, float]]]) -> Floats:
    system = np.zeros((len(relations), figures.size))
    for k, relation in enumerate(relations):
        for index, coefficient in relation:
            if not 0 <= index < figures.size:
                raise BadData("relations", f"must name figures from 0 to {figures.size - 1}, not {index}")
            system[k, index] = coefficient
    if not np.isfinite(system).all():
        raise BadData("relations", "must have finite coefficients")
    if relations and float(np.abs(system @ figures).max()) > 1e-6 * max(1.0, float(np.abs(figures).max())):
        raise BadData("relations", "must hold for the values")
    return system
