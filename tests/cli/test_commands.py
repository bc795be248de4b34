"""Every other command, and how each ends: the exit code and the one line that says what to do."""

import socket
from pathlib import Path

import pytest

import survey
from survey.db.accounts import find_account

INSTRUMENTS = Path(survey.__file__).parent / "instruments"
NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"


def is_one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


async def test_help_names_every_command(run):
    ended = await run("--help")
    assert ended.code == 0
    for command in ("demo", "serve", "migrate", "proof", "import", "summary", "compare", "user", "reconcile", "doctor"):
        assert f"\n  {command} " in ended.out


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("serve", "--port", "eighty"), ("user", "add"), ("proof", "gone")]
)
async def test_a_wrong_call_is_usage(run, arguments):
    ended = await run(*arguments)
    assert ended.code == 2
    assert is_one_line(ended.err)


async def test_migrate_twice(program):
    assert (await program("migrate")).out == "nothing to do, the schema is current\n"


async def test_an_account_is_opened_once(program, conn):
    ended = await program("user", "add", "ann", "--role", "evaluator")
    role, token = ended.out.strip().split(" token: ")
    account = await find_account(conn, token)
    assert (role, account.name, account.role) == ("evaluator", "ann", "evaluator")
    again = await program("user", "add", "ann", "--role", "administrator")
    assert (again.code, again.out) == (1, "")
    assert is_one_line(again.err)


async def test_an_instrument_is_published_once_and_never_changed(program, tmp_path):
    file = tmp_path / "gov-sat.json"
    file.write_bytes((INSTRUMENTS / "gov-sat.json").read_bytes())
    for _ in range(2):
        ended = await program("import", "instrument", file)
        assert ended.code == 0, ended.err
        assert ended.out.startswith("gov-sat version 1 is published, sha256 ")
    file.write_bytes(file.read_bytes() + b"\n")
    changed = await program("import", "instrument", file)
    assert changed.code == 1
    assert "higher version" in changed.err
    assert is_one_line(changed.err)


async def test_a_flawed_instrument_is_not_published(program, conn, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text('{"slug": "bad", "version": "one"}')
    proofed = await program("proof", file, INSTRUMENTS / "housing.json")
    assert proofed.code == 1
    assert proofed.out.startswith(f"{file}: ")
    refused = await program("import", "instrument", file)
    assert refused.code == 1
    assert is_one_line(refused.err)
    assert await conn.fetchval("SELECT count(*) FROM instrument") == 0


async def test_advice_is_printed_and_is_no_failure(run, tmp_path):
    file, shipped = tmp_path / "advised.json", (INSTRUMENTS / "housing.json").read_text(encoding="utf-8")
    file.write_text(shipped.replace('"simple": "您住哪种房子？"', '"simple": "最多选三个。"'), encoding="utf-8")
    ended = await run("proof", file)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{file}: $.sections[0].asked[0].item.text: advice: ")
    assert is_one_line(ended.out)


async def test_workbooks_of_instruments_are_refused_plainly(program, tmp_path):
    (tmp_path / "form.xlsx").write_bytes(b"PK")
    ended = await program("import", "instrument", tmp_path / "form.xlsx")
    assert ended.code == 1
    assert "not supported yet" in ended.err


async def test_shipped_instruments_have_no_flaw(run):
    ended = await run("proof", *sorted(INSTRUMENTS.glob("*.json")))
    assert (ended.code, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SURVEY_DATABASE_URL": NOBODY}, "No PostgreSQL answers at 127.0.0.1:1"),
        ({"SURVEY_DATABASE_URL": "mysql://host/db"}, "SURVEY_DATABASE_URL must begin with postgresql://"),
        ({"SURVEY_PORT": "eighty"}, "SURVEY_PORT"),
        ({"SURVEY_SECRET_KEY": "short"}, "SURVEY_SECRET_KEY is too short"),
        ({"SURVEY_HOST": "no.such.host.invalid"}, "no address of this machine"),
        ({"SURVEY_HOST": "192.0.2.1"}, "Cannot listen on 192.0.2.1"),
    ],
)
async def test_a_wrong_setting_stops_the_start(run, tmp_path, settings, says):
    given = {"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_PORT": "0", "SURVEY_DATABASE_URL": NOBODY}
    for command in ("serve", "demo"):
        ended = await run(command, **(given | settings))
        assert ended.code == 3
        assert says in ended.err
        assert is_one_line(ended.err)


async def test_a_port_in_use(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for command in ("serve", "demo"):
            ended = await run(command, "--port", port, SURVEY_DATA_DIR=str(tmp_path))
            assert ended.code == 3
            assert f"Port {port} of 127.0.0.1 is in use" in ended.err
            assert is_one_line(ended.err)
    assert list(tmp_path.iterdir()) == []


async def test_a_data_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    ended = await run("demo", "--port", "0", "--data-dir", tmp_path / "file" / "var")
    assert ended.code == 3
    assert is_one_line(ended.err)
    doctor = await run("doctor", SURVEY_DATA_DIR=str(tmp_path / "file" / "var"), SURVEY_PORT="0")
    assert doctor.code == 1
    assert "MEND  data folder" in doctor.out


async def test_no_database_yet(run, tmp_path):
    ended = await run("user", "add", "ann", "--role", "evaluator", SURVEY_DATA_DIR=str(tmp_path))
    assert ended.code == 3
    assert "survey migrate" in ended.err
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_is_newer_than_the_program(program, conn):
    await conn.execute("INSERT INTO migration (name, sha256) VALUES ('9999_tomorrow', 'x')")
    for command in (("migrate",), ("serve", "--port", "0"), ("demo", "--port", "0")):
        ended = await program(*command)
        assert ended.code == 3
        assert "The database is newer than this program" in ended.err
        assert is_one_line(ended.err)


async def test_a_database_that_waits_for_a_migration(program, conn):
    await conn.execute("DELETE FROM migration")
    ended = await program("serve", "--port", "0")
    assert ended.code == 3
    assert "survey migrate" in ended.err
    doctor = await program("doctor")
    assert doctor.code == 1
    assert "MEND  database" in doctor.out


async def test_a_sound_set_up(program):
    ended = await program("doctor", SURVEY_PORT="0")
    assert ended.code == 0, ended.out
    assert "MEND" not in ended.out
