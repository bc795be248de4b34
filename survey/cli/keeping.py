"""Many responses at once: one statement and one transaction for a batch, contact data beside it."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import asyncpg

from survey.db import responses
from survey.forms.reading import Reading
from survey.responses import Response, Wave
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer
from survey.web.submission import Arrival, response_from


class Outcome(NamedTuple):
    """What became of a batch: how many are new, how many were there, and which ids hold other content."""

    new: int
    known: int
    conflicting: frozenset[UUID]


class Batch:
    """Responses of one wave on their way into the database."""

    def __init__(self, conn: asyncpg.Connection, wave: Wave, loaded: Loaded, sealer: Sealer) -> None:
        self._conn = conn
        self._wave = wave
        self._loaded = loaded
        self._sealer = sealer
        self._responses: dict[UUID, Response] = {}
        self._contacts: dict[UUID, tuple[Mapping[str, str], bool]] = {}

    def __len__(self) -> int:
        return len(self._responses)

    def add(self, arrival: Arrival, reading: Reading) -> bool | None:
        """Put a response into the batch; None when this very one is in it already, false when another one is."""
        response = response_from(arrival, reading, self._wave, self._loaded, self._sealer)
        waiting = self._responses.setdefault(response.id, response)
        if waiting is not response:
            return None if waiting.content_sha256 == response.content_sha256 else False
        if reading.contacts:
            condition = self._loaded.instrument.holds_contact
            held = condition is not None and condition.holds({**arrival.prefill, **reading.answers})
            self._contacts[response.id] = (reading.contacts, held)
        return True

    async def keep(self) -> Outcome:
        """Keep what has come together, all or nothing, and begin anew."""
        if not self._responses:
            return Outcome(0, 0, frozenset())
        async with self._conn.transaction():
            kept = await responses.insert_many(self._conn, list(self._responses.values()))
            for id, (contacts, held) in self._contacts.items():
                if kept[id].new:
                    sealed = {item: self._sealer.seal(text.encode()) for item, text in contacts.items()}
                    await responses.insert_contacts(self._conn, id, sealed, held=held)
        new = sum(one.new for one in kept.values())
        other = frozenset(
            id for id, response in self._responses.items() if kept[id].content_sha256 != response.content_sha256
        )
        outcome = Outcome(new, len(self._responses) - new - len(other), other)
        self._responses, self._contacts = {}, {}
        return outcome
