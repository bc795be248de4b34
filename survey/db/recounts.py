"""Counting again in SQL what is otherwise counted in memory, so that the two can be held against each other."""

from typing import NamedTuple

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.db.coded import KEPT, PARADATA, see_whole_wave


class Recount(NamedTuple):
    """What the response table says of a wave.

    `codes` is how often each byte stands in each column (columns x 256), `paradata` how often each level is there,
    `numbers` how many answers a number item has and what they add up to. `odd` are responses whose codes are not as
    many as the columns, `lost` those whose receipt does not lead to them.
    """

    responses: int
    codes: NDArray[np.int64]
    paradata: dict[str, dict[str, int]]
    numbers: dict[str, tuple[int, float]]
    odd: int
    lost: int


async def recount(conn: Connection, survey: str, wave: str, *, columns: int, numbers: tuple[str, ...]) -> Recount:
    """Count a wave by the database alone."""
    await see_whole_wave(conn)
    whole = await conn.fetchrow(
        f"""
        SELECT count(*) AS responses, count(*) FILTER (WHERE length(codes) <> $3) AS odd,
               count(*) FILTER (WHERE receipt >> 54 <> bucket) AS lost
          FROM response
         WHERE survey = $1 AND wave = $2 AND {KEPT}
        """,  # noqa: S608
        survey,
        wave,
        columns,
    )
    codes = np.zeros((columns, 256), dtype=np.int64)
    for row in await conn.fetch(
        f"""
        SELECT place, get_byte(codes, place) AS byte, count(*) AS n
          FROM response CROSS JOIN generate_series(0, $3 - 1) AS place
         WHERE survey = $1 AND wave = $2 AND {KEPT} AND place < length(codes)
         GROUP BY 1, 2
        """,  # noqa: S608
        survey,
        wave,
        columns,
    ):
        codes[row["place"], row["byte"]] = row["n"]
    return Recount(
        responses=whole["responses"],
        codes=codes,
        paradata={name: await _levels(conn, survey, wave, name) for name in PARADATA},
        numbers={item: await _numbers(conn, survey, wave, item) for item in numbers},
        odd=whole["odd"],
        lost=whole["lost"],
    )


async def recount_dispositions(conn: Connection, survey: str, wave: str) -> dict[str, int]:
    """What came of the people invited to a wave, ticket by ticket."""
    rows = await conn.fetch(
        """
        SELECT disposition, count(*) AS n
          FROM ticket
         WHERE survey = $1 AND wave = $2 AND invited
         GROUP BY disposition
        """,
        survey,
        wave,
    )
    return {row["disposition"]: row["n"] for row in rows}


async def _levels(conn: Connection, survey: str, wave: str, name: str) -> dict[str, int]:
    rows = await conn.fetch(
        f"SELECT {name}::text AS level, count(*) AS n FROM response "  # noqa: S608
        f"WHERE survey = $1 AND wave = $2 AND {KEPT} GROUP BY 1",
        survey,
        wave,
    )
    return {row["level"]: row["n"] for row in rows}


async def _numbers(conn: Connection, survey: str, wave: str, item: str) -> tuple[int, float]:
    row = await conn.fetchrow(
        f"""
        SELECT count(*) AS n, coalesce(sum((extra -> 'answers' ->> $3::text)::float8), 0) AS total
          FROM response
         WHERE survey = $1 AND wave = $2 AND {KEPT} AND jsonb_typeof(extra -> 'answers' -> $3::text) = 'number'
        """,  # noqa: S608
        survey,
        wave,
        item,
    )
    return row["n"], row["total"]
