"""`survey demo` and `survey serve` as processes: start, answer, stop, start again."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from survey.db.embedded import EmbeddedPostgres
from survey.demo.loading import FIELDWORK, planned_waves
from survey.responses import is_open

READY_SECONDS = 60
STARTED: list[asyncio.subprocess.Process] = []


@pytest.fixture(autouse=True)
async def leave_nothing_behind():
    """End what a failed test has left running."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.returncode is None:
            process.kill()
            await process.wait()


def environment(**given):
    return {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")} | given


async def start(*arguments, last="Ctrl-C stops everything.", **given):
    """Start the program; the process and what it printed until it was ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "survey",
        *map(str, arguments),
        env=environment(**given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    STARTED.append(process)
    lines = []
    async with asyncio.timeout(READY_SECONDS):
        while not (lines and lines[-1].startswith(last)):
            line = await process.stdout.readline()
            assert line, (await process.stderr.read()).decode()
            lines.append(line.decode().rstrip("\n"))
    return process, lines


async def stop(process, number):
    """Send a signal; the exit code and what was complained of."""
    process.send_signal(number)
    _, err = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, err.decode()


def processes_of(folder: Path) -> list[str]:
    """The command lines of processes that have to do with a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in command:
            found.append(command)
    return found


def children_of(process) -> list[str]:
    """The numbers of the processes that it started."""
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def lives(pid) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pids, seconds=10):
    """Whether all these processes end in time."""
    for _ in range(int(seconds / 0.05)):
        if not any(map(lives, pids)):
            return True
        await asyncio.sleep(0.05)
    return False


def value_of(lines, label):
    return next(line.removeprefix(f"{label}: ") for line in lines if line.startswith(f"{label}: "))


def address_of(lines):
    return next(line for line in lines if line.startswith("surveys:")).split()[-1].rstrip("/")


async def count_responses(folder):
    conn = await asyncpg.connect(EmbeddedPostgres(folder).start().url)
    try:
        return await conn.fetchval("SELECT count(*) FROM response")
    finally:
        await conn.close()


async def test_demo_from_nothing_and_once_more(tmp_path):
    folder = tmp_path / "var"
    process, lines = await start("demo", "--port", 0, "--data-dir", folder)
    try:
        tokens = {role: value_of(lines, f"{role} token") for role in ("evaluator", "administrator")}
        async with httpx.AsyncClient(base_url=address_of(lines)) as client:
            assert (await client.get("/health")).json() == {"status": "ok"}
            listed = {survey["slug"]: survey["open"] for survey in (await client.get("/api/v1/surveys")).json()}
            described = (await client.get("/api/v1/surveys/gov-sat")).json()
        assert listed == {
            "gov-sat": True, "staff-digital": True, "h12345-intake": True, "h12345-followup": True, "housing": False,
        }  # fmt: skip
        assert {wave["wave"]: wave["open"] for wave in described["waves"]} == {"2026H1": False, "2026H2": True}
        assert await count_responses(folder) == 2 * (1200 + 600 + 800 + 400) + 1681
        assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    finally:
        code, err = await stop(process, signal.SIGINT)
    assert (code, err) == (0, "")
    assert processes_of(folder) == []

    process, again = await start("demo", "--port", 0, "--data-dir", folder)
    assert not any("made-up responses" in line or "kept," in line for line in again)  # what is there is not loaded anew
    try:
        assert {role: value_of(again, f"{role} token") for role in tokens} == tokens
        assert await count_responses(folder) == 2 * (1200 + 600 + 800 + 400) + 1681
        async with httpx.AsyncClient(base_url=address_of(again)) as client:
            headers = {"Authorization": f"Bearer {tokens['evaluator']}"}
            summary = await client.get("/api/v1/surveys/housing/waves/1976/summary", headers=headers)
            left = await client.get("/api/v1/surveys/gov-sat/waves/2026H2/break-off", headers=headers)
        assert 0.05 < left.json()["stopped"] / left.json()["began"] < 0.25
        assert summary.json()["n"] == 1681
    finally:
        code, err = await stop(process, signal.SIGTERM)
    assert (code, err) == (0, "")
    assert processes_of(folder) == []


@pytest.mark.parametrize("workers", [1, 2])
async def test_serve_until_told_to_stop(database_url, tmp_path, workers):
    process, lines = await start(
        "serve", "--port", 0, "--workers", workers, last="serving on ",
        SURVEY_DATABASE_URL=database_url, SURVEY_DATA_DIR=str(tmp_path),
    )  # fmt: skip
    address = lines[-1].removeprefix("serving on ")
    children = children_of(process)
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        assert (await client.get("/health")).status_code == 200
        if workers > 1:
            children = children_of(process)
            assert len(children) >= workers
    assert await stop(process, signal.SIGTERM) == (0, "")
    assert await gone([process.pid, *children])


async def test_ctrl_c_while_workers_are_starting(database_url, tmp_path):
    process, _ = await start(
        "serve", "--port", 0, "--workers", 2, last="serving on ",
        SURVEY_DATABASE_URL=database_url, SURVEY_DATA_DIR=str(tmp_path),
    )  # fmt: skip
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everybody in the group hears it
    _, err = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, err.decode()) == (0, "")


async def test_ctrl_c_while_the_demo_is_loading(tmp_path):
    process, _ = await start("demo", "--port", 0, "--data-dir", tmp_path / "var", last="gov-sat 2026H1")
    assert await stop(process, signal.SIGINT) == (0, "")
    assert processes_of(tmp_path) == []
    process, _ = await start("demo", "--port", 0, "--data-dir", tmp_path / "var")
    try:
        assert await count_responses(tmp_path / "var") == 2 * (1200 + 600 + 800 + 400) + 1681
    finally:
        assert await stop(process, signal.SIGTERM) == (0, "")


async def test_workers_do_not_outlive_a_killed_program(database_url, tmp_path):
    process, lines = await start(
        "serve", "--port", 0, "--workers", 2, last="serving on ",
        SURVEY_DATABASE_URL=database_url, SURVEY_DATA_DIR=str(tmp_path),
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=lines[-1].removeprefix("serving on "), timeout=20) as client:
        for _ in range(4):
            assert (await client.get("/health")).status_code == 200
    await asyncio.sleep(1)  # until the other worker has started too
    children = children_of(process)
    process.kill()
    await process.communicate()
    assert await gone(children)


@pytest.mark.parametrize("now", [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)])
def test_the_open_wave_is_open_for_more_than_a_year(now):
    before, open_wave = planned_waves("gov-sat", 1, now)
    assert (before.wave, open_wave.wave) == ("2026H1", "2026H2")
    assert not is_open(before, now)
    assert is_open(open_wave, now)
    assert is_open(open_wave, now + timedelta(days=366))
    assert open_wave.closes_at - now > FIELDWORK - timedelta(days=1)
