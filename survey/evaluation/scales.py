"""Scales: one score of 0 to 100 for each person, as a vector, by looking bytes up in tables.

NaN means that the person has no score; it never leaves this package.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, assert_never

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis import estimation
from survey.analysis.bounded import FEW, FEW_AWAY
from survey.analysis.results import Estimate
from survey.analysis.sufficient import Moments
from survey.errors import Refused
from survey.evaluation.chunks import chunks
from survey.evaluation.coding import MISSING_BYTES, CodeBook
from survey.evaluation.indices import IndexValue, in_percent, index_value, levels_of, linear
from survey.evaluation.sample import Bytes, Sample
from survey.forms.items import Item, Missing, Multiple, Number, Rating
from survey.forms.items.choice import ChoiceItem
from survey.forms.scales import Component, CompositeScale, MeanScale, PointsScale, Scale
from survey.forms.wording import Text

Scores = NDArray[np.float64]
WIDEST = 100.0
"""How far apart two scores can be: they go from 0."""
UNADMINISTERED = (Missing.NOT_ASKED, Missing.NOT_APPLICABLE)


class ScaleValue(msgspec.Struct, frozen=True, kw_only=True):
    """A scale over all persons who have a score."""

    scale: str
    title: Text
    method: str
    mean: IndexValue
    sd: float | None
    pass_mark: float | None = None
    pass_rate: IndexValue | None = None
    reportable: bool = True
    """False for a sub-score that is too short to be reported by itself."""
    set_by: Text = {}


class _Column(NamedTuple):
    """What one item is worth for each person (NaN: nothing known), and the weight it counts with."""

    scores: Scores
    weight: float


def person_scores(scale: Scale, sample: Sample) -> Scores:
    """Each person's score on a scale; NaN where there is none."""
    return np.concatenate([_scores(scale, part) for part in chunks(sample)])


def _scores(scale: Scale, sample: Sample) -> Scores:
    columns = _columns(scale, sample)
    total = np.zeros(len(sample))
    weight = np.zeros(len(sample))
    for column in columns:
        known = ~np.isnan(column.scores)
        total += np.where(known, column.scores, 0.0) * column.weight
        weight += known * column.weight
    least = _least(scale, columns)
    enough = (weight > 0) & (weight >= least - 1e-9)
    scores = np.full(len(sample), np.nan)
    scores[enough] = total[enough] / weight[enough]
    return scores


def own_scores(book: CodeBook, codes: bytes) -> dict[str, float | None]:
    """One respondent's scores on every scale of the instrument."""
    sample = Sample(book, np.frombuffer(codes, dtype=np.uint8).reshape(1, -1))
    scores = {scale.id: float(person_scores(scale, sample)[0]) for scale in book.instrument.scales}
    return {scale: None if np.isnan(score) else score for scale, score in scores.items()}


class ScoreTally(NamedTuple):
    """What scores add up to, and how many reach the pass mark where there is one."""

    moments: Moments
    passed: int

    def joined(self, other: "ScoreTally") -> "ScoreTally":
        """Of both."""
        return ScoreTally(self.moments + other.moments, self.passed + other.passed)


def score_tallies(scale: Scale, scores: Scores, group: Bytes, groups: int) -> list[ScoreTally]:
    """Group by group, from each person's score and group."""
    known = ~np.isnan(scores)
    scores, group = scores[known], group[known]
    n = np.bincount(group, minlength=groups)
    mean = np.bincount(group, scores, groups) / np.maximum(n, 1)
    ss = np.bincount(group, (scores - mean[group]) ** 2, groups)
    mark = pass_mark(scale)
    passed = np.bincount(group[scores >= mark - 1e-9], minlength=groups) if mark is not None else np.zeros_like(n)
    columns = zip(n.tolist(), mean.tolist(), ss.tolist(), passed.tolist(), strict=True)
    return [ScoreTally(Moments(float(n), mean, ss), passed) for n, mean, ss, passed in columns]


def pass_mark(scale: Scale) -> float | None:
    """What a test must be passed with; None for other scales, and tests without a mark."""
    return scale.pass_mark if isinstance(scale, PointsScale) else None


def value_of(scale: Scale, tally: ScoreTally, people: Callable[[], Sample]) -> ScaleValue:
    """The mean score, its spread, and for a test with a pass mark the share that reached it.

    `people` are those of the tally, looked at once more only where nearly everybody may have one score.
    """
    moments, mark = tally.moments, pass_mark(scale)
    definition = f"{scale.id}:{method_of(scale)}@1"
    passed = None
    if mark is not None:
        share = in_percent(estimation.proportion(float(tally.passed), moments.n))
        passed = index_value(f"{scale.id}.pass", share, definition=f"{definition}>={mark:g}", unit="percent")
    variance = moments.variance
    return ScaleValue(
        scale=scale.id,
        title=scale.title,
        method=method_of(scale),
        mean=index_value(scale.id, _mean(scale, moments, people), definition=definition),
        sd=None if variance is None else float(np.sqrt(variance)),
        pass_mark=mark,
        pass_rate=passed,
        reportable=not isinstance(scale, PointsScale) or scale.alone,
        set_by=scale.set_by if isinstance(scale, CompositeScale) else {},
    )


def values_of(sample: Sample, scores: Mapping[str, ScoreTally], people: Callable[[], Sample]) -> tuple[ScaleValue, ...]:
    """Every scale of the instrument; `people` are those of the tallies."""
    return tuple(value_of(scale, scores[scale.id], people) for scale in sample.book.instrument.scales)


def _mean(scale: Scale, moments: Moments, people: Callable[[], Sample]) -> Estimate:
    """With Student's t interval or, where nearly everybody has one score, Gaffke's: then the squares are few."""
    if moments.n >= FEW and moments.ss > FEW_AWAY * WIDEST**2:
        return estimation.mean_of(moments)
    every = person_scores(scale, people()).round(9)
    values, counts = np.unique(every[~np.isnan(every)], return_counts=True)
    if values.size == 0:
        return estimation.mean_of(moments)
    return estimation.level_mean(counts, values, ends=(0.0, WIDEST))


def method_of(scale: Scale) -> str:
    """The name of its way of scoring."""
    return str(scale.__struct_config__.tag)


def item_scores(scale: Scale, sample: Sample) -> Scores:
    """Persons x items of a scale, each item 0 to 100; NaN where nothing is known of it."""
    return np.column_stack([column.scores for column in _columns(scale, sample)])


def _least(scale: Scale, columns: list[_Column]) -> float:
    match scale:
        case MeanScale():
            return float(scale.at_least)
        case CompositeScale():
            return scale.least_weight * sum(column.weight for column in columns)
        case PointsScale():
            return 0.0
        case _:
            assert_never(scale)


def _columns(scale: Scale, sample: Sample) -> list[_Column]:
    match scale:
        case MeanScale():
            return [_Column(linear_scores(sample, item), 1.0) for item in scale.items]
        case CompositeScale():
            return [_Column(_component(sample, part), part.weight) for part in scale.components]
        case PointsScale():
            return [_Column(_points(sample, sample.item(item)), 1.0) for item in scale.items]
        case _:
            assert_never(scale)


def linear_scores(sample: Sample, item_id: str) -> Scores:
    """A rating in equal steps from 0 to 100, best highest; NaN without an answer. Raises Refused for other items."""
    item = sample.item(item_id)
    if not isinstance(item, Rating):
        raise Refused("%(item)s is not a rating; only ratings have linear scores", item=item_id)
    levels = levels_of(item)
    worth = np.full(256, np.nan)
    worth[list(levels.places)] = linear(levels)
    return np.asarray(worth[sample.column(item_id)])


def _component(sample: Sample, part: Component) -> Scores:
    if part.best is None or part.worst is None:
        return linear_scores(sample, part.item)
    item = sample.item(part.item)
    if not isinstance(item, Number) or part.item not in sample.book.position:
        raise Refused("%(item)s is not a number with a code for each value", item=part.item)
    values = np.asarray(sample.book.columns[sample.book.position[part.item]].codes, dtype=np.float64)
    worth = np.full(256, np.nan)
    worth[: values.size] = np.clip((values - part.worst) / (part.best - part.worst), 0.0, 1.0) * 100.0
    return np.asarray(worth[sample.column(part.item)])


def _points(sample: Sample, item: Item) -> Scores:
    """The share won of an item's points, in percent: silence wins nothing, what was not asked does not count."""
    if not isinstance(item, ChoiceItem):
        raise Refused("%(item)s has no options to win points with", item=item.id)
    points = np.array([option.points or 0.0 for option in item.substantive])
    if not (points > 0).any():
        raise Refused("%(item)s has no option that wins points", item=item.id)
    if isinstance(item, Multiple):
        columns = [sample.column(column.id) for column in item.columns()]
        won = np.zeros(len(sample))
        for column, worth in zip(columns, points, strict=True):
            won += (column == 1) * worth
        share = np.clip(won, 0.0, None) / points[points > 0].sum() * 100.0
        return np.asarray(np.where(_administered(columns[0]), share, np.nan))
    table = np.zeros(256)
    table[: points.size] = np.clip(points, 0.0, None) / points.max() * 100.0
    column = sample.column(item.id)
    return np.asarray(np.where(_administered(column), table[column], np.nan))


def _administered(column: Bytes) -> NDArray[np.bool_]:
    return ~np.isin(column, [MISSING_BYTES[missing] for missing in UNADMINISTERED])
