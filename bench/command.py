"""A command of the program in a process of its own: how long it took and how much memory it held at most."""

import os
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from bench.memory import peak_mebibytes

LOOK_SECONDS = 0.02


class Done(NamedTuple):
    """How a command went."""

    seconds: float
    peak_mebibytes: float
    out: str


def run(url: str, *arguments: object) -> Done:
    """Run `survey ARGUMENTS` on the database at `url`."""
    environ = os.environ | {"SURVEY_DATABASE_URL": url, "SURVEY_SECRET_KEY": "a secret for the bench"}
    command = [sys.executable, "-m", "survey", *map(str, arguments)]
    peak = 0.0
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        process = subprocess.Popen(command, env=environ, stdout=told, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, peak_mebibytes(process.pid))
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - began
        told.seek(0)
        out = told.read()
    if process.returncode:
        raise SystemExit(f"survey {' '.join(map(str, arguments))} ended with {process.returncode}")
    return Done(seconds, peak, out)
