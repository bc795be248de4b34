"""`survey export responses`: the real program, the real database, every format by a reader that is not ours."""

import asyncio
import csv
import json
import os
import pty
import signal
import sys
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pyreadstat
import pytest

from tests.cli.conftest import SECRET, environment
from tests.cli.test_import_responses import ARGUMENTS, write_csv
from tests.web.test_export_served import MANY, fill

EXPORT = ("export", "responses", "--survey", "gov-sat", "--wave")
DDI = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
async def kept(program, publish, tmp_path):
    """Five imported responses."""
    await publish("gov-sat")
    assert (await program(*ARGUMENTS, write_csv(tmp_path / "people.csv"))).code == 0


async def counted(program, wave):
    ended = await program("summary", "--survey", "gov-sat", "--wave", wave, "--json")
    assert ended.code == 0, ended.err
    items = json.loads(ended.out)["items"]
    return {item["item"]: (item.get("counts"), item.get("missing"), item.get("n")) for item in items}


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
async def test_what_is_exported_can_be_imported_and_counts_the_same(program, publish, kept, tmp_path, ending):
    file = tmp_path / f"out{ending}"
    ended = await program(*EXPORT, "2026H2", "--to", file)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("5 responses in ")
    await publish("gov-sat", wave="2027H1")
    again = await program(*ARGUMENTS[:-1], "2027H1", "--map", f"{file}.map.json", file)
    assert again.out == "5 kept, 0 already there, 0 rejected\n", again.err
    counts = await counted(program, "2026H2")
    assert counts["Q3"][:2] == (
        {"5": 2, "4": 1, "3": 0, "2": 1, "1": 0},
        {"not_asked": 1, "skipped": 0, "refused": 0, "not_applicable": 0, "dont_know": 0},
    )
    assert await counted(program, "2027H1") == counts


async def test_csv_begins_with_a_mark_and_has_a_column_an_option(program, kept, tmp_path):
    await program(*EXPORT, "2026H2", "--to", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0])[:11] == [
        "id", "wave", "variant", "mode", "helper", "answered_by", "locale",
        "disposition", "synthetic", "received_at", "Q0"
    ]  # fmt: skip
    assert not [name for name in rows[0] if "phone" in name]
    assert {row["Q13"] for row in rows} >= {"窗口排队太久"}
    assert sorted((row["Q12.1"], row["Q12.2"], row["Q12.4"]) for row in rows if row["Q12.1"] not in {"-1", "-2"}) == [
        ("1", "0", "1")
    ]


async def test_other_formats_are_read_by_their_own_readers(program, kept, tmp_path):
    for ending in (".csv", ".xlsx", ".parquet", ".sav"):
        assert (await program(*EXPORT, "2026H2", "--to", tmp_path / f"out{ending}")).code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as text:
        heading, *rows = csv.reader(text)
    ids, q3 = [row[0] for row in rows], [int(row[heading.index("Q3")]) for row in rows]
    sheet = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True))
    assert list(sheet[0]) == heading
    assert [(row[0], row[heading.index("Q3")]) for row in sheet[1:]] == list(zip(ids, q3, strict=True))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.names == heading
    assert table["id"].to_pylist() == ids
    assert table["Q3"].to_pylist() == q3
    columns, meta = pyreadstat.read_sav(tmp_path / "out.sav", user_missing=True, output_format="dict")
    assert list(columns["id"]) == ids
    assert meta.variable_value_labels["Q3"][5.0] == "非常满意"
    assert meta.variable_value_labels["Q3"][-2.0] == "未作答"
    assert meta.missing_ranges["Q3"] == [{"lo": -5.0, "hi": -1.0}]
    assert meta.variable_measure["Q3"] == "ordinal"
    assert meta.variable_measure["Q7"] == "scale"
    assert meta.column_names_to_labels["Q3"]


async def test_the_codebook_beside_it(program, conn, kept, tmp_path):
    await program(*EXPORT, "2026H2", "--to", tmp_path / "out.csv")
    root = ElementTree.parse(tmp_path / "out.csv.ddi.xml").getroot()  # noqa: S314 - our own
    assert root.tag == f"{DDI}codeBook"
    assert [part.tag for part in root] == [f"{DDI}{name}" for name in ("stdyDscr", "fileDscr", "dataDscr")]
    sha256 = await conn.fetchval("SELECT encode(sha256, 'hex') FROM instrument WHERE survey = 'gov-sat'")
    assert sha256 in {one.text for one in root.iter(f"{DDI}IDNo")}
    assert root.findtext(f".//{DDI}fileName") == "out.csv"
    assert root.findtext(f".//{DDI}caseQnty") == "5"
    var = next(one for one in root.iter(f"{DDI}var") if one.get("name") == "Q3")
    assert var.findtext(f"{DDI}concept") == "Q3"
    assert {one.get(LANG) for one in var.iter(f"{DDI}qstnLit")} == {"zh-Hans", "en"}
    assert {one.get(LANG) for one in var.findall(f"{DDI}labl")} == {"zh-Hans", "en"}
    states = {one.findtext(f"{DDI}catValu") for one in var.iter(f"{DDI}catgry") if one.get("missing") == "Y"}
    assert states == {"-1", "-2", "-3", "98", "99"}


@pytest.mark.parametrize(
    ("wave", "name", "code", "says"),
    [
        ("2026H2", "out.ods", 1, ".parquet"),
        ("1999", "out.csv", 1, "1999"),
        ("2026H2", "nowhere/out.csv", 1, "no folder"),
    ],
)
async def test_what_cannot_be_is_refused_and_leaves_nothing(program, kept, tmp_path, wave, name, code, says):
    before = sorted(tmp_path.iterdir())
    ended = await program(*EXPORT, wave, "--to", tmp_path / name)
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


async def test_a_wrong_call_and_a_database_that_is_away(run, tmp_path):
    assert (await run("export", "responses", "--survey", "gov-sat")).code == 2
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    ended = await run(*EXPORT, "2026H2", "--to", tmp_path / "out.csv", SURVEY_DATABASE_URL=away)
    assert (ended.code, ended.err.count("\n")) == (3, 1)


async def test_a_file_that_is_there_is_replaced_when_the_new_one_is_whole(program, kept, tmp_path):
    (tmp_path / "out.csv").write_text("old")
    await program(*EXPORT, "1999", "--to", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "old"
    await program(*EXPORT, "2026H2", "--to", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("2026H2") == 5
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out.csv", "out.csv.ddi.xml", "out.csv.map.json"]
    assert not list(tmp_path.glob(".*"))


async def begun(*arguments, database_url, before=(), **streams):
    """The program as a process that runs."""
    command = [*before, sys.executable, "-m", "survey", *map(str, arguments)]
    settings = environment(SURVEY_DATABASE_URL=database_url, SURVEY_SECRET_KEY=SECRET)
    return await asyncio.create_subprocess_exec(*command, env=settings, preexec_fn=hears_ctrl_c, **streams)


def hears_ctrl_c():
    """A shell that runs the tests in the background has its programs ignore Ctrl-C, and theirs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".sav"])
async def test_a_disk_without_room_is_said_in_a_line_and_leaves_what_was_there(kept, database_url, tmp_path, ending):
    """No file may be longer than a kilobyte."""
    file = tmp_path / f"out{ending}"
    file.write_text("old")
    limit = ("bash", "-c", 'ulimit -f 1; exec "$@"', "bash")
    arguments = (*EXPORT, "2026H2", "--to", file)
    process = await begun(*arguments, database_url=database_url, before=limit, stderr=asyncio.subprocess.PIPE)
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode() == f"survey: {file} cannot be written: file too large; what was there before stays\n"
    assert file.read_text() == "old"
    assert sorted(tmp_path.glob("*out*")) == [file]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130)]
)
async def test_an_export_that_is_stopped_leaves_no_half_file(conn, publish, database_url, tmp_path, number, code):
    await fill(conn, await publish())
    file = tmp_path / "out.xlsx"
    process = await begun(*EXPORT, "2026H2", "--to", file, database_url=database_url)
    while not list(tmp_path.glob(".out.*")):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), 30) == code
    assert not list(tmp_path.glob("out*"))
    assert bool(list(tmp_path.glob(".out.*"))) == (number == signal.SIGKILL)
    again = await begun(*EXPORT, "2026H2", "--to", file, database_url=database_url, stdout=asyncio.subprocess.PIPE)
    out, _ = await again.communicate()
    assert out.decode().startswith(f"{MANY} responses in {file}")
    assert file.exists()


async def test_a_terminal_shows_how_far_it_is(publish, database_url, tmp_path):
    await publish()
    table, file = write_csv(tmp_path / "people.csv"), tmp_path / "out.csv"
    for arguments, label in (((*ARGUMENTS, table), "row 6"), ((*EXPORT, "2026H2", "--to", file), "responses")):
        ours, its = pty.openpty()
        process = await begun(*arguments, database_url=database_url, stderr=its, stdout=asyncio.subprocess.DEVNULL)
        os.close(its)
        assert await process.wait() == 0
        shown = os.read(ours, 1 << 16).decode()
        os.close(ours)
        assert label in shown
        assert "100%" in shown
