"""How soon a summary includes what was acknowledged, while submissions arrive at full speed."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import uvloop

from bench.load import load
from bench.serving import KEEPING, SURVEY, WAVE, Served, prepare, serving
from bench.submitting import CONNECTIONS, HAPPY, submissions
from survey.db import accounts
from survey.db.embedded import EmbeddedPostgres

SECONDS = 10.0
GOAL_SECONDS = 2.0
MARK = "1"
"""The rating by which our own responses are told from those of the load."""


def measure() -> list[float]:
    """Seconds from each acknowledgement to the answer of a summary that includes it."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            asyncio.run(prepare(postgres.url))
            token = asyncio.run(_token(postgres.url))
            with serving(postgres.url, *KEEPING) as served:
                return _under_load(served, token)


async def _token(url: str) -> str:
    conn = await asyncpg.connect(url)
    try:
        return await accounts.insert_account(conn, "bench", "evaluator")
    finally:
        await conn.close()


def _under_load(served: Served, token: str) -> list[float]:
    loading = threading.Thread(
        target=lambda: uvloop.run(load(served.port, submissions(), connections=CONNECTIONS, seconds=SECONDS))
    )
    loading.start()
    found = []
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=60) as client:
        while loading.is_alive():
            found.append(_seconds_until_counted(client, token, len(found) + 1))
    loading.join()
    return found


def _seconds_until_counted(client: httpx.Client, token: str, sent: int) -> float:
    """Submit one more of ours, and ask until all that were sent are counted."""
    marked = {"id": str(uuid4()), "wave": WAVE, "answers": {**HAPPY, "Q3": int(MARK), "Q12": [1], "Q14": 0}}
    client.post(f"/api/v1/surveys/{SURVEY}/responses", json=marked).raise_for_status()
    acknowledged_at = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}"}
    while True:
        reply = client.get(f"/api/v1/surveys/{SURVEY}/waves/{WAVE}/summary", headers=headers).raise_for_status()
        counts = next(item["counts"] for item in reply.json()["items"] if item["item"] == "Q3")
        if counts.get(MARK, 0) >= sent:
            return time.perf_counter() - acknowledged_at


def summary(seconds: list[float]) -> dict[str, Any]:
    """The figures for programs."""
    return {"p50": statistics.median(seconds), "slowest": max(seconds), "asked": len(seconds), "goal": GOAL_SECONDS}


def rows(seconds: list[float]) -> Iterator[tuple[str, ...]]:
    """The figures for people: name, a second, ratio, p50, worst, remarks."""
    p50, slowest = statistics.median(seconds) * 1000, max(seconds) * 1000
    remark = f"goal: slowest at most {GOAL_SECONDS:g} s; asked {len(seconds)} times under full load"
    yield "acknowledged until counted", "", "", f"{p50:,.0f}", f"{slowest:,.0f}", remark
