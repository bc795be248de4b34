"""One variance engine for every weighted estimate: influence values -> design variance.

An estimate is described by one influence value per row; strata, clusters and finite populations are the design's
business.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import Floats, as_n, in_open_unit
from survey.analysis.design import Calibration, SurveyDesign, survey_design, values_for, without_empty
from survey.analysis.distributions import critical_t
from survey.analysis.results import Caution, ConfInt, Estimate
from survey.analysis.stages import Codes, Units, codes_of
from survey.analysis.weighting import calibration_residual

__all__ = [
    "Calibration",
    "Codes",
    "SurveyDesign",
    "codes_of",
    "design_effect",
    "design_variance",
    "effective_n",
    "estimate_of",
    "mean_influence",
    "survey_design",
    "values_for",
    "weighted_mean",
    "weighted_total",
    "without_empty",
]


def design_variance(design: SurveyDesign, influence: Floats) -> Floats:
    r"""Covariance of totals of influence values (rows x estimates), weights already in them.

    :math:`\sum_h(1-f_h)\frac{n_h}{n_h-1}\sum_i(z_{hi}-\bar z_h)(z_{hi}-\bar z_h)'` over units i of stratum h.
    A cluster's total adds up `count` respondents a row. With a second stage, its own sum within each cluster, times
    the fraction of the first, is added. Under a calibration z is first replaced by w times what the margins leave of
    z/w (`calibration_residual`), so that every estimate and test honours it.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, section 2.2. Binder, D. A. (1983). International Statistical Review 51, 279-292.
    """
    design, z = whole_influence(design, influence if influence.ndim == 2 else influence[:, None])
    variance = _between(design.first, z, design.count)
    if design.second is None or design.psu is None:
        return variance
    home = np.zeros(design.second.sampled.size, dtype=np.int64)
    home[design.psu] = design.stratum
    return variance + _between(design.second, z, design.count, share=design.fraction[home])


def whole_influence(
    design: SurveyDesign, influence: Floats, estimates: int | None = None
) -> tuple[SurveyDesign, Floats]:
    """The design that a domain is a part of, and the influences of all its rows: what the margins leave of them.

    Of a calibration the first columns know, as many as there are `estimates` (left out: all of them).
    """
    z = influence
    if design.whole is not None:
        z = np.zeros((design.whole.weights.size, influence.shape[1]))
        z[design.rows] = influence
        return whole_influence(design.whole, z, estimates)
    if design.calibration is not None:
        known = z.shape[1] if estimates is None else estimates
        z = np.column_stack([_unexplained(design, design.calibration, z[:, :known]), z[:, known:]])
    return design, z


def _unexplained(design: SurveyDesign, fit: Calibration, z: Floats) -> Floats:
    own = z / np.where(design.weights > 0, design.weights, 1.0)[:, None]
    base, cells = fitted_to(design, fit)
    return np.asarray(design.weights[:, None] * calibration_residual(base, own, cells, design.count))


def fitted_to(design: SurveyDesign, fit: Calibration) -> tuple[Floats, list[tuple[Codes, int]]]:
    """The weights before the fit, and the categories of each margin and how many they are."""
    cells = [(codes, int(codes.max()) + 1) for codes in (np.asarray(m) for m in fit.margins)]
    # rows of weight 0 lie in categories without a population and take no part in the fit
    return np.asarray(fit.base, dtype=np.float64) * (design.weights > 0), cells


def _between(units: Units, z: Floats, count: Floats, *, share: Floats | None = None) -> Floats:
    """Spread of unit totals within strata; `share` scales a later stage, where a lone unit has no spread."""
    if units.unit is None:
        totals, held, stratum = z, count, units.stratum
    else:
        totals = _sums(units.unit, z * count[:, None])
        held = (np.bincount(units.unit, weights=count) > 0).astype(np.float64)
        stratum = np.zeros(held.size, dtype=np.int64)
        stratum[units.unit] = units.stratum
    sampled, lonely = units.sampled, units.sampled == 1
    sums = _sums(stratum, totals * held[:, None], sampled.size)
    means = sums / np.where(sampled > 0, sampled, 1.0)[:, None]
    if share is None:
        means[lonely] = sums.sum(axis=0) / held.sum()
    scale = np.where(sampled > 1, sampled / np.where(sampled > 1, sampled - 1.0, 1.0), 1.0)
    factor = (1.0 - units.fraction) * scale * (1.0 if share is None else share)
    gaps = totals - means[stratum]
    return np.asarray((gaps * (held * factor[stratum])[:, None]).T @ gaps)


def _sums(codes: Codes, values: Floats, size: int = 0) -> Floats:
    return np.column_stack([np.bincount(codes, weights=column, minlength=size) for column in values.T])


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
    if n <= 1 or total <= 0 or design.df <= 0:
        return None
    mean = float(design.count @ (design.weights * y)) / total
    spread = float(design.count @ (design.weights * (y - mean) ** 2)) / total * n / (n - 1.0)
    simple = spread / n if replacement else spread * (total - n) / (total * n)
    variance = float(design_variance(design, mean_influence(design, y))[0, 0])
    return variance / simple if simple > 0 else None


def effective_n(design: SurveyDesign, values: ArrayLike) -> float | None:
    """Size of the simple random sample with replacement whose mean is as precise: n / design effect.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 8.2.

    Examples
    --------
    >>> round(effective_n(survey_design([1] * 6, psu=[1, 1, 2, 2, 3, 3]), [1, 1, 2, 2, 3, 3]), 4)
    2.4
    """
    effect = design_effect(design, values, replacement=True)
    return design.n / effect if effect else None
