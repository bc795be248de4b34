"""The figures to begin with."""

import msgspec

from survey.evaluation.indices import IndexValue
from survey.evaluation.items import ItemSummary
from survey.evaluation.rates import RateValue
from survey.evaluation.sample import Sample
from survey.evaluation.scales import ScaleValue


def headline(
    sample: Sample,
    items: tuple[ItemSummary, ...],
    scales: tuple[ScaleValue, ...],
    rates: tuple[RateValue, ...],
    *,
    least: int = 0,
) -> tuple[IndexValue, ...]:
    """The figures to begin with: ratings that are part of no scale, then scales, pass rates and rates.

    Where fewer than `least` stand behind a figure it is left out.
    """
    parts = {item for scale in sample.book.instrument.scales for item in scale.measured_by()}
    values = [
        msgspec.structs.replace(value, of=item.item)
        for item in items
        if item.level == "ordinal" and item.item not in parts
        for value in item.indices
    ]
    for scale in scales:
        if scale.reportable:
            values += [v for v in (scale.mean, scale.pass_rate) if v is not None]
    values += [rate.value for rate in rates]
    return tuple(value for value in values if not 0 < value.n < least)
