"""The options of a test item: who is drawn by each, measured by how they did on the other items.

A good key draws those who know the rest, a good distractor those who do not. The rest score of a person is the
percentage of the points of the other items that were given to them.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats
from survey.analysis.sufficient import Moments
from survey.errors import Refused
from survey.evaluation.chunks import chunks
from survey.evaluation.disclosure import FLOOR, hidden
from survey.evaluation.sample import Bytes, Mask, Sample
from survey.evaluation.scales import item_scores
from survey.forms.items import Multiple
from survey.forms.items.base import Scalar
from survey.forms.items.choice import ChoiceItem, Option
from survey.forms.scales import PointsScale
from survey.forms.wording import Text

TOO_FEW = f"fewer than {FLOOR} chose it, or could be told from it: not shown"
NO_REST = "the other items do not vary, or there is none"
ROUNDING = 1e-9


class Distractor(msgspec.Struct, frozen=True, kw_only=True):
    """One option of a test item, right (`key`) or wrong.

    `share` is the percentage who chose it among all whom the item was given to, blanks included. `rest_mean` is the
    mean of their rest scores, `point_biserial` the correlation of choosing it with the rest score.
    `draws_better`: it is wrong, and those who chose it did better on the rest than those who chose the key; of
    several options that may be ticked, better than those who left it.
    """

    code: Scalar
    title: Text
    key: bool
    n: int
    share: float
    rest_mean: float | None = None
    point_biserial: float | None = None
    draws_better: bool = False
    reason: str | None = None


class _Drawn(NamedTuple):
    """How many chose an option, how many of them have a rest score, and the sum of those."""

    n: int
    with_rest: int
    total: float


class _Tally:
    """What is added up for one item: for each byte of its columns how many, and the sum of their rest scores."""

    def __init__(self, columns: int) -> None:
        self.given = 0
        self.n = np.zeros((columns, 256))
        self.with_rest = np.zeros((columns, 256))
        self.total = np.zeros((columns, 256))
        self.rest = Moments(0.0, 0.0, 0.0)


def distractors(scale: PointsScale, sample: Sample) -> dict[str, tuple[Distractor, ...]]:
    """Of each item of a test, its options in their order.

    The point-biserial is :math:`(\\bar r_1-\\bar r)\\sqrt{p/(1-p)}/s`, of the mean rest score of those who chose the
    option, that of all, and the share p. What fewer than `FLOOR` chose, or all but so few, has no rest scores.

    References
    ----------
    Haladyna, T. M. (2004). Developing and Validating Multiple-Choice Test Items, 3rd ed.
    """
    items = [_choice(sample, item_id) for item_id in scale.items]
    tallies = [_Tally(len(item.columns())) for item in items]
    for part in chunks(sample):
        scores = item_scores(scale, part)
        total, count = np.nansum(scores, axis=1), (~np.isnan(scores)).sum(axis=1)
        for item, own, tally in zip(items, scores.T, tallies, strict=True):
            columns = [part.column(column.id) for column in item.columns()]
            _add(tally, columns, given=~np.isnan(own), others=count - 1, rest=total - own)
    return {item.id: _described(item, tally) for item, tally in zip(items, tallies, strict=True)}


def _choice(sample: Sample, item_id: str) -> ChoiceItem:
    item = sample.item(item_id)
    if not isinstance(item, ChoiceItem):
        raise Refused("%(item)s has no options to win points with", item=item_id)
    return item


def _add(tally: _Tally, columns: list[Bytes], *, given: Mask, others: NDArray[np.int64], rest: Floats) -> None:
    use = given & (others > 0)
    mean = rest[use] / others[use]
    tally.given += int(given.sum())
    tally.rest = tally.rest + Moments.of(mean)
    for number, column in enumerate(columns):
        tally.n[number] += np.bincount(column[given], minlength=256)
        tally.with_rest[number] += np.bincount(column[use], minlength=256)
        tally.total[number] += np.bincount(column[use], weights=mean, minlength=256)


def _described(item: ChoiceItem, tally: _Tally) -> tuple[Distractor, ...]:
    several = isinstance(item, Multiple)
    places = [(number, 1) if several else (0, number) for number in range(len(item.substantive))]
    drawn = [_Drawn(int(tally.n[at]), int(tally.with_rest[at]), float(tally.total[at])) for at in places]
    everyone = int(tally.rest.n)
    if several:
        held = {place for place, one in enumerate(drawn) if hidden([one.with_rest, everyone - one.with_rest])}
    else:
        sizes = [one.with_rest for one in drawn]
        held = set(hidden([*sizes, everyone - sum(sizes)]))
    keys = _keys(item.substantive, several=several)
    bar = tally.rest.mean if several else _key_mean(drawn, keys, held)
    return tuple(
        _option(option, one, tally, key=place in keys, held=place in held, bar=bar)
        for place, (option, one) in enumerate(zip(item.substantive, drawn, strict=True))
    )


def _option(option: Option, one: _Drawn, tally: _Tally, *, key: bool, held: bool, bar: float | None) -> Distractor:
    bare = Distractor(
        code=option.code,
        title=option.text,
        key=key,
        n=one.n,
        share=100.0 * one.n / tally.given,
    )
    if held:
        return msgspec.structs.replace(bare, reason=TOO_FEW)
    if one.with_rest == 0:
        return msgspec.structs.replace(bare, reason="nobody chose it" if one.n == 0 else NO_REST)
    mean = one.total / one.with_rest
    r = point_biserial(one.with_rest / tally.rest.n, mean, tally.rest)
    return msgspec.structs.replace(
        bare,
        rest_mean=mean,
        point_biserial=r,
        draws_better=not key and bar is not None and mean > bar + ROUNDING,
        reason=NO_REST if r is None and one.with_rest < tally.rest.n else None,
    )


def point_biserial(share: float, mean: float, everyone: Moments) -> float | None:
    """Correlation of being one of a share of persons with a score, from their mean and everybody's moments.

    >>> round(point_biserial(0.5, 4.5, Moments.of([4, 5, 1, 2])), 6)
    0.948683
    """
    sd = float(np.sqrt(everyone.ss / everyone.n))
    if sd <= ROUNDING or not 0.0 < share < 1.0:
        return None
    return (mean - everyone.mean) * float(np.sqrt(share / (1.0 - share))) / sd


def _keys(options: tuple[Option, ...], *, several: bool) -> frozenset[int]:
    """The places of the right options: all that win points where several may be ticked, else those that win most."""
    points = [option.points or 0.0 for option in options]
    least = 0.0 if several else max(points) - ROUNDING
    return frozenset(place for place, worth in enumerate(points) if worth > max(0.0, least))


def _key_mean(drawn: list[_Drawn], keys: frozenset[int], held: set[int]) -> float | None:
    n = sum(drawn[place].with_rest for place in keys)
    return None if n == 0 or keys & held else sum(drawn[place].total for place in keys) / n
