"""A small disk of its own, to be filled."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHUNK = 1 << 20


class CannotMount(Exception):
    """Why there is no small disk here."""


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of that size mounted on a folder; raises CannotMount where the machine does not allow it."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise CannotMount(said or "mount refuses") from error
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Write a file until not a byte more fits on its disk."""
    with ballast.open("wb", buffering=0) as file:
        for size in (CHUNK, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
