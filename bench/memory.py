"""The memory that a process holds, as the kernel counts it."""

from pathlib import Path


def resident_mebibytes(pid: int) -> float:
    """What a process holds now; 0 once it has ended."""
    return _mebibytes(pid, "VmRSS:")


def peak_mebibytes(pid: int) -> float:
    """The most that a process has held since it began; 0 once it has ended.

    Not `ru_maxrss`: that of a process begins with what the one held that started it.
    """
    return _mebibytes(pid, "VmHWM:")


def _mebibytes(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)
