"""From what was typed to a kept response: at once, or held back until two entries of the sheet are one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from asyncpg import Connection
from litestar.datastructures import State

from survey.db import entries
from survey.db.entries import DECIDED, FIRST, SECOND, Entry
from survey.responses import Mode
from survey.responses.entries import Cells, compare
from survey.responses.sheets import is_typed_twice, sheet_id
from survey.web.drafting import KEPT_FOR
from survey.web.entry.desk import Asking, Desk, Standing, by, opened, sealed, standing
from survey.web.entry.judging import Judged
from survey.web.submission import Arrival

ERASED_AFTER = KEPT_FOR
"""A sheet that counts is a response: what was typed is of use only while somebody may send it again."""
WAITS_FOR = timedelta(days=90)
"""Long enough for a second person to come back from leave; the paper is there to be typed anew."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet as somebody typed it, read, and in which words it was printed."""

    sheet: str
    cells: Cells
    judged: Judged
    variant: str
    locale: str


async def save(request: Asking, desk: Desk, typed: Typed, now: datetime) -> Standing | None:
    """Keep what was typed, durable on return; None. Otherwise the state of the sheet, and nothing was kept.

    The same typed again by the same person is a replay, whatever became of the sheet meanwhile.
    """
    name, sealer = request.state.account.name, request.app.state.sealer
    wave = desk.wave
    secret, key = sealer.receipt_secret, (wave.survey, wave.wave, typed.sheet)
    async with request.app.state.pool.acquire() as conn, conn.transaction():
        await entries.lock_sheet(conn, *key)
        before = await entries.list_entries(conn, *key)
        found, mine = standing(before, name), by(before, name)
        if found not in ("new", "second"):
            return None if mine is not None and opened(mine, sealer) == typed.cells else found
        entry = Entry(
            response_id=before[0].response_id if before else sheet_id(*key, secret),
            turn=FIRST,
            survey=wave.survey,
            wave=wave.wave,
            sheet=typed.sheet,
            typed_by=name,
            typed_at=now,
            variant=typed.variant,
            locale=typed.locale,
            sealed=sealed(typed.cells, sealer),
            kept=not is_typed_twice(*key, secret),
        )
        if before:
            found_again = compare(desk.loaded.instrument, opened(before[0], sealer), typed.cells)
            entry = msgspec.structs.replace(
                entry,
                turn=SECOND,
                variant=before[0].variant,
                locale=before[0].locale,
                fields=found_again.fields,
                differing=found_again.differing,
                kept=not found_again.items,
            )
        await _add(request, conn, desk, entry, typed.judged)
    return None


async def decide(request: Asking, desk: Desk, before: Sequence[Entry], typed: Typed, now: datetime) -> bool:
    """Keep what was decided of a sheet whose entries differ, durable on return; False when somebody else was faster."""
    sealer, key = request.app.state.sealer, (desk.wave.survey, desk.wave.wave, typed.sheet)
    async with request.app.state.pool.acquire() as conn, conn.transaction():
        await entries.lock_sheet(conn, *key)
        if len(await entries.list_entries(conn, *key)) != len(before):
            return False
        entry = msgspec.structs.replace(
            before[0],
            turn=DECIDED,
            typed_by=request.state.account.name,
            typed_at=now,
            sealed=sealed(typed.cells, sealer),
            kept=True,
        )
        await _add(request, conn, desk, entry, typed.judged)
    return True


async def _add(request: Asking, conn: Connection, desk: Desk, entry: Entry, judged: Judged) -> None:
    await entries.insert_entry(conn, entry)
    if not entry.kept:
        return
    arrival = Arrival(
        id=entry.response_id,
        variant=entry.variant,
        locale=entry.locale,
        mode=Mode.PAPER,
        given={item: value for item, value in judged.given.items() if item in judged.reading.path},
    )
    kept = await request.app.state.keeper.keep_within(conn, arrival, judged.reading, desk.wave, desk.loaded)
    if kept is None:  # a way out that keeps no more than a count
        await entries.erase_typed(conn, entry.response_id)


async def forget_typed(state: State, now: datetime) -> None:
    """Forget what was typed of sheets that have counted for a while, and sheets that nobody goes on with."""
    async with state.pool.acquire() as conn, conn.transaction():
        await entries.erase_counted(conn, now - ERASED_AFTER)
        await entries.forget_waiting(conn, now - WAITS_FOR)
