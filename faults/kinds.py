"""What is done to the service: each harms it, mends what does not mend itself, and says when the cause was over."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import asyncpg

from faults.client import Manner
from faults.disk import fill
from faults.service import Database, Service, gone, is_alive
from survey.db.embedded import EmbeddedPostgres

AWAY_SECONDS = 1.5
FULL_SECONDS = 3.0
NEW_WORKER_SECONDS = 8.0  # longer than a worker takes to start
LOST_DATABASE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class Scene(NamedTuple):
    """What there is to harm; `postgres` where the database is not the service's own embedded one."""

    service: Service
    database: Database
    postgres: EmbeddedPostgres | None = None


class Fault(NamedTuple):
    """One kind of harm, and how the clients behave meanwhile."""

    name: str
    strike: Callable[[Scene], Awaitable[float]]
    manner: Manner = Manner.PATIENT
    is_orderly: bool = False
    """Whether the service has the time to answer for all that it keeps."""


async def kill_worker(scene: Scene) -> float:
    """The process that answers most of the clients; the service starts another."""
    os.kill(scene.service.busiest_worker, signal.SIGKILL)
    return time.monotonic()


async def kill_service(scene: Scene) -> float:
    """All processes of the service, as a machine out of memory might; its manager starts it again."""
    scene.service.kill()
    scene.service.start()
    return time.monotonic()


async def kill_postmaster(scene: Scene) -> float:
    """The server process of PostgreSQL; the service starts it again."""
    os.kill(scene.database.postmaster.pid, signal.SIGKILL)
    return time.monotonic()


async def kill_backend(scene: Scene) -> float:
    """One process of PostgreSQL, upon which it ends them all and recovers by itself."""
    os.kill(await scene.database.backend(), signal.SIGKILL)
    return time.monotonic()


async def stop_fast(scene: Scene) -> float:
    """What `pg_ctl stop -m fast` does, and a start a little later."""
    return await _stop(scene, signal.SIGINT)


async def stop_immediately(scene: Scene) -> float:
    """What `pg_ctl stop -m immediate` does, and a start a little later."""
    return await _stop(scene, signal.SIGQUIT)


async def _stop(scene: Scene, number: signal.Signals) -> float:
    if scene.postgres is None:
        raise RuntimeError("the embedded PostgreSQL is started again by its service")
    pid = scene.database.postmaster.pid
    os.kill(pid, number)
    await gone(pid)
    await asyncio.sleep(AWAY_SECONDS)
    scene.postgres.start()
    return time.monotonic()


async def kill_worker_meanwhile(scene: Scene) -> float:
    """A worker while PostgreSQL is stopped: another must start, though it finds no database."""
    if scene.postgres is None:
        raise RuntimeError("the embedded PostgreSQL is started again by its service")
    scene.postgres.stop()
    os.kill(scene.service.busiest_worker, signal.SIGKILL)
    await asyncio.sleep(NEW_WORKER_SECONDS)
    scene.postgres.start()
    return time.monotonic()


async def terminate_service(scene: Scene) -> float:
    """SIGTERM: whatever was taken is answered, then the service ends and is started again."""
    scene.service.terminate()
    await scene.service.ended()
    scene.service.start()
    return time.monotonic()


async def fill_disk(scene: Scene) -> float:
    """No room for another row; then there is room again."""
    ballast = scene.database.data_dir / "ballast"
    fill(ballast)
    await asyncio.sleep(FULL_SECONDS)
    return _free(ballast)


async def fill_disk_of_log(scene: Scene) -> float:
    """No room for the log of what is committed, upon which PostgreSQL goes down; then there is room again."""
    ballast = scene.database.data_dir / "ballast"
    pid = scene.database.postmaster.pid
    conn = await asyncpg.connect(scene.database.admin_url)
    fill(ballast)
    while is_alive(pid):
        with contextlib.suppress(*LOST_DATABASE):
            await conn.execute("SELECT pg_logical_emit_message(false, 'faults', 'the next segment'), pg_switch_wal()")
        await asyncio.sleep(0.1)
    conn.terminate()
    await asyncio.sleep(FULL_SECONDS)
    return _free(ballast)


def _free(ballast: Path) -> float:
    ballast.unlink()
    return time.monotonic()


async def leave_alone(_: Scene) -> float:
    """Nothing: the clients themselves are the fault."""
    await asyncio.sleep(AWAY_SECONDS)
    return time.monotonic()


EMBEDDED = (
    Fault("a worker killed", kill_worker),
    Fault("the whole service killed", kill_service),
    Fault("PostgreSQL's server process killed", kill_postmaster),
    Fault("one process of PostgreSQL killed", kill_backend),
    Fault("SIGTERM", terminate_service, is_orderly=True),
    Fault("clients time out and send again", leave_alone, Manner.HASTY),
    Fault("connections cut in the body", leave_alone, Manner.CUT_IN_BODY),
    Fault("connections cut before the reply", leave_alone, Manner.CUT_BEFORE_REPLY),
)
BESIDE = (
    Fault("PostgreSQL stopped, fast", stop_fast),
    Fault("PostgreSQL stopped, immediate", stop_immediately),
    Fault("a worker killed while PostgreSQL is stopped", kill_worker_meanwhile),
)
ON_SMALL_DISK = (
    Fault("a disk too full for rows", fill_disk),
    Fault("a disk too full for the log", fill_disk_of_log),
)
