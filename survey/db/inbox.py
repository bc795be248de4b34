"""Where plain responses arrive: concurrent ones share one statement, one transaction and one flush to disk.

The one exception to "one request, one transaction". Whatever queued while a batch was being committed is the next
batch: no timer, no waiting when it is quiet. Nobody is answered before their batch has committed.
"""

import asyncio
from collections import deque
from typing import NamedTuple

import asyncpg
import structlog

from survey.db.responses import Kept, insert_many
from survey.errors import Busy, Conflict, Refused, SurveyError
from survey.responses import Response

BATCH = 512
QUEUE = 20_000
PATIENCE_SECONDS = 5.0
"""So long the end of the program waits for the database."""

log = structlog.get_logger()

AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What asyncpg raises when the database is away; the third while a connection is being lost."""
THE_DATABASE_IS_AWAY = "The database is away"
REFUSED = "The database cannot take this response, and sending it again would not change that; nothing was kept"


class _Waiting(NamedTuple):
    response: Response
    kept: asyncio.Future[Kept]


class Inbox:
    """Keeps responses in batches, over connections of the pool it is given."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        writers: int = 1,
        batch: int = BATCH,
        queue: int = QUEUE,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._writers = writers
        self._batch = batch
        self._limit = queue
        self._patience = patience
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Inbox":
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._writers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take nothing more, keep what has arrived, then stop.

        A database that does not answer is not waited for: what waits still was acknowledged to nobody.
        """
        self._closing = True
        self._arrived.set()
        done, late = await asyncio.wait(self._tasks, timeout=self._patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
        _fail(list(self._queue), Busy, THE_DATABASE_IS_AWAY, TimeoutError("the inbox was closed"))

    async def keep(self, response: Response) -> Kept:
        """Keep a response and say when it is durable.

        The same id and content again is answered as the first time; the same id and other content raises Conflict;
        a full inbox or an absent database raises Busy, a row that the schema will never take Refused, and nothing was
        kept.
        """
        if self._closing or len(self._queue) >= self._limit:
            raise Busy("Too much is arriving at once")
        kept: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(response, kept))
        self._arrived.set()
        found = await kept
        if found.content_sha256 != response.content_sha256:
            raise Conflict("There is another response with the id %(id)s; it stays as it is", id=response.id)
        return found

    async def _write(self) -> None:
        while await self._something_arrives():
            batch: list[_Waiting] = []
            try:
                async with self._pool.acquire(timeout=5) as conn:
                    while self._queue:  # the connection is held while there is something to write
                        batch = self._take()
                        await self._commit(conn, batch)
            except asyncio.CancelledError as error:
                _fail(batch, Busy, THE_DATABASE_IS_AWAY, error)
                raise
            except Exception as error:  # whatever it is, the writer goes on: nobody else would answer those who wait
                if not isinstance(error, AWAY):
                    log.error("bug", exc_info=error)
                _fail(batch or self._take(), Busy, THE_DATABASE_IS_AWAY, error)

    async def _something_arrives(self) -> bool:
        """Wait until there is something to write; False when nothing will come any more."""
        while not self._queue and not self._closing:
            self._arrived.clear()
            await self._arrived.wait()
        return bool(self._queue)

    def _take(self) -> list[_Waiting]:
        """The next batch. An id that is in it already waits for the one after, to be found there as a replay."""
        batch: list[_Waiting] = []
        again: list[_Waiting] = []
        ids = set()
        while self._queue and len(batch) < self._batch:
            waiting = self._queue.popleft()
            if waiting.response.id in ids:
                again.append(waiting)
            else:
                ids.add(waiting.response.id)
                batch.append(waiting)
        self._queue.extendleft(reversed(again))
        return batch

    async def _commit(self, conn: asyncpg.Connection, batch: list[_Waiting]) -> None:
        try:
            kept = await insert_many(conn, [waiting.response for waiting in batch])
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            await self._commit_one_by_one(conn, batch, error)
        else:
            for waiting in batch:
                if waiting.kept.cancelled():
                    continue
                if waiting.response.id in kept:
                    waiting.kept.set_result(kept[waiting.response.id])
                else:
                    _fail([waiting], Busy, THE_DATABASE_IS_AWAY, LookupError("neither new nor there before"))

    async def _commit_one_by_one(
        self, conn: asyncpg.Connection, batch: list[_Waiting], error: asyncpg.PostgresError
    ) -> None:
        """A row the schema refuses must not take its neighbours with it."""
        if len(batch) == 1:
            # Not its message: that quotes the row.
            constraint = getattr(error, "constraint_name", None)
            log.error(
                "row_refused", response=str(batch[0].response.id), why=type(error).__name__, constraint=constraint
            )
            _fail(batch, Refused, REFUSED, error)
            return
        for waiting in batch:
            await self._commit(conn, [waiting])


def _fail(batch: list[_Waiting], kind: type[SurveyError], message: str, cause: BaseException) -> None:
    for waiting in batch:
        if not waiting.kept.done():
            error = kind(message)
            error.__cause__ = cause
            waiting.kept.set_exception(error)
