"""Where people stopped: counts of the forms that nobody submitted, and nothing about any one of them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection


class Place(NamedTuple):
    """Where somebody stopped."""

    survey: str
    wave: str
    variant: str
    page: str


class Begun(NamedTuple):
    """The forms of a wave that were begun here and not submitted, variant by variant.

    `stopped` says how many by variant and page; `going_on` how many by variant are being filled in.
    """

    stopped: dict[tuple[str, str], int]
    going_on: dict[str, int]


async def fold_expired(conn: Connection, now: datetime) -> None:
    """Forget the drafts that were never submitted and have expired, but for how many stopped where."""
    gone = await conn.fetch(
        """
        DELETE FROM draft
         WHERE expires_at <= $1 AND submitted_at IS NULL
        RETURNING survey, wave, variant, reached
        """,
        now,
    )
    counted = Counter(Place(*row) for row in gone if row["reached"] is not None)
    await add_stopped(conn, counted)


async def add_stopped(conn: Connection, counted: Mapping[Place, int]) -> None:
    """Count forms that nobody will go on with."""
    await conn.executemany(
        """
        INSERT INTO breakoff (survey, wave, variant, page, n)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (survey, wave, variant, page) DO UPDATE SET n = breakoff.n + excluded.n
        """,
        [(*key, n) for key, n in sorted(counted.items())],  # in one order, so that no two wait for each other
    )


async def count_begun(conn: Connection, survey: str, wave: str, since: datetime) -> Begun:
    """What was begun and not submitted; a form in which nothing was kept after `since` counts as stopped."""
    live = await conn.fetch(
        """
        SELECT variant, CASE WHEN submitted_at IS NULL AND updated_at <= $3 THEN reached END AS page, count(*) AS n
          FROM draft
         WHERE survey = $1 AND wave = $2 AND reached IS NOT NULL
         GROUP BY 1, 2
        """,
        survey,
        wave,
        since,
    )
    gone = await conn.fetch("SELECT variant, page, n FROM breakoff WHERE survey = $1 AND wave = $2", survey, wave)
    stopped: Counter[tuple[str, str]] = Counter()
    for row in (*live, *gone):
        if row["page"] is not None:
            stopped[row["variant"], row["page"]] += row["n"]
    return Begun(dict(stopped), {row["variant"]: row["n"] for row in live if row["page"] is None})
