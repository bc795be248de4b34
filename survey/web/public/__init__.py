"""Pages for everybody: the forms, their receipts, the way in."""

from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from survey.web.public import (
    checking,
    components,
    embedding,
    helping,
    home,
    kept,
    kiosk,
    offline,
    pages,
    receipts,
    recordings,
    resuming,
    signing,
    start,
    ticketing,
    withdrawing,
)
from survey.web.rendering import STATIC

FOR_EVER = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)
"""The address of a static file changes with its content."""

HANDLERS: list[ControllerRouterHandler] = [
    *home.HANDLERS,
    *start.HANDLERS,
    *ticketing.HANDLERS,
    *helping.HANDLERS,
    *kiosk.HANDLERS,
    *offline.HANDLERS,
    *recordings.HANDLERS,
    *embedding.HANDLERS,
    *resuming.HANDLERS,
    *pages.HANDLERS,
    *checking.HANDLERS,
    *receipts.HANDLERS,
    *kept.HANDLERS,
    *withdrawing.HANDLERS,
    *signing.HANDLERS,
    *components.HANDLERS,
    create_static_files_router(path="/static", directories=[STATIC], cache_control=FOR_EVER),
]
