"""What is in the database and in the API's summary, held against what the clients were told."""

import json
from collections import Counter
from collections.abc import Sequence
from urllib.request import Request, urlopen
from uuid import UUID

import asyncpg
import msgspec

from faults.client import RATED, RATINGS, SURVEY, Clients
from survey.db import surveys
from survey.evaluation.coding import CodeBook
from survey.responses import receipt_text

ASKED_SO_OFTEN = 4  # over new connections, so that most likely each worker has its say


class Row(msgspec.Struct, frozen=True):
    """One response as the database has it."""

    id: UUID
    serial: int
    receipt: str
    content_sha256: bytes
    rating: int


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the responses of one run; `found` and `missing` add up to `acknowledged`."""

    acknowledged: int
    found: int
    missing: int
    double: int
    """Responses that are there more than once, and rows that nobody sent."""
    unacknowledged: int
    kept_unacknowledged: int
    replayed: int
    """Acknowledged only when they were sent again, as kept already."""
    refused: dict[int, int]
    lost: int
    disagreements: tuple[str, ...]
    """Where a summary of the API counts otherwise than SQL does."""

    @property
    def is_well(self) -> bool:
        """Nothing missing, nothing double, every count right, and no reply but yes or later."""
        return not (self.missing or self.double or self.disagreements or self.refused.keys() - {503})


async def recount(clients: Clients, url: str, port: int, token: str) -> Account:
    """Hold what the clients know against the rows of their wave, and the API's counts against the same rows."""
    rows = await fetch_rows(url, clients.wave)
    found = sum(_is_as_told(clients, row) for row in rows)
    told = clients.acknowledged
    return Account(
        acknowledged=len(told),
        found=found,
        missing=len(told) - found,
        double=len(rows) - len({row.serial for row in rows if row.id in clients.sent}),
        unacknowledged=len(clients.sent) - len(told),
        kept_unacknowledged=sum(row.id not in told for row in rows),
        replayed=sum(acknowledged.status == 200 for acknowledged in told.values()),
        refused=dict(clients.refused),
        lost=clients.lost,
        disagreements=_disagreements(rows, [summary(port, clients.wave, token) for _ in range(ASKED_SO_OFTEN)]),
    )


def _is_as_told(clients: Clients, row: Row) -> bool:
    told = clients.acknowledged.get(row.id)
    return told is not None and (told.receipt, clients.sent[row.id].content_sha256) == (row.receipt, row.content_sha256)


def _disagreements(rows: Sequence[Row], summaries: Sequence[dict[str, object]]) -> tuple[str, ...]:
    counted = {"n": len(rows), RATED: {str(code): n for code, n in Counter(row.rating for row in rows).items()}}
    return tuple(f"{given} for {counted}" for given in map(_counts, summaries) if given != counted)


def _counts(summary: dict[str, object]) -> dict[str, object]:
    items = msgspec.convert(summary["items"], list[dict[str, object]])
    counts = next(item["counts"] for item in items if item["item"] == RATED)
    given = {str(code): n for code, n in msgspec.convert(counts, dict[str, int]).items() if n}
    return {"n": summary["n"], RATED: given}


def summary(port: int, wave: str, token: str) -> dict[str, object]:
    """A wave as the API sums it up."""
    address = f"http://127.0.0.1:{port}/api/v1/surveys/{SURVEY}/waves/{wave}/summary"
    with urlopen(Request(address, headers={"Authorization": f"Bearer {token}"}), timeout=60) as reply:
        return msgspec.convert(json.load(reply), dict[str, object])


async def fetch_rows(url: str, wave: str) -> list[Row]:
    """All rows of a wave, read past the service."""
    conn = await asyncpg.connect(url)
    try:
        version = await surveys.fetch_latest_version(conn, SURVEY)
        book = CodeBook((await surveys.fetch_published(conn, SURVEY, version)).instrument)
        place = book.position[RATED]
        rows = await conn.fetch(
            """
            SELECT id, (extra->'paradata'->>'seconds')::float::int AS serial, receipt, content_sha256,
                   get_byte(codes, $1) AS byte
              FROM response
             WHERE survey = $2 AND wave = $3
            """,
            place,
            SURVEY,
            wave,
        )
    finally:
        await conn.close()
    codes = book.columns[place].codes
    if not set(RATINGS) <= set(codes):
        raise RuntimeError(f"{RATED} is no longer rated with {RATINGS}")
    return [
        Row(row["id"], row["serial"], receipt_text(row["receipt"]), row["content_sha256"], int(codes[row["byte"]]))
        for row in rows
    ]
