"""Rates and flags of an instrument: how many of whom a condition holds for."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from survey.analysis import estimation
from survey.analysis.results import Estimate
from survey.evaluation.coding import CodeBook
from survey.evaluation.indices import IndexValue, in_percent, index_value
from survey.evaluation.masks import mask
from survey.evaluation.sample import Beside, Bytes, Mask, Sample
from survey.forms.conditions import Condition
from survey.forms.items import Answer, Missing
from survey.forms.scales import Rate
from survey.forms.wording import Text

UNCOUNTED = "it looks at a number that is kept beside the codes: it is counted for whole waves only"


class RateValue(msgspec.Struct, frozen=True, kw_only=True):
    """A rate of the instrument, or how often one of its flags was raised, in percent of its base."""

    rate: str
    title: Text
    n: int | None
    """How many the condition holds for; the base is the value's n."""
    value: IndexValue


class Held(NamedTuple):
    """How many are in a rate's base, and for how many of them it holds."""

    base: int
    hits: int

    def joined(self, other: "Held") -> "Held":
        """Of both."""
        return Held(self.base + other.base, self.hits + other.hits)


def held(sample: Sample, group: Bytes, groups: int) -> dict[str, list[Held]]:
    """Group by group, every rate that looks at codes only."""
    by_id = sample.book.instrument.by_id
    found = {}
    for rate in sample.book.instrument.rates:
        if all(item in by_id and by_id[item].item.columns() for item in _items(rate)):
            base = mask(rate.base, sample)
            hits = mask(rate.numerator, sample) & base
            counts = zip(_count(base, group, groups), _count(hits, group, groups), strict=True)
            found[rate.id] = [Held(*both) for both in counts]
    return found


def flagged(sample: Sample, group: Bytes, groups: int) -> dict[str, list[int]]:
    """Group by group, how often each flag was raised."""
    return {flag.id: _count(mask(flag.when, sample), group, groups) for flag in sample.book.instrument.flags}


def rates_of(
    book: CodeBook, known: Mapping[str, Held], beside: Mapping[str, Beside] | None = None, *, least: int = 0
) -> tuple[RateValue, ...]:
    """Every rate of the instrument, each on its own base; left out where that is smaller than `least`."""
    found = tuple(_rate(rate, known.get(rate.id), beside or {}) for rate in book.instrument.rates)
    return tuple(rate for rate in found if not 0 < rate.value.n < least)


def flags_of(book: CodeBook, known: Mapping[str, int], responses: int) -> tuple[RateValue, ...]:
    """How often each flag of the instrument was raised, of all responses."""
    return tuple(
        _value(flag.id, flag.title, known[flag.id], responses, f"{flag.id}:flag@1") for flag in book.instrument.flags
    )


def _count(chosen: Mask, group: Bytes, groups: int) -> list[int]:
    if groups == 1:
        return [int(np.count_nonzero(chosen))]
    return [int(n) for n in np.bincount(group[chosen], minlength=groups)]


def _items(rate: Rate) -> set[str]:
    return {*rate.numerator.refers(), *rate.base.refers()}


def _rate(rate: Rate, known: Held | None, beside: Mapping[str, Beside]) -> RateValue:
    definition = f"{rate.id}:rate@1"
    if known is not None:
        return _value(rate.id, rate.title, known.hits, known.base, definition)
    items = _items(rate)
    if len(items) == 1 and items <= beside.keys():
        item = items.pop()
        hits, total = _beside(rate.numerator, rate.base, item, beside[item])
        return _value(rate.id, rate.title, hits, total, definition)
    none = index_value(rate.id, Estimate("wilson", None, n=-1, reason=UNCOUNTED), definition=definition, unit="percent")
    return RateValue(rate=rate.id, title=rate.title, n=None, value=msgspec.structs.replace(none, n=0))


def _beside(numerator: Condition, base: Condition, item: str, beside: Beside) -> tuple[int, int]:
    """The condition asked once for every value that was given and every missing state."""
    given: list[tuple[Answer, int]] = list(zip(beside.values, beside.counts, strict=True))
    given += [(Missing(state), n) for state, n in beside.missing.items()]
    hits = total = 0
    for answer, n in given:
        if base.holds({item: answer}):
            total += n
            hits += n * numerator.holds({item: answer})
    return hits, total


def _value(name: str, title: Text, hits: int, base: int, definition: str) -> RateValue:
    share = in_percent(estimation.proportion(hits, base))
    return RateValue(
        rate=name, title=title, n=hits, value=index_value(name, share, definition=definition, unit="percent")
    )
