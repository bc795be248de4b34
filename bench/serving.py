"""The service in processes of its own, with a survey whose waves are open."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import asyncpg

import survey
from survey.db import surveys
from survey.db.migrate import migrate
from survey.responses import Wave

SURVEY = "gov-sat"
WAVE = "bench"
WAVE_OF_PGBENCH = "pgbench"

_UVICORN = (
    "-m",
    "uvicorn",
    "--log-level",
    "warning",
    "--no-access-log",
    "--no-server-header",
    "--no-proxy-headers",
    "--loop",
    "uvloop",
    "--http",
    "survey.web.protocol:WholeReplies",
)
KEEPING = (*_UVICORN, "--factory", "bench.server:make")
WITHOUT_KEEPING = (*_UVICORN, "--factory", "bench.server:make_without_keeping")
INSERT_PER_REQUEST = (*_UVICORN, "--factory", "bench.server:make_with_an_insert_per_request")
TWO_WORKERS = ("-m", "survey", "serve", "--workers", "2")


class Served(NamedTuple):
    """Where a service listens, and the process that was started for it."""

    port: int
    pid: int


async def prepare(url: str) -> None:
    """One survey with a wave for the service and one for pgbench, so that the service's can be counted."""
    conn = await asyncpg.connect(url)
    await migrate(conn)
    definition = (Path(survey.__file__).parent / "instruments" / f"{SURVEY}.json").read_text(encoding="utf-8")
    published = await surveys.publish(conn, definition)
    now = datetime.now(UTC)
    for name in (WAVE, WAVE_OF_PGBENCH):
        wave = Wave(
            survey=published.survey,
            wave=name,
            instrument_version=published.version,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=1),
        )
        await surveys.insert_wave(conn, wave)
    await conn.close()


@contextmanager
def serving(url: str, *arguments: str) -> Iterator[Served]:
    """The service, started as `python ARGUMENTS --port N`, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {
        "SURVEY_DATABASE_URL": url,
        "SURVEY_SECRET_KEY": "a secret for the bench",
    }
    command = [sys.executable, *arguments, "--port", str(port)]
    server = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(port)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_it_answers(port: int) -> None:
    for _ in range(300):
        time.sleep(0.1)
        try:
            urlopen(f"http://127.0.0.1:{port}/health")
        except OSError:
            continue
        return
    raise SystemExit("the server did not start")
