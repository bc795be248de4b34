"""Weighted means of groups and their one covariance: what every weighted comparison of means is a contrast of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from survey.analysis.checks import Floats, as_n
from survey.analysis.design import SurveyDesign
from survey.analysis.distributions import critical_t
from survey.analysis.linearised import design_variance
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, Estimate
from survey.analysis.small_samples import Reduced, bias_reduced
from survey.analysis.stages import Codes

Variance = Literal["linearised", "CR2"]
"""The design's variance, as R's survey has it; or bias-reduced, with its own degrees of freedom, for few clusters."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupMeans:
    """Weight and weighted mean of each group, the means' covariance, the mean square within groups, respondents.

    `units` are the design's degrees of freedom, which are those of a contrast unless the covariance was `reduced`.
    """

    weight: Floats
    mean: Floats
    covariance: Floats
    square: float
    size: float
    units: float
    reduced: Reduced | None = None

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

    def df(self, *contrasts: Sequence[float]) -> float:
        """Degrees of freedom of contrasts: the design's less the groups', or those of the reduced covariance."""
        if self.reduced is None:
            return self.units - (self.mean.size - 1.0)
        return self.reduced.df(np.array(contrasts, dtype=np.float64))

    def lacks(self, se: float = 1.0) -> str | None:
        """Why there is no test: a group of one unit only, of whose variance nothing is known; or no variance."""
        if self.reduced is not None and self.reduced.lonely:
            return "no-degrees-of-freedom"
        return "no-variance" if se == 0 else None

    def rule(self) -> dict[str, str]:
        """How variance and degrees of freedom came about."""
        if self.reduced is None:
            return {"variance": "linearised"}
        return {"variance": "CR2 (Bell and McCaffrey)", "df": "Satterthwaite, of several contrasts Hotelling"}

    def from_first(self) -> tuple[Floats, Floats]:
        """Each further mean minus the first, and their covariance."""
        c = from_the_first(self.mean.size)
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


def from_the_first(groups: int) -> Floats:
    """The contrasts of each further group with the first: (groups - 1) x groups."""
    return np.column_stack([-np.ones(groups - 1), np.eye(groups - 1)])


def group_means(
    design: SurveyDesign, y: Floats, group: Codes, groups: int, variance: Variance = "linearised"
) -> GroupMeans:
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
    reduced = bias_reduced(design, influence, group, weight) if variance == "CR2" else None
    return GroupMeans(
        weight=weight,
        mean=mean,
        covariance=design_variance(design, influence) if reduced is None else reduced.covariance,
        square=float(w @ gap**2) / float(weight.sum()),
        size=design.n,
        units=design.df,
        reduced=reduced,
    )


def reduced_mean(design: SurveyDesign, y: Floats, *, confidence_level: float = 0.95) -> tuple[Estimate, float]:
    """Weighted mean with its bias-reduced standard error and t interval, and their degrees of freedom.

    Of answers that all come from one unit there is neither.
    """
    n = as_n(design.n)
    if design.sum_of_weights == 0:
        return Estimate("CR2", None, reason="no weight in this group"), 0.0
    means = group_means(design, y, np.zeros(y.size, dtype=np.int64), 1, "CR2")
    value, se = means.contrast((1.0,))
    if means.lacks() or design.df <= 0:
        return Estimate("CR2", value, n=n, cautions=(Caution("no-degrees-of-freedom"),)), 0.0
    df = means.df((1.0,))
    half = critical_t(confidence_level, df) * se
    limits = ConfInt(value - half, value + half, confidence_level, "t")
    return Estimate("CR2", value, se, limits, n, cautions=design.cautions()), df


def wald_f(means: GroupMeans) -> tuple[float, float, tuple[float, float]] | None:
    r"""Wald's chi-squared of all means being equal, its F, and the F's degrees of freedom; None without variance.

    :math:`F=\chi^2/q` of q contrasts; of a reduced covariance Hotelling's :math:`F=rac{\eta-q+1}{\eta q}\chi^2` on
    q and :math:`\eta-q+1`.
    """
    chi2 = None if means.lacks() else wald_chi2(*means.from_first())
    if chi2 is None:
        return None
    q, df = means.mean.size - 1.0, means.df(*from_the_first(means.mean.size).tolist())
    if means.reduced is None:
        return chi2, chi2 / q, (q, df)
    if df <= q - 1.0:
        return None
    return chi2, chi2 * (df - q + 1.0) / (df * q), (q, df - q + 1.0)


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
