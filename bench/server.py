"""The service, and what its rates are judged by: an empty handler, the same route keeping nothing, or row by row."""

from datetime import UTC, datetime

from litestar import Litestar, get

from survey.cli.serving import application
from survey.db.responses import Kept, insert_many
from survey.forms.reading import Reading
from survey.responses import Wave
from survey.web.fieldwork import Loaded
from survey.web.submission import Arrival, response_from


@get("/bench/empty", sync_to_thread=False, include_in_schema=False)
def empty() -> str:
    """Nothing: what the server itself costs."""
    return ""


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
    """The same application, which takes a connection of the pool and a transaction for every response."""
    app = make()
    app.on_startup.append(_keep_one_by_one)
    return app


def _keep_nothing(app: Litestar) -> None:
    app.state.keeper = _Forgetting()


def _keep_one_by_one(app: Litestar) -> None:
    app.state.keeper = _OneByOne(app)


class _Forgetting:
    async def keep(self, arrival: Arrival, reading: Reading, wave: Wave, loaded: Loaded) -> Kept:
        return Kept(id=arrival.id, receipt=1, received_at=datetime.now(UTC), content_sha256=b"", new=True)


class _OneByOne:
    def __init__(self, app: Litestar) -> None:
        self._state = app.state

    async def keep(self, arrival: Arrival, reading: Reading, wave: Wave, loaded: Loaded) -> Kept:
        response = response_from(arrival, reading, wave, loaded, self._state.sealer)
        async with self._state.pool.acquire() as conn:
            return (await insert_many(conn, [response]))[response.id]
