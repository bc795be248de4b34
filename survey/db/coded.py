"""Responses as counts and codes: what is computed on, never a list of objects."""

from typing import NamedTuple

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

PARADATA = ("mode", "variant", "locale", "disposition", "synthetic")
"""What is known of every response beside its answers; each can be a breakdown or a filter like a closed item."""


INT8 = 8
"""The bytes of a bigint."""

KEPT = """
    NOT EXISTS (SELECT FROM withdrawal
                 WHERE withdrawal.bucket = response.bucket AND withdrawal.response_id = response.id)
"""
"""Responses that were not withdrawn: no count has any other."""


class Coded(NamedTuple):
    """The coded responses of one wave: `codes` is n by (columns of the code book + columns of PARADATA)."""

    codes: NDArray[np.uint8]
    paradata: dict[str, tuple[str, ...]]
    """For each column behind the code book's what its bytes stand for."""
    respondents: NDArray[np.int64] | None = None
    """Row by row who answered, 0 where nobody can tell; None unless asked for."""


async def fetch_coded(conn: Connection, survey: str, wave: str, *, respondents: bool = False) -> Coded:
    """All codes of a wave as one matrix of bytes, straight from the server's binary copy: no objects, no parsing.

    The rows are in no order; with `respondents` each comes with who answered.
    """
    levels = {name: await _levels(conn, survey, wave, name) for name in PARADATA}
    tail = " || ".join(
        # names are ours (PARADATA), values go as parameters
        f"set_byte('\\x00'::bytea, 0, coalesce(array_position(${place}::text[], {name}::text) - 1, 255))"
        for place, name in enumerate(PARADATA, start=3)
    )
    if respondents:
        tail += " || int8send(coalesce(respondent, 0))"
    chunks: list[bytes] = []

    async def collect(chunk: bytes) -> None:
        chunks.append(bytes(chunk))

    await conn.copy_from_query(
        f"SELECT codes || {tail} FROM response WHERE survey = $1 AND wave = $2 AND {KEPT}",  # noqa: S608
        survey,
        wave,
        *(list(levels[name]) for name in PARADATA),
        output=collect,
        format="binary",
    )
    matrix = _matrix(b"".join(chunks))
    if not respondents:
        return Coded(matrix, levels)
    return Coded(matrix[:, :-INT8], levels, _numbers(matrix[:, -INT8:]))


async def _levels(conn: Connection, survey: str, wave: str, name: str) -> tuple[str, ...]:
    rows = await conn.fetch(
        f"SELECT DISTINCT {name}::text AS level FROM response WHERE survey = $1 AND wave = $2 AND {KEPT} ORDER BY 1",  # noqa: S608
        survey,
        wave,
    )
    return tuple(row["level"] for row in rows)


def _matrix(copied: bytes) -> NDArray[np.uint8]:
    """PostgreSQL's binary copy format: 19 bytes of header, per row a count of fields and a length, 2 of trailer."""
    header, per_row, trailer = 19, 6, 2
    body = np.frombuffer(copied, dtype=np.uint8)[header : len(copied) - trailer]
    if body.size == 0:
        return np.empty((0, 0), dtype=np.uint8)
    width = per_row + int.from_bytes(copied[header + 2 : header + per_row])
    return body.reshape(-1, width)[:, per_row:]


def _numbers(sent: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The whole numbers that rows of eight bytes are, the highest byte first."""
    return np.ascontiguousarray(sent).view(">i8").astype(np.int64).ravel()


async def count_values(
    conn: Connection, survey: str, wave: str, item: str
) -> tuple[list[float], list[int], dict[str, int]]:
    """How often each number was given to an open item (ascending), and how often each missing state."""
    values = await conn.fetch(
        f"""
        SELECT (extra -> 'answers' ->> $3)::float8 AS value, count(*) AS n
          FROM response
         WHERE survey = $1 AND wave = $2 AND jsonb_typeof(extra -> 'answers' -> $3) = 'number' AND {KEPT}
         GROUP BY 1
         ORDER BY 1
        """,  # noqa: S608
        survey,
        wave,
        item,
    )
    missing = await conn.fetch(
        f"""
        SELECT extra -> 'missing' ->> $3 AS state, count(*) AS n
          FROM response
         WHERE survey = $1 AND wave = $2 AND extra -> 'missing' ? $3 AND {KEPT}
         GROUP BY 1
         ORDER BY 1
        """,  # noqa: S608
        survey,
        wave,
        item,
    )
    return [row["value"] for row in values], [row["n"] for row in values], {row["state"]: row["n"] for row in missing}
