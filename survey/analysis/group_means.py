"""Weighted means of groups and their one covariance: what every weighted comparison of means is a contrast of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.design import SurveyDesign
from survey.analysis.distributions import critical_t
from survey.analysis.linearised import design_variance
from survey.analysis.results import ConfInt, Difference, EffectSize
from survey.analysis.stages import Codes


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupMeans:
    """Weight and weighted mean of each group, the means' covariance, the mean square within groups, respondents."""

    weight: Floats
    mean: Floats
    covariance: Floats
    square: float
    size: float

    @property
    def spread(self) -> float:
        """Weighted SD within groups, with the divisor of a sample: n - k."""
        free = self.size - self.mean.size
        return math.sqrt(self.square * self.size / free) if free > 0 else 0.0

    def contrast(self, signs: Sequence[float]) -> tuple[float, float]:
        """A sum of means with signs, and its standard error; a variance below rounding error is none."""
        c = np.asarray(signs, dtype=np.float64)
        variance, size = float(c @ self.covariance @ c), float(c**2 @ np.diag(self.covariance))
        return float(c @ self.mean), math.sqrt(variance) if variance > 1e-14 * size else 0.0

    def from_first(self) -> tuple[Floats, Floats]:
        """Each further mean minus the first, and their covariance."""
        c = np.column_stack([-np.ones(self.mean.size - 1), np.eye(self.mean.size - 1)])
        return np.asarray(c @ self.mean), np.asarray(c @ self.covariance @ c.T)

    def errors(self) -> list[float]:
        """Standard error of each mean."""
        return [math.sqrt(max(0.0, float(v))) for v in np.diag(self.covariance)]

    def eta_squared(self) -> EffectSize:
        """Share of the weighted variance that lies between the groups."""
        share = self.weight / self.weight.sum()
        between = float(share @ (self.mean - float(share @ self.mean)) ** 2)
        total = between + self.square
        return EffectSize("eta squared (weighted)", between / total if total > 0 else None)

    def standardised(self, difference: float) -> float | None:
        """A difference of means over the weighted SD within groups."""
        return difference / self.spread if self.spread > 0 else None


def group_means(design: SurveyDesign, y: Floats, group: Codes, groups: int) -> GroupMeans:
    r"""Means of groups that all have weight; influence :math:`w(y-\bar y_g)/W_g` in the own group, 0 elsewhere."""
    w = design.weights * design.count
    weight = np.bincount(group, weights=w, minlength=groups).astype(np.float64)
    # about the middle first: means of large values lose digits otherwise
    middle = float(w @ y) / float(w.sum())
    mean = np.bincount(group, weights=w * (y - middle), minlength=groups) / weight + middle
    gap = y - mean[group]
    gap[np.abs(gap) <= 1e-12 * np.abs(y).max()] = 0.0  # what rounding leaves of a group that does not vary
    influence = np.zeros((y.size, groups))
    influence[np.arange(y.size), group] = design.weights * gap / weight[group]
    return GroupMeans(
        weight=weight,
        mean=mean,
        covariance=design_variance(design, influence),
        square=float(w @ gap**2) / float(weight.sum()),
        size=design.n,
    )


def t_interval(value: float, se: float, df: float, confidence_level: float, unit: str = "") -> Difference:
    """A difference with its t interval."""
    half = critical_t(confidence_level, df) * se
    return Difference(value, ConfInt(value - half, value + half, confidence_level, "t"), unit)


def wald_chi2(values: Floats, covariance: Floats) -> float | None:
    """Wald statistic of all values being zero; None when they do not vary independently."""
    root = np.sqrt(np.diag(covariance))
    if not (root > 0).all():
        return None
    scaled = covariance / np.outer(root, root)
    if np.linalg.matrix_rank(scaled, tol=1e-9 * values.size, hermitian=True) < values.size:
        return None
    return max(0.0, float((values / root) @ np.linalg.solve(scaled, values / root)))
