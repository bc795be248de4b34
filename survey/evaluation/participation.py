"""Who took part, and how: what every result must be read beside."""

import msgspec

from survey.evaluation.items import ItemSummary
from survey.evaluation.response_rates import OutcomeRates, outcome_rates
from survey.evaluation.sample import Counted, Sample
from survey.forms.items import Missing

NO_FRAME = "an open link has no list of people invited, so there is no response rate"


class Participation(msgspec.Struct, frozen=True, kw_only=True):
    """How many responses, by what is known of each; the tallies count ways out that are not kept as responses."""

    responses: int
    by: dict[str, dict[str, int]]
    synthetic: int
    withdrawn: int = 0
    """Taken back by their respondents; no other figure has them."""
    tallies: dict[str, int] = {}
    response_rate: float | None = None
    """RR1 of the AAPOR Standard Definitions, in percent, where people were invited."""
    reason: str = NO_FRAME
    outcome_rates: OutcomeRates | None = None
    item_nonresponse: float | None = None
    """Refused or skipped, in percent of all questions put to all respondents; items that are held back left out."""


def participation(
    sample: Sample,
    counted: Counted,
    items: tuple[ItemSummary, ...],
    *,
    tallies: dict[str, int],
    withdrawn: int = 0,
    dispositions: dict[str, int] | None = None,
) -> Participation:
    """Participation in a wave, or in a part of it; `counted` is how often each byte stands in each column."""
    rates = outcome_rates(dispositions or {})
    by = {}
    for place, (name, levels) in enumerate(sample.paradata.items(), start=len(sample.book.columns)):
        counts = counted[place, : len(levels)].tolist()
        by[name] = {level: count for level, count in zip(levels, counts, strict=True) if count}
    put = silent = 0
    for item in items:
        if item.n is None:
            continue  # held back
        put += item.n + sum(n for state, n in item.missing.items() if state != Missing.NOT_ASKED.value)
        silent += item.missing[Missing.REFUSED.value] + item.missing[Missing.SKIPPED.value]
    return Participation(
        responses=len(sample),
        by=by,
        synthetic=by.pop("synthetic", {}).get("true", 0),
        withdrawn=withdrawn,
        tallies=tallies,
        response_rate=None if rates is None else rates.rr1,
        reason=NO_FRAME if rates is None else "",
        outcome_rates=rates,
        item_nonresponse=100.0 * silent / put if put else None,
    )
