"""A weak line: a proxy that delays, narrows and loses. It loses whole exchanges, before or after the service has acted.

Between browser and service, not inside the browser, so that what a service worker fetches goes over it too.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

Lost = Literal["request", "response"] | None
HEAD_END = b"\r\n\r\n"


class Line:
    """A line to a service on this machine. `fate` says for each request ("POST /s/x/check") what gets lost of it."""

    def __init__(self, port: int, *, milliseconds: float = 0, kilobits: float = 0) -> None:
        self._service = port
        self._delay = milliseconds / 1000
        self._rate = kilobits * 1000 / 8
        self._free_at = 0.0
        self.fate: Callable[[str], Lost] = lambda request: None
        self.requests: list[str] = []
        self.lost: list[str] = []
        self.down = 0
        """Bytes that came down the line."""
        self.port = 0

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser: a handshake, then one exchange after the other until something is lost."""
        await asyncio.sleep(self._delay)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(HEAD_END)
                fields = _fields(head)
                body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
                request = head.split(b" HTTP/", 1)[0].decode()
                self.requests.append(request)
                fate = self.fate(request)
                reply = b"" if fate == "request" else await self._ask(head, body)
                if fate is not None:
                    self.lost.append(request)
                    break
                await self._carry(reply)
                writer.write(reply)
                await writer.drain()
                if b"content-length" not in _fields(reply):
                    break
        writer.close()

    async def _ask(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._service)
        first, _, rest = head.partition(b"\r\n")
        kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join([first, b"Connection: close", *kept]) + body)
        reply = await reader.read(-1)
        writer.close()
        head, end, body = reply.partition(HEAD_END)
        return head.replace(b"connection: close\r\n", b"").replace(b"\r\nconnection: close", b"") + end + body

    async def _carry(self, reply: bytes) -> None:
        self.down += len(reply)
        if not self._rate:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + len(reply) / self._rate
        await asyncio.sleep(self._delay + self._free_at - now)


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines = head.partition(HEAD_END)[0].split(b"\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}


@asynccontextmanager
async def weak(port: int, **shape: float) -> AsyncIterator[Line]:
    """A line to the service on `port`."""
    line = Line(port, **shape)
    server = await asyncio.start_server(line.exchange, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    async with server:
        yield line
