"""Ids of what people begin here."""

import secrets
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """A UUID of version 7: nobody can guess it, and those of one day lie side by side in every index.

    Ids without an order have each row touch another page of the table's indexes, and all of these pages go through the
    write-ahead log: the more responses there are elsewhere, the slower each new one.

    References: RFC 9562 (5.7).
    """
    milliseconds = int(now.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))
