"""The embedded default: a private PostgreSQL of ours, on a Unix socket only, started and stopped with the program.

What it keeps, below the data folder it is given::

    pg18.lock         held while a program owns the server; a second program finds it held and attaches
    pg18/data         the PostgreSQL data directory
    pg18/run          the socket (or a link to a short folder, where the path would be too long for a socket)
    pg18/binaries-*   a copy of PostgreSQL, only where the server's account cannot reach the installed one
    pg18/server.log   what PostgreSQL said

PostgreSQL refuses to run as root. Started by root it runs as the account `postgres`, else `nobody`, and where that
account cannot reach the data folder, `pg18` is a link to a folder below /var/lib/survey. No permission is changed on
any folder that is not ours.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from survey.db import cluster
from survey.db.cluster import PORT, Account
from survey.db.postmaster import Postmaster, exists, read_pid_file, serves
from survey.errors import CannotStart

MAJOR = "18"
LOG_LIMIT = 10_000_000

CONF: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # PostgreSQL's own, which initdb makes smaller with the segments.
    "min_wal_size": "80MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "synchronous_commit": "on",
    # An open transaction that was forgotten would hold back the watermark by which new responses are counted.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # DETAIL quotes rows, that is, answers
}
# Survives a killed process, not a power cut.
THROWAWAY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A private PostgreSQL in a folder: started by the program that comes first, used by those that come after.

    Start it from the main thread: the system stops it when the thread that started it ends.
    """

    def __init__(self, data_dir: Path, *, conf: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.is_attached = False
        self._conf = {**CONF, **(conf or {})}
        self._home = self.data_dir / f"pg{MAJOR}"
        self._socket_dir = ""
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the program's own database is."""
        return self._url("survey", "survey")

    @property
    def admin_url(self) -> str:
        """Where the superuser is, for maintenance and for tests that make databases of their own."""
        return self._url("postgres", "postgres")

    @property
    def log(self) -> Path:
        """What PostgreSQL said."""
        return self._home / "server.log"

    @property
    def is_running(self) -> bool:
        """Whether the server runs, ours or the one we attached to."""
        if self._process is not None:
            return self._process.poll() is None
        return self.is_attached and self._find_running() is not None

    def start(self, *, timeout: float = 120) -> Self:
        """Start the server, or attach to the one another program has started; start it again if it has died."""
        if self.is_running:
            return self
        deadline = time.monotonic() + timeout
        with cluster.said_plainly(self.data_dir):
            self._refuse_other_major()
            self.data_dir.mkdir(parents=True, exist_ok=True)
            while not self._own():
                if self._attach():
                    return self
                if time.monotonic() > deadline:
                    raise CannotStart(f"A program that holds {self._home}.lock has no PostgreSQL to share: end it.")
                time.sleep(0.02)
            try:
                self._start_own(deadline)
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self) -> None:
        """Stop the server if it is ours; leave another program's alone."""
        if self._process is not None:
            for ask in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self._process.send_signal(ask)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(30)
                    break
            self._process = None
        if self._lock is not None:
            if self._socket_dir and self._home.resolve() not in Path(self._socket_dir).parents:
                shutil.rmtree(self._socket_dir, ignore_errors=True)
            os.close(self._lock)
            self._lock = None
        self.is_attached = False

    async def watch(self, *, every: float = 0.5) -> None:
        """Start our server again whenever it has died; runs until cancelled."""
        while True:
            await asyncio.sleep(every)
            if self._process is not None and not self.is_running:
                with contextlib.suppress(CannotStart):
                    self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(self._socket_dir, safe='')}&port={PORT}"

    def _refuse_other_major(self) -> None:
        found = {path.name.removeprefix("pg") for path in self.data_dir.glob("pg[0-9][0-9]")}
        with contextlib.suppress(FileNotFoundError):
            found.add((self._home / "data" / "PG_VERSION").read_text().strip())
        if found - {MAJOR}:
            raise CannotStart(
                f"{self.data_dir} holds data of PostgreSQL {min(found - {MAJOR})}, this program brings {MAJOR}: "
                "carry them over with pg_dump, or set SURVEY_DATA_DIR to a new folder."
            )

    def _own(self) -> bool:
        """Take the lock, which dies with us; false while another program has it."""
        if self._lock is None:
            lock = os.open(f"{self._home}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                return False
            self._lock = lock
        return True

    def _attach(self) -> bool:
        """Use the server of the program that has the lock, once it is ready."""
        running = self._find_running()
        if running is None or not running.is_ready:
            return False
        self._socket_dir, self.is_attached = running.socket_dir, True
        return True

    def _find_running(self) -> Postmaster | None:
        data = self._home.resolve() / "data"
        postmaster = read_pid_file(data)
        return postmaster if postmaster is not None and serves(postmaster.pid, data) else None

    def _start_own(self, deadline: float) -> None:
        account = cluster.choose_account(self._home / "data")
        home = cluster.prepare_home(self._home, account)
        binaries = cluster.find_binaries(home, account)
        if not (home / "data").exists():
            cluster.create_cluster(binaries, home, account, is_durable=self._conf["fsync"] == "on")
        self._end_leftover(deadline)
        self._socket_dir = str(cluster.prepare_socket_dir(home, account))
        cluster.write_access_rules(home, account)
        while not self._run(self._command(binaries, home), account, deadline):
            time.sleep(0.1)

    def _end_leftover(self, deadline: float) -> None:
        """Wait for a server whose program was killed, and clear what a killed server leaves in the way."""
        while (running := self._find_running()) is not None:
            if time.monotonic() > deadline:
                raise CannotStart(f"An earlier PostgreSQL, process {running.pid}, does not stop: end it and try again.")
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGINT)
            time.sleep(0.05)
        data = self._home.resolve() / "data"
        stale = read_pid_file(data)
        # PostgreSQL clears a dead server's file itself, and checks that none of its processes still write. It cannot
        # clear one that is empty, or whose number is a zombie's or another program's by now.
        if stale is None or exists(stale.pid):
            (data / "postmaster.pid").unlink(missing_ok=True)

    def _command(self, binaries: Path, home: Path) -> list[str]:
        settings = self._conf | {
            "unix_socket_directories": f'"{self._socket_dir}"',
            "hba_file": str(home / "pg_hba.conf"),
            "ident_file": str(home / "pg_ident.conf"),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(binaries / "postgres"), "-D", str(home / "data"), "-p", str(PORT), *options]

    def _run(self, command: list[str], account: Account, deadline: float) -> bool:
        """Run the server until it is ready; false where processes of a killed one still hold its memory."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start PostgreSQL from the main thread: it ends with the thread that started it")
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.rename(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            log_start = log.tell()
            # A session of its own: Ctrl-C reaches us alone, and the server outlives the last request.
            self._process = subprocess.Popen(  # noqa: S603  (our own words only)
                cluster.become(account, command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=cluster.environment(),
                start_new_session=True,
            )
        while not self._is_ready(self._process.pid):
            if self._process.poll() is not None:
                said = self.log.read_bytes()[log_start:].decode(errors="replace")
                if "still in use" in said and time.monotonic() < deadline:
                    return False
                raise cluster.cannot("PostgreSQL did not start", said, self.log)
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL is not ready yet: look into {self.log}, and start again.")
            time.sleep(0.01)
        return True

    def _is_ready(self, pid: int) -> bool:
        postmaster = read_pid_file(self._home / "data")
        return postmaster is not None and postmaster.pid == pid and postmaster.is_ready


@contextlib.contextmanager
def throwaway(*, conf: Mapping[str, str] | None = None) -> Iterator[EmbeddedPostgres]:
    """Run a server that is fast, forgets at a power cut and leaves nothing behind: for tests and trials."""
    folder = Path(tempfile.mkdtemp(prefix="survey-", dir="/tmp"))
    folder.chmod(0o711)  # ours; root's server runs as another account
    try:
        with EmbeddedPostgres(folder, conf={**THROWAWAY, **(conf or {})}) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
