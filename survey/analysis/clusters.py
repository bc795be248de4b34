"""Respondents in clusters: intraclass correlation and what it costs."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, floats
from survey.analysis.stages import codes_of


class ClusterEffect(Struct, frozen=True, kw_only=True):
    """How alike the respondents of one cluster are, and the design effect of a mean."""

    n: int
    clusters: int
    msb: float
    msw: float
    n0: float
    icc: float | None
    icc_mean_size: float | None
    design_effect_equal: float | None
    design_effect_unequal: float | None
    se_independent: float
    reason: str | None = None


def cluster_effect(values: ArrayLike, cluster: ArrayLike) -> ClusterEffect:
    r"""Intraclass correlation by one-way analysis of variance and design effects :math:`1+(m-1)\rho`.

    References
    ----------
    Kish, L. (1965). Survey Sampling, chapter 5. Shrout, P. E. & Fleiss, J. L. (1979). Psychological Bulletin 86,
    420-428.

    Examples
    --------
    >>> round(cluster_effect([1, 2, 4, 5, 7, 8], ["a", "a", "b", "b", "c", "c"]).icc, 4)
    0.9459
    """
    y = floats(values, "values")
    g = codes_of(cluster, y.size, "cluster")
    size = np.bincount(g).astype(np.float64)
    n, k = float(y.size), float(size.size)
    if k < 2 or n <= k:
        raise BadData("cluster", "must be two or more, some with two or more respondents")
    means = np.bincount(g, weights=y) / size
    within = float(((y - means[g]) ** 2).sum())
    between = float(size @ (means - y.mean()) ** 2)
    msb, msw = between / (k - 1.0), within / (n - k)
    n0 = (n - float(size @ size) / n) / (k - 1.0)
    icc = _icc(msb, msw, n0)
    return ClusterEffect(
        n=int(n),
        clusters=int(k),
        msb=msb,
        msw=msw,
        n0=n0,
        icc=icc,
        icc_mean_size=_icc(msb, msw, n / k),
        design_effect_equal=None if icc is None else 1.0 + (n / k - 1.0) * icc,
        design_effect_unequal=None if icc is None else 1.0 + (float(size @ size) / n - 1.0) * icc,
        se_independent=math.sqrt((between + within) / (n - 1.0) / n),
        reason="the values do not vary" if icc is None else None,
    )


def _icc(msb: float, msw: float, size: float) -> float | None:
    total = msb + (size - 1.0) * msw
    return (msb - msw) / total if total > 0 else None
