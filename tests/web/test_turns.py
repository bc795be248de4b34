"""A post that was under way for long does not undo what the same device has said since."""

import re
from datetime import UTC, datetime

import pytest

from survey.db.drafts import Wanted, find_many
from survey.web.drafting import opened
from tests.web.filling import HAPPY, begin, fill_until, hidden, post


@pytest.mark.parametrize("way", ["page", "offline"])
async def test_a_post_that_was_overtaken_by_the_same_device_changes_nothing(client, publish, way):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)

    async def say(value, turn):
        if way == "page":
            await post(client, page, Q3=value, Q4="4", turn=turn)
        else:
            fields = {"response_id": hidden(page)["response_id"], "shown": ["Q3"], "Q3": value, "turn": turn}
            await client.post("/s/gov-sat/offline", data=fields)
        shown = await client.get("/s/gov-sat/rating")
        return re.findall(r'name="Q3" value="(\d+)"[^>]* checked', shown.text)

    assert await say("5", "phone.7") == ["5"]
    assert await say("4", "phone.6") == ["5"]
    assert await say("3", "phone.7") == ["3"], "the same once more"
    assert await say("2", "desk.1") == ["2"], "another device"
    assert await say("1", "phone.5") == ["1"], "what is newer was another device's"
    assert await say("4", "") == ["4"], "without scripts"
    assert await say("5", "phone.no") == ["5"]
    assert await say("1", "phone." + "9" * 5000) == ["1"]


async def test_turns_are_kept_of_questions_of_the_page_alone(client, app, conn, publish):
    """Else whoever posts could make a draft as large as they like."""
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    made_up = [f"made-up-{number}" for number in range(500)]
    await post(client, page, Q3="5", shown=["Q3", *made_up], turn="phone.1")
    fields = {"response_id": hidden(page)["response_id"], "shown": ["Q4", *made_up], "Q4": "4", "turn": "phone.2"}
    await client.post("/s/gov-sat/offline", data=fields)
    id = await conn.fetchval("SELECT id FROM draft")
    (draft,) = await find_many(conn, [Wanted(id, datetime.now(UTC))])
    assert opened(draft, app.state.sealer).turns == {"Q3": ("phone", 1), "Q4": ("phone", 2)}
