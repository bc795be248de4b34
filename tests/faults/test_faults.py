"""What was acknowledged survives: a short version of `make faults`, on the real program."""

import asyncio

import asyncpg
import msgspec
import pytest

from faults.client import Clients, Manner
from faults.kinds import Fault, kill_postmaster, kill_worker, leave_alone, terminate_service
from faults.recount import recount
from faults.rehearsal import embedded, rehearse

pytestmark = pytest.mark.slow

FAULTS = (
    Fault("a worker killed", kill_worker),
    Fault("PostgreSQL killed", kill_postmaster),
    Fault("SIGTERM", terminate_service, is_orderly=True),
    Fault("connections cut before the reply", leave_alone, Manner.CUT_BEFORE_REPLY),
)
WAVES = [fault.strike.__name__ for fault in FAULTS]


@pytest.fixture(scope="module")
async def place():
    async with embedded([*WAVES, "tampered"]) as place:
        yield place


@pytest.mark.parametrize("fault", FAULTS, ids=WAVES)
async def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(place, fault):
    outcome = await rehearse(fault, place, fault.strike.__name__, before=0.7, after=0.3)
    account = outcome.account
    assert account is not None, outcome.reason
    assert outcome.is_well, account
    assert account.acknowledged == account.found > 0
    assert account.kept_unacknowledged <= account.unacknowledged
    if fault.manner is Manner.CUT_BEFORE_REPLY:
        assert account.replayed > 0


async def test_rows_that_are_lost_changed_or_doubled_are_found_out(place):
    service, database = place.scene.service, place.scene.database
    async with Clients(service.port, "tampered") as clients:
        await asyncio.sleep(0.3)
        await clients.finish()
    untouched = await recount(clients, database.url, service.port, place.token)
    assert untouched.is_well
    lost, misread, rewritten, doubled = list(clients.acknowledged)[:4]
    conn = await asyncpg.connect(database.url)
    await conn.execute("DELETE FROM response WHERE id = $1", lost)
    await conn.execute("UPDATE response SET receipt = receipt # 1 WHERE id = $1", misread)
    await conn.execute("UPDATE response SET content_sha256 = sha256('') WHERE id = $1", rewritten)
    await conn.execute(
        """
        INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition,
                              receipt, content_sha256, codes, extra)
        SELECT bucket, gen_random_uuid(), survey, wave, instrument_version, variant, locale, mode, disposition,
               receipt # 1, content_sha256, codes, extra
          FROM response WHERE id = $1
        """,
        doubled,
    )
    await conn.close()
    account = await recount(clients, database.url, service.port, place.token)
    assert (account.missing, account.double) == (3, 1)
    assert account.found == account.acknowledged - 3
    assert not account.is_well
    for worse in ({"missing": 1}, {"double": 1}, {"disagreements": ("n",)}, {"refused": {500: 1}}):
        assert not msgspec.structs.replace(untouched, **worse).is_well
