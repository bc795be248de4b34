"""The real program, as its users start it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Ended]]
SECRET = "only for tests, 16+"


def environment(**given: str) -> dict[str, str]:
    """The environment without any setting of ours but these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")} | given


async def ended(*arguments: object, **given: str) -> Ended:
    """Run the program to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "survey",
        *map(str, arguments),
        env=environment(**given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def run() -> Run:
    """Run the program with no settings but those given."""
    return ended


@pytest.fixture
def program(database_url: str, tmp_path: Path) -> Run:
    """Run the program on this test's database."""

    async def run(*arguments: object, **given: str) -> Ended:
        settings = {
            "SURVEY_DATABASE_URL": database_url,
            "SURVEY_DATA_DIR": str(tmp_path / "data"),
            "SURVEY_SECRET_KEY": SECRET,
        }
        return await ended(*arguments, **(settings | given))

    return run
