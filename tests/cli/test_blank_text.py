"""What is blank is one thing, whichever way it comes: on a form, as JSON, in a table."""

import json
from uuid import uuid4

import msgspec
import pytest

from tests.cli.test_import_responses import write_csv
from tests.web.filling import begin, leave, post, text

BLANK = ["", "  ", "\u200b", "\xa0\r\n\t\u2060"]
URL = "/api/v1/surveys/notes/responses"


def asked(item, **more):
    return {"item": {"id": item, "text": {"en": item}, **more.pop("is_a")}, **more}


DEFINITION = {
    "slug": "notes",
    "version": 1,
    "title": {"en": "Notes"},
    "locales": ["en"],
    "notice": {name: {"en": "x"} for name in ("who", "why", "what", "kept", "seen_by", "withdraw")} | {"phone": "1"},
    "variants": [{"id": "standard", "title": {"en": "Standard"}}],
    "prefill": [{"id": "must"}],
    "sections": [
        {
            "id": "notes",
            "title": {"en": "Notes"},
            "asked": [
                asked("must", is_a={"type": "text"}, required=True),
                asked("may", is_a={"type": "long-text", "minimum": 5}),
                asked(
                    "some", is_a={"type": "multiple", "options": [{"code": 1, "text": {"en": "One"}}]}, required=True
                ),
            ],
        }
    ],
}


@pytest.fixture
async def notes(publish):
    return await publish(definition=json.dumps(DEFINITION))


async def kept(conn):
    return [msgspec.json.decode(row["extra"]) for row in await conn.fetch("SELECT extra FROM response")]


@pytest.mark.parametrize("blank", BLANK)
async def test_on_a_form(client, notes, conn, blank):
    page = await begin(client, "notes", lang="en")
    refused = await post(client, page, must=blank, may=blank, some="1")
    assert (refused.status_code, "Write an answer" in text(refused)) == (422, True)
    check = await leave(client, page, must="x", may=blank, some="1")
    await post(client, check)
    (extra,) = await kept(conn)
    assert (extra["answers"], extra["missing"]) == ({"must": "x"}, {"may": "skipped"})


@pytest.mark.parametrize("blank", BLANK)
async def test_as_json(client, notes, conn, blank):
    async def issues(prefill=None, **answers):
        sent = {"id": str(uuid4()), "locale": "en", "answers": {"some": [1], **answers}, "prefill": prefill or {}}
        reply = await client.post(URL, json=sent)
        return [(one["item"], one["code"]) for one in reply.json().get("issues", ())]

    assert await issues(must=blank) == [("must", "required")]
    assert await issues(prefill={"must": blank}) == [("must", "required")]
    assert await issues(must="x", some=[]) == [("some", "required")]
    assert await kept(conn) == []
    assert await issues(must="x", may=blank) == []
    (extra,) = await kept(conn)
    assert (extra["answers"], extra["missing"]) == ({"must": "x"}, {"may": "skipped"})


async def test_in_a_table(program, notes, conn, tmp_path):
    rows = [[blank, blank, 1] for blank in BLANK] + [["x", blank, 1] for blank in BLANK]
    table = write_csv(tmp_path / "notes.csv", rows, ["must", "may", "some"])
    ended = await program("import", "responses", "--survey", "notes", "--wave", "2026H2", table)
    assert ended.out.startswith("4 kept, 0 already there, 4 rejected"), ended.out
    assert [(one["answers"], one["missing"]) for one in await kept(conn)] == [({"must": "x"}, {"may": "skipped"})] * 4
