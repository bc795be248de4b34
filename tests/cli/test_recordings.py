"""Recordings lie beside the definition that names them."""

import pytest

from survey.forms.recordings import LARGEST
from tests.recorded import SILENCE, SPOKEN, spoken, written

AUDIO = "$.sections[0].asked[1].item.audio.zh-Hans.standard"


@pytest.fixture
def file(tmp_path):
    for name, content in SPOKEN.items():
        (tmp_path / name).write_bytes(content)
    file = tmp_path / "housing.json"
    file.write_text(written(spoken()), encoding="utf-8")
    return file


async def test_an_instrument_is_published_with_its_recordings(program, conn, file):
    ended = await program("proof", file)
    assert (ended.code, ended.out) == (0, "")
    assert (await program("import", "instrument", file)).code == 0
    rows = await conn.fetch("SELECT file, content FROM recording WHERE survey = 'housing' AND version = 1")
    assert {row["file"]: row["content"] for row in rows} == SPOKEN


async def test_a_file_that_is_not_there_is_named(program, conn, file):
    (file.parent / "contact.mp3").unlink()
    ended = await program("proof", file)
    assert (ended.code, ended.out.count("\n")) == (1, 1)
    assert ended.out.startswith(f"{file}: {AUDIO}: ")
    assert ended.out.endswith("[recording-missing]\n")
    assert (await program("import", "instrument", file)).code == 1
    assert await conn.fetchval("SELECT count(*) FROM instrument") == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("contact.mp3", SILENCE * (LARGEST // len(SILENCE) + 1), "recording-size"),
        ("contact.mp3", b"RIFF....WAVE", "recording-type"),
        ("contact.wav", SILENCE, "recording-type"),
        ("../contact.mp3", SILENCE, "recording-type"),
    ],
)
async def test_a_file_that_cannot_be_kept_is_named(run, file, name, content, code):
    (file.parent / name).write_bytes(content)
    file.write_text(file.read_text(encoding="utf-8").replace('"contact.mp3"', f'"{name}"'), encoding="utf-8")
    ended = await run("proof", file)
    assert (ended.code, ended.out.count("\n")) == (1, 1)
    assert ended.out.startswith(f"{file}: {AUDIO}: ")
    assert ended.out.endswith(f"[{code}]\n")


async def test_a_recording_in_a_language_that_nobody_reads_is_named(run, file):
    file.write_text(file.read_text(encoding="utf-8").replace('"audio":{"zh-Hans"', '"audio":{"fr"'), encoding="utf-8")
    ended = await run("proof", file)
    assert ended.code == 1
    assert {line.rpartition("[")[2] for line in ended.out.split("\n") if line} == {"unknown-reference]"}
