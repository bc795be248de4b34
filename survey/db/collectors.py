"""Collectors: the windows, halls and matters at which a survey is offered."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Connection, UniqueViolationError

from survey.errors import Conflict, NotFound
from survey.forms.items.base import Scalar

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""Without what looks alike, because addresses are typed from posters."""


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """A place with an address of its own; `prefill` is known beforehand of whoever answers there."""

    code: str
    survey: str
    place: str
    prefill: dict[str, Scalar]
    created_at: datetime


async def insert_collector(conn: Connection, survey: str, place: str, prefill: dict[str, Scalar]) -> str:
    """Offer a survey at a place; the code of its address. Raises Conflict."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    try:
        await conn.execute(
            "INSERT INTO collector (code, survey, place, prefill) VALUES ($1, $2, $3, $4::jsonb)",
            code,
            survey,
            place,
            msgspec.json.encode(prefill).decode(),
        )
    except UniqueViolationError:
        raise Conflict("%(survey)s has a collector '%(place)s' already", survey=survey, place=place) from None
    return code


async def find_collector(conn: Connection, code: str) -> Collector | None:
    """The collector with this code."""
    row = await conn.fetchrow(
        "SELECT code, survey, place, prefill, created_at FROM collector WHERE code = $1", code.lower()
    )
    return None if row is None else _collector(dict(row))


async def fetch_collector(conn: Connection, survey: str, code: str) -> Collector:
    """A collector of a survey; raises NotFound."""
    found = await find_collector(conn, code)
    if found is None or found.survey != survey:
        raise NotFound("%(survey)s has no collector '%(code)s'", survey=survey, code=code)
    return found


async def list_collectors(conn: Connection, survey: str) -> Sequence[Collector]:
    """A survey's collectors, by place."""
    rows = await conn.fetch(
        "SELECT code, survey, place, prefill, created_at FROM collector WHERE survey = $1 ORDER BY place", survey
    )
    return [_collector(dict(row)) for row in rows]


def _collector(row: dict[str, object]) -> Collector:
    return msgspec.convert({**row, "prefill": msgspec.json.decode(str(row["prefill"]))}, Collector)
