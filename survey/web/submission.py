"""From a reading to a kept response: the same for form pages, the API, batches and imports."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from survey.db import responses, surveys
from survey.db.inbox import Inbox
from survey.db.responses import Kept
from survey.errors import Busy, Conflict
from survey.forms.items.base import Scalar
from survey.forms.reading import Reading
from survey.responses import Mode, Paradata, Response, Wave, content_hash, receipt_number
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


def response_from(arrival: Arrival, reading: Reading, wave: Wave, loaded: Loaded, sealer: Sealer) -> Response:
    """The row that is kept. The content hash covers what was asked to be kept, not how long it took."""
    codes, extra = loaded.book.encode(reading.answers)
    if arrival.prefill:
        extra["prefill"] = dict(arrival.prefill)
    if paradata := msgspec.to_builtins(arrival.paradata):
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
        content_sha256=content_hash(
            wave.survey, wave.wave, arrival.variant, arrival.mode, arrival.given, arrival.prefill
        ),
        codes=codes,
        extra=extra,
    )


class Keeper:
    """Keeps what arrives: through the inbox, or with its contact data in a transaction of its own."""

    def __init__(self, pool: asyncpg.Pool, inbox: Inbox, sealer: Sealer) -> None:
        self._pool = pool
        self._inbox = inbox
        self._sealer = sealer

    async def keep(self, arrival: Arrival, reading: Reading, wave: Wave, loaded: Loaded) -> Kept | None:
        """What is kept, durable on return; None when this way out keeps no more than a count."""
        if reading.end is not None and reading.end.keeps == "count":
            async with self._pool.acquire() as conn:
                await surveys.count_once(conn, wave.survey, wave.wave, reading.end.id)
            return None
        response = response_from(arrival, reading, wave, loaded, self._sealer)
        if not reading.contacts:
            return await self._inbox.keep(response)
        condition = loaded.instrument.holds_contact
        held = condition is not None and condition.holds({**arrival.prefill, **reading.answers})
        return await self._keep_with_contacts(response, reading.contacts, held=held)

    async def _keep_with_contacts(self, response: Response, contacts: Mapping[str, str], *, held: bool) -> Kept:
        async with self._pool.acquire() as conn, conn.transaction():
            kept = (await responses.insert_many(conn, [response])).get(response.id)
            if kept is None:
                raise Busy("Neither new nor there before")
            if kept.content_sha256 != response.content_sha256:
                raise Conflict(f"There is another response with the id {response.id}; it stays as it is")
            sealed = {item: self._sealer.seal(text.encode()) for item, text in contacts.items()}
            await responses.insert_contacts(conn, response.id, sealed, held=held)
        return kept


def plain_answers(loaded: Loaded, codes: bytes, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a kept response as the JSON API says them."""
    by_id = loaded.instrument.by_id
    return {item: by_id[item].item.plain(answer) for item, answer in loaded.book.decode(codes, extra).items()}
