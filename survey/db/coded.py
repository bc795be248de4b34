"""Responses as rows of bytes, from the server's binary copy: what is computed on, never a list of objects."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.forms.items import Missing

PARADATA = ("mode", "variant", "locale", "disposition", "synthetic")
"""What is known of every response beside its answers; each can be a breakdown or a filter like a closed item."""

KEPT = """
    NOT EXISTS (SELECT FROM withdrawal
                 WHERE withdrawal.bucket = response.bucket AND withdrawal.response_id = response.id
                   AND withdrawal.survey = response.survey AND withdrawal.wave = response.wave)
"""
"""Responses that were not withdrawn: no count has any other. `see_whole_wave` first."""

STATES = tuple(missing.value for missing in Missing)
"""The missing states, in the order of the bytes that stand for them before a number."""

NUMBER, RESPONDENT, ID = 9, 8, 16
"""Bytes: of a number with its missing state, of who answered, of the response's id."""

FEW = 10_000
"""So many responses are asked first which levels there are."""

UNKNOWN = 255
"""Stands for a level that is not among those that were looked for."""

BLOCK = 1024 * 1024
"""The bytes that are taken apart at once: they fit into a processor's cache."""

Rows = NDArray[np.uint8]
Levels = dict[str, tuple[str, ...]]


class Layout(NamedTuple):
    """What a row has of a response of this wave.

    The codes; a byte for each of PARADATA; for each of `numbers` (items whose answers are no codes) its missing state
    and value; who answered, if wanted; its id.
    """

    survey: str
    wave: str
    numbers: tuple[str, ...] = ()
    respondents: bool = False

    @property
    def tail(self) -> int:
        """The bytes behind the codes."""
        return len(PARADATA) + NUMBER * len(self.numbers) + RESPONDENT * self.respondents + ID


async def see_whole_wave(conn: Connection) -> None:
    """Until the transaction ends, lay what was withdrawn from a wave beside its responses, not each by itself.

    The planner takes a wave that is new in a large table for empty, and would loop over both.
    """
    await conn.execute("SET LOCAL enable_nestloop = off")


async def fetch_rows(conn: Connection, layout: Layout, known: Levels, since: str | None) -> tuple[Levels, list[Rows]]:
    """The rows of a wave that `since` did not have, in blocks, and the levels that their bytes stand for.

    Few responses show nearly always all levels that there are; looking at all of them is for when they did not.
    """
    await see_whole_wave(conn)
    for most in (FEW, None):
        found = await fetch_levels(conn, layout, since, most)
        levels = {name: tuple(sorted({*known[name], *found[name]})) for name in PARADATA}
        blocks: list[Rows] = []
        await copy_rows(conn, layout, levels, since, blocks.append)
        first = blocks[0].shape[1] - layout.tail if blocks else 0
        if not any((rows[:, first : first + len(PARADATA)] == UNKNOWN).any() for rows in blocks):
            break
    return levels, blocks


async def fetch_levels(conn: Connection, layout: Layout, since: str | None, most: int | None = None) -> Levels:
    """The values of each of PARADATA, sorted, among the responses that `since` did not have, or `most` of them."""
    rows = await conn.fetch(
        f"""
        SELECT DISTINCT {", ".join(PARADATA)}
          FROM (SELECT {", ".join(f"{name}::text AS {name}" for name in PARADATA)}
                  FROM response
                 WHERE survey = $1 AND wave = $2 AND {KEPT} {_fresh(4, since)}
                 LIMIT $3) AS seen
        """,  # noqa: S608
        layout.survey,
        layout.wave,
        most,
        *([since] if since else []),
    )
    return {name: tuple(sorted({row[name] for row in rows})) for name in PARADATA}


async def copy_rows(
    conn: Connection, layout: Layout, levels: Levels, since: str | None, take: Callable[[Rows], None]
) -> None:
    """Hand the rows of a wave over in blocks (n by bytes), in no order; only those that `since` did not have."""
    values: list[object] = [layout.survey, layout.wave]

    def given(value: object) -> int:
        values.append(value)
        return len(values)

    parts = ["codes"]
    parts += [_place(f"{name}::text", [given(level) for level in levels[name]]) for name in PARADATA]
    for item in layout.numbers:
        name = given(item)
        parts.append(_place(f"(extra -> 'missing' ->> ${name}::text)", [given(state) for state in STATES]))
        parts.append(
            f"float8send(CASE WHEN jsonb_typeof(extra -> 'answers' -> ${name}::text) = 'number' "
            f"THEN (extra -> 'answers' ->> ${name}::text)::float8 ELSE 'NaN' END)"
        )
    if layout.respondents:
        parts.append("int8send(coalesce(respondent, 0))")
    parts.append("uuid_send(id)")
    condition = _fresh(given(since), since) if since else ""
    copied = _Copied(take)
    await conn.execute("SET LOCAL parallel_tuple_cost = 0")  # the work is in each row, not in handing it over
    await conn.copy_from_query(
        f"SELECT {' || '.join(parts)} FROM response WHERE survey = $1 AND wave = $2 AND {KEPT} {condition}",  # noqa: S608
        *values,
        output=copied.receive,
        format="binary",
    )
    copied.flush()


async def list_withdrawn(conn: Connection, layout: Layout, since: str) -> list[UUID]:
    """The responses that were withdrawn and for which a snapshot `since` did not say so."""
    rows = await conn.fetch(
        f"SELECT response_id FROM withdrawal WHERE survey = $1 AND wave = $2 {_fresh(3, since)}",  # noqa: S608
        layout.survey,
        layout.wave,
        since,
    )
    return [row["response_id"] for row in rows]


def _place(value: str, levels: list[int]) -> str:
    """A byte: the place of the value among the levels, which are the parameters of these numbers; 255 elsewhere."""
    cases = "".join(f" WHEN ${level}::text THEN '\\x{place:02x}'::bytea" for place, level in enumerate(levels))
    return f"CASE {value}{cases or ' WHEN NULL THEN NULL'} ELSE '\\xff'::bytea END"


def _fresh(parameter: int, since: str | None) -> str:
    if since is None:
        return ""
    snapshot = f"${parameter}::text::pg_snapshot"
    return f"AND tx >= pg_snapshot_xmin({snapshot}) AND NOT pg_visible_in_snapshot(tx, {snapshot})"


class _Copied:
    """PostgreSQL's binary copy format: 19 bytes of header, per row a count of fields and a length, 2 of trailer."""

    HEADER, PER_ROW = 19, 6

    def __init__(self, take: Callable[[Rows], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self._begun = False

    async def receive(self, chunk: bytes) -> None:
        self._rest += chunk
        if len(self._rest) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Hand over the rows that are complete."""
        if not self._begun:
            del self._rest[: self.HEADER]
            self._begun = True
        width = self.PER_ROW + int.from_bytes(self._rest[2 : self.PER_ROW])
        n = len(self._rest) // width
        if n == 0:
            return
        rows = np.frombuffer(self._rest, dtype=np.uint8, count=n * width).reshape(n, width)
        if (rows[:, : self.PER_ROW] != rows[0, : self.PER_ROW]).any():
            raise RuntimeError("the responses of one wave have codes of different lengths")
        self._take(rows[:, self.PER_ROW :].copy())
        del rows  # the buffer cannot shrink while something looks at it
        del self._rest[: n * width]
