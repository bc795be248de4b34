"""Weights: from population figures, their cost in precision, their limits."""

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, floats


class Kish(Struct, frozen=True, kw_only=True):
    """What unequal weights cost: n_eff = n / design_effect."""

    n: int
    sum_of_weights: float
    effective_n: float
    design_effect: float
    cv2: float


def weights_checked(weights: ArrayLike) -> Floats:
    """Finite weights, none negative, not all zero."""
    w = floats(weights, "weights")
    if (w < 0).any():
        raise BadData("weights", "must not be negative")
    if w.size == 0 or w.sum() == 0:
        raise BadData("weights", "must not all be zero")
    return w


def kish(weights: ArrayLike, count: ArrayLike | None = None) -> Kish:
    r"""Kish's effective sample size :math:`(\sum w)^2/\sum w^2` and design effect :math:`1+cv^2(w)`.

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> result = kish([1] * 100 + [3] * 50)
    >>> round(result.effective_n, 2), round(result.design_effect, 2)
    (113.64, 1.32)
    """
    w = weights_checked(weights)
    c = np.ones_like(w) if count is None else floats(count, "count")
    n, total, squares = float(c.sum()), float(c @ w), float(c @ w**2)
    effect = n * squares / total**2
    return Kish(n=int(n), sum_of_weights=total, effective_n=total**2 / squares, design_effect=effect, cv2=effect - 1.0)


def post_stratify(weights: ArrayLike, cell: ArrayLike, population: ArrayLike, count: ArrayLike | None = None) -> Floats:
    r"""Weights that add up to the population of every cell: :math:`w_i N_g/\sum_{g} w`.

    Parameters
    ----------
    cell
        Cell number 0..G-1 of each row.
    population
        Population of each cell.
    count
        How many respondents each row stands for, 1 when left out; the weights are those of one respondent.

    References
    ----------
    Holt, D. & Smith, T. M. F. (1979). Journal of the Royal Statistical Society A 142, 33-46.

    Examples
    --------
    >>> post_stratify([1, 1, 1], [0, 0, 1], [10, 30]).tolist()
    [5.0, 5.0, 30.0]
    """
    w, target = weights_checked(weights), floats(population, "population")
    g = cells_of(cell, w.size, target.size)
    sums = np.bincount(g, weights=w * _counts(count, w), minlength=target.size)
    if (target < 0).any() or ((sums == 0) & (target > 0)).any():
        raise BadData("population", "must not be negative nor have people in a cell without respondents")
    return np.asarray(w * (target / np.where(sums > 0, sums, 1.0))[g])


def rake(
    weights: ArrayLike,
    margins: list[tuple[ArrayLike, ArrayLike]],
    *,
    tolerance: float = 1e-12,
    iterations: int = 1000,
    largest_ratio: float | None = None,
    count: ArrayLike | None = None,
) -> Floats:
    """Weights that meet several population margins at once, by iterative proportional fitting.

    Parameters
    ----------
    margins
        Pairs (category number of each row, population of each category); all margins must have one total.
    largest_ratio
        Trim: no weight above this multiple of the mean; what is cut off goes to the others, and the margins
        are met as far as that allows.
    count
        How many respondents each row stands for, 1 when left out; the weights are those of one respondent.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> w = rake([1, 1, 1, 1], [([0, 0, 1, 1], [60, 40]), ([0, 1, 0, 1], [50, 50])])
    >>> w.round(6).tolist()
    [30.0, 30.0, 20.0, 20.0]
    """
    w = weights_checked(weights)
    targets = [(floats(population, "margins"), codes) for codes, population in margins]
    totals = [float(t.sum()) for t, _ in targets]
    if not totals or max(totals) - min(totals) > 1e-6 * max(totals):
        raise BadData("margins", "must all have the same total")
    parts = [(cells_of(codes, w.size, t.size), t) for t, codes in targets]
    for _ in range(iterations):
        before = w
        for g, target in parts:
            w = post_stratify(w, g, target, count)
        if largest_ratio is not None:
            w = trim(w, largest_ratio, count)
        if float(np.abs(w - before).max()) <= tolerance * float(w.max()):
            break
    if largest_ratio is not None or all(_met(w * _counts(count, w), g, target) for g, target in parts):
        return w
    raise BadData("margins", "cannot be met: raking did not converge")


def _met(weights: Floats, codes: NDArray[np.int64], target: Floats) -> bool:
    sums = np.bincount(codes, weights=weights, minlength=target.size)
    return bool(np.abs(sums - target).max() <= 1e-6 * target.sum())


def trim(weights: ArrayLike, largest_ratio: float, count: ArrayLike | None = None) -> Floats:
    """Cut weights at a multiple of their mean and share what was cut among the others in proportion.

    References
    ----------
    Potter, F. J. (1990). Proceedings of the Survey Research Methods Section, ASA, 225-230.

    Examples
    --------
    >>> trim([1, 1, 1, 9], 2.0).tolist()
    [2.0, 2.0, 2.0, 6.0]
    """
    w = weights_checked(weights)
    if not largest_ratio > 1.0:
        raise BadData("largest_ratio", "must exceed 1")
    size = _counts(count, w)
    total = float(size @ w)
    limit = largest_ratio * total / float(size.sum())
    capped = np.zeros(w.size, dtype=bool)
    for _ in range(w.size):
        over = (w > limit * (1.0 + 1e-12)) & ~capped
        if not over.any():
            break
        capped |= over
        rest = float(size[~capped] @ w[~capped])
        w = np.where(capped, limit, w * ((total - limit * float(size[capped].sum())) / rest if rest > 0 else 1.0))
    return w


def _counts(count: ArrayLike | None, weights: Floats) -> Floats:
    size = np.ones_like(weights) if count is None else floats(count, "count")
    if size.shape != weights.shape or (size < 0).any():
        raise BadData("count", "must be one per row and not negative")
    return size


def calibration_residual(
    base: ArrayLike, values: Floats, cells: list[tuple[NDArray[np.int64], int]], count: Floats
) -> Floats:
    """What the margins leave unexplained: residual of the base-weighted regression on all category dummies.

    `values` may have a column per estimate. Only cross-tables of the margins are made, never rows of dummies, and
    dummies that follow from others do no harm.

    References
    ----------
    Deville, J.-C. & Sarndal, C.-E. (1992). Journal of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> calibration_residual([1, 1, 2], np.array([1.0, 4.0, 7.0]), [(np.array([0, 1, 1]), 2)], np.ones(3)).round(6)
    array([ 0., -2.,  1.])
    """
    w = weights_checked(base) * count
    y = values if values.ndim == 2 else values[:, None]
    cross, scale = _cross_table(w, cells)
    sums = np.vstack(
        [np.column_stack([np.bincount(codes, weights=w * v, minlength=size) for v in y.T]) for codes, size in cells]
    )
    beta = np.linalg.lstsq(cross, sums / scale[:, None], rcond=1e-12)[0] / scale[:, None]
    starts = np.cumsum([0, *(size for _, size in cells)])
    fitted = sum(beta[start + codes] for start, (codes, _) in zip(starts, cells, strict=False))
    return np.asarray(y - fitted).reshape(values.shape)


def calibration_leverage(base: ArrayLike, cells: list[tuple[NDArray[np.int64], int]], count: Floats) -> Floats:
    r"""How far each respondent draws the regression of `calibration_residual` to itself: 0 not at all, 1 wholly.

    :math:`h_i=b_ix_i'(X'BX)^{-}x_i`.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Journal of Econometrics 29, 305-325.

    Examples
    --------
    >>> calibration_leverage([1, 1, 2], [(np.array([0, 1, 1]), 2)], np.ones(3)).round(6).tolist()
    [1.0, 0.333333, 0.666667]
    """
    w = weights_checked(base)
    cross, scale = _cross_table(w * count, cells)
    inverse = np.linalg.pinv(cross, rcond=1e-12, hermitian=True) / np.outer(scale, scale)
    starts = np.cumsum([0, *(size for _, size in cells)])
    places = [start + codes for start, (codes, _) in zip(starts, cells, strict=False)]
    return np.asarray(w * sum(inverse[a, b] for a in places for b in places))


def _cross_table(weights: Floats, cells: list[tuple[NDArray[np.int64], int]]) -> tuple[Floats, Floats]:
    """The margins' cross-tables as one, scaled to a unit diagonal, and the scale.

    Scaled, a category of one person beside one of millions stays above the cut-off.
    """
    cross = np.block([[_crossed(weights, a, b) for b in cells] for a in cells])
    root = np.sqrt(np.diag(cross))
    scale = np.where(root > 0, root, 1.0)
    return cross / np.outer(scale, scale), scale


def _crossed(weights: Floats, a: tuple[NDArray[np.int64], int], b: tuple[NDArray[np.int64], int]) -> Floats:
    table = np.bincount(a[0] * b[1] + b[0], weights=weights, minlength=a[1] * b[1])
    return np.asarray(table.reshape(a[1], b[1]))


def cells_of(codes: ArrayLike, size: int, categories: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Category numbers, one per row, each with a population figure."""
    g = np.asarray(codes)
    if g.shape != (size,) or not np.issubdtype(g.dtype, np.integer):
        raise BadData("cell", f"must be one whole number per row: {size}")
    if g.size and (g.min() < 0 or g.max() >= categories):
        raise BadData("cell", f"must lie in 0..{categories - 1}: a category has no population figure")
    return g.astype(np.int64)
