"""Agreement and association of two ordinal items: kappa, gamma, tau, Somers' d, rank correlation."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_n, in_open_unit, table_of
from survey.analysis.distributions import critical_z, t_pvalue
from survey.analysis.ranks import midranks
from survey.analysis.results import ConfInt, Estimate
from survey.analysis.significance.waves import correlation


class Association(Struct, frozen=True, kw_only=True):
    """How two ordinal items go together."""

    n: int | float
    concordant: float
    discordant: float
    gamma: float | None
    tau_b: float | None
    somers_d: float | None
    spearman: float | None
    spearman_pvalue: float | None
    pearson: float | None
    pearson_pvalue: float | None
    pearson_confint: ConfInt | None
    reason: str | None = None


def ordinal_association(table: ArrayLike, *, confidence_level: float = 0.95) -> Association:
    r"""Concordance measures of an ordered table, with rows as the explanatory side of Somers' d.

    :math:`\gamma=(C-D)/(C+D)`; :math:`\tau_b=(C-D)/\sqrt{(T-T_x)(T-T_y)}`; Spearman with midranks; Pearson with
    scores 1, 2, 3, ... and Fisher's z interval.

    References
    ----------
    Agresti, A. (2010). Analysis of Ordinal Categorical Data, 2nd ed., chapter 7.

    Examples
    --------
    >>> result = ordinal_association([[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])
    >>> result.concordant, round(result.gamma, 6)
    (1331.0, 0.221101)
    """
    in_open_unit(confidence_level, "confidence_level")
    counts = table_of(table)
    rows, cols, n = counts.sum(axis=1), counts.sum(axis=0), float(counts.sum())
    concordant, discordant = _concordance(counts), _concordance(counts[:, ::-1])
    gap, pairs = concordant - discordant, n * (n - 1.0) / 2.0
    free_x, free_y = (pairs - float((m * (m - 1.0)).sum()) / 2.0 for m in (rows, cols))
    spearman = correlation(counts, midranks(rows), midranks(cols))
    pearson = correlation(counts, np.arange(1.0, rows.size + 1.0), np.arange(1.0, cols.size + 1.0))
    return Association(
        n=as_n(n),
        concordant=concordant,
        discordant=discordant,
        gamma=gap / (concordant + discordant) if concordant + discordant > 0 else None,
        tau_b=gap / math.sqrt(free_x * free_y) if free_x > 0 and free_y > 0 else None,
        somers_d=gap / free_x if free_x > 0 else None,
        spearman=spearman,
        spearman_pvalue=_correlation_pvalue(spearman, n),
        pearson=pearson,
        pearson_pvalue=_correlation_pvalue(pearson, n),
        pearson_confint=_fisher_interval(pearson, n, confidence_level),
        reason=None if pearson is not None else "fewer than two rows or columns have answers",
    )


def cohen_kappa(table: ArrayLike, *, weights: str = "none", confidence_level: float = 0.95) -> Estimate:
    r"""Cohen's kappa, plain or weighted (`linear`, `quadratic`): agreement beyond chance, with its large-sample error.

    :math:`\kappa=(\sum w_{ij}p_{ij}-\sum w_{ij}p_{i.}p_{.j})/(1-\sum w_{ij}p_{i.}p_{.j})`.

    References
    ----------
    Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Psychological Bulletin 72(5), 323-327.

    Examples
    --------
    >>> round(cohen_kappa([[20, 5], [10, 15]]).value, 6)
    0.4
    """
    in_open_unit(confidence_level, "confidence_level")
    counts = table_of(table)
    k = counts.shape[0]
    if k != counts.shape[1] or k < 2:
        raise BadData("table", "must be square with two or more levels")
    powers = {"none": 0.0, "linear": 1.0, "quadratic": 2.0}
    if weights not in powers:
        raise BadData("weights", f"must be one of {', '.join(powers)}")
    n = float(counts.sum())
    name = "kappa" if weights == "none" else f"kappa-{weights}"
    if n == 0:
        return Estimate(name, None, reason="no pairs")
    distance = np.abs(np.arange(k)[:, None] - np.arange(k)[None, :]) / (k - 1.0)
    w = np.eye(k) if weights == "none" else 1.0 - distance ** powers[weights]
    p = counts / n
    rows, cols = p.sum(axis=1), p.sum(axis=0)
    seen, chance = float((w * p).sum()), float(rows @ w @ cols)
    if chance >= 1.0:
        return Estimate(name, None, n=as_n(n), reason="every pair has the same level")
    kappa = (seen - chance) / (1.0 - chance)
    margins = (w @ cols)[:, None] + (rows @ w)[None, :]
    spread = float((p * (w - margins * (1.0 - kappa)) ** 2).sum()) - (kappa - chance * (1.0 - kappa)) ** 2
    se = math.sqrt(max(0.0, spread) / n) / (1.0 - chance)
    half = critical_z(confidence_level) * se
    return Estimate(name, kappa, se, ConfInt(kappa - half, min(1.0, kappa + half), confidence_level, "wald"), as_n(n))


def _concordance(counts: Floats) -> float:
    """Pairs of answers in which one is further on both items."""
    beyond = np.zeros_like(counts)
    tail = np.cumsum(np.cumsum(counts[::-1, ::-1], axis=0), axis=1)[::-1, ::-1]
    beyond[:-1, :-1] = tail[1:, 1:]
    return float((counts * beyond).sum())


def _correlation_pvalue(r: float | None, n: float) -> float | None:
    if r is None or n < 3:
        return None
    return 0.0 if abs(r) >= 1.0 else t_pvalue(r * math.sqrt((n - 2.0) / (1.0 - r * r)), n - 2.0)


def _fisher_interval(r: float | None, n: float, confidence_level: float) -> ConfInt | None:
    if r is None or n <= 3 or abs(r) >= 1.0:
        return None
    center, half = math.atanh(r), critical_z(confidence_level) / math.sqrt(n - 3.0)
    return ConfInt(math.tanh(center - half), math.tanh(center + half), confidence_level, "fisher-z")
