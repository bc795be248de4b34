"""Responses under weights and clusters, as rows that stand for all who are alike."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats
from survey.analysis.linearised import Calibration, survey_design
from survey.evaluation.evidence import Codes, Rows
from survey.evaluation.sample import Sample, answered
from survey.evaluation.weights import Margins, Weights, weigh

COUNTABLE = 2**22
"""So many possible patterns are counted; more are sorted."""


class Scheme(NamedTuple):
    """How the responses of each round are weighted and clustered: weights, and the cluster of each (-1: unknown)."""

    weights: tuple[Weights, ...] | None
    clusters: tuple[Codes, ...] | None

    @property
    def simple(self) -> bool:
        """Neither weights nor clusters."""
        return self.weights is None and self.clusters is None


class Units(NamedTuple):
    """What is counted, of one round: rows of its responses, and the arm and level of each (-1: none)."""

    home: int
    rows: NDArray[np.int64]
    arm: NDArray[np.int64]
    level: NDArray[np.int64]


def scheme_of(samples: Sequence[Sample], margins: Margins | None, cluster: str | None) -> Scheme:
    """Weights from the population's margins, wave by wave, and the clusters; raises Refused."""
    return Scheme(
        None if margins is None else tuple(weigh(sample, margins) for sample in samples),
        None if cluster is None else _clusters(cluster, samples),
    )


def _clusters(name: str, samples: Sequence[Sample]) -> tuple[Codes, ...]:
    """The cluster of each response, numbered alike in all rounds."""
    known: dict[object, int] = {}
    found = []
    for sample in samples:
        variable = sample.variable(name)
        number = np.full(256, -1, dtype=np.int64)
        for byte, code in enumerate(variable.codes):
            number[byte] = known.setdefault(code, len(known))
        column = sample.codes[:, variable.place]
        found.append(np.where(answered(column), number[column], -1))
    return tuple(found)


def usable(units: Units, scheme: Scheme) -> NDArray[np.bool_]:
    """Who has a weight and a cluster."""
    keep = np.ones(units.rows.size, dtype=np.bool_)
    if scheme.weights is not None:
        keep &= scheme.weights[units.home].weights[units.rows] > 0
    if scheme.clusters is not None:
        keep &= scheme.clusters[units.home][units.rows] >= 0
    return keep


def design_rows(units: list[Units], scheme: Scheme, values: Floats | None, *, whole: bool) -> Rows | None:
    """Rows under their design, of those with an arm and a level; None when there are none.

    `values` is the worth of each level. `whole` when the units are all responses of their rounds: then the weights'
    variance takes the margins into account, with those outside the arms still part of the design.
    """
    patterns, count = _patterns(np.concatenate([_columns(one, scheme) for one in units]))
    inside = (patterns[:, 0] >= 0) & (patterns[:, 1] >= 0)
    if not inside.any():
        return None
    arm, level, home, cluster = patterns[:, :4].T
    margins = _margins(patterns[:, 4:], home)
    weights = _weights(units, scheme, patterns)
    calibration = Calibration(base=np.ones(count.size), margins=margins) if whole and margins else None
    design = survey_design(
        weights,
        psu=None if scheme.clusters is None else cluster,
        count=count.astype(np.float64),
        calibration=calibration,
    ).within(inside)
    kept = level[inside]
    return Rows(design, arm[inside], kept, None if values is None else values[kept])


def _columns(units: Units, scheme: Scheme) -> NDArray[np.int64]:
    """Arm, level, round, cluster, and the category in each margin."""
    keep = usable(units, scheme)
    rows = units.rows[keep]
    cluster = np.zeros(rows.size, dtype=np.int64)
    if scheme.clusters is not None:
        cluster = scheme.clusters[units.home][rows]
    categories = () if scheme.weights is None else scheme.weights[units.home].categories
    home = np.full(rows.size, units.home, dtype=np.int64)
    return np.column_stack([units.arm[keep], units.level[keep], home, cluster, *(c[rows] for c in categories)])


def _patterns(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different rows of a table, and how often each is there; by counting when there cannot be many."""
    if not len(table):
        return table, np.zeros(0, dtype=np.int64)
    least = table.min(axis=0)
    sizes = tuple(int(size) for size in table.max(axis=0) - least + 1)
    key = np.ravel_multi_index(tuple((table - least).T), sizes)
    if math.prod(sizes) <= COUNTABLE:
        counts = np.bincount(key)
        seen = np.flatnonzero(counts)
        count = counts[seen]
    else:
        seen, count = np.unique(key, return_counts=True)
    return np.column_stack(np.unravel_index(seen, sizes)) + least, count


def _margins(categories: NDArray[np.int64], home: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The categories of each margin, those of each round for itself: every wave was weighted by itself."""
    return [column + home * (int(column.max(initial=0)) + 1) for column in categories.T]


def _weights(units: list[Units], scheme: Scheme, patterns: NDArray[np.int64]) -> Floats:
    """The weight of each pattern: its round and categories decide it."""
    if scheme.weights is None:
        return np.ones(len(patterns))
    found = np.zeros(len(patterns))
    for home in {one.home for one in units}:
        weights = scheme.weights[home]
        mine = patterns[:, 2] == home
        found[mine] = weights.of(patterns[mine, 4:])
    return found


def changes(worth: Floats) -> Floats:
    """The worth of each pair of levels: the first minus the second, by first * levels + second."""
    return np.asarray((worth[:, None] - worth[None, :]).ravel())
