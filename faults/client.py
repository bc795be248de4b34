"""Clients that note every acknowledgement and send the same response again until they have one, as devices do."""

import asyncio
import time
from collections import Counter
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

import msgspec

from bench.load import http
from survey.responses import content_hash

SURVEY = "gov-sat"
ANSWERS = {"Q0": 1, "Q1": 1, "Q2": 1, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1, "D1": 4, "D3": 1}
RATED, RATINGS = "Q3", (3, 4, 5)
PATIENCE_SECONDS = 30.0  # longer than a start on a busy machine: what waits in its backlog is still waited for
HASTE_SECONDS = 0.003
PAUSE_SECONDS = 0.05
LONGEST_OUTAGE_SECONDS = 60
ONE_IN_SO_MANY_GIVES_UP = 5
LOST = (OSError, EOFError, TimeoutError)
"""What a client sees of a connection that ends early; an end in the middle of a reply is an EOFError."""


class Manner(StrEnum):
    """How a client makes its first try; those after it are patient."""

    PATIENT = "waits for the reply"
    HASTY = "times out at once"
    CUT_IN_BODY = "ends in the middle of the body"
    CUT_BEFORE_REPLY = "ends before the reply"


class Given(NamedTuple):
    """One response as a client sends it; `serial` tells it from every other, whatever the ids."""

    id: UUID
    serial: int
    body: bytes
    content_sha256: bytes


class Acknowledged(NamedTuple):
    """What a client was told, and when it had asked and was answered."""

    receipt: str
    status: int
    asked_at: float
    answered_at: float


def give(serial: int, wave: str) -> Given:
    """A response of its own content. Its serial number goes along as the seconds it took."""
    id = uuid4()
    answers = {**ANSWERS, RATED: RATINGS[serial % len(RATINGS)]}
    body = {"id": id, "wave": wave, "answers": answers, "paradata": {"seconds": serial}}
    return Given(id, serial, msgspec.json.encode(body), content_hash(SURVEY, wave, "standard", "web", answers, {}))


class Connection:
    """One connection to the service, made anew after it was lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, part: bytes) -> asyncio.StreamReader:
        """Send bytes; what comes back is read from the stream."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(part)
        await self._writer.drain()
        return self._reader

    async def ask(self, request: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a request whole and wait so long; the status and body of its reply, or one of LOST."""
        try:
            async with asyncio.timeout(seconds):
                reader = await self.send(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(length)
        except LOST:
            self.cut()
            raise
        if b"\r\nconnection: close" in head:
            self.cut()
        return int(head[9:12]), body

    def cut(self) -> None:
        """End the connection at once, whatever is under way."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


class Clients:
    """So many clients at once, each with one response after the other, from entering the context until `finish`."""

    def __init__(self, port: int, wave: str, *, manner: Manner = Manner.PATIENT, many: int = 16) -> None:
        self.wave = wave
        self.sent: dict[UUID, Given] = {}
        self.acknowledged: dict[UUID, Acknowledged] = {}
        self.refused: Counter[int] = Counter()
        """Replies that acknowledge nothing, by status."""
        self.lost = 0
        """Tries that ended without any reply."""
        self._port = port
        self._manner = manner
        self._many = many
        self._serial = count(1)
        self._finishing = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._live()) for _ in range(self._many)]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is not None:
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=kind is not None)

    async def finish(self) -> None:
        """Begin nothing more, and bring what was begun to its end."""
        self._finishing = True
        async with asyncio.timeout(LONGEST_OUTAGE_SECONDS):
            await asyncio.gather(*self._tasks)

    async def seconds_until_answered(self, since: float) -> float:
        """How long after a moment the first answer came to somebody who asked after that moment."""
        async with asyncio.timeout(LONGEST_OUTAGE_SECONDS):
            while True:
                after = [told.answered_at for told in self.acknowledged.values() if told.asked_at >= since]
                if after:
                    return min(after) - since
                await asyncio.sleep(PAUSE_SECONDS)

    async def _live(self) -> None:
        connection = Connection(self._port)
        try:
            while not self._finishing:
                given = give(next(self._serial), self.wave)
                self.sent[given.id] = given
                await self._deliver(connection, given)
        finally:
            connection.cut()

    async def _deliver(self, connection: Connection, given: Given) -> None:
        """Until it is acknowledged; one in so many gives up after its first failure, and is left unacknowledged."""
        request = http("POST", f"/api/v1/surveys/{SURVEY}/responses", given.body, content_type="application/json")
        is_done = await self._try(connection, given, request, self._manner)
        while not is_done and given.serial % ONE_IN_SO_MANY_GIVES_UP:
            await asyncio.sleep(PAUSE_SECONDS)
            is_done = await self._try(connection, given, request, Manner.PATIENT)

    async def _try(self, connection: Connection, given: Given, request: bytes, manner: Manner) -> bool:
        asked_at = time.monotonic()
        try:
            if manner in {Manner.CUT_IN_BODY, Manner.CUT_BEFORE_REPLY}:
                cut_off = len(given.body) // 2 if manner is Manner.CUT_IN_BODY else 0
                await connection.send(request[: len(request) - cut_off])
                connection.cut()
                return False
            seconds = HASTE_SECONDS if manner is Manner.HASTY else PATIENCE_SECONDS
            status, body = await connection.ask(request, seconds)
        except LOST:
            connection.cut()
            self.lost += 1
            return False
        if status not in {200, 201}:
            self.refused[status] += 1
            return False
        told: dict[str, Any] = msgspec.json.decode(body)
        self.acknowledged[given.id] = Acknowledged(told["receipt"], status, asked_at, time.monotonic())
        return True
