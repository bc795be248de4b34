"""Drafts: what somebody has filled in so far, sealed; and the way from a draft to a kept response."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
import structlog
from litestar.datastructures import State

from survey.db import breakoffs, drafts
from survey.db.drafts import Draft
from survey.db.responses import Kept
from survey.errors import Closed, Conflict, NotFound
from survey.forms.instrument import Instrument, Variant
from survey.forms.items import Rating
from survey.forms.items.base import Fields, Scalar, first
from survey.forms.items.rating import STRONG
from survey.forms.reading import Reading, given_in, read
from survey.responses import HELPED, Helper, Mode, Paradata, Wave
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer
from survey.web.submission import Arrival

KEPT_FOR = timedelta(days=14)
"""Long enough to look for a paper or ask a relative; short enough that forgotten answers do not lie about."""
LEFT_AFTER = timedelta(minutes=30)
"""When somebody who has submitted no longer comes back for the optional page."""

log = structlog.get_logger()


class Filled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed in a draft: the fields as typed, what was known beforehand, what was seen, what was confirmed, who
    helps; `turns`, with which turn of which device an item came (`public/turns.py`)."""

    fields: dict[str, list[str]] = {}
    prefill: dict[str, Scalar] = {}
    seen: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    helper: Helper | None = None
    ticket: str = ""
    turns: dict[str, tuple[str, int]] = {}


def sealed(filled: Filled, sealer: Sealer) -> bytes:
    """The content of a draft as it is kept."""
    return sealer.seal(msgspec.json.encode(filled))


_decode = msgspec.json.Decoder(Filled).decode


def opened(draft: Draft, sealer: Sealer) -> Filled:
    """What a draft holds; nothing, when it was sealed with a key that is no longer ours."""
    content = sealer.open(draft.sealed)
    return Filled() if content is None else _decode(content)


def paradata(draft: Draft, instrument: Instrument, variant: Variant, filled: Filled, now: datetime) -> Paradata:
    """When it was begun, how long it took, which unfolded scales were left half way, who helped."""
    reading = read(instrument, given_in(instrument, filled.fields), prefill=filled.prefill)
    half = [item for item in reading.path if _is_half(instrument, item, filled.fields)] if variant.unfold else []
    return Paradata(
        started_at=draft.started_at,
        seconds=round((now - draft.started_at).total_seconds(), 1),
        unfold_incomplete=tuple(half),
        helper=filled.helper if variant.mode in HELPED else None,
    )


def _is_half(instrument: Instrument, item_id: str, fields: Fields) -> bool:
    item = instrument.by_id[item_id].item
    if not isinstance(item, Rating):
        return False
    fold = item.fold(fields)
    return fold is not None and first(fields, f"{item_id}.{STRONG}.{fold.mild}") is None


async def instrument_of(state: State, draft: Draft) -> tuple[Wave, Loaded]:
    """The wave that a draft was begun in, and its instrument, whether or not it still collects."""
    wave = (await state.fieldwork.survey(draft.survey)).wave(draft.wave)
    return wave, await state.fieldwork.version(draft.survey, wave.instrument_version)


async def keep_draft(state: State, draft: Draft, now: datetime) -> tuple[Kept | None, Reading]:
    """Keep a draft as the response it has become; None when its way out keeps no more than a count.

    Uses connections of its own and needs no lock: the same id with the same content is kept once.
    """
    wave, loaded = await instrument_of(state, draft)
    filled = opened(draft, state.sealer)
    variant = loaded.instrument.variant(draft.variant)
    given = given_in(loaded.instrument, filled.fields)
    reading = read(loaded.instrument, given, prefill=filled.prefill)
    wrong = {issue.item for issue in reading.issues}
    arrival = Arrival(
        id=draft.id,
        variant=draft.variant,
        locale=draft.locale,
        mode=Mode(variant.mode),
        given=_on_path(given, reading, wrong),
        prefill=filled.prefill,
        paradata=paradata(draft, loaded.instrument, variant, filled, now),
        ticket=filled.ticket,
    )
    kept = await state.keeper.keep(arrival, reading, wave, loaded)
    async with state.pool.acquire() as conn:
        await drafts.delete_draft(conn, draft.id)
    return kept, reading


def _on_path(given: Mapping[str, object], reading: Reading, wrong: set[str]) -> dict[str, object]:
    return {item: value for item, value in given.items() if item in reading.path and item not in wrong}


async def finish_left_drafts(state: State, now: datetime) -> int:
    """Keep what was submitted and then left on its optional page; forget what has expired. How many were kept."""
    async with state.pool.acquire() as conn, conn.transaction():
        left = await drafts.list_submitted_before(conn, now - LEFT_AFTER)
        await breakoffs.fold_expired(conn, now)
    for draft in left:
        await _finish(state, draft, now)
    return len(left)


async def _finish(state: State, draft: Draft, now: datetime) -> None:
    try:
        await keep_draft(state, draft, now)
    except (Conflict, Closed, NotFound) as error:
        # Its response is there already in another form, or may not be kept: keeping the draft would not change that.
        log.warning("left_draft_dropped", reason=type(error).__name__)
        async with state.pool.acquire() as conn:
            await drafts.delete_draft(conn, draft.id)
