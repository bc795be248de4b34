"""`survey import responses`: real files, the real program, the real database."""

import asyncio
import csv
import json
import signal
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey.demo
from survey.db.surveys import fetch_published
from survey.evaluation.coding import CodeBook
from tests.conftest import INSTRUMENTS

DEMO = Path(survey.demo.__file__).parent
COLUMNS = ["Q0", "Q1", "Q2", "Q3", "Q4", "Q7", "Q12", "Q13", "D1"]
PEOPLE: list[list[object]] = [
    [1, 1, 2, 5, 4, 1, "", "", 4],
    [1, 1, 2, 2, 1, 99, "1;4", "窗口排队太久", 5],
    [1, 3, 1, 4, 98, 0, "", "", 97],
    [1, 1, 2, 5, 4, 1, "", "", 4],  # answers like the first, and is somebody else
    [0, "", "", "", "", "", "", "", ""],
]
ARGUMENTS = ("import", "responses", "--survey", "gov-sat", "--wave", "2026H2")


def write_csv(path: Path, rows=PEOPLE, columns=COLUMNS, *, encoding="utf-8", delimiter=",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([columns, *rows])
    return path


async def answers(conn, slug="gov-sat"):
    """Every kept response's answers, as multiset."""
    instrument = (await fetch_published(conn, slug, 1)).instrument
    rows = await conn.fetch("SELECT codes, extra FROM response WHERE survey = $1", slug)
    book = CodeBook(instrument)
    return Counter(
        tuple(
            sorted((item, str(answer)) for item, answer in book.decode(row["codes"], json.loads(row["extra"])).items())
        )
        for row in rows
    )


@pytest.fixture
async def wave(publish):
    return await publish("gov-sat")


async def test_an_import_counts_characters_as_a_person_does(program, conn, wave, tmp_path):
    rows = [[1, 1, 2, 5, 4, 1, "", text, 4] for text in ("👨‍👩‍👧‍👦" * 500, "𠮷" * 501, " 好\u200b\xa0的 ")]
    ended = await program(*ARGUMENTS, write_csv(tmp_path / "people.csv", rows))
    assert ended.out.startswith("2 kept, 0 already there, 1 rejected"), ended.out
    assert {dict(kept).get("Q13") for kept in await answers(conn)} == {"👨‍👩‍👧‍👦" * 500, "好 的"}


async def test_one_table_in_three_formats_is_the_same_people(program, conn, wave, tmp_path):
    first = await program(*ARGUMENTS, write_csv(tmp_path / "people.csv"))
    assert (first.code, first.out) == (0, "5 kept, 0 already there, 0 rejected\n"), first.err
    kept = await answers(conn)
    assert sum(kept.values()) == 5

    book = openpyxl.Workbook()
    for row in [COLUMNS, *[[cell if cell != "" else None for cell in person] for person in PEOPLE]]:
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    typed = {name: [row[place] if row[place] != "" else None for row in PEOPLE] for place, name in enumerate(COLUMNS)}
    typed["Q3"] = [None if value is None else float(value) for value in typed["Q3"]]
    pq.write_table(pa.table(typed), tmp_path / "people.parquet")
    others = [
        tmp_path / "people.xlsx",
        tmp_path / "people.parquet",
        write_csv(tmp_path / "gb.csv", encoding="gb18030"),
        write_csv(tmp_path / "bom.csv", encoding="utf-8-sig", delimiter=";"),
        write_csv(tmp_path / "tab.csv", encoding="utf-16", delimiter="\t"),
    ]
    for file in others:
        again = await program(*ARGUMENTS, file)
        assert (again.code, again.out) == (0, "0 kept, 5 already there, 0 rejected\n"), (file, again.err)
    assert await answers(conn) == kept


async def test_bad_rows_are_reported_and_good_ones_kept(program, conn, wave, tmp_path):
    rows = [
        PEOPLE[0],
        [1, 1, 2, 9, "=1+1", 1, "", "", 4],
        [1, 1, 2, 5, 4, 30, "", "", 4],
        [1, 1, 2, "", 4, 1, "", "", 4],
        [1, 1, 2, 5, 4, 1],
        [1, 1, 2, 2, 1, 1, "1;2;3;4", "", 4],
    ]
    file = write_csv(tmp_path / "people.csv", rows)
    ended = await program(*ARGUMENTS, file)
    assert (ended.code, ended.out) == (0, "1 kept, 0 already there, 5 rejected\n")
    report = tmp_path / "people.csv.rejected.csv"
    assert str(report) in ended.err
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    with report.open(encoding="utf-8-sig", newline="") as text:
        assert list(csv.reader(text)) == [
            ["row", "column", "value", "reason"],
            ["3", "Q3", "9", "this is not one of the codes"],
            ["3", "Q4", "'=1+1", "this is not one of the codes"],
            ["4", "Q7", "30", "the most is 20"],
            ["5", "Q3", "", "this question must be answered"],
            ["6", "", "", "the row has 6 cells, the heading 9"],
            ["7", "Q12", "1;2;3;4", "4 were chosen, at most 3 can be"],
        ]
    mended = await program(*ARGUMENTS, write_csv(file, [PEOPLE[0], *PEOPLE[1:3]]))
    assert mended.out == "2 kept, 1 already there, 0 rejected\n"
    assert not report.exists()


async def test_nothing_but_bad_rows_is_a_refusal(program, conn, wave, tmp_path):
    ended = await program(*ARGUMENTS, write_csv(tmp_path / "people.csv", [[1, 1, 2, 9, 4, 1, "", "", 4]]))
    assert (ended.code, ended.out) == (1, "0 kept, 0 already there, 1 rejected\n")


async def test_an_id_that_holds_other_answers_stays_as_it_is(program, conn, wave, tmp_path):
    columns = ["id", *COLUMNS]
    file = write_csv(tmp_path / "a.csv", [["p1", *PEOPLE[0]], ["p1", *PEOPLE[1]], ["p2", *PEOPLE[0]]], columns)
    assert (await program(*ARGUMENTS, file)).out == "2 kept, 0 already there, 1 rejected\n"
    file = write_csv(tmp_path / "a.csv", [["p1", *PEOPLE[0]], ["p2", *PEOPLE[2]]], columns)
    assert (await program(*ARGUMENTS, file)).out == "0 kept, 1 already there, 1 rejected\n"
    assert "another response has this id" in (tmp_path / "a.csv.rejected.csv").read_text(encoding="utf-8")


async def test_what_was_imported_is_a_replay_to_the_api_and_the_other_way_round(program, conn, client, wave, tmp_path):
    mapping = {"columns": {name: name for name in COLUMNS}, "id": "id", "mode": "web"}
    (tmp_path / "map.json").write_text(json.dumps(mapping))
    ids = [f"0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f6{number}" for number in range(3)]
    answers = {"Q0": 1, "Q1": 1, "Q2": 2, "Q3": 2, "Q4": 98, "Q7": 3, "Q12": [1, 4], "Q13": "窗口", "D1": 5}
    cells = [";".join(map(str, value)) if isinstance(value, list) else value for value in answers.values()]
    rows = [[ids[0], *cells], [ids[1], *cells], [ids[2], *cells]]
    rows[2][6] = 4  # other answers than those sent
    url = "/api/v1/surveys/gov-sat/responses"
    for id in ids[1:]:
        assert (await client.post(url, json={"id": id, "answers": answers})).status_code == 201
    file = write_csv(tmp_path / "people.csv", rows, ["id", *COLUMNS])
    done = await program(*ARGUMENTS, "--map", tmp_path / "map.json", file)
    assert done.out == "1 kept, 1 already there, 1 rejected\n", done.err
    replies = [await client.post(url, json={"id": id, "answers": answers}) for id in ids]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    other = await client.post(url, json={"id": ids[0], "answers": answers | {"Q7": 4}})
    assert other.status_code == 409


async def test_rows_before_the_damage_are_kept(program, conn, wave, tmp_path):
    file = write_csv(tmp_path / "people.csv", PEOPLE * 1200)
    file.write_bytes(file.read_bytes() + b'1,1,2,"5"x\n')
    ended = await program(*ARGUMENTS, file)
    assert (ended.code, ended.out) == (1, "")
    assert "not a CSV file from line 6002 on" in ended.err
    assert await conn.fetchval("SELECT count(*) FROM response") == 6000


async def test_an_interrupted_import_goes_on(program, conn, wave, tmp_path, database_url):
    n = 30_000
    rows = [[1, 1, 2, 5 - number % 3, 4, number % 20, "", f"no. {number}", 4] for number in range(n)]
    file = write_csv(tmp_path / "people.csv", rows)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "survey", *ARGUMENTS, str(file),
        env={"SURVEY_DATABASE_URL": database_url, "SURVEY_SECRET_KEY": "only for tests, 16+"},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    while not (reached := await conn.fetchval("SELECT count(*) FROM response")):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert reached < n
    await asyncio.sleep(0.1)
    reached = await conn.fetchval("SELECT count(*) FROM response")
    ended = await program(*ARGUMENTS, file)
    assert ended.out == f"{n - reached} kept, {reached} already there, 0 rejected\n"
    assert await conn.fetchval("SELECT count(*) FROM response") == n


async def test_a_mapping_translates_columns_labels_and_options(program, conn, wave, tmp_path):
    mapping = {
        "columns": {
            "满意度": {"item": "Q3", "values": {"非常满意": 5, "不满意": 2}},
            "agree": "Q0", "who": "Q1", "channel": "Q2",
            "slow": {"item": "Q12", "option": 1}, "rude": {"item": "Q12", "option": 4},
            "papers": {"item": "Q7", "values": {"many": 20}},
            "phone": "Q14_phone", "call": "Q14",
        },
        "blanks": ["NA"], "mode": "paper", "variant": "elder", "locale": "en", "batch": "hall 3",
    }  # fmt: skip
    (tmp_path / "map.json").write_text(json.dumps(mapping), encoding="utf-8")
    columns = ["满意度", "agree", "who", "channel", "slow", "rude", "papers", "phone", "call", "remark"]
    rows = [
        ["不满意", 1, 1, 2, "是", "x", "many", "13800138000", 1, "!"],
        ["非常满意", 1, 1, 2, "", 0, "NA", "", "", ""],
    ]
    ended = await program(*ARGUMENTS, write_csv(tmp_path / "a.csv", rows, columns), "--map", tmp_path / "map.json")
    assert ended.out == "2 kept, 0 already there, 0 rejected\n"
    assert "columns left out: remark" in ended.err
    one, two = sorted(map(dict, await answers(conn)), key=lambda answers: answers["Q3"])
    assert (one["Q3"], one["Q12"], one["Q7"]) == ("2", "(1, 4)", "20")
    assert (two["Q3"], two["Q7"]) == ("5", "Missing.SKIPPED")
    assert "Q12" not in two
    kept = await conn.fetchrow("SELECT DISTINCT mode, variant, locale FROM response")
    assert tuple(kept) == ("paper", "elder", "en")
    sealed = await conn.fetchval("SELECT sealed FROM contact")
    assert b"138" not in sealed


async def test_the_housing_table_is_1681_householders(program, conn, publish):
    await publish("housing", "1976")
    arguments = ("import", "responses", "--survey", "housing", "--wave", "1976", DEMO / "housing.csv")
    for said in ("1681 kept, 0 already there, 0 rejected\n", "0 kept, 1681 already there, 0 rejected\n"):
        ended = await program(*arguments, "--map", DEMO / "housing-map.json")
        assert (ended.code, ended.out) == (0, said), ended.err
    with (DEMO / "housing.csv").open() as file:
        table = {
            tuple((item, row[item]) for item in ("contact", "infl", "sat", "type")): int(row["freq"])
            for row in csv.DictReader(file)
        }
    assert len(table) == 72
    assert await answers(conn, "housing") == table


@pytest.mark.parametrize(
    ("name", "content", "mapping", "says"),
    [
        ("a.csv", b"Q0,Q1,nonsense\n1,1,1\n", None, "column 'nonsense' is no item of gov-sat"),
        ("a.csv", b"Q0,Q1\n1,1\n", {"columns": {"Q9": "Q9"}}, "names a column 'Q9' that the file does not have"),
        ("a.csv", b"Q0,Q1\n1,1\n", {"columns": {"Q0": "Q99"}}, "mapped to 'Q99', which gov-sat does not ask"),
        ("a.csv", b"Q0,Q1\n1,1\n", {"colums": {}}, "unknown field `colums`"),
        ("a.csv", b"Q0,Q1\n1,1\n", {"columns": {"Q0": "Q0"}, "variant": "huge"}, "no variant 'huge'"),
        ("a.csv", b"Q0,Q0\n1,1\n", None, "two columns are named 'Q0'"),
        ("a.csv", b"", None, "the first row must have the names of the columns"),
        ("a.csv", b"Q0,Q1\n1,\"1\n", None, "not a CSV file"),
        ("a.csv", b"Q0\n\xff\xfe\xfa\xff\xff", None, "neither UTF-8 nor GB 18030"),
        ("a.xlsx", b"Q0,Q1\n1,1\n", None, "not an XLSX file"),
        ("a.parquet", b"Q0,Q1\n1,1\n", None, "not a Parquet file"),
        ("a.pdf", b"%PDF", None, "a table is a .csv, .xlsx or .parquet file"),
    ],
)  # fmt: skip
async def test_a_foreign_file_is_refused_in_a_line(program, wave, tmp_path, name, content, mapping, says):
    (tmp_path / name).write_bytes(content)
    arguments = [*ARGUMENTS, tmp_path / name]
    if mapping is not None:
        (tmp_path / "map.json").write_text(json.dumps(mapping))
        arguments += ["--map", tmp_path / "map.json"]
    ended = await program(*arguments)
    assert (ended.code, ended.out) == (1, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "mapping",
    [b"", b"[]", b'{"columns"', b"[" * 100_000, b'{"columns": ' + b'{"a":' * 50_000, b'{"columns": {"Q0": NaN}}',
     b'{"columns": {"Q0": "\xff"}}', b'{"columns": {"Q0": ' + b"1" * 400 + b"}}", b'{"columns": {"Q0\\u0000": "Q0"}}'],
    ids=range(9),
)  # fmt: skip
async def test_a_mapping_that_is_none_is_refused_in_a_line(program, conn, wave, tmp_path, mapping):
    (tmp_path / "map.json").write_bytes(mapping)
    ended = await program(*ARGUMENTS, "--map", tmp_path / "map.json", write_csv(tmp_path / "people.csv"))
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


@pytest.mark.parametrize("column", ["Q3", "Q7"])
async def test_cells_that_are_no_answer_cost_their_neighbours_nothing(program, conn, wave, tmp_path, column):
    cells = ["1" * 400, "-" + "1" * 400, "nan", "Infinity", "1e400", "0x1", "[" * 5_000, "x" * 100_000, "\ufffe"]
    place = COLUMNS.index(column)
    rows = [[*PEOPLE[0][:place], cell, *PEOPLE[0][place + 1 :]] for cell in cells]
    ended = await program(*ARGUMENTS, write_csv(tmp_path / "people.csv", [PEOPLE[0], *rows, PEOPLE[0] * 1_200]))
    assert (ended.code, ended.out) == (0, f"1 kept, 0 already there, {len(cells) + 1} rejected\n"), ended.err


async def test_ids_that_stand_for_none_are_nobodys(program, conn, wave, tmp_path):
    """A device that failed to make an id sends the nil UUID, for everybody the same."""
    none = ["00000000-0000-0000-0000-000000000000", "0" * 32, "FFFFFFFF-ffff-ffff-ffff-ffffffffffff"]
    rows = [[id, *person] for id in none for person in PEOPLE[1:3]]
    file = write_csv(tmp_path / "people.csv", rows, ["id", *COLUMNS])
    assert (await program(*ARGUMENTS, file)).out == "6 kept, 0 already there, 0 rejected\n"
    assert (await program(*ARGUMENTS, file)).out == "0 kept, 6 already there, 0 rejected\n"
    assert not {UUID(id) for id in none} & {row["id"] for row in await conn.fetch("SELECT id FROM response")}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--survey", "gov-sat", "--wave", "1999"), 1, "gov-sat has no wave '1999'"),
        (("--survey", "nobody", "--wave", "2026H2"), 1, "no"),
        (("--wave", "2026H2"), 2, "--survey"),
    ],
)
async def test_a_survey_or_wave_that_is_not_there(program, wave, tmp_path, arguments, code, says):
    ended = await program("import", "responses", *arguments, write_csv(tmp_path / "a.csv"))
    assert ended.code == code
    assert says in ended.err
    assert ended.err.count("\n") == 1


STAFF = ("import", "responses", "--survey", "staff-digital", "--wave")
STAFF_MAP = {"columns": {"post": "B1", "K1": "K1"}, "respondent": "token", "blanks": ["NA"]}


def write_map(path: Path, **changes) -> Path:
    path.write_text(json.dumps(STAFF_MAP | changes), encoding="utf-8")
    return path


async def numbers_of(conn, wave):
    """Each post with who answered."""
    rows = await conn.fetch("SELECT respondent, codes, extra FROM response WHERE wave = $1", wave)
    book = CodeBook((await fetch_published(conn, "staff-digital", 1)).instrument)
    return {book.decode(row["codes"], json.loads(row["extra"]))["B1"]: row["respondent"] for row in rows}


async def test_a_respondent_column_links_two_waves_and_the_api(program, conn, client, publish, tmp_path):
    await publish("staff-digital", "before")
    await publish("staff-digital", "after")
    mapping = write_map(tmp_path / "map.json")
    columns = ["token", "post", "K1"]
    before = write_csv(tmp_path / "before.csv", [["17", 1, "C"], ["T-2", 2, "A"], ["", 3, "C"], ["NA", 4, ""]], columns)
    book = openpyxl.Workbook()
    for row in (["post", "token", "K1"], [3, "T-2", "C"], [1, 17.0, "C"], [2, "T-9", "B"]):
        book.active.append(row)
    book.save(tmp_path / "after.xlsx")
    for wave, file, n in (("before", before, 4), ("after", tmp_path / "after.xlsx", 3)):
        first = await program(*STAFF, wave, "--map", mapping, file)
        assert (first.code, first.out, first.err) == (0, f"{n} kept, 0 already there, 0 rejected\n", "")
        again = await program(*STAFF, wave, "--map", mapping, file)
        assert again.out == f"0 kept, {n} already there, 0 rejected\n", again.err

    was, now = await numbers_of(conn, "before"), await numbers_of(conn, "after")
    assert was[1] == now[1]
    assert was[2] == now[3]
    assert len({was[1], was[2], now[2]}) == 3
    assert (was[3], was[4]) == (None, None)

    sent = {
        "id": "6a0a3ee3-6c8b-4f0e-9d25-1a1f6cbd5a11",
        "wave": "after",
        "answers": {"B1": 4},
        "prefill": {"staff_token": "T-2"},
    }
    reply = await client.post("/api/v1/surveys/staff-digital/responses", json=sent)
    assert reply.status_code == 201, reply.text
    assert (await numbers_of(conn, "after"))[4] == was[2]
    assert "T-2" not in await conn.fetchval("SELECT string_agg(response::text, '') FROM response")


async def test_history_is_imported_without_the_lock_between_two_tests(program, conn, publish, tmp_path):
    """The same person twice in one wave: both are kept, under one number."""
    await publish("staff-digital", "before")
    rows = write_csv(tmp_path / "rows.csv", [["T-1", 1, "C"], ["T-1", 2, "A"]], ["token", "post", "K1"])
    done = await program(*STAFF, "before", "--map", write_map(tmp_path / "map.json"), rows)
    assert done.out == "2 kept, 0 already there, 0 rejected\n", done.err
    first, second = (await numbers_of(conn, "before")).values()
    assert first == second is not None
    assert await conn.fetchval("SELECT count(*) FROM participation") == 0


async def test_a_question_for_those_with_a_token_is_asked_of_them(program, conn, publish, tmp_path):
    """An imported token routes like one that came with a link."""
    shipped = json.loads((INSTRUMENTS / "staff-digital.json").read_text(encoding="utf-8"))
    shipped["sections"][2]["asked"][0]["when"] = {"op": "answered", "item": "staff_token"}
    await publish(wave="before", definition=json.dumps(shipped))
    rows = write_csv(tmp_path / "rows.csv", [["T-1", 1, "C"], ["", 2, "C"]], ["token", "post", "K1"])
    done = await program(*STAFF, "before", "--map", write_map(tmp_path / "map.json"), rows)
    assert done.out == "2 kept, 0 already there, 0 rejected\n", done.err
    assert "1 answers did not count" in done.err


async def test_rows_kept_without_the_column_stay_as_they_are(program, conn, publish, tmp_path):
    await publish("staff-digital", "before")
    rows = write_csv(tmp_path / "rows.csv", [["T-1", 1, "C"]], ["token", "post", "K1"])
    await program(*STAFF, "before", "--map", write_map(tmp_path / "old.json", respondent=None), rows)
    again = await program(*STAFF, "before", "--map", write_map(tmp_path / "new.json"), rows)
    assert (again.code, again.out) == (1, "0 kept, 0 already there, 1 rejected\n"), again.err
    assert await numbers_of(conn, "before") == {1: None}


@pytest.mark.parametrize(
    ("slug", "changes", "said"),
    [
        ("gov-sat", {"columns": {"post": "Q3"}}, "declares no retest"),
        ("staff-digital", {"frequency": "K1", "columns": {"post": "B1"}}, "no one person"),
        ("staff-digital", {"respondent": "staff"}, "a column 'staff' that the file does not have"),
    ],
)
async def test_a_respondent_column_that_cannot_be_one_is_refused(program, conn, publish, tmp_path, slug, changes, said):
    await publish(slug)
    rows = write_csv(tmp_path / "rows.csv", [["T-1", 1, 1]], ["token", "post", "K1"])
    mapping = write_map(tmp_path / "map.json", **changes)
    refused = await program("import", "responses", "--survey", slug, "--wave", "2026H2", "--map", mapping, rows)
    assert refused.code == 1
    assert said in refused.err
    assert await conn.fetchval("SELECT count(*) FROM response") == 0
