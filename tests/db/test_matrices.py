"""Matrices that are brought up to date: at every reading what the table has, nothing twice, whoever writes beside."""

import asyncio

import asyncpg
import numpy as np
import pytest

from survey.db import coded, responses
from survey.db.coded import Layout
from survey.db.matrices import Matrices
from survey.responses import Mode
from tests import made

LAYOUT = Layout("gov-sat", "2026H2", numbers=("hours",))


def response(code=1, hours=None, **changes):
    extra = {"answers": {"hours": hours}} if isinstance(hours, int | float) else {}
    if isinstance(hours, str):
        extra = {"missing": {"hours": hours}}
    return made.response(codes=bytes([code, 7]), extra=extra, **changes)


async def read(matrices, conn, layout=LAYOUT):
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        return await matrices.read(conn, layout)


async def withdraw(conn, kept, now):
    received = await responses.fetch_by_receipt(conn, kept.receipt)
    async with conn.transaction():
        await responses.withdraw(conn, received, now)


def rows(coded):
    """Every response as its codes and what is known of it, in an order."""
    names = list(coded.paradata)
    return sorted(
        (row[0], row[1], *(coded.paradata[name][place] for name, place in zip(names, row[2:], strict=True)))
        for row in coded.codes.tolist()
    )


@pytest.fixture
async def wave(publish):
    return await publish()


@pytest.fixture
async def beside(database_url):
    conn = await asyncpg.connect(database_url)
    yield conn
    await conn.close()


async def test_what_was_committed_since_is_added_and_the_rest_is_not_read_again(conn, wave):
    matrices = Matrices()
    await responses.insert_many(conn, [response(code) for code in (1, 2, 3)])
    first = await read(matrices, conn)
    await conn.execute("UPDATE response SET codes = '\\x6363'")  # nobody does: only a full reading would see it
    await responses.insert_many(conn, [response(4)])
    second = await read(matrices, conn)
    assert [row[0] for row in rows(first)] == [1, 2, 3]
    assert sorted(row[0] for row in second.codes.tolist()) == [1, 2, 3, 4]
    assert second.version != first.version
    assert (await read(matrices, conn)).version == second.version


async def test_what_was_under_way_is_added_once_when_it_is_committed(conn, beside, wave):
    matrices = Matrices()
    async with beside.transaction():
        await responses.insert_many(beside, [response(1)])
        await responses.insert_many(conn, [response(2)])
        assert [row[0] for row in rows(await read(matrices, conn))] == [2]
        await responses.insert_many(conn, [response(3)])
        assert [row[0] for row in rows(await read(matrices, conn))] == [2, 3]
    assert [row[0] for row in rows(await read(matrices, conn))] == [1, 2, 3]
    assert [row[0] for row in rows(await read(matrices, conn))] == [1, 2, 3]


async def test_a_reader_with_an_older_view_changes_nothing(conn, beside, wave):
    matrices = Matrices()
    await responses.insert_many(conn, [response(1)])
    async with beside.transaction(isolation="repeatable_read", readonly=True):
        await beside.fetchval("SELECT count(*) FROM response")
        await responses.insert_many(conn, [response(2)])
        newest = await read(matrices, conn)
        older = await matrices.read(beside, LAYOUT)
    assert older.version == newest.version
    await responses.insert_many(conn, [response(3)])
    assert [row[0] for row in rows(await read(matrices, conn))] == [1, 2, 3]


async def test_withdrawn_responses_leave_the_matrix_and_the_numbers(conn, wave):
    matrices = Matrices()
    kept = [response(1, 4), response(2, 4), response(3, 8.5), response(4, "refused"), response(5, "skipped")]
    await responses.insert_many(conn, kept)
    before = await read(matrices, conn)
    assert before.beside["hours"] == ([4.0, 8.5], [2, 1], {"refused": 1, "skipped": 1})
    for one in (kept[1], kept[2], kept[3]):
        await withdraw(conn, one, wave.opens_at)
    after = await read(matrices, conn)
    assert [row[0] for row in rows(after)] == [1, 5]
    assert after.beside["hours"] == ([4.0], [1], {"skipped": 1})
    assert after.version != before.version
    assert [row[0] for row in rows(before)] == [1, 2, 3, 4, 5]


async def test_a_level_that_turns_up_later_takes_its_place_and_moves_nobody(conn, wave):
    matrices = Matrices()
    await responses.insert_many(conn, [response(1, locale="en"), response(2, locale="zh-Hans", mode=Mode.WEB)])
    before = await read(matrices, conn)
    await responses.insert_many(conn, [response(3, locale="de", mode=Mode.ASSISTED, synthetic=True)])
    after = await read(matrices, conn)
    assert after.paradata["locale"] == ("de", "en", "zh-Hans")
    assert after.paradata["mode"] == ("assisted", "web")
    assert rows(after) == rows(await read(Matrices(), conn))
    assert [row[4] for row in rows(after)] == ["en", "zh-Hans", "de"]
    assert [row[4] for row in rows(before)] == ["en", "zh-Hans"]


async def test_a_level_that_few_have_is_found_too(monkeypatch, conn, wave):
    monkeypatch.setattr(coded, "FEW", 1)
    await responses.insert_many(conn, [response(1), response(2, mode=Mode.PAPER), response(3, mode=Mode.ASSISTED)])
    found = await read(Matrices(), conn)
    assert found.paradata["mode"] == ("assisted", "paper", "web")
    assert [row[2] for row in rows(found)] == ["web", "paper", "assisted"]


async def test_responses_with_numbers_from_another_database_are_read_in_full_each_time(conn, wave):
    matrices = Matrices()
    await responses.insert_many(conn, [response(1)])
    await conn.execute("UPDATE response SET tx = '999999999'")
    for code in (2, 3):
        await responses.insert_many(conn, [response(code)])
        assert [row[0] for row in rows(await read(matrices, conn))] == list(range(1, code + 1))


async def test_a_writing_transaction_sees_its_own_rows_once(conn, wave):
    matrices = Matrices()
    async with conn.transaction(isolation="repeatable_read"):
        await responses.insert_many(conn, [response(1)])
        for _ in range(2):
            assert [row[0] for row in rows(await matrices.read(conn, LAYOUT))] == [1]
    assert [row[0] for row in rows(await read(matrices, conn))] == [1]


async def test_the_waves_not_asked_for_the_longest_are_forgotten(conn, wave):
    matrices = Matrices(most=3)
    await responses.insert_many(conn, [response(1), response(2)])
    linked = LAYOUT._replace(respondents=True)
    first = await read(matrices, conn)
    await read(matrices, conn, linked)
    again = await read(matrices, conn)
    assert again.version != first.version
    assert rows(again) == rows(first)


async def test_among_writers_and_withdrawals_every_reading_is_what_its_snapshot_has(database_url, conn, wave):
    matrices, draw, done = Matrices(), np.random.default_rng(7), asyncio.Event()

    async def write(number):
        chance = np.random.default_rng(number)
        writer = await asyncpg.connect(database_url)
        kept = []
        for _ in range(25):
            made = [
                response(int(chance.integers(5)), int(chance.integers(9))) for _ in range(int(chance.integers(1, 40)))
            ]
            async with writer.transaction():
                await responses.insert_many(writer, made)
                await asyncio.sleep(chance.random() / 100)
            kept += made
            await withdraw(writer, kept.pop(int(chance.integers(len(kept)))), wave.opens_at)
        await writer.close()

    async def check():
        reader, readings = await asyncpg.connect(database_url), 0
        while not done.is_set() or readings < 5:
            async with reader.transaction(isolation="repeatable_read", readonly=True):
                got = await matrices.read(reader, LAYOUT)
                fresh = await Matrices().read(reader, LAYOUT)
            assert rows(got) == rows(fresh)
            assert got.beside == fresh.beside
            readings += 1
            await asyncio.sleep(draw.random() / 50)
        await reader.close()

    checking = asyncio.create_task(check())
    await asyncio.gather(*(write(number) for number in range(4)))
    done.set()
    await checking
    left = await read(matrices, conn)
    assert len(left.codes) == await conn.fetchval("SELECT count(*) FROM response") - 100
