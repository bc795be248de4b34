"""What handlers are given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from asyncpg import Connection
from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from survey.evaluation.questions import Question
from survey.web.results import Figures


async def provide_conn(request: Request[Any, Any, Any]) -> AsyncIterator[Connection]:
    """One request, one transaction: commit on return, roll back on raise. A page shows one moment."""
    async with _transaction(request) as conn:
        yield conn


async def provide_conn_once_asked(
    request: Request[Any, Any, Any], question: NamedDependency[Question]
) -> AsyncIterator[Connection]:
    """The same, once the question is known to be one.

    Litestar 2.25 never closes what one dependency has opened when another beside it is refused.
    """
    async with _transaction(request) as conn:
        yield conn


@asynccontextmanager
async def _transaction(request: Request[Any, Any, Any]) -> AsyncIterator[Connection]:
    reads = request.method in {"GET", "HEAD"} or request.route_handler.opt.get("reads", False)
    isolation = "repeatable_read" if reads else None
    async with request.app.state.pool.acquire() as conn, conn.transaction(isolation=isolation, readonly=reads):
        yield conn


def provide_now() -> datetime:
    """The clock, read once a request."""
    return datetime.now(UTC)


def provide_figures(state: State) -> Figures:
    """What computes figures, one for the whole process."""
    figures: Figures = state.figures
    return figures
