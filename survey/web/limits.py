"""How much one client may send."""

import time
from collections import OrderedDict
from collections.abc import Mapping

LOCAL = {"127.0.0.1", "::1", None}
CLIENTS = 10_000


class ClientLimit:
    """A bucket of requests for each client, refilled steadily.

    Generous on purpose: a whole service hall shares one address. A program on this machine that does not come
    through a proxy (an import, a kiosk's relay) is not limited.
    """

    def __init__(self, *, per_minute: int) -> None:
        self._burst = float(per_minute)
        self._per_second = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, client: str | None) -> bool:
        """Whether this client may send one more now."""
        if client is None or not self._burst:
            return True
        now = time.monotonic()
        left, since = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        self._buckets[client] = (max(left - 1, 0.0), now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return left >= 1


def client_of(peer: str | None, headers: Mapping[bytes, bytes]) -> str | None:
    """Whom a request comes from: the peer, or whom a proxy on this machine speaks for; None for this machine."""
    if peer not in LOCAL:
        return peer
    forwarded = headers.get(b"x-forwarded-for")
    return forwarded.decode("latin-1").split(",")[-1].strip() or None if forwarded else None
