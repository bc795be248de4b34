"""The service, and beside it a handler that does nothing."""

import gc
import os

from litestar import Litestar, get

from survey.settings import read_settings
from survey.web.app import create_app
from survey.web.logs import set_up_logs


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
