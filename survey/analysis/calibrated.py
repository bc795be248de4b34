"""Means and totals under calibrated weights, and intervals of weighted shares."""

import math
from dataclasses import replace

from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.design import Calibration, SurveyDesign, calibration_checked
from survey.analysis.distributions import critical_t
from survey.analysis.linearised import weighted_mean, weighted_total
from survey.analysis.results import ConfInt, Estimate
from survey.analysis.stages import Codes

Cells = list[tuple[Codes, int]]


def calibrated_mean(
    design: SurveyDesign, base: ArrayLike, values: ArrayLike, cells: Cells, *, confidence_level: float = 0.95
) -> Estimate:
    """Mean under calibrated weights: the influence is what the margins leave unexplained (Deville-Sarndal residuals).

    `design` carries the final weights, `base` the weights before; `cells` are the categories of each margin, one
    margin for post-stratification, several for raking. The same as `weighted_mean` of a design with a `Calibration`.

    References
    ----------
    Deville, J.-C. & Sarndal, C.-E. (1992). Journal of the American Statistical Association 87, 376-382.
    """
    return weighted_mean(_calibrated(design, base, cells), values, confidence_level=confidence_level)


def calibrated_total(
    design: SurveyDesign, base: ArrayLike, values: ArrayLike, cells: Cells, *, confidence_level: float = 0.95
) -> Estimate:
    """Total under calibrated weights; see `calibrated_mean`."""
    return weighted_total(_calibrated(design, base, cells), values, confidence_level=confidence_level)


def _calibrated(design: SurveyDesign, base: ArrayLike, cells: Cells) -> SurveyDesign:
    fit = Calibration(base=base, margins=[codes for codes, _ in cells])
    return replace(design, calibration=calibration_checked(fit, design.weights))


def proportion_intervals(
    share: Estimate, design: SurveyDesign, *, df: float | None = None, confidence_level: float = 0.95
) -> dict[str, ConfInt]:
    """Intervals of a weighted share that respect 0 and 1: logit, Korn-Graubard (beta), arcsine; and Wald t.

    `df` are those of the share's standard error where they are not the design's.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24, 193-201.
    """
    p, se = share.value, share.se
    if p is None or not se or not 0.0 < p < 1.0:
        return {}
    t = critical_t(confidence_level, design.df if df is None else df)
    tail = (1.0 - confidence_level) / 2.0
    center, half = math.log(p / (1.0 - p)), t * se / (p * (1.0 - p))
    n = p * (1.0 - p) / se**2 * (critical_t(confidence_level, design.n - 1.0) / t) ** 2
    angle, turn = math.asin(math.sqrt(p)), t * se / (2.0 * math.sqrt(p * (1.0 - p)))
    limits = {
        "logit": (1.0 / (1.0 + math.exp(half - center)), 1.0 / (1.0 + math.exp(-half - center))),
        "korn-graubard": (
            float(special.betaincinv(n * p, n * (1.0 - p) + 1.0, tail)),
            float(special.betainccinv(n * p + 1.0, n * (1.0 - p), tail)),
        ),
        "arcsine": (math.sin(max(0.0, angle - turn)) ** 2, math.sin(min(math.pi / 2.0, angle + turn)) ** 2),
        "wald": (p - t * se, p + t * se),
    }
    return {name: ConfInt(low, high, confidence_level, name) for name, (low, high) in limits.items()}
