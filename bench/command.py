"""A command of the program in a process of its own: how long it took and how much memory it held at most."""

import os
import subprocess
import sys
import time
from typing import NamedTuple


class Done(NamedTuple):
    """How a command went."""

    seconds: float
    peak_mebibytes: float
    out: str


def run(url: str, *arguments: object) -> Done:
    """Run `survey ARGUMENTS` on the database at `url`."""
    environ = os.environ | {"SURVEY_DATABASE_URL": url, "SURVEY_SECRET_KEY": "a secret for the bench"}
    command = [sys.executable, "-m", "survey", *map(str, arguments)]
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"survey {' '.join(map(str, arguments))} ended with {process.returncode}")
    return Done(seconds, usage.ru_maxrss / 1024, out)
