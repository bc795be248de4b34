"""One round of fieldwork."""

from datetime import datetime

import msgspec

RESERVED_WAVES = frozenset({"compare"})
"""What stands behind the address of a survey where its waves do, and is none."""


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """One round of fieldwork of a survey with one version of its instrument.

    `synthetic` says that it holds made-up responses, which every page and export of it must say too. `scattered`, that
    ids of imported rows have no order in it, as before migration 21: the same table again must come to the same ids.
    """

    survey: str
    wave: str
    instrument_version: int
    opens_at: datetime
    closes_at: datetime | None = None
    synthetic: bool = False
    scattered: bool = False


def is_open(wave: Wave, now: datetime) -> bool:
    """Whether it collects at `now`."""
    return wave.opens_at <= now and (wave.closes_at is None or now < wave.closes_at)
