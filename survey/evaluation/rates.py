"""Rates and flags of an instrument: how many of whom a condition holds for."""

import msgspec

from survey.analysis import estimation
from survey.analysis.results import Estimate
from survey.evaluation.indices import IndexValue, in_percent, index_value
from survey.evaluation.masks import mask
from survey.evaluation.sample import Sample
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


def rate_values(sample: Sample, *, least: int = 0) -> tuple[RateValue, ...]:
    """Every rate of the instrument, each on its own base; left out where that is smaller than `least`."""
    found = tuple(_rate(rate, sample) for rate in sample.book.instrument.rates)
    return tuple(rate for rate in found if not 0 < rate.value.n < least)


def flag_values(sample: Sample) -> tuple[RateValue, ...]:
    """How often each flag of the instrument was raised, of all responses."""
    found = []
    for flag in sample.book.instrument.flags:
        hits, base = int(mask(flag.when, sample).sum()), len(sample)
        found.append(_value(flag.id, flag.title, hits, base, f"{flag.id}:flag@1"))
    return tuple(found)


def _rate(rate: Rate, sample: Sample) -> RateValue:
    definition = f"{rate.id}:rate@1"
    items = {*rate.numerator.refers(), *rate.base.refers()}
    by_id = sample.book.instrument.by_id
    if all(item in by_id and by_id[item].item.columns() for item in items):
        base = mask(rate.base, sample)
        hits = int((mask(rate.numerator, sample) & base).sum())
        return _value(rate.id, rate.title, hits, int(base.sum()), definition)
    if len(items) == 1 and items <= sample.beside.keys():
        hits, total = _beside(rate.numerator, rate.base, items.pop(), sample)
        return _value(rate.id, rate.title, hits, total, definition)
    none = index_value(rate.id, Estimate("wilson", None, n=-1, reason=UNCOUNTED), definition=definition, unit="percent")
    return RateValue(rate=rate.id, title=rate.title, n=None, value=msgspec.structs.replace(none, n=0))


def _beside(numerator: Condition, base: Condition, item: str, sample: Sample) -> tuple[int, int]:
    """The condition asked once for every value that was given and every missing state."""
    beside = sample.beside[item]
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
