"""A weak line: a proxy that delays, narrows and loses. It loses whole exchanges or half of them, on the way to the
service or back.

Between browser and service, not inside the browser, so that what a service worker fetches goes over it too.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, get_args

Loss = Literal["request", "half the request", "response", "half the response"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
Fate = Loss | Literal["silence"] | None
"""What happens to a request: something of it gets lost, or nobody ever answers, or it goes well."""
HEAD_END = b"\r\n\r\n"


class Line:
    """A line to a service on this machine. `fate` says for each request ("POST /s/x/check") what gets lost of it."""

    def __init__(self, port: int, *, milliseconds: float = 0, kilobits: float = 0) -> None:
        self._service = port
        self._delay = milliseconds / 1000
        self._rate = kilobits * 1000 / 8
        self._free_at = 0.0
        self.fate: Callable[[str], Fate] = lambda request: None
        self.requests: list[str] = []
        self.lost: list[str] = []
        self._silent: list[tuple[bytes, bytes]] = []
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
                if fate is not None:
                    self.lost.append(request)
                if fate == "silence":
                    self._silent.append((head, body))
                    await reader.read()  # until the browser gives up
                    break
                reply = await self._ask(head, body, fate)
                await self._carry(reply)
                writer.write(reply)
                await writer.drain()
                if fate is not None or b"content-length" not in _fields(reply):
                    break
        writer.close()

    async def catch_up(self) -> None:
        """Let what fell silent arrive after all; nobody waits for its replies any more."""
        while self._silent:
            await self._ask(*self._silent.pop(0), None)

    async def _ask(self, head: bytes, body: bytes, fate: Fate) -> bytes:
        """What comes back of a request."""
        if fate == "request":
            return b""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._service)
        first, _, rest = head.partition(b"\r\n")
        kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        head = b"\r\n".join([first, b"Connection: close", *kept])
        writer.write(_half(head, body) if fate == "half the request" else head + body)
        if fate == "half the request":
            writer.close()
            return b""
        reply = await reader.read(-1)
        writer.close()
        head, end, body = reply.partition(HEAD_END)
        head = head.replace(b"connection: close\r\n", b"").replace(b"\r\nconnection: close", b"") + end
        if fate == "half the response" and body:  # of a head alone, half is none to a browser
            return _half(head, body)
        return head + body if fate is None else b""

    async def _carry(self, reply: bytes) -> None:
        self.down += len(reply)
        if not self._rate:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + len(reply) / self._rate
        await asyncio.sleep(self._delay + self._free_at - now)


def _half(head: bytes, body: bytes) -> bytes:
    return head + body[: len(body) // 2] if body else head[: len(head) // 2]


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
