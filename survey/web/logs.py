"""One canonical line a request, on standard output; headers that every response carries.

A line never holds an answer, a token, an address or a telephone number: the path is logged as its template.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex

import asyncpg
import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, WrappedLogger

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
PROTECTION_OF_DATA = {
    # Shown by nothing, so it need load nothing. The server looks at every byte of a header, every time.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
DATA = {b"application/json", b"application/problem+json"}


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode(): value.encode() for name, value in headers.items()}


_PROTECTION, _PROTECTION_OF_DATA = _encoded(PROTECTION), _encoded(PROTECTION_OF_DATA)


def _protected(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and the protection that the handler has not decided upon itself. Every response pays for this."""
    own = [*headers]
    decided = dict(own)
    protection = _PROTECTION_OF_DATA if decided.get(b"content-type") in DATA else _PROTECTION
    if decided.keys().isdisjoint(protection):
        return [*own, *protection.items()]
    return [*own, *(pair for pair in protection.items() if pair[0] not in decided)]


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


class _Answered(msgspec.Struct, tag_field="event", tag="request_answered"):
    """The canonical line of a request."""

    method: str
    path: str
    status: int
    milliseconds: float
    request: str
    timestamp: datetime
    level: str = "info"


_Sending = Awaitable[None]  # not made anew for every request
_encode_lines = msgspec.json.Encoder().encode_lines


class _Output:
    """Standard output for one line a request: one write for all that were answered in one turn of the event loop.

    A line straight through structlog costs three times as much, a write of its own as much again.
    """

    def __init__(self) -> None:
        self._lines: list[_Answered] = []
        self._out = sys.stdout.buffer

    def add(self, line: _Answered) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(line)

    def _write(self) -> None:
        text = _encode_lines(self._lines)
        self._lines.clear()
        while text:  # unbuffered, a write may be a part of it
            text = text[self._out.write(text) :]
        self._out.flush()


def canonical_line(app: ASGIApp) -> ASGIApp:
    """Give each request an id, protect its response, and log it once it is answered."""
    process, numbers, output = token_hex(4), count(), _Output()
    is_logged = structlog.get_logger().is_enabled_for(logging.INFO)

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = scope["state"]["request_id"] = f"{process}{next(numbers) & 0xFFFFFFFF:08x}"
        status = 0

        def sent(message: Message) -> _Sending:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*_protected(message["headers"]), (b"x-request-id", request_id.encode())]
            return send(message)

        try:
            await app(scope, receive, sent)
        finally:
            if is_logged:
                took = int((time.perf_counter() - began) * 10_000) / 10
                path = scope.get("path_template") or "-"
                output.add(_Answered(scope["method"], path, status, took, request_id, datetime.now(UTC)))

    return logged
