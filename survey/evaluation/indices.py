"""Indices of a rating: one decorated function each, the worth of every level; `INDICES` lists them all.

A `mean` index is the mean worth in points with Student's t interval, or Gaffke's where nearly everybody gave one
answer; a `rate` the percentage of answers whose level is worth 1 with Wilson's interval; a `net` index the net promoter
score. Every base is the valid answers alone.
To add one: write a function here and its heading in docs/indices.md.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from survey.analysis import estimation
from survey.analysis.checks import Floats
from survey.analysis.results import ConfInt, Estimate
from survey.forms.items import Rating

Kind = Literal["mean", "rate", "net"]
NO_BASE = "no valid answers (无有效样本)"


class Levels(NamedTuple):
    """The points of a rating from worst to best: their places among its substantive options, and which count as good.

    `positive` is empty when the instrument does not say.
    """

    places: tuple[int, ...]
    codes: tuple[int | str, ...]
    positive: frozenset[int | str] = frozenset()

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.places)


class Index(msgspec.Struct, frozen=True):
    """What the summary, the API and the documentation need to know of an index."""

    id: str
    kind: Kind
    version: int
    levels: tuple[int, ...]
    worth: Callable[[Levels], Floats]

    @property
    def definition(self) -> str:
        """What every published figure of it carries."""
        return f"{self.id}@{self.version}"

    def applies(self, levels: Levels) -> bool:
        """Whether it is defined for a rating with these levels."""
        if self.kind == "net":
            return levels.codes == tuple(range(11))
        if self.id == "sat2" and levels.positive:
            return True
        return levels.n >= 2 and (not self.levels or levels.n in self.levels)


class IndexValue(msgspec.Struct, frozen=True, kw_only=True):
    """An index with what a reader needs to judge it; without a valid base its value is null and `reason` says so."""

    index: str
    value: float | None
    confint: ConfInt | None = None
    se: float | None = None
    n: int | float = 0
    unit: Literal["points", "percent", "number"] = "points"
    definition: str
    reason: str | None = None
    of: str | None = None
    """What it is an index of, where that is not said around it: an item, a scale, a rate."""


INDICES: dict[str, Index] = {}
Worth = Callable[[Levels], Floats]


def index(*, id: str, kind: Kind, levels: tuple[int, ...] = (), version: int = 1) -> Callable[[Worth], Worth]:
    """Enter a function into `INDICES`; `levels` are the numbers of points it is defined for (none: any)."""

    def enter(worth: Worth) -> Worth:
        INDICES[id] = Index(id, kind, version, levels, worth)
        return worth

    return enter


@index(id="linear", kind="mean")
def linear(levels: Levels) -> Floats:
    """Equal steps from 0 to 100: 100 (rank - 1) / (n - 1). The default, and the only one for tests and trends."""
    return np.linspace(0.0, 100.0, levels.n)


@index(id="gov60", kind="mean", levels=(5,))
def gov60(_: Levels) -> Floats:
    """0, 40, 60, 80, 100: the middle level is a pass; the lowest step is twice as long. A local preset."""
    return np.array([0.0, 40.0, 60.0, 80.0, 100.0])


@index(id="pct20", kind="mean", levels=(5,))
def pct20(_: Levels) -> Floats:
    """20 a level: 20, 40, 60, 80, 100; cannot fall below 20. A local preset."""
    return np.array([20.0, 40.0, 60.0, 80.0, 100.0])


@index(id="gov30", kind="mean", levels=(5,))
def gov30(_: Levels) -> Floats:
    """0, 30, 60, 80, 100. A local preset."""
    return np.array([0.0, 30.0, 60.0, 80.0, 100.0])


@index(id="sat2", kind="rate", levels=(5,))
def sat2(levels: Levels) -> Floats:
    """满意率: the two best of five levels, or the codes that the item names as positive."""
    if levels.positive:
        return np.array([float(code in levels.positive) for code in levels.codes])
    return np.array([0.0, 0.0, 0.0, 1.0, 1.0])


@index(id="sat3", kind="rate", levels=(5,))
def sat3(_: Levels) -> Floats:
    """好评率: the three best of five levels, as 好差评 counts."""
    return np.array([0.0, 0.0, 1.0, 1.0, 1.0])


@index(id="dissatisfied", kind="rate", levels=(5,))
def dissatisfied(_: Levels) -> Floats:
    """差评率: the two worst of five levels."""
    return np.array([1.0, 1.0, 0.0, 0.0, 0.0])


@index(id="w09", kind="mean", levels=(5,))
def w09(_: Levels) -> Floats:
    """Hotline 满意率: the two best count whole, the middle level 0.9."""
    return np.array([0.0, 0.0, 90.0, 100.0, 100.0])


@index(id="nps", kind="net", levels=(11,))
def nps(_: Levels) -> Floats:
    """Net promoter score of a 0-10 rating: 9 and 10 count 100, 0 to 6 count -100."""
    return np.array([-100.0] * 7 + [0.0] * 2 + [100.0] * 2)


PERCENT = frozenset(index.id for index in INDICES.values() if index.kind == "rate") | {"w09"}


def levels_of(item: Rating) -> Levels:
    """The points of a rating from worst to best, whichever way it is worded."""
    order = sorted(range(len(item.substantive)), key=lambda place: item.substantive[place].code)
    if (item.polarity == "low-is-better") != item.reverse_keyed:
        order.reverse()
    codes = tuple(item.substantive[place].code for place in order)
    return Levels(tuple(order), codes, frozenset(item.positive))


def estimate(index: Index, levels: Levels, counts: Floats) -> Estimate:
    """An index from the counts of the levels, worst first; rates in percent."""
    worth = index.worth(levels)
    if index.kind == "mean":
        return estimation.level_mean(counts, worth)
    if index.kind == "net":
        return estimation.net_promoter(*(float(counts[worth == side].sum()) for side in (100.0, 0.0, -100.0)))
    return in_percent(estimation.proportion(float(counts @ worth), float(counts.sum())))


def in_percent(share: Estimate) -> Estimate:
    """A share of 0 to 1 as a percentage."""
    interval = share.confint
    if interval is not None:
        interval = ConfInt(100.0 * interval.low, 100.0 * interval.high, interval.level, interval.method)
    return msgspec.structs.replace(
        share,
        value=None if share.value is None else 100.0 * share.value,
        se=None if share.se is None else 100.0 * share.se,
        confint=interval,
    )


def index_value(
    name: str, found: Estimate, *, definition: str, unit: Literal["points", "percent", "number"] = "points"
) -> IndexValue:
    """An estimate under the name of an index."""
    reason = NO_BASE if found.n == 0 else found.reason
    if reason is None and found.confint is None and found.method == "t":
        reason = "one answer has no interval"
    return IndexValue(
        index=name,
        value=found.value,
        confint=found.confint,
        se=found.se,
        n=found.n,
        unit=unit,
        definition=definition,
        reason=reason,
    )


def indices_of(item: Rating, counts: Floats) -> tuple[IndexValue, ...]:
    """Every index defined for a rating, from the counts of its substantive options in their order."""
    levels = levels_of(item)
    ranked = np.asarray(counts, dtype=np.float64)[list(levels.places)]
    return tuple(
        index_value(
            each.id,
            estimate(each, levels, ranked),
            definition=each.definition,
            unit="percent" if each.id in PERCENT else "points",
        )
        for each in INDICES.values()
        if each.applies(levels)
    )
