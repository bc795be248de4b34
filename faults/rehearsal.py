"""One fault under load, from the first response to the last count; and the places where faults are rehearsed."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from faults.client import Clients
from faults.disk import small_disk
from faults.kinds import Fault, Scene
from faults.recount import Account, recount
from faults.service import Database, Service, prepare
from survey.db.embedded import EmbeddedPostgres

DISK_MEGABYTES = 256


class Outcome(NamedTuple):
    """What came of one fault; without an account there is only the reason why not more."""

    fault: Fault
    account: Account | None
    seconds: float | None = None
    reason: str = ""
    was_run: bool = True

    @property
    def is_well(self) -> bool:
        """Nothing lost, nothing double; and after an orderly end nothing kept that nobody was told of."""
        if self.account is None:
            return not self.was_run
        return self.account.is_well and not (self.fault.is_orderly and self.account.replayed)


class Place(NamedTuple):
    """A service that runs with an open wave for each fault."""

    scene: Scene
    token: str


async def rehearse(fault: Fault, place: Place, wave: str, *, before: float = 1.5, after: float = 1.0) -> Outcome:
    """Load, then the fault, then load until answers come again and for some time more; then the counts."""
    scene = place.scene
    try:
        async with Clients(scene.service.port, wave, manner=fault.manner) as clients:
            await asyncio.sleep(before)
            well_since = await fault.strike(scene)
            seconds = await clients.seconds_until_answered(well_since)
            await asyncio.sleep(after)
            await clients.finish()
    except TimeoutError:
        return Outcome(fault, None, reason="the service did not come back, or did not end, in time")
    except RuntimeError as error:
        return Outcome(fault, None, reason=str(error))
    return Outcome(fault, await recount(clients, scene.database.url, scene.service.port, place.token), seconds)


@contextlib.asynccontextmanager
async def embedded(waves: Sequence[str], *, on_small_disk: bool = False) -> AsyncIterator[Place]:
    """The service with its own PostgreSQL, as it comes."""
    with _folder(on_small_disk=on_small_disk) as folder:
        with EmbeddedPostgres(folder) as postgres:
            token = await prepare(postgres.url, waves)
            database = Database(postgres.url, postgres.admin_url, folder)
        with Service(folder) as service:
            yield Place(Scene(service, database), token)


on_small_disk = partial(embedded, on_small_disk=True)


@contextlib.asynccontextmanager
async def beside(waves: Sequence[str]) -> AsyncIterator[Place]:
    """The service with a PostgreSQL that somebody else starts and stops."""
    with _folder() as folder, EmbeddedPostgres(folder) as postgres:
        token = await prepare(postgres.url, waves)
        database = Database(postgres.url, postgres.admin_url, folder)
        with Service(folder, url=postgres.url) as service:
            yield Place(Scene(service, database, postgres), token)


@contextlib.contextmanager
def _folder(*, on_small_disk: bool = False) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="survey-faults-", dir="/tmp"))
    folder.chmod(0o711)  # ours; root's PostgreSQL runs as another account
    try:
        with contextlib.ExitStack() as stack:
            yield stack.enter_context(small_disk(folder, megabytes=DISK_MEGABYTES)) if on_small_disk else folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
