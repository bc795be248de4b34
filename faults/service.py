"""The service as its users start it, in processes of its own, on a database of its own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self
from urllib.request import urlopen

import asyncpg

import survey
from faults.client import SURVEY
from survey.db import accounts, surveys
from survey.db.embedded import MAJOR
from survey.db.migrate import migrate
from survey.db.postmaster import Postmaster, read_pid_file
from survey.responses import Wave

START_SECONDS = 60
STOP_SECONDS = 30


async def prepare(url: str, waves: Sequence[str]) -> str:
    """A survey with these waves open; the token of somebody who may see results."""
    conn = await asyncpg.connect(url)
    try:
        await migrate(conn)
        definition = (Path(survey.__file__).parent / "instruments" / f"{SURVEY}.json").read_text(encoding="utf-8")
        published = await surveys.publish(conn, definition)
        for wave in waves:
            opens_at = datetime.now(UTC) - timedelta(days=1)
            planned = Wave(survey=SURVEY, wave=wave, instrument_version=published.version, opens_at=opens_at)
            await surveys.insert_wave(conn, planned)
        return await accounts.insert_account(conn, "faults", "evaluator")
    finally:
        await conn.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """`survey serve` in a session of its own; with no address of a database it runs its embedded one."""

    def __init__(self, data_dir: Path, *, url: str | None = None, workers: int = 2) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self._url = url
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_until_well()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def start(self) -> None:
        """Start it; nothing of the developer's own settings goes along."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("SURVEY_", "PG"))}
        environ |= {"SURVEY_DATA_DIR": str(self.data_dir), "SURVEY_LOG_LEVEL": "error"}
        if self._url is not None:
            environ["SURVEY_DATABASE_URL"] = self._url
        command = [sys.executable, "-m", "survey", "serve", "--port", str(self.port), "--workers", str(self._workers)]
        with (self.data_dir / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_well(self) -> None:
        """Return as soon as it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_well():
            if time.monotonic() > deadline or self._running.poll() is not None:
                said = (self.data_dir / "service.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"the service did not start: {said[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9, all of its processes at once."""
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait(STOP_SECONDS)

    def terminate(self) -> None:
        """Ask it to stop in good order."""
        self._running.terminate()

    async def ended(self) -> None:
        """Wait for its end, which must be a good one."""
        async with asyncio.timeout(STOP_SECONDS):
            while self._running.poll() is None:  # noqa: ASYNC110 - a process tells nobody else
                await asyncio.sleep(0.02)
        if self._running.returncode != 0:
            raise RuntimeError(f"the service ended with exit code {self._running.returncode}")

    @property
    def busiest_worker(self) -> int:
        """Of the processes that answer, the one with the most connections, by number."""
        pid = self._running.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        workers = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
        return max(workers, key=lambda worker: len(list(Path(f"/proc/{worker}/fd").iterdir())))

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the service was not started")
        return self._process

    def _is_well(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


class Database(NamedTuple):
    """Where a database is: for the service, for its superuser, and on the disk."""

    url: str
    admin_url: str
    data_dir: Path

    @property
    def postmaster(self) -> Postmaster:
        """The server process."""
        found = read_pid_file(self.data_dir / f"pg{MAJOR}" / "data")
        if found is None:
            raise RuntimeError("PostgreSQL does not run")
        return found

    async def backend(self) -> int:
        """One of the server's processes that work for the service, by number."""
        conn = await asyncpg.connect(self.admin_url)
        try:
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'survey' ORDER BY query_start DESC"
            return int(await conn.fetchval(query))
        finally:
            await conn.close()


async def gone(pid: int) -> None:
    """Wait until a process has ended, be it a zombie."""
    async with asyncio.timeout(STOP_SECONDS):
        while is_alive(pid):  # noqa: ASYNC110 - a process tells nobody else
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
