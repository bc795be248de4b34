"""Who a row is.

An id comes from the id column; without one, from what the row says and how many rows before it said the same. So a
second run, a run after an interruption and a run of the mended table add only what is not there yet.

Ids that are made here begin alike for all rows of a wave and batch (UUID version 8): they lie side by side in every
index, and what other waves hold hardly slows an import down (decision 24).

References: RFC 9562 (5.5, 5.8).
"""

import contextlib
import hashlib
from collections import Counter
from uuid import UUID, uuid5

from survey.cli.tables import Chunk
from survey.responses import NO_ID, Wave
from survey.responses.cells import text_of
from survey.responses.contents import pairs
from survey.responses.importing import TableMap

NAMESPACE = UUID("c0d9d3b2-5c1f-5e0b-8d55-8a3c6a0f7f10")
DIGITS = 32
"""A UUID has so many, and may have hyphens between them."""
_BEHIND = (1 << 76) - 1
"""What of a UUID stands behind its version."""
Key = str | bytes
"""What the id column says; the hash of what the whole row says where it says nothing."""


def _named(cell: object) -> str:
    """What the id column says, if it says anything."""
    text = text_of(cell)
    return "" if (id := _uuid(text)) is not None and id.int in NO_ID else text


def _uuid(text: str) -> UUID | None:
    with contextlib.suppress(ValueError):
        return UUID(text) if len(text) >= DIGITS else None
    return None


class Names:
    """Gives the rows of one table their ids, in order."""

    def __init__(self, mapping: TableMap, wave: Wave) -> None:
        self._column = mapping.id
        self._namespace = uuid5(NAMESPACE, f"{wave.survey}/{wave.wave}/{mapping.batch}")
        self._first = None if wave.scattered else self._namespace.int >> 80 << 80 | 8 << 76
        self._seen: Counter[int] = Counter()

    def keys(self, chunk: Chunk) -> list[Key]:
        """By what each row is known."""
        n = len(chunk.numbers)
        texts = [""] * n if self._column is None else chunk.columns[self._column].map(_named).every()
        if all(texts):
            return list(texts)
        rows = pairs(chunk.columns, n)
        return [text or hashlib.sha256(b"[%b]" % row).digest() for text, row in zip(texts, rows, strict=True)]

    def id(self, key: Key, copy: int) -> UUID:
        """The id of a row's `copy`-th respondent."""
        if isinstance(key, bytes):
            first = int.from_bytes(key[:8])
            self._seen[first] += 1
            return self._made(f"row/{key.hex()}/{self._seen[first]}")
        own = _uuid(key) if copy == 0 else None
        return own or self._made(f"id/{key}/{copy}")

    def _made(self, name: str) -> UUID:
        """48 bits of the wave and batch, 74 of the name; all of the name where ids are scattered."""
        hashed = uuid5(self._namespace, name)
        return hashed if self._first is None else UUID(int=self._first | hashed.int & _BEHIND)
