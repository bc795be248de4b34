"""Where plain responses and pages of drafts arrive: concurrent ones share one statement and one flush to disk.

So do requests that look for a draft. The one exception to "one request, one transaction". Whatever queued while a
batch was being committed is the next batch; nothing waits when it is quiet. After a large batch a small one waits a
moment for those who were just answered and may ask again. Of a large queue half waits once more: in one batch of all,
nothing would be read while it commits, and nothing committed while it is read. Nobody is answered before their batch
has committed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog

from survey.errors import Busy, Refused, SurveyError

BATCH = 512
HALF_FROM = 32
"""A batch of more than this is at most half of what waits."""
ENOUGH = 16
"""After a batch of so many the next waits for as many; 12 to 32 did no better, measured (decision 13)."""
GATHERING_SECONDS = 0.001
"""So long at most."""
QUEUE = 20_000
PATIENCE_SECONDS = 5.0
"""So long the end of the program waits for the database."""

log = structlog.get_logger()

AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What asyncpg raises when the database is away; the third while a connection is being lost."""
OF_THE_ROWS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.DeadlockDetectedError)
"""What it raises because of a row, or of the company that a row is in."""
THE_DATABASE_IS_AWAY = "The database is away"
REFUSED = "The database cannot take this response, and sending it again would not change that; nothing was kept"


class Row(Protocol):
    """What arrives."""

    @property
    def id(self) -> UUID:
        """Which it is: a batch holds each once."""


AnyRow = TypeVar("AnyRow", bound=Row)
Done = TypeVar("Done")
WriteMany = Callable[[asyncpg.Connection, Sequence[AnyRow]], Awaitable[Sequence[Done]]]
"""Writes rows of distinct ids in one statement, or looks for them, and says for each in turn what has become of it."""


class _Waiting(msgspec.Struct, Generic[AnyRow, Done], frozen=True):
    row: AnyRow
    done: asyncio.Future[Done]


class Inbox(Generic[AnyRow, Done]):
    """Keeps rows in batches, by one statement each, one after another."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        write_many: WriteMany[AnyRow, Done],
        *,
        batch: int = BATCH,
        queue: int = QUEUE,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._write_many = write_many
        self._batch = batch
        self._limit = queue
        self._patience = patience
        self._queue: deque[_Waiting[AnyRow, Done]] = deque()
        self._arrived = asyncio.Event()
        self._wanted = 1
        self._closing = False

    async def __aenter__(self) -> "Inbox[AnyRow, Done]":
        self._loop = asyncio.get_running_loop()
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take nothing more, keep what has arrived, then stop.

        A database that does not answer is not waited for: what waits still was acknowledged to nobody.
        """
        self._closing = True
        self._arrived.set()
        await asyncio.wait([self._writer], timeout=self._patience)
        if self._writer.done():
            self._writer.result()
        else:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        _fail(list(self._queue), Busy, THE_DATABASE_IS_AWAY, TimeoutError("the inbox was closed"))

    async def put(self, row: AnyRow) -> Done:
        """Put a row in and say, once what is done with it is durable, what has become of it.

        A full inbox or an absent database raises Busy, a row that the schema will never take Refused, and nothing was
        kept.
        """
        if self._closing or len(self._queue) >= self._limit:
            raise Busy("Too much is arriving at once")
        done: asyncio.Future[Done] = self._loop.create_future()
        self._queue.append(_Waiting(row, done))
        if len(self._queue) >= self._wanted:
            self._arrived.set()
        return await done

    async def _write(self) -> None:
        while await self._gather(1):
            batch: list[_Waiting[AnyRow, Done]] = []
            try:
                async with self._pool.acquire(timeout=5) as conn:
                    while self._queue:  # the connection is held while there is something to write
                        batch = self._take()
                        await self._commit(conn, batch)
                        if len(batch) >= ENOUGH:
                            await self._gather(ENOUGH, GATHERING_SECONDS)
            except asyncio.CancelledError as error:
                _fail(batch, Busy, THE_DATABASE_IS_AWAY, error)
                raise
            except Exception as error:  # whatever it is, the writer goes on: nobody else would answer those who wait
                if not isinstance(error, AWAY):
                    log.error("bug", exc_info=error)
                _fail(batch or self._take(), Busy, THE_DATABASE_IS_AWAY, error)

    async def _gather(self, wanted: int, at_most: float | None = None) -> bool:
        """Wait until so many rows wait, the time is over or nothing will come any more; False when there are none."""
        if len(self._queue) < wanted and not self._closing:
            self._wanted = wanted
            self._arrived.clear()
            timer = self._loop.call_later(at_most, self._arrived.set) if at_most is not None else None
            await self._arrived.wait()
            if timer is not None:
                timer.cancel()
        return bool(self._queue)

    def _take(self) -> list[_Waiting[AnyRow, Done]]:
        """The next batch. An id that is in it already waits for the one after, to be found there as a replay."""
        batch: list[_Waiting[AnyRow, Done]] = []
        again: list[_Waiting[AnyRow, Done]] = []
        ids: set[int] = set()
        most = min(self._batch, max(HALF_FROM, len(self._queue) // 2))
        while self._queue and len(batch) < most:
            waiting = self._queue.popleft()
            number = waiting.row.id.int
            if number in ids:
                again.append(waiting)
            else:
                ids.add(number)
                batch.append(waiting)
        self._queue.extendleft(reversed(again))
        return batch

    async def _commit(self, conn: asyncpg.Connection, batch: list[_Waiting[AnyRow, Done]]) -> None:
        try:
            done = await self._write_many(conn, [waiting.row for waiting in batch])
        except OF_THE_ROWS as error:
            await self._commit_one_by_one(conn, batch, error)
        except AWAY:
            raise
        except Exception as error:  # a fault of ours that one of the rows brings out
            await self._commit_one_by_one(conn, batch, error)
        else:
            for waiting, result in zip(batch, done, strict=True):
                if not waiting.done.done():  # whoever waited may have left
                    waiting.done.set_result(result)

    async def _commit_one_by_one(
        self, conn: asyncpg.Connection, batch: list[_Waiting[AnyRow, Done]], error: Exception
    ) -> None:
        """A row that cannot be kept must not take its neighbours with it; nor do two processes wait for each other."""
        if len(batch) > 1:
            for waiting in batch:
                await self._commit(conn, [waiting])
        elif isinstance(error, OF_THE_ROWS):
            # Not its message: that quotes the row.
            constraint = getattr(error, "constraint_name", None)
            log.error("row_refused", row=str(batch[0].row.id), why=type(error).__name__, constraint=constraint)
            _fail(batch, Refused, REFUSED, error)
        elif not batch[0].done.done():
            batch[0].done.set_exception(error)


def _fail(batch: Sequence[_Waiting[AnyRow, Done]], kind: type[SurveyError], message: str, cause: BaseException) -> None:
    for waiting in batch:
        if not waiting.done.done():
            error = kind(message)
            error.__cause__ = cause
            waiting.done.set_exception(error)
