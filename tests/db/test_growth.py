"""What is asked about one wave reads the rows of that wave, whatever other waves hold and however new it is."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from survey.db import breakoffs, responses, tickets
from survey.db.coded import Layout
from survey.db.matrices import Matrices
from survey.db.recounts import recount, recount_dispositions
from survey.evaluation.coding import CodeBook
from survey.web.exports import batches, plan_of
from tests.evaluation.samples import instrument
from tests.web.test_export_served import fill

ELSEWHERE, NEW = 20_000, 300
COLUMNS = len(CodeBook(instrument("gov-sat")).columns)
GROWS = ("response", "withdrawal", "draft", "ticket", "disposition_count")


@pytest.fixture
async def new_wave(conn, publish):
    """A wave that began after the database last looked at how its rows are spread."""
    elsewhere = await publish(wave="elsewhere")
    await fill(conn, elsewhere, ELSEWHERE)
    await begin(conn, "elsewhere", ELSEWHERE)
    await conn.execute(
        """
        INSERT INTO withdrawal (bucket, response_id, survey, wave, withdrawn_at)
        SELECT bucket, id, survey, wave, now() FROM response LIMIT 2000
        """
    )
    await invite(conn, "elsewhere", ELSEWHERE)
    await conn.execute("VACUUM ANALYZE")
    wave = await publish(wave="new")
    await fill(conn, wave, NEW)
    await begin(conn, "new", NEW)
    await invite(conn, "new", NEW)
    await conn.execute("SELECT pg_stat_force_next_flush()")  # what was read to write these is not to be counted below
    return wave


async def begin(conn, wave, n):
    await conn.execute(
        """
        INSERT INTO draft (id, survey, wave, variant, locale, sealed, expires_at, reached)
        SELECT gen_random_uuid(), 'gov-sat', $1, 'standard', 'en', '', now() + interval '7 days', 'page'
          FROM generate_series(1, $2::int)
        """,
        *(wave, n),
    )


async def invite(conn, wave, n):
    people = [tickets.Invited(sha256(f"{wave} {number}".encode()).digest(), "") for number in range(n)]
    assert await tickets.invite_many(conn, "gov-sat", wave, people) == n


async def count(conn, wave):
    assert len((await Matrices().read(conn, Layout("gov-sat", wave))).codes) == NEW


async def export(conn, wave):
    plan = await plan_of(conn, "gov-sat", wave, ".csv")
    assert sum([batch.num_rows async for batch in batches(conn, plan)]) == NEW


async def count_again(conn, wave):
    assert (await recount(conn, "gov-sat", wave, columns=COLUMNS, numbers=())).responses == NEW


async def see_where_people_stopped(conn, wave):
    assert (await breakoffs.count_begun(conn, "gov-sat", wave, datetime.now(UTC))).stopped == {
        ("standard", "page"): NEW
    }


async def count_invited(conn, wave):
    assert await tickets.count_dispositions(conn, "gov-sat", wave) == {"unknown": NEW}


async def count_invited_again(conn, wave):
    assert await recount_dispositions(conn, "gov-sat", wave) == {"unknown": NEW}


async def count_withdrawn(conn, wave):
    assert await responses.count_withdrawn(conn, "gov-sat", wave) == 0


@pytest.mark.parametrize(
    "asked", [count, export, count_again, see_where_people_stopped, count_invited, count_invited_again, count_withdrawn]
)
async def test_a_new_wave_is_read_alone(conn, new_wave, asked):
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await asked(conn, new_wave.wave)
        read = await conn.fetch(
            """
            SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows, coalesce(idx_scan, 0) AS searches
              FROM pg_stat_xact_user_tables
             WHERE relname = ANY ($1)
            """,
            list(GROWS),
        )
    for row in read:
        assert row["rows"] <= 20 * NEW, tuple(row)
        assert row["searches"] <= 20, tuple(row)


async def test_of_a_large_table_the_planner_hears_of_a_new_wave_soon(conn):
    options = await conn.fetchval("SELECT reloptions FROM pg_class WHERE relname = 'response'")
    assert set(options) == {"autovacuum_analyze_scale_factor=0", "autovacuum_analyze_threshold=100000"}
