"""Where the parts of a picture go, in percent of its width: the templates draw, nothing else counts.

Percentages instead of a view box keep the letters of a picture at the reader's own size on every screen.
"""

import msgspec

from survey.evaluation.breakoff import Stop
from survey.evaluation.indices import IndexValue, Levels, levels_of
from survey.evaluation.items import ItemSummary, Share
from survey.forms.instrument import Instrument
from survey.forms.items import Rating
from survey.forms.items.base import Scalar
from survey.forms.wording import Text

TONES = 5
WIDE_ENOUGH = 11.0
"""A segment at least this wide (in percent of the picture) has room for its number."""


class Segment(msgspec.Struct, frozen=True):
    """One level of one bar. `tone` goes from 1, the worst, to 5."""

    x: float
    width: float
    tone: int
    share: float
    labelled: bool


class Bar(msgspec.Struct, frozen=True):
    """One rating: its levels from worst to best around the line in the middle."""

    item: str
    title: Text
    n: int
    segments: tuple[Segment, ...]


class Level(msgspec.Struct, frozen=True):
    """What a tone stands for."""

    tone: int
    code: Scalar
    title: Text


class Diverging(msgspec.Struct, frozen=True):
    """Ratings on the same scale: bars with a common middle at `zero`, and the legend."""

    bars: tuple[Bar, ...]
    levels: tuple[Level, ...]
    zero: float
    items: tuple[ItemSummary, ...]


class Dot(msgspec.Struct, frozen=True):
    """A value with its interval on an axis from 0 to 100."""

    name: str
    title: Text
    index: str
    value: float
    low: float
    high: float
    percent: bool


def below(levels: int) -> float:
    """How many levels lie left of the middle.

    Of five, the two that are 差评: the third is the lowest pass and no neutral point. Otherwise half of them, so that
    a middle level lies across.

    >>> below(5), below(4), below(3)
    (2.0, 2.0, 1.5)
    """
    return 2.0 if levels == TONES else levels / 2.0


def diverging(instrument: Instrument, items: tuple[ItemSummary, ...]) -> tuple[Diverging, ...]:
    """One picture for each scale that ratings share."""
    shared: dict[tuple[object, ...], list[tuple[ItemSummary, Levels]]] = {}
    for item in items:
        asked = instrument.by_id[item.item].item
        if isinstance(asked, Rating) and item.n:
            names = tuple(str(option.text) for option in asked.substantive)
            levels = levels_of(asked)
            shared.setdefault((levels.codes, names), []).append((item, levels))
    return tuple(_picture(rows) for rows in shared.values())


def _picture(rows: list[tuple[ItemSummary, Levels]]) -> Diverging:
    ranked = [(item, [item.shares[place] for place in levels.places]) for item, levels in rows]
    lefts = [_left([share.of_respondents or 0.0 for share in shares]) for _, shares in ranked]
    left = max(lefts)
    width = left + max(100.0 - own for own in lefts)
    bars = tuple(
        Bar(item.item, item.title, item.n or 0, _segments(shares, (left - own) / width * 100.0, 100.0 / width))
        for (item, shares), own in zip(ranked, lefts, strict=True)
    )
    first = ranked[0][1]
    levels = tuple(Level(_tone(rank, len(first)), share.code, share.title) for rank, share in enumerate(first))
    return Diverging(bars, levels, left / width * 100.0, tuple(item for item, _ in ranked))


def _left(shares: list[float]) -> float:
    whole = below(len(shares))
    across = shares[int(whole)] * (whole % 1.0) if whole % 1.0 else 0.0
    return sum(shares[: int(whole)]) + across


def _segments(shares: list[Share], start: float, scale: float) -> tuple[Segment, ...]:
    segments = []
    for rank, share in enumerate(shares):
        percent = share.of_respondents or 0.0
        width = percent * scale
        if width > 0:
            segments.append(Segment(start, width, _tone(rank, len(shares)), percent, width >= WIDE_ENOUGH))
        start += width
    return tuple(segments)


def _tone(rank: int, levels: int) -> int:
    return 1 + round(rank * (TONES - 1) / (levels - 1))


def dots(values: tuple[IndexValue, ...], titles: dict[str, Text], *, by_item: bool) -> tuple[Dot, ...]:
    """The values that have an interval and an axis from 0 to 100: of one rating by definition, or one of each item."""
    return tuple(
        Dot(
            name=(value.of or "") if by_item else "",
            title=titles.get(value.of or "", {}) if by_item else {},
            index=value.index,
            value=value.value,
            low=max(0.0, value.confint.low),
            high=min(100.0, value.confint.high),
            percent=value.unit == "percent",
        )
        for value in values
        if value.value is not None and value.confint is not None and value.index != "nps"
    )


def bars(stops: tuple[Stop, ...]) -> tuple[tuple[Stop, float], ...]:
    """The pages at which people stopped, and how long the bar of each is, in percent of the longest.

    >>> [width for _, width in bars((Stop(pages=(), n=9, arrived=90, share=10.0), Stop(pages=(), n=0, arrived=81,
    ...     share=0.0), Stop(pages=(), n=36, arrived=81, share=40.0)))]
    [25.0, 100.0]
    """
    longest = max((stop.share or 0.0 for stop in stops), default=0.0)
    return tuple((stop, 100.0 * stop.share / longest) for stop in stops if stop.share)
