"""Recorded questions: published with the version, served in parts, played without a script."""

import re

import asyncpg
import msgspec
import pytest

from survey.db import surveys
from survey.errors import Conflict, Refused
from survey.forms.instrument import Instrument
from survey.forms.recordings import LARGEST, unusable_files
from tests.recorded import AAC, LOSSLESS, OTHER, SILENCE, SPOKEN, spoken, written
from tests.web.filling import begin

ADDRESS = "/recordings/housing/1/type-simple.mp3"


@pytest.fixture
async def housing(conn, publish):
    await surveys.publish(conn, written(spoken()), SPOKEN)
    return await publish(definition=written(spoken()))


def players(page) -> list[str]:
    return re.findall(r"<audio [^>]*>", page.text)


def played(page) -> list[str]:
    return re.findall(r'<audio [^>]*src="(.*?)"', page.text)


async def test_a_recording_is_played_where_its_words_are_shown(client, housing):
    assert played(await begin(client, "housing", "standard")) == [
        "/recordings/housing/1/type.m4a",
        "/recordings/housing/1/contact.mp3",
    ]
    assert played(await begin(client, "housing", "elder")) == [ADDRESS]
    assert played(await begin(client, "housing", "elder", "zh-Hant")) == [ADDRESS]
    assert played(await begin(client, "housing", "standard", "en")) == []


async def test_a_player_fetches_nothing_by_itself_and_says_what_it_plays(client, housing):
    (player,) = players(await begin(client, "housing", "elder"))
    assert 'preload="none"' in player
    assert "controls" in player
    assert 'aria-label="听录音： 您住哪种房子？"' in player


async def test_a_question_in_other_words_loses_the_recording_of_the_first_ones(client, conn, publish):
    definition = spoken()
    other = {"text": {"zh-Hans": "您的房子是哪一种？"}}
    definition["variants"][0]["overrides"] = {
        "type": other,
        "contact": {**other, "audio": {"zh-Hans": {"standard": "other.mp3"}}},
    }
    await surveys.publish(conn, written(definition), {**SPOKEN, "other.mp3": OTHER})
    await publish(definition=written(definition))
    assert played(await begin(client, "housing", "standard")) == ["/recordings/housing/1/other.mp3"]


async def test_a_recording_is_served_whole_or_in_parts_and_kept_for_ever(client, housing):
    whole = await client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert (whole.status_code, whole.content) == (200, SILENCE)
    assert whole.headers["content-type"] == "audio/mpeg"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in whole.headers
    size = len(SILENCE)
    for wanted, first, last in (("0-1", 0, 1), (f"{size - 5}-", size - 5, size - 1), ("-7", size - 7, size - 1)):
        part = await client.get(ADDRESS, headers={"Range": f"bytes={wanted}"})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert part.content == SILENCE[first : last + 1]
    beyond = await client.get(ADDRESS, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


async def test_a_part_is_only_of_the_recording_that_was_begun(client, housing):
    tag = (await client.get(ADDRESS)).headers["etag"]
    same = await client.get(ADDRESS, headers={"Range": "bytes=0-1", "If-Range": tag})
    other = await client.get(ADDRESS, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    known = await client.get(ADDRESS, headers={"If-None-Match": tag})
    assert (same.status_code, other.status_code, known.status_code, known.content) == (206, 200, 304, b"")


@pytest.mark.parametrize("path", ["housing/1/none.mp3", "housing/2/type.m4a", "other/1/type.m4a", "housing/x/type.m4a"])
async def test_a_recording_that_is_not_there_is_not_found(client, housing, path):
    assert (await client.get(f"/recordings/{path}")).status_code == 404


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no file"),
        ({**SPOKEN, "type.m4a": SILENCE}, "something else"),
        ({**SPOKEN, "type.m4a": LOSSLESS}, "lossless"),
        ({**SPOKEN, "type.m4a": AAC[:200]}, "something else"),
        ({**SPOKEN, "contact.mp3": b"<script>"}, "something else"),
        ({**SPOKEN, "contact.mp3": b""}, "something else"),
        ({**SPOKEN, "contact.mp3": b"ID3" + bytes(LARGEST)}, "more than 512 KB"),
    ],
)
async def test_nothing_is_published_without_its_recordings(conn, files, says):
    with pytest.raises(Refused, match=says):
        await surveys.publish(conn, written(spoken()), files)
    assert await conn.fetchval("SELECT count(*) FROM instrument") == 0


LARGE_BOX = b"\0\0\0\1free" + (24).to_bytes(8, "big") + bytes(8)
OPEN_END = b"\0\0\0\0free" + bytes(8)


@pytest.mark.parametrize("content", [AAC, LARGE_BOX.join([AAC[:28], AAC[28:]]), AAC + OPEN_END])
def test_recordings_may_have_boxes_of_every_size(content):
    files = {**SPOKEN, "type.m4a": content}
    assert unusable_files(msgspec.convert(spoken(), Instrument), files) == ()


async def test_a_published_recording_never_changes(conn):
    published = await surveys.publish(conn, written(spoken()), SPOKEN)
    assert await surveys.publish(conn, written(spoken())) == published
    assert await surveys.publish(conn, written(spoken()), SPOKEN) == published
    with pytest.raises(Conflict, match=r"another recording 'type\.m4a'"):
        await surveys.publish(conn, written(spoken()), {**SPOKEN, "type.m4a": AAC + b"new"})
    for change in ("DELETE FROM recording", "UPDATE recording SET content = 'x'", "TRUNCATE recording"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await conn.execute(change)
    assert await conn.fetchval("SELECT count(*) FROM recording") == len(SPOKEN)
