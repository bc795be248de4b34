"""The service, and what its rates are judged by: an empty handler, the same route keeping nothing, or row by row."""

from datetime import UTC, datetime

import asyncpg
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State

from survey.cli.serving import application
from survey.db.responses import Kept, insert_many
from survey.evaluation.plain import Plain
from survey.forms.reading import Reading
from survey.responses import Wave
from survey.web.api.responses import Receipt, keep_one
from survey.web.fieldwork import Loaded
from survey.web.problems import Problem
from survey.web.submission import Arrival, response_from


@get("/bench/empty", sync_to_thread=False, include_in_schema=False)
def empty() -> str:
    """Nothing: what the server itself costs."""
    return ""


@post("/bench/surveys/{slug:str}/responses", include_in_schema=False)
async def submit(request: Request[None, None, State], slug: str) -> Response[Receipt | Problem]:
    """A submission taken as any request is: by the framework's router, behind its middleware."""
    status, reply = await keep_one(request.app.state, slug, await request.body(), "en")
    return Response(reply, status_code=status)


def make() -> Litestar:
    """The application as `survey serve` makes it for its workers, with the empty handler."""
    app = application()
    app.register(empty)
    return app


def make_without_keeping() -> Litestar:
    """The same application, whose responses are parsed and validated, then forgotten."""
    app = make()
    app.on_startup.append(_keep_nothing)
    return app


def make_with_an_insert_per_request() -> Litestar:
    """The application as one would write it first: an ordinary handler, a connection of asyncpg's pool each time."""
    app = make()
    app.register(submit)
    app.on_startup.append(_keep_one_by_one)
    return app


def _keep_nothing(app: Litestar) -> None:
    app.state.keeper = _Forgetting()


async def _keep_one_by_one(app: Litestar) -> None:
    app.state.keeper = _OneByOne(app, await asyncpg.create_pool(app.state.settings.database_url))


class _Forgetting:
    async def keep(self, arrival: Arrival, reading: Reading | Plain, wave: Wave, loaded: Loaded) -> Kept:
        return Kept(id=arrival.id, receipt=1, received_at=datetime.now(UTC), content_sha256=b"", new=True)


class _OneByOne:
    def __init__(self, app: Litestar, pool: asyncpg.Pool) -> None:
        self._sealer = app.state.sealer
        self._pool = pool

    async def keep(self, arrival: Arrival, reading: Reading | Plain, wave: Wave, loaded: Loaded) -> Kept | None:
        response = response_from(arrival, reading, wave, loaded, self._sealer)
        async with self._pool.acquire() as conn:
            (kept,) = await insert_many(conn, [response])
            return kept
