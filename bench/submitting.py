"""How many responses a second are kept durably, and how many pages are served, each beside what it is judged by."""

import asyncio
import re
import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import getrandbits
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import httpx
import msgspec
import uvloop

from bench import pgbench
from bench.load import Figures, http, load
from bench.memory import resident_mebibytes
from bench.serving import (
    INSERT_PER_REQUEST,
    KEEPING,
    SURVEY,
    TWO_WORKERS,
    WAVE,
    WITHOUT_KEEPING,
    Served,
    prepare,
    serving,
)
from survey.db.embedded import EmbeddedPostgres

ROUNDS = 3
SECONDS = 3.0
CONNECTIONS = 64
DRAFTS = 256
FEW, MANY = 10_000, 1_000_000
HAPPY = {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1, "D1": 4, "D3": 1}
KEPT = {
    "durable submission",
    "one insert per request, same route",
    "one insert per request, ordinary handler",
    "one worker",
    "two workers",
    "half the load",
}
"""The kinds whose every 201 must be found in the database."""

Kind = Callable[[], Figures]


class Submitting(NamedTuple):
    """Figures by kind of request, transactions a second of pgbench, memory in MiB by submissions kept before."""

    rounds: dict[str, list[Figures]]
    pgbench: list[float]
    memory: dict[int, float]
    acknowledged: int
    kept: int


def measure() -> Submitting:
    """All figures, round by round, so that a slow minute is slow for all of them."""
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            return _measure(postgres.url)


def _measure(url: str) -> Submitting:
    asyncio.run(prepare(url))
    rounds: dict[str, list[Figures]] = {}
    transactions: list[float] = []
    with (
        serving(url, *KEEPING) as keeping,
        serving(url, *WITHOUT_KEEPING) as forgetting,
        serving(url, *INSERT_PER_REQUEST) as inserting,
    ):
        warm = _submit(keeping, seconds=0.5)
        _submit(forgetting, seconds=0.5)
        insert = asyncio.run(pgbench.script(url))
        kinds = _pages(keeping) | {
            "durable submission": lambda: _submit(keeping),
            "the same, nothing kept": lambda: _submit(forgetting),
            "one insert per request, same route": lambda: _submit(inserting),
            "one insert per request, ordinary handler": lambda: _submit(inserting, to="/bench/surveys"),
        }
        for _ in range(ROUNDS):
            _each_once(kinds, rounds)
            transactions.append(pgbench.transactions_a_second(url, insert, connections=CONNECTIONS, seconds=SECONDS))
        half = _per_second(rounds["durable submission"]) / 2
        rounds["half the load"] = [_submit(keeping, per_second=half) for _ in range(ROUNDS)]
    with serving(url, *KEEPING) as one, serving(url, *TWO_WORKERS) as two:
        workers: dict[str, Kind] = {"one worker": lambda: _submit(one), "two workers": lambda: _submit(two)}
        for _ in range(ROUNDS):
            _each_once(workers, rounds)
    with serving(url, *KEEPING) as server:
        memory, grown = _memory(server)
    told = sum(figures.statuses[201] for kind in KEPT for figures in rounds[kind])
    acknowledged = warm.statuses[201] + told + grown
    return Submitting(rounds, transactions, memory, acknowledged, asyncio.run(_count(url)))


def _each_once(kinds: dict[str, Kind], rounds: dict[str, list[Figures]]) -> None:
    for name, kind in kinds.items():
        rounds.setdefault(name, []).append(kind())


def _pages(served: Served) -> dict[str, Kind]:
    pages = [_begun(served.port) for _ in range(DRAFTS)]
    first = pages[0]
    return {
        "empty handler": lambda: _load(served, cycle([http("GET", "/bench/empty")])),
        "start page": lambda: _load(served, cycle([http("GET", f"/s/{SURVEY}")])),
        "form page": lambda: _load(served, cycle([http("GET", first.address, cookie=first.cookie)])),
        "form page filled in": lambda: _load(served, cycle([page.post for page in pages])),
    }


def _load(served: Served, requests: Iterator[bytes], *, seconds: float = SECONDS, per_second: float = 0.0) -> Figures:
    return uvloop.run(load(served.port, requests, connections=CONNECTIONS, seconds=seconds, per_second=per_second))


def _submit(
    served: Served, *, seconds: float = SECONDS, per_second: float = 0.0, to: str = "/api/v1/surveys"
) -> Figures:
    return _load(served, submissions(to), seconds=seconds, per_second=per_second)


def submissions(to: str = "/api/v1/surveys") -> Iterator[bytes]:
    """A new response each time, made by putting a random id in its place: a client that took long would be measured."""
    body = msgspec.json.encode({"id": UUID(int=0), "wave": WAVE, "answers": HAPPY})
    request = http("POST", f"{to}/{SURVEY}/responses", body, content_type="application/json")
    before, after = request.split(str(UUID(int=0)).encode())
    while True:
        digits = f"{getrandbits(128):032x}"
        yield b"%b%b-%b-4%b-9%b-%b%b" % (before, *_groups(digits.encode()), after)


def _groups(digits: bytes) -> tuple[bytes, ...]:
    return digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:]


class _Begun(NamedTuple):
    """A draft at its first page: where that is, the cookie that goes along, the post that fills it in."""

    address: str
    cookie: str
    post: bytes


def _begun(port: int) -> _Begun:
    """Begin a form as a browser does."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        reply = browser.post(f"/s/{SURVEY}", data={"variant": "standard", "lang": "zh-Hans"})
        address = httpx.URL(reply.headers["location"]).path
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        page = browser.get(address, headers={"cookie": cookie}).text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    answers = [(item, str(HAPPY[item])) for name, item in hidden if name == "shown" and item in HAPPY]
    body = urlencode([*hidden, *answers]).encode()
    form = "application/x-www-form-urlencoded"
    return _Begun(address, cookie, http("POST", address, body, cookie=cookie, content_type=form))


def _memory(served: Served) -> tuple[dict[int, float], int]:
    """What a server holds after a few and after many submissions, and how many it has acknowledged."""
    held: dict[int, float] = {}
    acknowledged = 0
    for target in (FEW, MANY):
        while acknowledged < target:
            acknowledged += _submit(served, seconds=1.0 if target == FEW else 10.0).statuses[201]
        held[target] = resident_mebibytes(served.pid)
    return held, acknowledged


async def _count(url: str) -> int:
    conn = await asyncpg.connect(url)
    try:
        return int(await conn.fetchval("SELECT count(*) FROM response WHERE survey = $1 AND wave = $2", SURVEY, WAVE))
    finally:
        await conn.close()


def _per_second(rounds: list[Figures]) -> float:
    return statistics.median(figures.per_second for figures in rounds)


def rates(measured: Submitting) -> list[tuple[str, ...]]:
    """A row for each kind of request; its ratio is to the empty handler."""
    empty = _per_second(measured.rounds["empty handler"])
    rows = []
    for name, rounds in measured.rounds.items():
        rate = _per_second(rounds)
        p50, p99 = (statistics.median(getattr(figures, share) for figures in rounds) for share in ("p50", "p99"))
        statuses = {status: sum(figures.statuses[status] for figures in rounds) for status in rounds[0].statuses}
        shown = ", ".join(f"{n} × {status}" for status, n in statuses.items())
        rows.append((name, f"{rate:,.0f}", f"{rate / empty:.2f}", f"{p50:.1f}", f"{p99:.1f}", shown))
    rows.append(("pgbench", f"{statistics.median(measured.pgbench):,.0f}", "", "", "", "the same rows, synchronous"))
    return rows


def goals(measured: Submitting) -> dict[str, tuple[float, str]]:
    """Each figure that has a goal, as a ratio to its reference of the same run, and the goal in words."""
    rate = {name: _per_second(rounds) for name, rounds in measured.rounds.items()}
    durable = rate["durable submission"]
    half = measured.rounds["half the load"]
    slowest = statistics.median(figures.p99 / figures.p50 for figures in half)
    return {
        "durable submissions / pgbench": (durable / statistics.median(measured.pgbench), "at least 0.85"),
        "durable submissions / nothing kept": (durable / rate["the same, nothing kept"], "at least 0.7"),
        "durable submissions / one insert per request": (
            durable / rate["one insert per request, ordinary handler"],
            "at least 4",
        ),
        "two workers / one": (rate["two workers"] / rate["one worker"], "at least 1"),
        "p99 / p50 at half the load": (slowest, "at most 10"),
        "form pages filled in / durable submissions": (rate["form page filled in"] / durable, "at least 0.25"),
        f"MiB more after {MANY:,} than {FEW:,} submissions": (
            measured.memory[MANY] - measured.memory[FEW],
            "at most 50",
        ),
    }


def rows(measured: Submitting) -> list[tuple[str, ...]]:
    """The rates, the goals, and whether everything acknowledged is there."""
    reached = [(name, "", f"{value:.2f}", "", "", f"goal: {goal}") for name, (value, goal) in goals(measured).items()]
    kept = f"{measured.acknowledged:,} acknowledged, {measured.kept:,} in the database"
    return [
        *rates(measured),
        *reached,
        ("submissions kept", "", f"{measured.kept / measured.acknowledged}", "", "", kept),
    ]


def summary(measured: Submitting) -> dict[str, Any]:
    """The same for programs."""
    figures = {
        name: [{**figure._asdict(), "statuses": {str(s): n for s, n in figure.statuses.items()}} for figure in rounds]
        for name, rounds in measured.rounds.items()
    }
    reached = {name: {"value": value, "goal": goal} for name, (value, goal) in goals(measured).items()}
    told = {"acknowledged": measured.acknowledged, "kept": measured.kept}
    return {"figures": figures, "pgbench": measured.pgbench, "memory_mib": measured.memory, "goals": reached} | told
