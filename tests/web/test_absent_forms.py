"""A form sent while nothing can be kept: the page says so in the reader's language and holds what was typed."""

import html
import re

from httpx import ASGITransport, AsyncClient

from survey.db.embedded import throwaway
from survey.db.inbox import Inbox
from survey.db.responses import insert_many
from survey.settings import Settings
from survey.web.submission import Keeper
from tests.conftest import running
from tests.web.test_absent_database import prepare
from tests.web.test_responses_api import HAPPY, URL

TYPED = {"shown": ["type", "contact"], "type": "Tower", "contact": "1", "note": "他说：“1 < 2 & 3”"}


def held(page):
    """The fields that a page would send if its button were pressed, and where to."""
    fields = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return re.search(r'<form method="post" action="([^"]*)"', page.text)[1], fields


async def test_while_the_database_is_away_every_form_can_be_sent_again_as_it_was(tmp_path):
    with throwaway() as server:
        await prepare(server.url)
        settings = Settings(database_url=server.url, secret_key="only for this test", data_dir=tmp_path)
        async with (
            running(settings) as app,
            AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
        ):
            begin = {"variant": "standard", "lang": "en"}
            page = (await client.post("/s/housing", data=begin)).headers["location"]
            answers = {"type": "Tower", "contact": 1, "infl": 2, "sat": 3}
            kept = await client.post(
                "/api/v1/surveys/housing/responses",
                json={"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": answers},
            )
            receipt = f"/r/{kept.json()['receipt']}/withdraw"
            server.stop()
            forms = {"/s/housing": begin, page: TYPED, "/s/housing/resume": begin, "/s/housing/check": {}, receipt: {}}
            pages = {address: await client.post(address, data=fields) for address, fields in forms.items()}
            server.start()
            for address, fields in forms.items():
                assert pages[address].status_code == 503, address
                assert int(pages[address].headers["retry-after"]) > 0
                sent = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
                assert held(pages[address]) == (address, sent)
                assert "Send again" in pages[address].text
                if address != "/s/housing":  # that one begins anew
                    again = await client.post(address, data=held(pages[address])[1])
                    assert again.status_code in {200, 303, 422}, (address, again.text)
            chinese = await client.post("/sign-in", data={"token": "secret"}, headers={"accept-language": "zh"})
            assert "secret" not in chinese.text


async def test_a_full_inbox_keeps_nobody_from_sending_the_last_page_again(app, client, conn, publish):
    await publish()
    page = (await client.post("/s/gov-sat", data={"variant": "standard", "lang": "zh-Hans"})).headers["location"]
    fields = {"shown": list(HAPPY), **{item: str(code) for item, code in HAPPY.items()}}
    for _ in range(12):
        if page.endswith("/check"):
            break
        page = (await client.post(page, data=fields)).headers["location"].partition("#")[0]
    keeper = app.state.keeper
    app.state.keeper = Keeper(app.state.pool, Inbox(None, insert_many, queue=0), app.state.sealer)
    full = await client.post(page, data={"confirm": ["x"]})
    while full.status_code == 303 and full.headers["location"].startswith("/s/"):
        page = full.headers["location"]
        full = await client.post(page, data={"skip": "1"})
    assert full.status_code == 503, full.text
    assert "重新发送" in full.text
    assert (
        await client.post(URL, json={"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": HAPPY})
    ).status_code == 503
    app.state.keeper = keeper
    address, again = held(full)
    assert (await client.post(address, data=again)).headers["location"].startswith("/r/")
    assert await conn.fetchval("SELECT count(*) FROM response") == 1
