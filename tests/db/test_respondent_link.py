"""Who answered, as a number beside the codes: kept, fetched row by row, erased."""

import hashlib

import asyncpg
import numpy as np
import pytest

from survey.db import responses
from survey.db.coded import Layout
from survey.db.matrices import Matrices
from survey.responses.response import respondent_number
from tests import made

WIDTH = 9  # bytes of codes, so that no row of the copy begins where a number of eight bytes would like to
LARGEST = 2**63 - 1


async def fetch_coded(conn, survey, wave, *, respondents=False):
    return await Matrices().read(conn, Layout(survey, wave, respondents=respondents))


def response(respondent, codes=b"\x01" * WIDTH):
    return made.response(survey="staff-digital", respondent=respondent, codes=codes)


def spelled(number):
    """Codes that say which number belongs to them."""
    return b"\x07" + number.to_bytes(8)


def rfc_2104(key, message):
    """HMAC-SHA256 as the RFC writes it: H(K xor opad, H(K xor ipad, text))."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


@pytest.mark.parametrize("token", ["T-0042", "人员-7", "x" * 300])
def test_the_number_is_the_first_63_bits_of_the_keyed_hash(token):
    digest = rfc_2104(b"secret", b"respondent staff-digital/" + token.encode())
    assert respondent_number("staff-digital", token, b"secret") == int.from_bytes(digest) >> 193


def test_the_number_depends_on_survey_token_and_key():
    made = {
        respondent_number(survey, token, key)
        for survey in ("staff-digital", "staff-safety")
        for token in ("T-1", "T-2")
        for key in (b"one", b"two")
    }
    assert len(made) == 8


async def test_every_row_comes_with_its_own_respondent(conn, publish):
    await publish("staff-digital")
    numbers = [1, 255, 256, 2**40, 2**62 + 5, LARGEST, *(respondent_number("s", str(n), b"k") for n in range(500))]
    await responses.insert_many(conn, [response(number, spelled(number)) for number in numbers])
    await responses.insert_many(conn, [response(None, spelled(0)) for _ in range(7)])

    kept = await fetch_coded(conn, "staff-digital", "2026H2", respondents=True)

    assert kept.respondents is not None
    assert kept.respondents.dtype == np.int64
    assert sorted(kept.respondents.tolist()) == sorted([*numbers, *[0] * 7])
    in_codes = [int.from_bytes(row[1:WIDTH].tobytes()) for row in kept.codes]
    assert kept.respondents.tolist() == in_codes


async def test_codes_are_the_same_with_and_without_respondents(conn, publish):
    await publish("staff-digital")
    await responses.insert_many(conn, [response(number, spelled(number)) for number in range(1, 50)])
    plain = await fetch_coded(conn, "staff-digital", "2026H2")
    linked = await fetch_coded(conn, "staff-digital", "2026H2", respondents=True)
    assert plain.respondents is None
    assert linked.paradata == plain.paradata
    assert linked.codes.shape == plain.codes.shape == (49, WIDTH + len(plain.paradata))
    assert sorted(map(bytes, linked.codes)) == sorted(map(bytes, plain.codes))


async def test_a_wave_without_responses_has_no_respondents(conn, publish):
    await publish("staff-digital")
    kept = await fetch_coded(conn, "staff-digital", "2026H2", respondents=True)
    assert (len(kept.codes), kept.respondents.tolist()) == (0, [])


async def test_a_withdrawal_erases_who_it_was_and_nobody_else(conn, publish):
    wave = await publish("staff-digital")
    sent = [response(5), response(5), response(6)]
    await responses.insert_many(conn, sent)
    received = await responses.fetch_by_receipt(conn, sent[0].receipt)
    await responses.withdraw(conn, received, wave.opens_at)
    rows = await conn.fetch("SELECT id, respondent FROM response")
    assert {row["id"]: row["respondent"] for row in rows} == {sent[0].id: None, sent[1].id: 5, sent[2].id: 6}
    kept = await fetch_coded(conn, "staff-digital", "2026H2", respondents=True)
    assert sorted(kept.respondents.tolist()) == [5, 6]


async def test_a_resent_response_keeps_the_respondent_it_has(conn, publish):
    """Rows from before the link stay as they are, and are still found as kept."""
    await publish("staff-digital")
    sent = response(8)
    await responses.insert_many(conn, [sent])
    await conn.execute("UPDATE response SET respondent = NULL")
    (kept,) = await responses.insert_many(conn, [sent])
    assert not kept.new
    assert await conn.fetchval("SELECT respondent FROM response") is None


@pytest.mark.parametrize("nobody", [0, -1])
async def test_the_schema_refuses_numbers_that_mean_nobody(conn, publish, nobody):
    await publish("staff-digital")
    with pytest.raises(asyncpg.CheckViolationError, match="response_respondent_is_positive"):
        await responses.insert_many(conn, [response(nobody)])


async def test_the_schema_says_what_the_number_is(conn):
    said = await conn.fetchval(
        "SELECT col_description('response'::regclass, attnum) FROM pg_attribute "
        "WHERE attrelid = 'response'::regclass AND attname = 'respondent'"
    )
    assert "keyed hash" in said
