"""One canonical line a request, on standard output; headers that every response carries.

A line never holds an answer, a token, an address or a telephone number: the path is logged as its template.
"""

import logging
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_hex

import asyncpg
import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, WrappedLogger

log = structlog.get_logger()

PROTECTION = {
    # Pages hold what people have answered: nothing of them stays on a shared device or in a proxy.
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; media-src 'self'; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


_PROTECTION = tuple((name.lower().encode(), value.encode()) for name, value in PROTECTION.items())


def _protected(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and the protection that the handler has not decided upon itself. Every response pays for this."""
    own = list(headers)
    decided = {name.lower() for name, _ in own}
    return own + [pair for pair in _PROTECTION if pair[0] not in decided]


def set_up_logs(level: str) -> None:
    """Log JSON lines of this level and above to standard output."""
    structlog.configure(
        processors=[_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )


def _line(logger: WrappedLogger, method: str, event: EventDict) -> bytes:
    """A line of the log, in half the time that a chain of processors takes for it. Every request pays for this."""
    if "exc_info" in event:
        _unquote(event["exc_info"])
        event = structlog.processors.format_exc_info(logger, method, event)
    return msgspec.json.encode({**event, "level": method, "timestamp": datetime.now(UTC)}, enc_hook=repr)


def _unquote(error: BaseException | None) -> None:
    """Take the row out of what the database has to say, here and in what led here."""
    while error is not None:
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None
        error = error.__cause__ or error.__context__


def canonical_line(app: ASGIApp) -> ASGIApp:
    """Give each request an id, protect its response, and log it once it is answered."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = scope["state"]["request_id"] = token_hex(8)
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*_protected(message["headers"]), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await app(scope, receive, sent)
        finally:
            log.info(
                "request_answered",
                method=scope["method"],
                path=scope.get("path_template") or "-",
                status=status,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
                request=request_id,
            )

    return logged
