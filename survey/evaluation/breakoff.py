"""Break-off: how many began a form and did not submit it, and on which page they stopped, variant by variant."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec
import numpy as np

from survey.evaluation.disclosure import FLOOR
from survey.evaluation.sample import Sample
from survey.forms.instrument import Instrument, Variant
from survey.forms.screens import Screen, screens
from survey.forms.variants import apply
from survey.forms.wording import Text
from survey.responses import ELSEWHERE

CHECK = "check"
"""Check-answers, behind all pages."""
FEW_STOPPED = f"fewer than {FLOOR} stopped: where is not shown"
NOBODY = "nobody has submitted or stopped yet"


class Page(msgspec.Struct, frozen=True):
    """A page of a form; `check` is check-answers."""

    id: str
    title: Text


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """How many stopped on a page, or on one of several that follow each other and have too few each.

    `arrived` are those who came so far: they stopped here or later, or submitted. `share` is in percent of them.
    """

    pages: tuple[Page, ...]
    n: int
    arrived: int
    share: float | None


class VariantBreakOff(msgspec.Struct, frozen=True, kw_only=True):
    """One variant: `rate` is the share of those who stopped among those who stopped or submitted, in percent."""

    variant: str
    title: Text
    began: int
    submitted: int
    going_on: int
    stopped: int
    rate: float | None
    stops: tuple[Stop, ...] = ()
    reason: str | None = None
    """Why there is no rate, or why nothing is said about pages."""


class BreakOff(msgspec.Struct, frozen=True, kw_only=True):
    """A wave. `idle_minutes` is how long nothing was kept of a form when it counts as stopped."""

    survey: str
    wave: str
    synthetic: bool
    as_of: datetime
    idle_minutes: int
    began: int
    submitted: int
    going_on: int
    stopped: int
    rate: float | None
    variants: tuple[VariantBreakOff, ...]
    reason: str | None = None
    floor: int = FLOOR


def submitted_by_variant(sample: Sample) -> dict[str, int]:
    """How many responses each variant has, of those that were filled in on pages or by a program in their stead."""
    variant, mode = sample.variable("variant"), sample.variable("mode")
    shape = (len(variant.codes), len(mode.codes))
    cells = sample.codes[:, variant.place].astype(np.int64) * shape[1] + sample.codes[:, mode.place]
    table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    here = [place for place, code in enumerate(mode.codes) if code not in ELSEWHERE]
    return {str(code): int(n) for code, n in zip(variant.codes, table[:, here].sum(axis=1), strict=True)}


def break_off(
    instrument: Instrument,
    submitted: Mapping[str, int],
    going_on: Mapping[str, int],
    stopped: Mapping[tuple[str, str], int],
) -> tuple[VariantBreakOff, ...]:
    """The variants in which somebody began; `stopped` is by variant and page."""
    totals = Counter[str]()
    for (name, _), n in stopped.items():
        totals[name] += n
    found = []
    for variant in instrument.variants:
        done, left, still = submitted.get(variant.id, 0), totals[variant.id], going_on.get(variant.id, 0)
        if not done + left + still:
            continue
        counts = [(page, stopped.get((variant.id, page.id), 0)) for page in pages_of(instrument, variant)]
        rate = share_of(left, done + left)
        found.append(
            VariantBreakOff(
                variant=variant.id,
                title=variant.title,
                began=done + left + still,
                submitted=done,
                going_on=still,
                stopped=left,
                rate=rate,
                stops=_stops(counts, done + left) if left >= FLOOR else (),
                reason=NOBODY if rate is None else FEW_STOPPED if 0 < left < FLOOR else None,
            )
        )
    return tuple(found)


def share_of(part: int, whole: int) -> float | None:
    """In percent; None of nobody."""
    return 100.0 * part / whole if whole else None


def pages_of(instrument: Instrument, variant: Variant) -> list[Page]:
    """The pages of a variant up to submitting, in order."""
    shown = screens(apply(instrument, variant), variant)
    pages = [Page(screen.id, _title(screen, variant)) for screen in shown if not screen.section.after_submit]
    return [*pages, Page(CHECK, {"zh-Hans": "核对回答", "en": "Check your answers"})]


def _title(screen: Screen, variant: Variant) -> Text:
    item = screen.parts[0].ones[0].item
    return screen.section.title if variant.layout == "sections" else item.name or item.text


def _stops(counts: list[tuple[Page, int]], arrived: int) -> tuple[Stop, ...]:
    """Pages with how many stopped there; neighbours are put together until there are enough, the last with those ahead.

    Nobody on a page is said as it is.
    """
    blocks: list[tuple[list[Page], int]] = []
    for page, n in counts:
        if blocks and 0 < blocks[-1][1] < FLOOR:
            blocks[-1] = ([*blocks[-1][0], page], blocks[-1][1] + n)
        else:
            blocks.append(([page], n))
    while len(blocks) > 1 and 0 < blocks[-1][1] < FLOOR:
        pages, n = blocks.pop()
        blocks[-1] = ([*blocks[-1][0], *pages], blocks[-1][1] + n)
    stops = []
    for pages, n in blocks:
        stops.append(Stop(pages=tuple(pages), n=n, arrived=arrived, share=share_of(n, arrived)))
        arrived -= n
    return tuple(stops)
