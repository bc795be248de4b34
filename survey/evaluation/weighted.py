"""The headline figures once more, weighted to the population and with clusters in their error."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis.calibrated import proportion_intervals
from survey.analysis.checks import Floats
from survey.analysis.group_means import reduced_mean
from survey.analysis.results import Estimate
from survey.evaluation.designs import Scheme, Units, design_rows
from survey.evaluation.evidence import Rows
from survey.evaluation.indices import INDICES, IndexValue, in_percent, index_value, levels_of
from survey.evaluation.sample import Sample
from survey.evaluation.scales import person_scores
from survey.evaluation.weights import Weighting
from survey.forms.items import Rating
from survey.forms.scales import PointsScale


class WeightedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures under weights and clusters, for comparing with the unweighted ones beside them.

    Rates of several items are not among them: their bases are not those of a sample.
    """

    weighting: Weighting | None = None
    cluster: str | None = None
    indices: tuple[IndexValue, ...] = ()
    groups: tuple[tuple[IndexValue, ...], ...] = ()
    """For each group of the breakdown that is shown, in the same order."""


class Figure(NamedTuple):
    """What one headline figure is worth for each response; NaN where there is no valid answer."""

    unweighted: IndexValue
    values: Floats


def figures_of(sample: Sample, indices: Sequence[IndexValue]) -> list[Figure]:
    """The headline figures that are means or shares over respondents."""
    found = [(index, _values(sample, index)) for index in indices]
    return [Figure(index, values) for index, values in found if values is not None]


def weighted_figures(
    figures: Sequence[Figure], arm: NDArray[np.int64], arms: int, scheme: Scheme
) -> list[tuple[IndexValue, ...]]:
    """Each figure in each arm (0, 1, ...; -1: in none)."""
    tables = [_in_arms(figure, arm, arms, scheme) for figure in figures]
    return [tuple(table[place] for table in tables) for place in range(arms)]


def _in_arms(figure: Figure, arm: NDArray[np.int64], arms: int, scheme: Scheme) -> list[IndexValue]:
    known = ~np.isnan(figure.values)
    worth, places = np.unique(figure.values[known], return_inverse=True)
    level = np.full(figure.values.size, -1, dtype=np.int64)
    level[known] = places.ravel()
    units = Units(0, np.arange(level.size), arm, level)
    rows = design_rows([units], scheme, worth, whole=True)
    share = figure.unweighted.unit == "percent" and set(worth.tolist()) <= {0.0, 100.0}
    return [_figure(figure.unweighted, rows, place, share=share) for place in range(arms)]


def _figure(unweighted: IndexValue, rows: Rows | None, arm: int, *, share: bool) -> IndexValue:
    found = Estimate("linearised", None, reason="nobody here has a weight and a cluster")
    if rows is not None and (rows.arm == arm).any():
        found = weighted_estimate(rows, arm, share=share)
    value = index_value(unweighted.index, found, definition=unweighted.definition, unit=unweighted.unit)
    return msgspec.structs.replace(value, of=unweighted.of)


def weighted_estimate(rows: Rows, arm: int, *, share: bool) -> Estimate:
    """The mean of an arm's values under the design; a share has Korn and Graubard's interval, and is in percent."""
    values, inside = rows.level.astype(np.float64) if rows.values is None else rows.values, rows.arm == arm
    design, values = rows.design.within(inside), values[inside]
    if not share:
        return reduced_mean(design, values)[0]
    found, df = reduced_mean(design, values / 100.0)
    limits = proportion_intervals(found, design, df=df).get("korn-graubard")
    return in_percent(found if limits is None else msgspec.structs.replace(found, confint=limits))


def _values(sample: Sample, index: IndexValue) -> Floats | None:
    """By response; None for a rate of several items."""
    instrument = sample.book.instrument
    name = index.of or index.index.removesuffix(".pass")
    scale = next((scale for scale in instrument.scales if scale.id == name), None)
    if scale is not None:
        scores = person_scores(scale, sample)
        if not index.index.endswith(".pass"):
            return scores
        mark = (scale.pass_mark if isinstance(scale, PointsScale) else None) or 0.0
        return np.where(np.isnan(scores), np.nan, 100.0 * (scores >= mark - 1e-9))
    item = instrument.by_id[name].item if name in instrument.by_id else None
    if not isinstance(item, Rating) or index.index not in INDICES:
        return None
    levels = levels_of(item)
    worth = INDICES[index.index].worth(levels)
    by_byte = np.full(256, np.nan)
    by_byte[list(levels.places)] = 100.0 * worth if INDICES[index.index].kind == "rate" else worth
    return np.asarray(by_byte[sample.column(item.id)])
