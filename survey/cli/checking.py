"""What `survey doctor` looks at: each part of the set-up, and what to mend."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from typing import NamedTuple

from survey.cli.running import SECRET_FILE, connection, database
from survey.db.embedded import MAJOR
from survey.errors import SurveyError
from survey.settings import Settings


class Finding(NamedTuple):
    """One part of the set-up: whether it is well, and what was found or what to do."""

    subject: str
    is_well: bool
    text: str


def check(settings: Settings) -> list[Finding]:
    """Look at everything, whatever comes of it."""
    return [_python(), *_data_dir(settings), _secret(settings), _database(settings), _port(settings)]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    is_well = sys.version_info >= (3, 11)
    return Finding("python", is_well, version if is_well else f"{version} is too old: install 3.11 or newer")


def _data_dir(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None and settings.secret_key is not None:
        return  # nothing is kept there
    folder = settings.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        yield Finding("data folder", False, f"{there} is a file: choose another with SURVEY_DATA_DIR")  # noqa: FBT003
    elif not os.access(there, os.W_OK | os.X_OK):
        mend = f"{there} cannot be written: change its owner, or choose another folder with SURVEY_DATA_DIR"
        yield Finding("data folder", False, mend)  # noqa: FBT003
    else:
        yield Finding("data folder", True, str(folder) + ("" if there == folder else ", made at the first start"))  # noqa: FBT003


def _secret(settings: Settings) -> Finding:
    if settings.secret_key is not None:
        return Finding("secret key", is_well=True, text="SURVEY_SECRET_KEY")
    path = settings.data_dir.absolute() / SECRET_FILE
    try:
        if not path.exists():
            return Finding("secret key", is_well=True, text="made at the first start")
        if path.stat().st_mode & 0o077:
            return Finding("secret key", is_well=False, text=f"others can read {path}: chmod 600 {path}")
        path.read_bytes()
    except OSError as error:
        return Finding("secret key", is_well=False, text=f"{path}: {error.strerror}")
    return Finding("secret key", is_well=True, text=str(path))


def _database(settings: Settings) -> Finding:
    is_embedded = settings.database_url is None
    if is_embedded and not (settings.data_dir / f"pg{MAJOR}").exists():
        return Finding("database", is_well=True, text="embedded, made at the first start")
    try:
        with database(settings) as running:
            version, pending = asyncio.run(_look(running.url))
    except SurveyError as error:
        return Finding("database", is_well=False, text=str(error))
    if pending:
        return Finding("database", is_well=False, text=f"waits for {pending} migrations: run `survey migrate`")
    where = "embedded" if is_embedded else "SURVEY_DATABASE_URL"
    return Finding("database", is_well=True, text=f"PostgreSQL {version}, {where}, schema current")


async def _look(url: str) -> tuple[str, int]:
    from survey.db.migrate import status

    async with connection(url) as conn:
        return ".".join(map(str, conn.get_server_version()[:2])), len((await status(conn)).pending)


def _port(settings: Settings) -> Finding:
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        mend = f"{settings.host}:{settings.port}: {error.strerror}: stop what runs there, or choose with SURVEY_PORT"
        return Finding("port", is_well=False, text=mend)
    return Finding("port", is_well=True, text=f"{settings.host}:{settings.port} is free")
