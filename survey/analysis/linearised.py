"""One variance engine for every weighted estimate: influence values -> design variance.

An estimate is described by one influence value per row; strata, clusters and finite populations are the design's
business.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, as_n, floats, in_open_unit
from survey.analysis.distributions import critical_t
from survey.analysis.results import Caution, ConfInt, Estimate
from survey.analysis.weighting import weights_checked

Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyDesign:
    """How the rows came into the sample. A row stands for `count` respondents alike (1, or a cell of a count table)."""

    weights: Floats
    count: Floats
    psu: Codes | None
    stratum: Codes
    sampled: Floats
    fraction: Floats

    @property
    def n(self) -> float:
        """Respondents."""
        return float(self.count.sum())

    @property
    def df(self) -> float:
        """Primary sampling units minus strata."""
        return float(self.sampled.sum() - self.sampled.size)

    @property
    def sum_of_weights(self) -> float:
        """Estimated population size."""
        return float(self.count @ self.weights)

    def cautions(self) -> tuple[Caution, ...]:
        """Strata with one unit: their variance is measured from the overall mean."""
        lonely = int((self.sampled == 1).sum())
        return (Caution("lonely-psu", {"strata": lonely}),) if lonely else ()


def survey_design(
    weights: ArrayLike,
    *,
    psu: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    population: ArrayLike | None = None,
    count: ArrayLike | None = None,
) -> SurveyDesign:
    """Describe a design: weights, and optionally clusters, strata, and the number of units in each row's stratum.

    Examples
    --------
    >>> survey_design([2, 2, 3, 3], stratum=["a", "a", "b", "b"]).df
    2.0
    """
    w = weights_checked(weights)
    size = np.ones(w.size) if count is None else floats(count, "count")
    if size.size != w.size or (size < 0).any():
        raise BadData("count", "must be one per row and not negative")
    if count is not None and psu is not None:
        raise BadData("count", "must not be given with psu: clusters need their own rows")
    h = codes_of(stratum, w.size, "stratum")
    units = None if psu is None else _units(codes_of(psu, w.size, "psu"), h)
    if units is None:
        sampled = np.bincount(h, weights=size).astype(np.float64)
    else:
        first = np.unique(units, return_index=True)[1]
        sampled = np.bincount(h[first]).astype(np.float64)
    return SurveyDesign(
        weights=w, count=size, psu=units, stratum=h, sampled=sampled, fraction=_fraction(population, h, sampled)
    )


def design_variance(design: SurveyDesign, influence: Floats) -> Floats:
    r"""Covariance of totals of influence values (rows x estimates), weights already in them.

    :math:`\sum_h(1-f_h)\frac{n_h}{n_h-1}\sum_i(z_{hi}-\bar z_h)(z_{hi}-\bar z_h)'` over units i of stratum h.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 2.2. Binder, D. A. (1983). International Statistical Review 51, 279-292.
    """
    z = influence if influence.ndim == 2 else influence[:, None]
    if design.psu is None:
        totals, count, stratum = z, design.count, design.stratum
    else:
        units = int(design.psu.max()) + 1
        totals = np.zeros((units, z.shape[1]))
        np.add.at(totals, design.psu, z)
        stratum = np.zeros(units, dtype=np.int64)
        stratum[design.psu] = design.stratum
        count = np.ones(units)
    means = np.zeros((design.sampled.size, z.shape[1]))
    np.add.at(means, stratum, totals * count[:, None])
    grand = means.sum(axis=0) / count.sum()
    means /= design.sampled[:, None]
    lonely = design.sampled == 1
    means[lonely] = grand
    scale = np.where(lonely, 1.0, design.sampled / np.where(lonely, 1.0, design.sampled - 1.0))
    factor = (1.0 - design.fraction) * scale
    gaps = totals - means[stratum]
    return np.asarray((gaps * (count * factor[stratum])[:, None]).T @ gaps)


def weighted_mean(
    design: SurveyDesign, values: ArrayLike, *, within: ArrayLike | None = None, confidence_level: float = 0.95
) -> Estimate:
    r"""Weighted mean with its linearised standard error, influence :math:`w_i(y_i-\bar y)/W`; `within` = a domain.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, chapter 2.

    Examples
    --------
    >>> m = weighted_mean(survey_design([1, 1, 2, 2]), [1, 0, 1, 1])
    >>> round(m.value, 4), round(m.se, 4)
    (0.8333, 0.187)
    """
    in_open_unit(confidence_level, "confidence_level")
    y = values_for(design, values)
    inside = np.ones(y.size) if within is None else values_for(design, within)
    total = float(design.count @ (design.weights * inside))
    n = float(design.count @ (inside != 0))
    if total == 0:
        return Estimate("linearised", None, reason="no weight in this group")
    value = float(design.count @ (design.weights * inside * y)) / total
    return estimate_of(design, value, mean_influence(design, y, inside), n, confidence_level)


def mean_influence(design: SurveyDesign, y: Floats, inside: Floats | None = None) -> Floats:
    """w (y - mean) / W within a domain, 0 outside."""
    w = design.weights if inside is None else design.weights * inside
    total = float(design.count @ w)
    return np.asarray(w * (y - float(design.count @ (w * y)) / total) / total)


def weighted_total(design: SurveyDesign, values: ArrayLike, *, confidence_level: float = 0.95) -> Estimate:
    """Estimated population total, influence w y."""
    z = design.weights * values_for(design, values)
    return estimate_of(design, float(design.count @ z), z, design.n, confidence_level)


def estimate_of(design: SurveyDesign, value: float, influence: Floats, n: float, confidence_level: float) -> Estimate:
    """An estimate, its linearised error and t interval on the design's degrees of freedom."""
    if design.df <= 0:
        return Estimate("linearised", value, n=as_n(n), cautions=(Caution("no-degrees-of-freedom"),))
    se = math.sqrt(max(0.0, float(design_variance(design, influence)[0, 0])))
    half = critical_t(confidence_level, design.df) * se
    limits = ConfInt(value - half, value + half, confidence_level, "t")
    return Estimate("linearised", value, se, limits, as_n(n), cautions=design.cautions())


def design_effect(design: SurveyDesign, values: ArrayLike, *, replacement: bool = False) -> float | None:
    """Variance of the weighted mean over that of a simple random sample of the same size.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 8.2.
    """
    y, n, total = values_for(design, values), design.n, design.sum_of_weights
    mean = float(design.count @ (design.weights * y)) / total
    spread = float(design.count @ (design.weights * (y - mean) ** 2)) / total * n / (n - 1.0)
    simple = spread / n if replacement else spread * (total - n) / (total * n)
    variance = float(design_variance(design, mean_influence(design, y))[0, 0])
    return variance / simple if simple > 0 else None


def without_empty(design: SurveyDesign, **columns: ArrayLike) -> tuple[SurveyDesign, dict[str, NDArray[Any]]]:
    """The rows of a count table that stand for anybody, and their columns."""
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    for name, array in arrays.items():
        if array.shape != design.weights.shape:
            raise BadData(name, f"must be one per row: {design.weights.size}, not {array.size}")
    seen = design.count > 0
    if seen.all():
        return design, arrays
    kept = replace(design, weights=design.weights[seen], count=design.count[seen], stratum=design.stratum[seen])
    return kept, {name: array[seen] for name, array in arrays.items()}


def values_for(design: SurveyDesign, values: ArrayLike) -> Floats:
    """One finite value per row."""
    y = floats(values, "values")
    if y.size != design.weights.size:
        raise BadData("values", f"must be one per row: {design.weights.size}, not {y.size}")
    return y


def codes_of(labels: ArrayLike | None, size: int, name: str) -> Codes:
    """0, 1, 2, ... in sorted order of any labels."""
    if labels is None:
        return np.zeros(size, dtype=np.int64)
    codes = np.unique(np.asarray(labels), return_inverse=True)[1].ravel()
    if codes.size != size:
        raise BadData(name, f"must be one per row: {size}, not {codes.size}")
    return codes.astype(np.int64)


def _units(psu: Codes, stratum: Codes) -> Codes:
    """Units numbered through: the same id in two strata is two units."""
    return codes_of(stratum * (int(psu.max()) + 1) + psu, psu.size, "psu")


def _fraction(population: ArrayLike | None, stratum: Codes, sampled: Floats) -> Floats:
    if population is None:
        return np.zeros(sampled.size)
    per_row = np.broadcast_to(np.asarray(population, dtype=np.float64), stratum.shape)
    per_stratum = np.zeros(sampled.size)
    per_stratum[stratum] = per_row
    if (per_stratum < sampled).any():
        raise BadData("population", "must not be smaller than the number of sampled units of a stratum")
    return np.asarray(sampled / per_stratum)
