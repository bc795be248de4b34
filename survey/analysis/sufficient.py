"""Sufficient statistics: what survives of ten million rows, and adds up across chunks, waves and nodes.

`Counts`, `Moments` and `CrossProducts` are values; `a + b` describes the union of the two samples.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, counts_of, floats, integers, scores_for


class Counts(Struct, frozen=True):
    """How many gave each level, one row per group.

    >>> (Counts.tabulate([0, 1, 1], groups=1, levels=2) + Counts(((0.0, 3.0),))).rows
    ((1.0, 5.0),)
    """

    rows: tuple[tuple[float, ...], ...]

    @classmethod
    def tabulate(cls, codes: ArrayLike, *, levels: int, groups: int = 1, group: ArrayLike | None = None) -> "Counts":
        """Count codes 0..levels-1, within group codes 0..groups-1."""
        level = integers(codes, "codes")
        row = np.zeros_like(level) if group is None else integers(group, "group")
        if row.size != level.size:
            raise BadData("group", f"must be one for each code: {level.size}, not {row.size}")
        if level.size and (level.min() < 0 or level.max() >= levels):
            raise BadData("codes", f"must lie in 0..{levels - 1}")
        if row.size and (row.min() < 0 or row.max() >= groups):
            raise BadData("group", f"must lie in 0..{groups - 1}")
        return cls.of(np.bincount(row * levels + level, minlength=groups * levels).reshape(groups, levels))

    @classmethod
    def of(cls, table: ArrayLike) -> "Counts":
        """From a groups x levels array."""
        array = floats(table, "table", ndim=2)
        return cls(tuple(tuple(float(v) for v in row) for row in array))

    def __add__(self, other: "Counts") -> "Counts":
        if np.shape(self.rows) != np.shape(other.rows):
            raise BadData("other", "must have the same groups and levels")
        return Counts.of(self.table + other.table)

    @property
    def table(self) -> Floats:
        """Groups x levels as float64."""
        return np.asarray(self.rows, dtype=np.float64)


class Moments(Struct, frozen=True):
    """n, mean and sum of squared deviations of one variable, mergeable without cancellation (Chan et al. 1979).

    >>> Moments.of([1.0, 2.0]) + Moments.of([6.0]) == Moments.of([1.0, 2.0, 6.0])
    True
    """

    n: float
    mean: float
    ss: float

    @classmethod
    def of(cls, values: ArrayLike) -> "Moments":
        """From raw values."""
        x = floats(values, "values")
        if x.size == 0:
            return cls(0.0, 0.0, 0.0)
        center = float(x.mean())
        return cls(float(x.size), center, float(((x - center) ** 2).sum()))

    @classmethod
    def from_counts(cls, counts: ArrayLike, scores: ArrayLike) -> "Moments":
        """From level counts and level scores."""
        k = counts_of(counts)
        s = scores_for(scores, k.size)
        n = float(k.sum())
        if n == 0:
            return cls(0.0, 0.0, 0.0)
        center = float(k @ s / n)
        return cls(n, center, float(k @ (s - center) ** 2))

    def __add__(self, other: "Moments") -> "Moments":
        n = self.n + other.n
        if n == 0:
            return self
        shift = other.mean - self.mean
        mean = self.mean + shift * other.n / n
        return Moments(n, mean, self.ss + other.ss + shift * shift * self.n * other.n / n)

    @property
    def variance(self) -> float | None:
        """Unbiased variance (n - 1), None below two observations."""
        return self.ss / (self.n - 1.0) if self.n > 1 else None


class CrossProducts(Struct, frozen=True):
    """n, means and centred cross-products of several variables: enough for alpha, omega, regression and drivers.

    >>> a, b = CrossProducts.of([[1.0, 2.0], [2.0, 4.0]]), CrossProducts.of([[3.0, 1.0]])
    >>> (a + b).covariance.round(6).tolist()
    [[1.0, -0.5], [-0.5, 2.333333]]
    """

    n: float
    means: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, rows: ArrayLike) -> "CrossProducts":
        """From complete rows: respondents x variables."""
        x = floats(rows, "rows", ndim=2)
        means = x.mean(axis=0) if x.shape[0] else np.zeros(x.shape[1])
        deviations = x - means
        return cls._from(float(x.shape[0]), means, deviations.T @ deviations)

    @classmethod
    def _from(cls, n: float, means: Floats, products: Floats) -> "CrossProducts":
        return cls(n, tuple(means.tolist()), tuple(tuple(row) for row in products.tolist()))

    def __add__(self, other: "CrossProducts") -> "CrossProducts":
        if len(self.means) != len(other.means):
            raise BadData("other", "must have the same variables")
        n = self.n + other.n
        if n == 0:
            return self
        shift = np.subtract(other.means, self.means)
        means = np.asarray(self.means) + shift * (other.n / n)
        products = np.asarray(self.products) + np.asarray(other.products)
        return CrossProducts._from(n, means, products + np.outer(shift, shift) * (self.n * other.n / n))

    @property
    def covariance(self) -> Floats:
        """Unbiased covariance matrix."""
        if self.n < 2:
            raise BadData("n", "must be at least 2 for a covariance")
        return np.asarray(self.products, dtype=np.float64) / (self.n - 1.0)
