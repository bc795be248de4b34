"""Do the items of a scale measure one thing? Everything from the covariance matrix and n."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import (
    BadData,
    Floats,
    as_n,
    at_least,
    checked,
    finite,
    floats,
    in_open_unit,
    in_unit,
    positive,
)
from survey.analysis.distributions import critical_z, f_quantile
from survey.analysis.results import Caution, ConfInt
from survey.analysis.sufficient import CrossProducts


class Reliability(Struct, frozen=True, kw_only=True):
    """Internal consistency of a scale and what each item adds to it."""

    method: str
    version: int = 1
    value: float | None
    confint: ConfInt | None = None
    se: float | None = None
    confint_normal: ConfInt | None = None
    n: int | float = 0
    items: int = 0
    standardized: float | None = None
    lambda2: float | None = None
    lambda6: float | None = None
    mean_correlation: float | None = None
    item_rest: tuple[float | None, ...] = ()
    if_dropped: tuple[float | None, ...] = ()
    sem: float | None = None
    rule: dict[str, str] = {}
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


def cronbach_alpha(items: CrossProducts, *, confidence_level: float = 0.95) -> Reliability:
    r"""Cronbach's alpha :math:`\frac{k}{k-1}(1-\mathrm{tr}\,C/1'C1)` with Feldt's interval; KR-20 for 0/1 items.

    Feldt: :math:`1-(1-\alpha)F` with n - 1 and (n - 1)(k - 1) degrees of freedom. The standard error is Duhachek and
    Iacobucci's. Reverse-keyed items must be turned before: nothing is flipped here.

    References
    ----------
    Cronbach, L. J. (1951). Psychometrika 16, 297-334. Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Applied
    Psychological Measurement 11(1), 93-103. Duhachek, A. & Iacobucci, D. (2004). Journal of Applied Psychology 89,
    792-808.

    Examples
    --------
    >>> rows = [[5, 4, 5, 4], [4, 4, 4, 3], [3, 3, 2, 3], [5, 5, 4, 5], [2, 2, 3, 2], [4, 3, 4, 4]]
    >>> round(cronbach_alpha(CrossProducts.of(rows)).value, 5)
    0.92421
    """
    in_open_unit(confidence_level, "confidence_level")
    k, n = len(items.means), items.n
    if k < 2:
        raise BadData("items", "must be two or more")
    if n < 2:
        return Reliability(method="alpha", value=None, n=as_n(n), items=k, reason="fewer than two complete answers")
    return alpha_of(items.covariance, n, confidence_level=confidence_level)


@checked(n=at_least(2), confidence_level=in_open_unit)
def alpha_of(covariance: ArrayLike, n: float, *, confidence_level: float = 0.95) -> Reliability:
    """`cronbach_alpha` from a covariance matrix and the number of respondents."""
    c = covariance_of(covariance)
    k, total = c.shape[0], float(c.sum())
    constant = np.flatnonzero(np.diag(c) <= 0)
    cautions = tuple(Caution("item-without-variance", {"item": int(i)}) for i in constant)
    if total <= 0:
        return Reliability(
            method="alpha", value=None, n=as_n(n), items=k, cautions=cautions, reason="the total does not vary"
        )
    alpha = _alpha(c)
    if alpha < 0.7:
        cautions = (*cautions, Caution("low-reliability", {"alpha": alpha}))
    se = _standard_error(c, n)
    half, tail = critical_z(confidence_level) * se, (1.0 - confidence_level) / 2.0
    df = (n - 1.0, (n - 1.0) * (k - 1.0))
    low, high = (1.0 - (1.0 - alpha) * f_quantile(q, *df) for q in (1.0 - tail, tail))
    plain = correlations_of(c) if constant.size == 0 else None
    return Reliability(
        method="alpha",
        value=alpha,
        confint=ConfInt(low, high, confidence_level, "feldt"),
        se=se,
        confint_normal=ConfInt(alpha - half, alpha + half, confidence_level, "duhachek-iacobucci"),
        n=as_n(n),
        items=k,
        standardized=None if plain is None else _alpha(plain),
        lambda2=_lambda2(c),
        lambda6=None if plain is None else _lambda6(plain),
        mean_correlation=None if plain is None else float((plain.sum() - k) / (k * (k - 1.0))),
        item_rest=tuple(item_rest_correlations(c)),
        if_dropped=tuple(_alpha_without(c, j) for j in range(k)),
        sem=math.sqrt(total * max(0.0, 1.0 - alpha)),
        rule={"missing": "listwise", "reverse-keyed": "as declared by the caller"},
        cautions=cautions,
    )


def _alpha_without(c: Floats, item: int) -> float | None:
    """Alpha of the other items; None where they are fewer than two, or their total does not vary."""
    rest = _without(c, item)
    return _alpha(rest) if rest.shape[0] > 1 and rest.sum() > 1e-12 * np.trace(rest) else None


@checked(variance_of_total=finite)
def kr20(difficulty: ArrayLike, variance_of_total: float) -> float | None:
    r"""Kuder-Richardson 20: :math:`\frac{k}{k-1}(1-\sum p_jq_j/\sigma^2)`, variance of the total with denominator n.

    References
    ----------
    Kuder, G. F. & Richardson, M. W. (1937). Psychometrika 2, 151-160.

    Examples
    --------
    >>> round(kr20([0.5, 0.6, 0.7], 1.2), 4)
    0.625
    """
    p = floats(difficulty, "difficulty")
    if p.size < 2 or variance_of_total <= 0:
        return None
    return p.size / (p.size - 1.0) * (1.0 - float((p * (1.0 - p)).sum()) / variance_of_total)


@checked(items=finite, mean_total=finite, variance_of_total=finite)
def kr21(items: int, mean_total: float, variance_of_total: float) -> float | None:
    """Kuder-Richardson 21: KR-20 as if all items were equally difficult."""
    if items < 2 or variance_of_total <= 0:
        return None
    return items / (items - 1.0) * (1.0 - mean_total * (items - mean_total) / (items * variance_of_total))


def item_rest_correlations(covariance: Floats) -> list[float | None]:
    """Correlation of each item with the sum of the others."""
    total, rows, own = float(covariance.sum()), covariance.sum(axis=1), np.diag(covariance)
    scale = own * (total - 2.0 * rows + own)
    usable = scale > 0
    values = (rows - own) / np.sqrt(np.where(usable, scale, 1.0))
    return [float(v) if ok else None for v, ok in zip(values, usable, strict=True)]


@checked(reliability=in_unit, factor=positive)
def spearman_brown(reliability: float, factor: float) -> float:
    """Reliability of a test `factor` times as long.

    Examples
    --------
    >>> round(spearman_brown(0.72, 19 / 12), 3)
    0.803
    """
    return factor * reliability / (1.0 + (factor - 1.0) * reliability)


def covariance_of(covariance: ArrayLike) -> Floats:
    c = floats(covariance, "covariance", ndim=2)
    if c.shape[0] != c.shape[1] or c.shape[0] < 2 or not np.allclose(c, c.T, rtol=1e-9, atol=1e-12):
        raise BadData("covariance", "must be square and symmetric, two items or more")
    return c


def _alpha(c: Floats) -> float:
    k = c.shape[0]
    return float(k / (k - 1.0) * (1.0 - np.trace(c) / c.sum()))


def _without(c: Floats, j: int) -> Floats:
    return np.asarray(np.delete(np.delete(c, j, axis=0), j, axis=1))


def _standard_error(c: Floats, n: float) -> float:
    k, total, trace = c.shape[0], float(c.sum()), float(np.trace(c))
    square = c @ c
    inner = total * (float(np.trace(square)) + trace**2) - 2.0 * trace * float(square.sum())
    return math.sqrt(max(0.0, 2.0 * k * k / ((k - 1.0) ** 2 * total**3) * inner / n))


def correlations_of(c: Floats) -> Floats:
    sd = np.sqrt(np.diag(c))
    return np.asarray(c / np.outer(sd, sd))


def _lambda2(c: Floats) -> float:
    k = c.shape[0]
    off = c - np.diag(np.diag(c))
    return float((off.sum() + math.sqrt(k / (k - 1.0) * float((off**2).sum()))) / c.sum())


def _lambda6(r: Floats) -> float | None:
    if np.linalg.matrix_rank(r) < r.shape[0]:
        return None
    precision = np.diag(np.linalg.inv(r))
    if (precision <= 0).any():  # no correlations that numbers could have
        return None
    return 1.0 - float((1.0 / precision).sum()) / float(r.sum())
