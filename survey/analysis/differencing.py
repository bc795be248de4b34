"""What subtraction would bring back: groups that nearly coincide, and small cells behind shown margins."""

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats

Mask = NDArray[np.bool_]
ROUNDING = 1e-8
"""Sums of zeros and ones are the same below this."""


def nearly_the_same(table: ArrayLike, threshold: float = 10) -> tuple[Mask, Mask] | None:
    """Some rows together that differ from some columns together by someone, but by fewer than `threshold`.

    Taking the ones from the others would leave those few. The table is a graph, rows and columns its nodes and counts
    the weights of its edges; what rows and columns differ by is the weight of a cut. The least cut is found after
    nodes that no cut below the threshold can part are put together. None when nothing nearly coincides.

    References
    ----------
    Gusfield, D. (1988). A graph theoretic approach to statistical data security. SIAM Journal on Computing 17(3),
    552-571. Padberg, M. & Rinaldi, G. (1990). Mathematical Programming 47, 19-36.

    Examples
    --------
    >>> nearly_the_same([[47, 0], [3, 50]], 10)
    (array([ True, False]), array([ True, False]))
    >>> nearly_the_same([[47, 0], [0, 53]], 10) is None
    True
    """
    counts = _checked(table, threshold)
    if counts.ndim != 2:
        raise BadData("table", "must have two dimensions")
    rows, cols = counts.shape
    edges = np.zeros((rows + cols, rows + cols))
    edges[:rows, rows:] = counts
    edges += edges.T
    edges, node = _contracted(edges, threshold)
    side = _small_cut(edges, threshold)
    return None if side is None else (side[node[:rows]], side[node[rows:]])


def hypercubes(table: ArrayLike, threshold: float = 10) -> Mask | None:
    """Cells to hide in a table of any dimension so that no small one can be had from its margins.

    Around each cell with 0 < n < `threshold` a hypercube is hidden: the corners that a step along an odd number of axes
    leads to have `threshold` or more each, the others are not empty. Then the cell, and every other second corner, may
    be larger by `threshold` and the corners between them as much smaller with no margin changed, whatever else is
    shown: that is the proof, no linear program is needed. The fewest new cells are hidden, among equals those with the
    smallest sum. None when a small cell has no such hypercube.

    References
    ----------
    Giessing, S. & Repsilber, D. (2002). Tools and strategies to protect multiple tables with the GHQUAR cell
    suppression engine. In Inference Control in Statistical Databases, Springer, 181-192.

    Examples
    --------
    >>> hypercubes([[40, 3], [50, 60]], 10)
    array([[ True,  True],
           [ True,  True]])
    >>> hypercubes([[4, 3], [50, 60]], 10) is None
    True
    """
    counts = _checked(table, threshold)
    hidden = np.asarray((counts > 0) & (counts < threshold))
    for cell in sorted(map(tuple, np.argwhere(hidden).tolist()), key=lambda cell: (counts[cell], cell)):
        opposite = _cheapest_opposite(counts, hidden, cell, threshold)
        if opposite is None:
            return None
        hidden[np.ix_(*zip(cell, opposite, strict=True))] = True
    return hidden


def given_away(shown: ArrayLike, wanted: ArrayLike) -> NDArray[np.int64]:
    """Which wanted sums are sums of multiples of shown ones, whatever the values are; each row is a sum over cells.

    An attacker who may ask everything and add and subtract without end has what the rows of `shown` span, no more.

    References
    ----------
    Chin, F. Y. & Ozsoyoglu, G. (1982). Auditing and inference control in statistical databases. IEEE Transactions on
    Software Engineering 8(6), 574-582.

    Examples
    --------
    >>> given_away([[1, 1, 1], [1, 1, 0]], [[0, 0, 1], [0, 1, 0]])
    array([0])
    """
    known, sums = (
        np.atleast_2d(np.asarray(shown, dtype=np.float64)),
        np.atleast_2d(np.asarray(wanted, dtype=np.float64)),
    )
    if known.shape[1] != sums.shape[1] or not (np.isfinite(known).all() and np.isfinite(sums).all()):
        raise BadData("wanted", "must be finite sums over the same cells as those shown")
    _, size, directions = np.linalg.svd(known, full_matrices=False)
    span = directions[size > ROUNDING * max(1.0, float(size.max(initial=0.0)))]
    return np.flatnonzero(np.abs(sums - (sums @ span.T) @ span).max(axis=1, initial=0.0) < ROUNDING)


def _cheapest_opposite(counts: Floats, hidden: Mask, cell: tuple[int, ...], threshold: float) -> tuple[int, ...] | None:
    """The corner farthest from a cell in the cheapest of its protecting hypercubes."""
    fits = np.ones(counts.shape, dtype=np.bool_)
    new, total = np.zeros(counts.shape), np.zeros(counts.shape)
    for steps in itertools.product((False, True), repeat=counts.ndim):
        if not any(steps):
            continue
        index = tuple(slice(None) if step else slice(place, place + 1) for step, place in zip(steps, cell, strict=True))
        corner, fresh = counts[index], ~hidden[index]
        fits &= corner >= threshold if sum(steps) % 2 else corner > 0
        new, total = new + fresh, total + np.where(fresh, corner, 0.0)
    for axis, place in enumerate(cell):
        np.moveaxis(fits, axis, 0)[place] = False
    found = np.flatnonzero(fits)
    if not found.size:
        return None
    best = found[np.lexsort((total.ravel()[found], new.ravel()[found]))[0]]
    return tuple(int(place) for place in np.unravel_index(best, counts.shape))


def _contracted(edges: Floats, threshold: float) -> tuple[Floats, NDArray[np.int64]]:
    """Nodes that are joined by `threshold` or more, directly or over one other node, as one; who is in which."""
    from scipy.sparse.csgraph import connected_components

    node: NDArray[np.int64] = np.arange(len(edges), dtype=np.int64)
    while True:
        joined = edges + np.array([np.minimum(row, edges).sum(axis=1) for row in edges]).reshape(edges.shape)
        count, label = connected_components(joined >= threshold, directed=False)
        if count == len(edges):
            return edges, node
        member = np.eye(count)[label]
        edges = member.T @ edges @ member
        np.fill_diagonal(edges, 0.0)
        node = label.astype(np.int64)[node]


def _small_cut(edges: Floats, threshold: float) -> Mask | None:
    """The nodes on one side of a cut with a weight above 0 and below the threshold."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

    capacity = csr_array(np.minimum(edges, threshold).astype(np.int32))
    _, part = connected_components(capacity, directed=False)
    for source in np.unique(part, return_index=True)[1]:
        for sink in np.flatnonzero(part == part[source]):
            if sink == source:
                continue
            found = maximum_flow(capacity, int(source), int(sink))
            if found.flow_value < threshold:
                left = csr_array((capacity - found.flow) > 0)
                reached = breadth_first_order(left, int(source), return_predecessors=False)
                return np.isin(np.arange(len(edges)), reached)
    return None


def _checked(table: ArrayLike, threshold: float) -> Floats:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim < 2 or not np.isfinite(counts).all() or (counts < 0).any():
        raise BadData("table", "must have two dimensions or more, and counts that are finite and not negative")
    if not 0 < threshold < float("inf"):
        raise BadData("threshold", "must be positive and finite")
    return counts
