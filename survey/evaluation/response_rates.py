"""Outcome rates of a sample of invited people (AAPOR Standard Definitions, 10th edition, named persons on the web)."""

from collections.abc import Mapping

import msgspec

LOW_RETURN = 20.0
"""In percent: below it every report says that few answered."""


class OutcomeRates(msgspec.Struct, frozen=True, kw_only=True):
    """Of the people invited how many took part, in percent, and what came of each.

    I complete, P partial, R refusal, O other; UO undeliverable or nothing heard, of unknown eligibility; not eligible
    are left out of every base. RR1 = I / (I+P + R+O + UO), RR2 = (I+P) / the same, RR5 = I / (I+P + R+O): the highest
    it can be, were nobody of those unheard eligible; COOP1 = I / (I+P + R+O); REF1 = R / (I+P + R+O + UO).
    """

    invited: int
    dispositions: dict[str, int]
    rr1: float | None
    rr2: float | None
    rr5: float | None
    cooperation: float | None
    refusal: float | None
    low: bool


def outcome_rates(dispositions: Mapping[str, int]) -> OutcomeRates | None:
    """The rates of a wave; None where nobody was invited, as on an open link.

    >>> rates = outcome_rates({"complete": 60, "partial": 10, "refusal": 10, "unknown": 110, "undeliverable": 10})
    >>> rates.rr1, rates.rr2, rates.rr5, rates.refusal, rates.low
    (30.0, 35.0, 75.0, 5.0, False)
    """
    invited = sum(dispositions.values())
    if not invited:
        return None
    complete, partial = dispositions.get("complete", 0), dispositions.get("partial", 0)
    refusal = dispositions.get("refusal", 0)
    known = complete + partial + refusal + dispositions.get("other", 0)
    everybody = known + dispositions.get("unknown", 0) + dispositions.get("undeliverable", 0)
    rr1 = _percent(complete, everybody)
    return OutcomeRates(
        invited=invited,
        dispositions=dict(dispositions),
        rr1=rr1,
        rr2=_percent(complete + partial, everybody),
        rr5=_percent(complete, known),
        cooperation=_percent(complete, known),
        refusal=_percent(refusal, everybody),
        low=rr1 is not None and rr1 < LOW_RETURN,
    )


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None
