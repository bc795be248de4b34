"""`make bench`: one table, each figure beside what it can be judged by, in one run on one machine.

The server's rates stand beside the same server with an empty handler, results from counts beside scipy on the answers.
"""

import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

import survey
from bench import counting, methods
from bench.load import Figures, http, load
from survey.db import surveys
from survey.db.embedded import EmbeddedPostgres
from survey.db.migrate import migrate
from survey.responses import Wave

ROUNDS = 3
SECONDS = 3.0
CONNECTIONS = 64
RESULTS = Path(__file__).parent / "results.json"
HAPPY = {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1, "D1": 4, "D3": 1}

Requests = Callable[[], Iterator[bytes]]


async def prepare(url: str) -> None:
    """One survey with an open wave."""
    conn = await asyncpg.connect(url)
    await migrate(conn)
    definition = (Path(survey.__file__).parent / "instruments" / "gov-sat.json").read_text(encoding="utf-8")
    published = await surveys.publish(conn, definition)
    now = datetime.now(UTC)
    wave = Wave(
        survey=published.survey,
        wave="bench",
        instrument_version=published.version,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=1),
    )
    await surveys.insert_wave(conn, wave)
    await conn.close()


@contextmanager
def serving(url: str) -> Iterator[int]:
    """The server in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {
        "SURVEY_DATABASE_URL": url,
        "SURVEY_SECRET_KEY": "a secret for the bench",
        "SURVEY_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "bench.server:make", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    server = subprocess.Popen(command, env=environ)
    try:
        for _ in range(200):
            time.sleep(0.1)
            try:
                urlopen(f"http://127.0.0.1:{port}/health")
                break
            except OSError:
                continue
        else:
            raise SystemExit("the server did not start")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def repeated(request: bytes) -> Requests:
    """The same request over and over."""

    def requests() -> Iterator[bytes]:
        while True:
            yield request

    return requests


def submissions() -> Iterator[bytes]:
    """A new response each time."""
    while True:
        body = msgspec.json.encode({"id": uuid4(), "wave": "bench", "answers": HAPPY})
        yield http("POST", "/api/v1/surveys/gov-sat/responses", body, content_type="application/json")


def open_draft(port: int) -> tuple[str, str]:
    """Begin a form as a browser does; the address of its first page, and the cookie."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        reply = browser.post("/s/gov-sat", data={"variant": "standard", "locale": "zh-Hans"})
        reply.raise_for_status() if reply.status_code >= 400 else None
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        return httpx.URL(reply.headers["location"]).path, cookie


def measure(port: int) -> dict[str, list[Figures]]:
    """All figures, round by round, so that a slow minute is slow for all of them."""
    page, cookie = open_draft(port)
    kinds: dict[str, Requests] = {
        "empty handler": repeated(http("GET", "/bench/empty")),
        "start page": repeated(http("GET", "/s/gov-sat")),
        "form page": repeated(http("GET", page, cookie=cookie)),
        "durable submission": submissions,
    }
    figures: dict[str, list[Figures]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, requests in kinds.items():
            figures[name].append(uvloop.run(load(port, requests(), connections=CONNECTIONS, seconds=SECONDS)))
    return figures


def report(figures: dict[str, list[Figures]], kept: int, timings: methods.Timings, counted: counting.Counting) -> None:
    """One table for people, one file for programs."""
    empty = statistics.median(round.per_second for round in figures["empty handler"])
    table = Table("figure", "a second", "ratio", "p50 ms", "p99 ms", "remarks")
    results = {}
    for name, rounds in figures.items():
        rate = statistics.median(round.per_second for round in rounds)
        p50, p99 = (statistics.median(getattr(round, share) for round in rounds) for share in ("p50", "p99"))
        statuses = {str(status): sum(round.statuses[status] for round in rounds) for status in rounds[0].statuses}
        results[name] = {"per_second": rate, "ratio": rate / empty, "p50_ms": p50, "p99_ms": p99, "statuses": statuses}
        shown = ", ".join(f"{n} × {status}" for status, n in statuses.items())
        table.add_row(name, f"{rate:,.0f}", f"{rate / empty:.2f}", f"{p50:.1f}", f"{p99:.1f}", shown)
    table.add_section()
    for row in counting.rows(counted):
        table.add_row(*row)
    table.add_section()
    for row in methods.rows(timings):
        table.add_row(*row)
    acknowledged = results["durable submission"]["statuses"].get("201", 0)
    console = Console()
    console.print(table)
    console.print("Ratio of the server's rates: to the empty handler. Ratio of summaries: the database's time for the")
    console.print("same counts to ours. Ratio of methods: scipy's time on the answers to")
    console.print(f"ours on counts of {timings.answers:,} answers; in brackets, with the time it takes to count them.")
    console.print(f"{acknowledged:,} submissions acknowledged, {kept:,} in the database.")
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "connections": CONNECTIONS}
    written = {"machine": machine, "figures": results, "acknowledged": acknowledged, "kept": kept}
    written |= {"counting": counting.figures(counted), "methods": methods.summary(timings)}
    RESULTS.write_text(json.dumps(written, indent=2))


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            asyncio.run(prepare(postgres.url))
            with serving(postgres.url) as port:
                figures = measure(port)
            kept = asyncio.run(_count(postgres.url))
    report(figures, kept, methods.measure(), counting.measure())


async def _count(url: str) -> int:
    conn = await asyncpg.connect(url)
    try:
        return int(await conn.fetchval("SELECT count(*) FROM response"))
    finally:
        await conn.close()


if __name__ == "__main__":
    main()
