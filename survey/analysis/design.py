"""How rows came into the sample: weights, strata, clusters, finite populations, and what the weights were fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats, floats, scores_of
from survey.analysis.results import Caution
from survey.analysis.stages import Codes, Units, codes_of, rows_of_units, stage_of
from survey.analysis.weighting import weights_checked

FEW_CLUSTERS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What the weights were fitted to: the weights before, and the category of each row in every margin.

    One margin for post-stratification (its cells), several for raking. Labels may be anything that sorts.
    """

    base: ArrayLike
    margins: Sequence[ArrayLike]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyDesign:
    """How the rows came into the sample. A row stands for `count` respondents alike (1, or a cell of a count table)."""

    weights: Floats
    count: Floats
    psu: Codes | None
    stratum: Codes
    sampled: Floats
    fraction: Floats
    second: Units | None = None
    calibration: Calibration | None = None
    whole: "SurveyDesign | None" = None
    rows: Codes | None = None
    """Of a domain: the design it is a part of, and which of its rows these are."""

    def within(self, inside: NDArray[np.bool_]) -> "SurveyDesign":
        """The rows of a domain. Who lies outside stays part of the sample: variances are those of the whole design.

        Degrees of freedom are those of the units that have anybody in the domain, as in R's survey package.
        """
        rows = np.flatnonzero(inside)
        kept = _some_rows(self, inside)
        kept = replace(kept, sampled=_sampled(kept))
        if self.whole is not None and self.rows is not None:
            return replace(kept, whole=self.whole, rows=self.rows[rows])
        return replace(kept, whole=self, rows=rows)

    @property
    def n(self) -> float:
        """Respondents."""
        return float(self.count.sum())

    @property
    def df(self) -> float:
        """Primary sampling units minus strata."""
        return float(self.sampled.sum() - (self.sampled > 0).sum())

    @property
    def sum_of_weights(self) -> float:
        """Estimated population size."""
        return float(self.count @ self.weights)

    @property
    def first(self) -> Units:
        """The first stage of sampling."""
        return Units(unit=self.psu, stratum=self.stratum, sampled=self.sampled, fraction=self.fraction)

    def cautions(self) -> tuple[Caution, ...]:
        """Strata with one unit (measured from the overall mean), clusters too few for t, clusters with one unit."""
        found = []
        if lonely := int((self.sampled == 1).sum()):
            found.append(Caution("lonely-psu", {"strata": lonely}))
        if self.psu is not None and self.sampled.sum() < FEW_CLUSTERS:
            found.append(Caution("few-clusters", {"clusters": int(self.sampled.sum())}))
        if self.second is not None:
            alone = int(((self.second.sampled == 1) & (self.second.fraction < 1)).sum())
            found += [Caution("lonely-ssu", {"clusters": alone})] if alone else []
        return tuple(found)


def survey_design(
    weights: ArrayLike,
    *,
    psu: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    population: ArrayLike | None = None,
    count: ArrayLike | None = None,
    ssu: ArrayLike | None = None,
    second_population: ArrayLike | None = None,
    calibration: Calibration | None = None,
) -> SurveyDesign:
    """Describe a design: weights, and optionally strata, clusters, population sizes and what weights were fitted to.

    Parameters
    ----------
    psu
        Cluster of each row; the same id in two strata is two clusters.
    population
        Number of clusters (without clusters: of people) in each row's stratum.
    count
        How many respondents the row stands for, alike in everything, cluster included. Rows that stand for nobody,
        and clusters of nobody, are not in the sample.
    ssu, second_population
        Second stage within clusters: the unit of each row (left out: each respondent), and how many units its
        cluster has. Counts only where `population` is given, as the first stage's fraction scales it.
    calibration
        When `weights` were post-stratified or raked; variances then come from what the margins leave unexplained.

    Examples
    --------
    >>> survey_design([2, 2, 3, 3], stratum=["a", "a", "b", "b"]).df
    2.0
    >>> survey_design([1, 1, 1, 1], psu=["x", "x", "y", "y"], count=[10, 5, 8, 9]).df
    1.0
    """
    w = weights_checked(weights)
    size = np.ones(w.size) if count is None else floats(count, "count")
    if size.size != w.size or (size < 0).any():
        raise BadData("count", "must be one per row and not negative")
    stage = stage_of("psu", psu, codes_of(stratum, w.size, "stratum"), size, population, "population")
    return SurveyDesign(
        weights=w,
        count=size,
        psu=stage.unit,
        stratum=stage.stratum,
        sampled=stage.sampled,
        fraction=stage.fraction,
        second=_second(stage, ssu, second_population, size),
        calibration=None if calibration is None else calibration_checked(calibration, w),
    )


def without_empty(design: SurveyDesign, **columns: ArrayLike) -> tuple[SurveyDesign, dict[str, NDArray[Any]]]:
    """The rows of a count table that stand for anybody, and their columns."""
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    for name, array in arrays.items():
        if array.shape != design.weights.shape:
            raise BadData(name, f"must be one per row: {design.weights.size}, not {array.size}")
    seen = design.count > 0
    if seen.all():
        return design, arrays
    return _some_rows(design, seen), {name: array[seen] for name, array in arrays.items()}


def _some_rows(design: SurveyDesign, seen: NDArray[np.bool_]) -> SurveyDesign:
    second, fit = design.second, design.calibration
    return replace(
        design,
        weights=design.weights[seen],
        count=design.count[seen],
        stratum=design.stratum[seen],
        psu=None if design.psu is None else design.psu[seen],
        second=None if second is None else rows_of_units(second, seen),
        calibration=None if fit is None else _rows_of_fit(fit, seen),
        rows=None if design.rows is None else design.rows[seen],
    )


def values_for(design: SurveyDesign, values: ArrayLike) -> Floats:
    """One finite value per row."""
    y = scores_of(values, "values")
    if y.size != design.weights.size:
        raise BadData("values", f"must be one per row: {design.weights.size}, not {y.size}")
    return y


def _sampled(design: SurveyDesign) -> Floats:
    """How many units of each stratum have anybody in these rows."""
    if design.psu is None:
        return np.bincount(design.stratum, weights=design.count, minlength=design.sampled.size).astype(np.float64)
    seen = design.count > 0
    first = np.unique(design.psu[seen], return_index=True)[1]
    return np.bincount(design.stratum[seen][first], minlength=design.sampled.size).astype(np.float64)


def _second(first: Units, ssu: ArrayLike | None, population: ArrayLike | None, size: Floats) -> Units | None:
    if ssu is None and population is None:
        return None
    if first.unit is None:
        raise BadData("ssu" if population is None else "second_population", "needs psu: the units of the first stage")
    return stage_of("ssu", ssu, first.unit, size, population, "second_population")


def calibration_checked(given: Calibration, weights: Floats) -> Calibration:
    """Base weights and margin categories that fit the rows."""
    base = floats(given.base, "calibration")
    if base.size != weights.size or (base < 0).any() or ((base == 0) & (weights > 0)).any():
        raise BadData("calibration", "must have one base weight per row, positive where the weight is")
    if not given.margins:
        raise BadData("calibration", "must have a margin")
    return Calibration(base=base, margins=[codes_of(m, weights.size, "calibration") for m in given.margins])


def _rows_of_fit(fit: Calibration, seen: NDArray[np.bool_]) -> Calibration:
    return Calibration(base=np.asarray(fit.base)[seen], margins=[np.asarray(m)[seen] for m in fit.margins])
