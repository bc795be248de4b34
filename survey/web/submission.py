"""From a reading to a kept response: the same for form pages, the API, batches and imports."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Connection

from survey.db import participation, responses, surveys, tickets
from survey.db.contacts import Contact, insert_contacts
from survey.db.inbox import Inbox, WriteMany
from survey.db.pool import FairPool
from survey.db.responses import Kept
from survey.errors import Closed, Conflict, Used
from survey.evaluation.plain import Plain
from survey.forms.instrument import Retest
from survey.forms.items.base import Scalar
from survey.forms.reading import Reading
from survey.responses import Mode, Paradata, Response, Wave, content_hash, receipt_number
from survey.responses.cells import text_of
from survey.responses.response import respondent_number
from survey.responses.tickets import ticket_hash
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A filled-in instrument as it arrived, before anybody has read it."""

    id: UUID
    variant: str
    locale: str
    mode: Mode
    given: Mapping[str, object]
    prefill: Mapping[str, Scalar] = {}
    paradata: Paradata = Paradata()
    synthetic: bool = False
    ticket: str = ""
    """The token of a link that can be used once."""


def _keepable(value: Scalar) -> Scalar:
    """Without the one character that PostgreSQL has no place for; answers lose it when they are read."""
    return value.replace("\0", "") if isinstance(value, str) else value


def response_from(arrival: Arrival, reading: Reading | Plain, wave: Wave, loaded: Loaded, sealer: Sealer) -> Response:
    """The row that is kept. The content hash covers what was asked to be kept, not how long it took.

    Of the token that links waves only the number made of it is kept.
    """
    codes, extra = (reading.codes, reading.extra) if isinstance(reading, Plain) else loaded.book.encode(reading.answers)
    retest = loaded.instrument.retest
    token = text_of(arrival.prefill.get(retest.token)) if retest is not None else ""
    if known := {name: value for name, value in arrival.prefill.items() if retest is None or name != retest.token}:
        extra["prefill"] = {name: _keepable(value) for name, value in known.items()}
    if paradata := msgspec.to_builtins(arrival.paradata):
        if half := paradata.get("unfold_incomplete"):
            paradata["unfold_incomplete"] = [item for item in half if item in loaded.instrument.by_id]
        extra["paradata"] = paradata
    return Response(
        id=arrival.id,
        survey=wave.survey,
        wave=wave.wave,
        instrument_version=loaded.version,
        variant=arrival.variant,
        locale=arrival.locale,
        mode=arrival.mode,
        disposition=reading.end.disposition if reading.end else "complete",
        synthetic=arrival.synthetic,
        receipt=receipt_number(arrival.id, sealer.receipt_secret),
        respondent=respondent_number(wave.survey, token, sealer.receipt_secret) if token else None,
        content_sha256=content_hash(
            wave.survey, wave.wave, arrival.variant, arrival.mode, arrival.given, arrival.prefill
        ),
        codes=codes,
        extra=extra,
    )


def contacts_from(arrival: Arrival, reading: Reading, loaded: Loaded, sealer: Sealer) -> list[Contact]:
    """The contact data that is kept apart from the row, each sealed."""
    condition = loaded.instrument.holds_contact
    held = condition is not None and condition.holds({**arrival.prefill, **reading.answers})
    return [Contact(arrival.id, item, sealer.seal(text.encode()), held) for item, text in reading.contacts.items()]


class Read(msgspec.Struct, frozen=True):
    """What has arrived and was read, on its way to become a row."""

    id: UUID
    arrival: Arrival
    reading: Reading | Plain
    wave: Wave
    loaded: Loaded


def inserting(sealer: Sealer) -> WriteMany[Read, Kept]:
    """What the inbox does with a batch. Rows that are made one after another cost half of rows made here and there."""

    async def insert(conn: Connection, batch: Sequence[Read]) -> Sequence[Kept]:
        rows = [response_from(one.arrival, one.reading, one.wave, one.loaded, sealer) for one in batch]
        return await responses.insert_many(conn, rows)

    return insert


class Keeper:
    """Keeps what arrives: through the inbox, or with its contact data in a transaction of its own."""

    def __init__(self, pool: FairPool, inbox: Inbox[Read, Kept], sealer: Sealer) -> None:
        self._pool = pool
        self._inbox = inbox
        self._sealer = sealer

    async def keep(self, arrival: Arrival, reading: Reading | Plain, wave: Wave, loaded: Loaded) -> Kept | None:
        """What is kept, durable on return; None when this way out keeps no more than a count."""
        is_counted = reading.end is not None and reading.end.keeps == "count"
        is_plain = _token(arrival, loaded) is None and not reading.contacts and not arrival.ticket
        if is_plain and not is_counted:
            kept = await self._inbox.put(Read(arrival.id, arrival, reading, wave, loaded))
            if kept.new:
                return kept
            return _unless_other(kept, response_from(arrival, reading, wave, loaded, self._sealer))
        async with self._pool.acquire() as conn, conn.transaction():
            return await self.keep_within(conn, arrival, reading, wave, loaded)

    async def keep_within(
        self, conn: Connection, arrival: Arrival, reading: Reading | Plain, wave: Wave, loaded: Loaded
    ) -> Kept | None:
        """The same within a transaction that does more, durable when that has committed."""
        if reading.end is not None and reading.end.keeps == "count":
            await surveys.count_once(conn, wave.survey, wave.wave, reading.end.id)
            return None
        response = response_from(arrival, reading, wave, loaded, self._sealer)
        retest, token = loaded.instrument.retest, _token(arrival, loaded)
        if arrival.ticket:
            await _settle(conn, arrival.ticket, response)
        if retest is not None and token is not None:
            await _refuse_retest(conn, response, token, retest)
        kept = await _keep_alone(conn, response)
        # A replay must not bring back what was withdrawn meanwhile.
        if kept.new and isinstance(reading, Reading):
            await insert_contacts(conn, contacts_from(arrival, reading, loaded, self._sealer))
        return kept


def _token(arrival: Arrival, loaded: Loaded) -> str | None:
    """What a person came with by whom waves are linked; None where there is nothing."""
    retest = loaded.instrument.retest
    token = arrival.prefill.get(retest.token) if retest is not None else None
    return None if token is None else str(token)


SETTLES: dict[str, tickets.Disposition] = {
    "complete": "complete",
    "refusal": "refusal",
    "screened_out": "not_eligible",
    "information": "complete",
}
"""What a way out means for an invitation; one that is put off stays open."""


async def _settle(conn: Connection, ticket: str, response: Response) -> None:
    """Use the link up with this response; the same response again is a replay."""
    disposition = SETTLES.get(response.disposition)
    if disposition is None:
        return
    used = ticket_hash(ticket)
    survey, wave, now = response.survey, response.wave, datetime.now(UTC)
    if await tickets.settle(conn, used, survey=survey, wave=wave, disposition=disposition, now=now):
        return
    if not await responses.find_many(conn, [response.id]):
        raise Used("This link can be used once, and has been used")


async def _keep_alone(conn: Connection, response: Response) -> Kept:
    (kept,) = await responses.insert_many(conn, [response])
    return _unless_other(kept, response)


def _unless_other(kept: Kept, response: Response) -> Kept:
    """What is kept of a response, be it this one or the same sent before; raises Conflict when its id is another's."""
    if kept.content_sha256 != response.content_sha256:
        raise Conflict("There is another response with the id %(id)s; it stays as it is", id=response.id)
    return kept


async def _refuse_retest(conn: Connection, response: Response, token: str, retest: Retest) -> None:
    again_at = await participation.take_part(
        conn,
        response,
        hashlib.sha256(token.encode()).digest(),
        now=datetime.now(UTC),
        locked_for=timedelta(days=retest.locked_days),
    )
    if again_at is not None:
        raise Closed(
            "The same form may be taken again from %(again_at)s; before that, take a parallel form",
            again_at=f"{again_at:%Y-%m-%d}",
        )


def plain_answers(loaded: Loaded, codes: bytes, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a kept response as the JSON API says them."""
    by_id = loaded.instrument.by_id
    return {item: by_id[item].item.plain(answer) for item, answer in loaded.book.decode(codes, extra).items()}
