"""One stage of sampling: which units were drawn, from which strata, and what part of all units there are."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.analysis.checks import BadData, Floats

Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """One stage of sampling: the unit of each row (None: every respondent), and by stratum how many of how many."""

    unit: Codes | None
    stratum: Codes
    sampled: Floats
    fraction: Floats


def codes_of(labels: ArrayLike | None, size: int, name: str) -> Codes:
    """0, 1, 2, ... in sorted order of any labels, none missing."""
    if labels is None:
        return np.zeros(size, dtype=np.int64)
    array = np.asarray(labels)
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise BadData(name, "must not be missing")
    try:
        codes = np.unique(array, return_inverse=True)[1].ravel()
    except TypeError as error:
        raise BadData(name, "must be all text or all numbers, none missing") from error
    if codes.size != size:
        raise BadData(name, f"must be one per row: {size}, not {codes.size}")
    return codes.astype(np.int64)


def stage_of(
    name: str, labels: ArrayLike | None, stratum: Codes, size: Floats, population: ArrayLike | None, total: str
) -> Units:
    """One stage: units numbered through (the same id in two strata is two units), those that stand for nobody out."""
    strata = int(stratum.max()) + 1
    if labels is None:
        sampled = np.bincount(stratum, weights=size, minlength=strata).astype(np.float64)
        return Units(
            unit=None, stratum=stratum, sampled=sampled, fraction=_fraction(population, stratum, sampled, total)
        )
    own = codes_of(labels, stratum.size, name)
    unit = codes_of(stratum * (int(own.max()) + 1) + own, own.size, name)
    home = np.zeros(int(unit.max()) + 1, dtype=np.int64)
    home[unit] = stratum
    seen = np.bincount(unit, weights=size) > 0
    sampled = np.bincount(home[seen], minlength=strata).astype(np.float64)
    return Units(unit=unit, stratum=stratum, sampled=sampled, fraction=_fraction(population, stratum, sampled, total))


def _fraction(population: ArrayLike | None, stratum: Codes, sampled: Floats, name: str) -> Floats:
    if population is None:
        return np.zeros(sampled.size)
    try:
        per_row = np.broadcast_to(np.asarray(population, dtype=np.float64), stratum.shape)
    except (TypeError, ValueError) as error:
        raise BadData(name, "must be one number, or one per row") from error
    per_stratum = np.zeros(sampled.size)
    per_stratum[stratum] = per_row
    if not (per_stratum >= sampled).all():
        raise BadData(name, "must not be smaller than the number of sampled units")
    return np.asarray(sampled / np.where(per_stratum > 0, per_stratum, 1.0))


def rows_of_units(units: Units, seen: NDArray[np.bool_]) -> Units:
    return replace(units, unit=None if units.unit is None else units.unit[seen], stratum=units.stratum[seen])
