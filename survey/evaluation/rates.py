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
from survey.evaluation.sample import Beside, Mask, Sample
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
    """For each response whether it is in a rate's base, and whether the rate holds for it."""

    base: Mask
    hits: Mask

    def within(self, chosen: Mask) -> "Held":
        """Those of some responses only."""
        return Held(self.base & chosen, self.hits & chosen)


def held(sample: Sample) -> dict[str, Held]:
    """Who is meant by every rate that looks at codes only."""
    by_id = sample.book.instrument.by_id
    found = {}
    for rate in sample.book.instrument.rates:
        if all(item in by_id and by_id[item].item.columns() for item in _items(rate)):
            base = mask(rate.base, sample)
            found[rate.id] = Held(base, mask(rate.numerator, sample) & base)
    return found


def rate_values(sample: Sample, *, least: int = 0) -> tuple[RateValue, ...]:
    """Every rate of the instrument, each on its own base; left out where that is smaller than `least`."""
    return rates_of(sample.book, held(sample), sample.beside, least=least)


def rates_of(
    book: CodeBook, known: Mapping[str, Held], beside: Mapping[str, Beside] | None = None, *, least: int = 0
) -> tuple[RateValue, ...]:
    """The same from who is meant."""
    found = tuple(_rate(rate, known.get(rate.id), beside or {}) for rate in book.instrument.rates)
    return tuple(rate for rate in found if not 0 < rate.value.n < least)


def flag_values(sample: Sample) -> tuple[RateValue, ...]:
    """How often each flag of the instrument was raised, of all responses."""
    found = []
    for flag in sample.book.instrument.flags:
        hits, base = _count(mask(flag.when, sample)), len(sample)
        found.append(_value(flag.id, flag.title, hits, base, f"{flag.id}:flag@1"))
    return tuple(found)


def _count(chosen: Mask) -> int:
    return int(np.count_nonzero(chosen))


def _items(rate: Rate) -> set[str]:
    return {*rate.numerator.refers(), *rate.base.refers()}


def _rate(rate: Rate, known: Held | None, beside: Mapping[str, Beside]) -> RateValue:
    definition = f"{rate.id}:rate@1"
    if known is not None:
        return _value(rate.id, rate.title, _count(known.hits), _count(known.base), definition)
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
