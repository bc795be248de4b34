"""The service, and what its rates are judged by: an empty handler, the same route keeping nothing, or row by row."""

import gc
import os
from datetime import UTC, datetime

from litestar import Litestar, get

from survey.db.responses import Kept, insert_many
from survey.forms.reading import Reading
from survey.responses import Wave
from survey.settings import read_settings
from survey.web.app import create_app
from survey.web.fieldwork import Loaded
from survey.web.logs import set_up_logs
from survey.web.submission import Arrival, response_from


@get("/bench/empty", sync_to_thread=False, include_in_schema=False)
def empty() -> str:
    """Nothing: what the server itself costs."""
    return ""


def make() -> Litestar:
    """The application of the environment's settings, with the empty handler."""
    settings = read_settings(os.environ)
    set_up_logs(settings.log_level)
    app = create_app(settings)
    app.register(empty)
    gc.collect()
    gc.freeze()
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
