"""Responses as files through HTTP."""

import csv
import errno
import io
from datetime import UTC, datetime
from uuid import uuid4
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pyreadstat
import pytest
import structlog

from survey.db import accounts, responses
from survey.exports import formats, xlsx
from survey.forms.items import Missing
from survey.responses import bucket_of
from tests.evaluation.samples import keep

WAVE = "/api/v1/surveys/gov-sat/waves/2026H2"
ENDINGS = (".csv", ".xlsx", ".parquet", ".sav")
PEOPLE = [
    {"Q0": 1, "Q1": 1, "Q2": 2, "Q3": 5, "Q4": Missing.DONT_KNOW, "Q7": 3, "Q13": '=HYPERLINK("http://x")'},
    {"Q0": 1, "Q1": 3, "Q2": 1, "Q3": 2, "Q4": Missing.SKIPPED, "Q12": (1, 4), "Q13": "窗口“太少”,\n请增加"},
    {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": Missing.NOT_APPLICABLE, "Q13": "-2"},
]


@pytest.fixture
async def wave(conn, publish):
    wave = await publish("gov-sat")
    await keep(conn, wave, PEOPLE)
    return wave


async def fetch(client, headers, url):
    reply = await client.get(url, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read(ending, content, tmp_path):
    """The rows as each format's own reader has them, every cell as text."""
    path = tmp_path / f"read{ending}"
    path.write_bytes(content)
    if ending == ".csv":
        return rows_of(content)
    if ending == ".xlsx":
        heading, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        rows = [dict(zip(heading, row, strict=True)) for row in rows]
    elif ending == ".parquet":
        rows = pq.read_table(path).to_pylist()
    else:
        columns, _ = pyreadstat.read_sav(path, user_missing=True, output_format="dict")
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]


async def test_exports_need_an_account_and_a_wave(client, evaluator_headers, wave):
    for name in (*(f"responses{ending}" for ending in ENDINGS), "codebook.xml"):
        assert (await client.get(f"{WAVE}/{name}")).status_code == 401
        reply = await client.get(f"{WAVE}1/{name}", headers=evaluator_headers)
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    assert (await client.get(f"{WAVE}/responses.ods", headers=evaluator_headers)).status_code == 404


async def test_administrators_may_export(client, conn, wave):
    token = await accounts.insert_account(conn, "root", "administrator")
    await fetch(client, {"Authorization": f"Bearer {token}"}, f"{WAVE}/responses.csv")


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [
        (".csv", "text/csv; charset=utf-8"),
        (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (".parquet", "application/vnd.apache.parquet"),
        (".sav", "application/x-spss-sav"),
    ],
)
async def test_every_format_has_the_same_people(client, evaluator_headers, wave, tmp_path, ending, media_type):
    reply = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
    assert reply.headers["content-type"] == media_type
    assert reply.headers["content-disposition"] == f'attachment; filename="gov-sat-2026H2{ending}"'
    assert reply.headers["accept-ranges"] == "none"
    rows = read(ending, reply.content, tmp_path)
    spss, apostrophe = ending == ".sav", "'" if ending in {".csv", ".xlsx"} else ""

    def said(*codes):
        return tuple(str(float(code)) if spss else str(code) for code in codes)

    dont_know, not_applicable = (-5, -4) if spss else (99, 98)
    found = {tuple(row[name] for name in ("Q3", "Q4", "Q7", "Q12.1", "Q12.2", "Q13")) for row in rows}
    assert found == {
        (*said(5, dont_know, 3, -1, -1), f'{apostrophe}=HYPERLINK("http://x")'),
        (*said(2, -2, -1, 1, 0), "窗口“太少”,\n请增加"),
        (*said(not_applicable, -1, -1, -1, -1), "'-2"),  # without the apostrophe it would say: skipped
    }


HELPED = {"number": "窗口 W-0042", "answered_by": "proxy", "consent_read_out": True}


async def submit(client, **paradata):
    answers = {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1}
    sent = {"id": str(uuid4()), "answers": answers, "mode": "assisted", "paradata": paradata}
    return await client.post("/api/v1/surveys/gov-sat/responses", json=sent)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_who_helped_and_who_answered_is_told_of_every_response(
    client, evaluator_headers, publish, tmp_path, ending
):
    await publish("gov-sat")
    for paradata in ({"helper": HELPED}, {"helper": {**HELPED, "number": "0042", "answered_by": "self"}}, {}):
        assert (await submit(client, **paradata)).status_code == 201
    rows = read(ending, (await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")).content, tmp_path)
    found = {(row["mode"], row["helper"], row["answered_by"]) for row in rows}
    assert found == {("assisted", "窗口 W-0042", "proxy"), ("assisted", "0042", "self"), ("assisted", "", "")}
    if ending == ".sav":
        _, meta = pyreadstat.read_sav(tmp_path / "read.sav", output_format="dict")
        assert meta.variable_value_labels["answered_by"]["proxy"] == "他人代为回答"


async def test_the_codebook_says_who_may_have_answered(client, evaluator_headers, wave):
    root = ElementTree.fromstring((await fetch(client, evaluator_headers, f"{WAVE}/codebook.xml")).content)  # noqa: S314
    ddi = "{ddi:codebook:2_5}"
    var = {one.get("name"): one for one in root.iter(f"{ddi}var")}
    assert [one.text for one in var["helper"].iter(f"{ddi}labl")][1] == "Staff number of the helper or interviewer"
    assert [one.text for one in var["answered_by"].iter(f"{ddi}catValu")] == ["self", "together", "proxy"]


@pytest.mark.parametrize("number", ["=1+1", "W-0042\n", "", "x" * 41])
async def test_a_staff_number_is_no_formula_and_no_two_lines(client, publish, number):
    await publish("gov-sat")
    assert (await submit(client, helper={**HELPED, "number": number})).status_code == 422


async def test_the_order_is_that_of_bucket_and_id(client, conn, evaluator_headers, wave):
    await keep(conn, wave, PEOPLE * 30)
    ids = [row["id"] for row in rows_of((await fetch(client, evaluator_headers, f"{WAVE}/responses.csv")).content)]
    expected = await conn.fetch("SELECT id::text FROM response ORDER BY bucket, id")
    assert ids == [row["id"] for row in expected]
    assert len(ids) == 93


async def test_withdrawn_responses_and_contact_data_are_not_there(client, conn, evaluator_headers, wave, tmp_path):
    id = uuid4()
    await keep(conn, wave, PEOPLE[1:2], id=id, receipt=(bucket_of(id) << 54) + 7)
    gone = await responses.fetch_by_receipt(conn, (bucket_of(id) << 54) + 7)
    await responses.withdraw(conn, gone, datetime.now(UTC))
    for ending in ENDINGS:
        reply = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
        rows = read(ending, reply.content, tmp_path)
        assert len(rows) == 3
        assert str(id) not in {row["id"] for row in rows}
    assert "Q14" in rows[0]
    assert not [name for name in rows[0] if "phone" in name]


async def test_an_empty_wave_is_a_file_without_rows(client, evaluator_headers, publish, tmp_path):
    await publish("gov-sat")
    for ending in ENDINGS:
        reply = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
        assert read(ending, reply.content, tmp_path) == []


async def test_the_codebook_says_what_the_columns_mean(client, evaluator_headers, conn, wave):
    reply = await fetch(client, evaluator_headers, f"{WAVE}/codebook.xml")
    root = ElementTree.fromstring(reply.content)  # noqa: S314 - our own
    sha256 = await conn.fetchval("SELECT encode(sha256, 'hex') FROM instrument WHERE survey = 'gov-sat'")
    assert sha256 in {one.text for one in root.iter("{ddi:codebook:2_5}IDNo")}
    header = rows_of((await fetch(client, evaluator_headers, f"{WAVE}/responses.csv")).content)[0]
    assert [one.get("name") for one in root.iter("{ddi:codebook:2_5}var")] == list(header)


async def test_a_reader_who_leaves_gives_the_connection_back(app, client, conn, evaluator_headers, wave):
    """Twelve readers who stop after the heading, where the pool has ten connections."""
    from survey.web.exports import csv_stream

    for _ in range(12):
        pieces = csv_stream(app.state.pool, "gov-sat", "2026H2")
        assert (await anext(pieces)).startswith(b"\xef\xbb\xbf")
        await pieces.aclose()
    await fetch(client, evaluator_headers, f"{WAVE}/responses.csv")


async def test_a_wave_too_large_for_a_sheet_is_refused_before_it_is_read(
    client, evaluator_headers, conn, wave, monkeypatch
):
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 4)
    await fetch(client, evaluator_headers, f"{WAVE}/responses.xlsx")
    await keep(conn, wave, PEOPLE[:1])
    reply = await client.get(f"{WAVE}/responses.xlsx", headers=evaluator_headers)
    assert reply.status_code == 422
    assert reply.json()["detail"] == ("A sheet holds 4 rows and 2026H2 has 4 responses: take .csv, .parquet or .sav")


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_download_that_is_gone_on_with_is_sent_whole_again(client, evaluator_headers, wave, ending):
    whole = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
    again = await fetch(client, {**evaluator_headers, "range": "bytes=100-"}, f"{WAVE}/responses{ending}")
    assert len(again.content) == len(whole.content)
    assert "content-range" not in again.headers


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
async def test_no_text_is_a_formula(client, conn, evaluator_headers, publish, tmp_path, sign):
    await keep(conn, await publish(), [{"Q3": 5, "Q13": f"{sign}1+1"}])
    for ending in (".csv", ".xlsx"):
        reply = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
        assert read(ending, reply.content, tmp_path)[0]["Q13"] == f"'{sign}1+1"


ODD = "𠮷\n & <b>\"'</b>\t  ]]> &amp; %s"


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_longest_text_comes_back_whole(client, conn, evaluator_headers, publish, tmp_path, ending):
    await keep(conn, await publish(), [{"Q3": 5, "Q13": "窗口" * 250}, {"Q3": 5, "Q13": ODD}])
    reply = await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
    assert {row["Q13"] for row in read(ending, reply.content, tmp_path)} == {"窗口" * 250, ODD}


async def test_it_is_noted_who_took_what(client, evaluator_headers, wave):
    with structlog.testing.capture_logs() as lines:
        for ending in (".csv", ".parquet"):
            await fetch(client, evaluator_headers, f"{WAVE}/responses{ending}")
        assert (await client.get(f"{WAVE}/responses.csv")).status_code == 401
    noted = [line for line in lines if line["event"] == "responses_exported"]
    assert [(line["account"], line["survey"], line["wave"], line["format"]) for line in noted] == [
        ("test-evaluator", "gov-sat", "2026H2", "csv"),
        ("test-evaluator", "gov-sat", "2026H2", "parquet"),
    ]


async def test_no_room_for_the_file_is_no_absent_database(client, evaluator_headers, wave, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(formats.ParquetFile, "_flush", full)
    reply = await client.get(f"{WAVE}/responses.parquet", headers=evaluator_headers)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert "no space left on device" in reply.json()["detail"]
    assert (await client.get(f"{WAVE}/responses.csv", headers=evaluator_headers)).status_code == 200
