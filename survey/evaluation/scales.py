"""Scales: one score of 0 to 100 for each person, as a vector, by looking bytes up in tables.

NaN means that the person has no score; it never leaves this package.
"""

from typing import NamedTuple, assert_never

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis import estimation
from survey.analysis.reliability import cronbach_alpha
from survey.analysis.results import ConfInt
from survey.analysis.sufficient import CrossProducts, Moments
from survey.errors import Refused
from survey.evaluation.chunks import complete_products
from survey.evaluation.coding import MISSING_BYTES, CodeBook
from survey.evaluation.consistency import omega_of, why_not
from survey.evaluation.indices import IndexValue, in_percent, index_value, levels_of, linear
from survey.evaluation.sample import BLOCK, Bytes, Sample
from survey.forms.items import Item, Missing, Multiple, Number, Rating
from survey.forms.items.choice import ChoiceItem
from survey.forms.scales import Component, CompositeScale, MeanScale, PointsScale, Scale
from survey.forms.wording import Text

Scores = NDArray[np.float64]
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


class ReliabilityValue(msgspec.Struct, frozen=True, kw_only=True):
    """Cronbach's alpha over the persons who were given every item, and McDonald's omega beside it.

    Null with a reason where there is none. Omega is that of one factor by maximum likelihood, and has no interval.
    """

    method: str = "alpha"
    value: float | None
    confint: ConfInt | None = None
    n: int = 0
    items: int = 0
    reason: str | None = None
    omega: float | None = None
    omega_reason: str | None = None


class _Column(NamedTuple):
    """What one item is worth for each person (NaN: nothing known), and the weight it counts with."""

    scores: Scores
    weight: float


def person_scores(scale: Scale, sample: Sample) -> Scores:
    """Each person's score on a scale; NaN where there is none."""
    scores = np.empty(len(sample))
    for start in range(0, len(sample), BLOCK):
        block = slice(start, start + BLOCK)
        scores[block] = _scores(scale, Sample(sample.book, sample.codes[block]))
    return scores


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


def scale_value(scale: Scale, sample: Sample) -> ScaleValue:
    """The mean score, its spread, and for a test with a pass mark the share that reached it."""
    return value_of(scale, person_scores(scale, sample))


def value_of(scale: Scale, scores: Scores) -> ScaleValue:
    """The same from the persons' scores."""
    valid = scores[~np.isnan(scores)]
    moments = Moments.of(valid)
    definition = f"{scale.id}:{method_of(scale)}@1"
    mark = scale.pass_mark if isinstance(scale, PointsScale) else None
    passed = None
    if mark is not None:
        share = in_percent(estimation.proportion(float((valid >= mark - 1e-9).sum()), float(valid.size)))
        passed = index_value(f"{scale.id}.pass", share, definition=f"{definition}>={mark:g}", unit="percent")
    variance = moments.variance
    return ScaleValue(
        scale=scale.id,
        title=scale.title,
        method=method_of(scale),
        mean=index_value(scale.id, estimation.mean_of(moments), definition=definition),
        sd=None if variance is None else float(np.sqrt(variance)),
        pass_mark=mark,
        pass_rate=passed,
        reportable=not isinstance(scale, PointsScale) or scale.alone,
        set_by=scale.set_by if isinstance(scale, CompositeScale) else {},
    )


def method_of(scale: Scale) -> str:
    """The name of its way of scoring."""
    return str(scale.__struct_config__.tag)


def reliability(scale: Scale, sample: Sample) -> ReliabilityValue:
    """How well the items of a scale hang together."""
    if isinstance(scale, CompositeScale):
        why = "a composite is formed by its parts; they need not hang together"
        return ReliabilityValue(value=None, reason=why, omega_reason=why)
    if len(scale.items) < 3:
        why = "fewer than three items"
        return ReliabilityValue(value=None, items=len(scale.items), reason=why, omega_reason=why)
    return reliability_of(complete_products(sample, lambda part: item_scores(scale, part)))


def reliability_of(items: CrossProducts) -> ReliabilityValue:
    """Alpha and omega of three items or more from what their complete answers add up to.

    >>> rows = [[5, 4, 5, 4], [4, 4, 4, 3], [3, 3, 2, 3], [5, 5, 4, 5], [2, 2, 3, 2], [4, 3, 4, 4]]
    >>> found = reliability_of(CrossProducts.of(rows))
    >>> found.n, round(found.value, 5)
    (6, 0.92421)
    """
    n, k, why = int(items.n), len(items.means), why_not(items)
    if why is not None:
        return ReliabilityValue(value=None, n=n, items=k, reason=why, omega_reason=why)
    with np.errstate(divide="ignore", invalid="ignore"):  # alpha without an item, which is not used, may be 0 / 0
        alpha = cronbach_alpha(items)
    omega, why = omega_of(items)
    return ReliabilityValue(
        value=alpha.value,
        confint=alpha.confint,
        n=n,
        items=k,
        reason=alpha.reason,
        omega=omega,
        omega_reason=why,
    )


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
        raise Refused(f"{item_id} is not a rating; only ratings have linear scores")
    levels = levels_of(item)
    worth = np.full(256, np.nan)
    worth[list(levels.places)] = linear(levels)
    return np.asarray(worth[sample.column(item_id)])


def _component(sample: Sample, part: Component) -> Scores:
    if part.best is None or part.worst is None:
        return linear_scores(sample, part.item)
    item = sample.item(part.item)
    if not isinstance(item, Number) or part.item not in sample.book.position:
        raise Refused(f"{part.item} is not a number with a code for each value")
    values = np.asarray(sample.book.columns[sample.book.position[part.item]].codes, dtype=np.float64)
    worth = np.full(256, np.nan)
    worth[: values.size] = np.clip((values - part.worst) / (part.best - part.worst), 0.0, 1.0) * 100.0
    return np.asarray(worth[sample.column(part.item)])


def _points(sample: Sample, item: Item) -> Scores:
    """The share won of an item's points, in percent: silence wins nothing, what was not asked does not count."""
    if not isinstance(item, ChoiceItem):
        raise Refused(f"{item.id} has no options to win points with")
    points = np.array([option.points or 0.0 for option in item.substantive])
    if not (points > 0).any():
        raise Refused(f"{item.id} has no option that wins points")
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
