"""A client that keeps a number of connections busy, cheap enough to share two cores with what it measures."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, cast


class Figures(NamedTuple):
    """What came of a load: answers a second, latencies in milliseconds, answers by status."""

    per_second: float
    p50: float
    p99: float
    statuses: Counter[int]


def http(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "host: bench", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float, per_second: float = 0.0
) -> Figures:
    """Send requests over so many connections for so long, each connection one at a time.

    With `per_second` all together send no more than that, evenly. A request that has to wait for the reply before it
    is timed from when it was due, or a server that stalls would look fast.
    """
    loop = asyncio.get_running_loop()
    pause = connections / per_second if per_second else 0.0
    began = time.perf_counter()
    clients = []
    for place in range(connections):
        client = _Client(requests, began + seconds, pause, began + pause * place / connections)
        await loop.create_connection(lambda: client, "127.0.0.1", port)  # noqa: B023
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    latencies = sorted(latency for client in clients for latency in client.latencies)
    statuses = sum((client.statuses for client in clients), Counter[int]())
    milliseconds = [latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99)]
    return Figures(len(latencies) / took, *milliseconds, statuses)


class _Client(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], until: float, pause: float, due: float) -> None:
        self._requests = requests
        self._until = until
        self._pause = pause
        self._due = due
        self._received = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not say so
        self._next()

    def _next(self) -> None:
        now = time.perf_counter()
        if max(now, self._due) >= self._until:
            self._transport.close()
        elif self._due > now:
            asyncio.get_running_loop().call_later(self._due - now, self._send, None)
        else:
            self._send(self._due if self._pause else now)
        self._due += self._pause

    def _send(self, due: float | None) -> None:
        self._sent_at = time.perf_counter() if due is None else due
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self._received) < head_end + 4 + length:
            return
        self.statuses[int(head[9:12])] += 1
        self.latencies.append(time.perf_counter() - self._sent_at)
        self._received = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)
