"""uvicorn's HTTP/1.1, with the head of a reply sent together with its body.

uvicorn sends the head at once and the body after it: two packets, each with its system call, its way through the
kernel and its waking of whoever waits. ASGI asks a server to wait for the body before it starts to send.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Whole:
    """The transport of a connection, over which replies go one after another; the head of each waits for its body."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._send = transport.write
        self.is_closing = transport.is_closing
        self.head: bytes | None = None
        """What waits; empty after it has gone, None where the next thing to be written is a head."""

    def write(self, data: bytes) -> None:
        """Send a head with what follows it, be that empty, and everything else at once."""
        head = self.head
        if head:
            self.head = b""
            self._send(head + data)
        elif head is None and data[9:12] != b"100":
            self.head = data
        else:
            self._send(data)

    def end_reply(self) -> None:
        """Send a head that nothing follows, as in the reply to HEAD. What is written next is another."""
        if self.head:
            self._send(self.head)
        self.head = None

    def close(self) -> None:
        self.end_reply()
        self._transport.close()


class WholeReplies(HttpToolsProtocol):
    """What `uvicorn.Config(http=...)` is given. There are no web sockets, which need more of a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        HttpToolsProtocol.connection_made(self, transport)
        self.transport = self._whole = _Whole(transport)  # type: ignore[assignment] # all that is used of one

    def on_response_complete(self) -> None:
        self._whole.end_reply()
        HttpToolsProtocol.on_response_complete(self)
