"""Many tests at once: p-values adjusted for their number."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from survey.analysis.checks import BadData, Floats, floats

Adjustment = Literal["holm", "bh", "by", "bonferroni", "hochberg", "hommel", "none"]


def adjust(pvalues: Sequence[float | None], method: Adjustment = "holm") -> tuple[float | None, ...]:
    r"""Adjusted p-values; a test that could not be made (None) stays None and does not count.

    `holm`, `bonferroni`, `hochberg`, `hommel` keep the chance of any false positive (family-wise error);
    `bh`, `by` the expected share of false ones among the positives (false discovery rate), `by` under any dependence.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics 6, 65-70. Benjamini, Y. & Hochberg, Y. (1995). Journal of the
    Royal Statistical Society B 57, 289-300. Benjamini, Y. & Yekutieli, D. (2001). Annals of Statistics 29, 1165-1188.
    Hommel, G. (1988). Biometrika 75, 383-386. Hochberg, Y. (1988). Biometrika 75, 800-802.

    Examples
    --------
    >>> adjust([0.01, None, 0.04], "holm")
    (0.02, None, 0.04)
    """
    if method not in _METHODS:
        raise BadData("method", f"must be one of {', '.join(_METHODS)}")
    known = [(i, value) for i, value in enumerate(pvalues) if value is not None]
    p = floats([value for _, value in known], "pvalues")
    if ((p < 0) | (p > 1)).any():
        raise BadData("pvalues", "must lie in [0, 1]")
    result: list[float | None] = [None] * len(pvalues)
    if p.size:
        for (i, _), value in zip(known, np.minimum(1.0, _METHODS[method](p)).tolist(), strict=True):
            result[i] = value
    return tuple(result)


def _bonferroni(p: Floats) -> Floats:
    return np.asarray(p * p.size)


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    return _unsorted(stepped, order)


def _hochberg(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    return _unsorted(_step_up(p[order] * (p.size - np.arange(p.size))), order)


def _bh(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    return _unsorted(_step_up(p[order] * (p.size / np.arange(1.0, p.size + 1.0))), order)


def _by(p: Floats) -> Floats:
    return np.asarray(_bh(p) * float((1.0 / np.arange(1.0, p.size + 1.0)).sum()))


def _hommel(p: Floats) -> Floats:
    n = p.size
    order = np.argsort(p, kind="stable")
    s = p[order]
    best = np.full(n, float((n * s / np.arange(1.0, n + 1.0)).min()))
    adjusted = best.copy()
    for m in range(n - 1, 1, -1):
        head, tail = s[: n - m + 1], s[n - m + 1 :]
        least = float((m * tail / np.arange(2.0, m + 1.0)).min())
        best[: n - m + 1] = np.minimum(m * head, least)
        best[n - m + 1 :] = best[n - m]
        adjusted = np.maximum(adjusted, best)
    return _unsorted(np.maximum(adjusted, s), order)


def _step_up(values: Floats) -> Floats:
    return np.asarray(np.minimum.accumulate(values[::-1])[::-1])


def _unsorted(values: Floats, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    result = np.empty_like(values)
    result[order] = values
    return result


_METHODS: dict[str, Callable[[Floats], Floats]] = {
    "holm": _holm,
    "bh": _bh,
    "by": _by,
    "bonferroni": _bonferroni,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "none": np.copy,
}
