"""The server process: what its pid file says, and whether it lives."""

import os
from pathlib import Path
from typing import NamedTuple


class Postmaster(NamedTuple):
    """What postmaster.pid says of a server."""

    pid: int
    socket_dir: str
    is_ready: bool


def read_pid_file(data: Path) -> Postmaster | None:
    """Read process number, folder of the socket and state from lines 1, 5 and 8 of postmaster.pid."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(abs(int(lines[0])), "".join(lines[4:5]), "".join(lines[7:8]).strip() == "ready")
    except (FileNotFoundError, ValueError, IndexError):
        return None


def serves(pid: int, data: Path) -> bool:
    """Whether that process is the server of this data directory; neither a zombie nor another one with its number."""
    if not Path("/proc/self").exists():
        return exists(pid)
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def exists(pid: int) -> bool:
    """Whether the number is taken, be it by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
