"""`survey reconcile`: agreement is said, and every disagreement is found."""

import numpy as np
import pytest

from survey.cli.reconciling import differences
from survey.db.recounts import recount
from survey.db.responses import fetch_by_receipt, withdraw
from survey.db.tickets import Invited, invite_many
from survey.forms.items import Missing
from survey.web.results import Figures
from tests.evaluation.samples import keep


@pytest.fixture
async def wave(conn, publish):
    """Forty responses, one of them taken back."""
    wave = await publish("gov-sat", wave="2026H2")
    people = [{"Q0": 1, "Q3": 1 + n % 5, "Q4": Missing.REFUSED, "Q12": (1, 4), "Q8": n % 4} for n in range(40)]
    await keep(conn, wave, people)
    receipt = await conn.fetchval("SELECT min(receipt) FROM response")
    async with conn.transaction():
        await withdraw(conn, await fetch_by_receipt(conn, receipt), wave.opens_at)
    return wave


async def test_what_agrees_is_said_wave_by_wave(program, wave, publish):
    await publish("staff-digital", wave="2026H1")
    ended = await program("reconcile")
    assert ended.code == 0, ended.out
    assert "gov-sat 2026H2: 39 responses, 31 columns: agree\n" in ended.out
    assert "staff-digital 2026H1: 0 responses" in ended.out


async def test_a_byte_that_no_code_stands_for_is_found(program, conn, wave):
    await conn.execute(
        "UPDATE response SET codes = set_byte(codes, 3, 200) WHERE id = (SELECT max(id::text)::uuid FROM response "
        "WHERE id NOT IN (SELECT response_id FROM withdrawal))"
    )
    ended = await program("reconcile", "--survey", "gov-sat", "--wave", "2026H2")
    assert ended.code == 1
    assert "DIFFERENT" in ended.out
    assert "byte 200: 1 responses, and no code stands for it" in ended.out


async def test_every_count_is_held_against_the_table(conn, wave):
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        sample = (await Figures().fetch(conn, wave)).sample
        again = await recount(conn, wave.survey, wave.wave, columns=len(sample.book.columns), numbers=())
    assert list(differences(sample, again)) == []
    codes = again.codes.copy()
    place = sample.book.position["Q3"]
    codes[place] = np.roll(codes[place], 1)
    moved = list(differences(sample, again._replace(codes=codes)))
    assert any(line.startswith("Q3, byte 5: counted 0, in the table") for line in moved)
    other = again._replace(responses=40, odd=1, lost=2, paradata=again.paradata | {"mode": {"paper": 39}})
    told = " ".join(differences(sample, other))
    for words in ("39 responses are counted, 40", "another number of codes", "cannot be found", "mode: counted"):
        assert words in told


async def test_an_unknown_wave_is_refused(program, wave):
    ended = await program("reconcile", "--survey", "gov-sat", "--wave", "2030")
    assert ended.code == 1
    assert "2030" in ended.err


async def test_people_invited_who_are_counted_otherwise_are_found(program, conn, wave):
    people = [Invited(bytes([n]) * 32, "") for n in range(5)]
    await invite_many(conn, "gov-sat", "2026H2", people)
    assert (await program("reconcile")).code == 0
    await conn.execute("UPDATE disposition_count SET n = n + 1 WHERE bucket = 3")
    ended = await program("reconcile")
    assert ended.code == 1
    assert "invited: counted {'unknown': 6}, in the table {'unknown': 5}" in ended.out
