"""uvicorn's HTTP/1.1, with replies that are known in full sent in one piece.

uvicorn sends the head at once and the body after it: two packets, each with its system call, its way through the kernel
and its waking of whoever waits. ASGI asks a server to wait for the body before it starts to send. And uvicorn searches
every byte of every name and value for what must not be there; that no header holds a line break shows in their number.
All that is not a whole reply on a connection that stays open is left to uvicorn.
"""

from types import FunctionType

from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

_LEFT_TO_UVICORN = (b"connection", b"transfer-encoding")


class _Reply(RequestResponseCycle):
    """The reply to one request."""

    _start: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """Take the start of the reply, or a piece of its body."""
        if message["type"] == "http.response.start" and not self.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is None or message["type"] != "http.response.body":
            await RequestResponseCycle.send(self, message)
        elif reply := self._whole(start, message):
            self.transport.write(reply)
            self.response_started = self.response_complete = True
            self.message_event.set()
            self.on_response()
        else:
            await RequestResponseCycle.send(self, start)
            await RequestResponseCycle.send(self, message)

    def _whole(self, start: HTTPResponseStartEvent, message: HTTPResponseBodyEvent) -> bytes | None:
        """All of the reply, when this is all of it."""
        if message.get("more_body") or not self._is_usual():
            return None
        body = message.get("body", b"")
        headers = [*self.default_headers, *start.get("headers", ())]
        named = dict(headers)
        if named.get(b"content-length") != b"%d" % len(body) or not named.keys().isdisjoint(_LEFT_TO_UVICORN):
            return None
        head = b"\r\n".join(map(b": ".join, headers))
        breaks = len(headers) - 1
        if head.count(b"\n") != breaks or head.count(b"\r") != breaks:
            return None
        return b"%b%b\r\n\r\n%b" % (STATUS_LINE[start["status"]], head, body)

    def _is_usual(self) -> bool:
        """Whether a reply may go out now, with its body, to be followed by others."""
        is_ready = self.keep_alive and not self.disconnected and not self.flow.write_paused
        return is_ready and not self.access_log and self.scope["method"] != "HEAD"


class WholeReplies(HttpToolsProtocol):
    """What `uvicorn.Config(http=...)` is given. uvicorn finds what makes a reply among the globals of its module."""

    on_headers_complete = FunctionType(
        HttpToolsProtocol.on_headers_complete.__code__, {**vars(httptools_impl), "RequestResponseCycle": _Reply}
    )
