"""A respondent takes their answers back with the receipt alone."""

from html import escape
from uuid import uuid4

import pytest

from tests.made import HAPPY
from tests.web.filling import text

UNHAPPY = {**HAPPY, "Q3": 1, "Q12": [1], "Q13": "我叫王小明", "Q14": 1, "Q14_phone": "13800138000"}
URL = "/api/v1/surveys/gov-sat/responses"


async def test_withdrawn_answers_are_erased_and_count_no_more(client, conn, publish, evaluator_headers):
    await publish()
    receipts = [
        (await client.post(URL, json={"id": str(uuid4()), "answers": answers})).json()["receipt"]
        for answers in [HAPPY] * 12 + [UNHAPPY]
    ]
    summary = "/api/v1/surveys/gov-sat/waves/2026H2/summary"
    assert (await client.get(summary, headers=evaluator_headers)).json()["n"] == 13
    asked = await client.get(f"/r/{receipts[-1]}/withdraw")
    assert "撤回" in asked.text
    done = await client.post(f"/r/{receipts[-1]}/withdraw")
    assert (done.status_code, done.headers["location"]) == (303, f"/r/{receipts[-1]}")
    assert "已撤回" in (await client.get(f"/r/{receipts[-1]}")).text
    after = (await client.get(summary, headers=evaluator_headers)).json()
    assert (after["n"], after["participation"]["withdrawn"]) == (12, 1)
    assert await conn.fetchval("SELECT count(*) FROM contact") == 0
    assert "王小明" not in await conn.fetchval("SELECT string_agg(extra::text, '') FROM response")
    assert (await client.post(f"/r/{receipts[-1]}/withdraw")).status_code == 303


async def test_a_resent_response_does_not_undo_its_withdrawal(client, publish, evaluator_headers):
    await publish()
    sent = {"id": str(uuid4()), "answers": HAPPY}
    receipt = (await client.post(URL, json=sent)).json()["receipt"]
    await client.post(f"/r/{receipt}/withdraw")
    assert (await client.post(URL, json=sent)).status_code == 200
    summary = await client.get("/api/v1/surveys/gov-sat/waves/2026H2/summary", headers=evaluator_headers)
    assert summary.json()["n"] == 0


async def test_a_resent_response_does_not_bring_its_telephone_number_back(client, conn, publish):
    await publish()
    sent = {"id": str(uuid4()), "answers": UNHAPPY}
    receipt = (await client.post(URL, json=sent)).json()["receipt"]
    assert await conn.fetchval("SELECT count(*) FROM contact") == 1
    await client.post(f"/r/{receipt}/withdraw")
    assert (await client.post(URL, json=sent)).status_code == 200
    assert await conn.fetchval("SELECT count(*) FROM contact") == 0


async def test_whoever_has_the_number_sees_what_was_chosen_but_not_what_was_written(client, publish):
    await publish()
    receipt = (await client.post(URL, json={"id": str(uuid4()), "answers": UNHAPPY})).json()["receipt"]
    assert f"/r/{receipt}/answers" in (await client.get(f"/r/{receipt}")).text
    page = await client.get(f"/r/{receipt}/answers")
    assert "非常不满意" in text(page)
    assert "••••••8000" in text(page)
    assert "写了5个字" in text(page)
    for secret in ("王小明", "13800138000"):
        assert secret not in page.text
    assert "5 characters" in text(await client.get(f"/r/{receipt}/answers?lang=en"))


async def test_what_was_written_is_counted_as_people_count(client, publish):
    await publish()
    sent = {"id": str(uuid4()), "answers": {**UNHAPPY, "Q13": "𠮷👨‍👩‍👧‍👦e\u0301"}}
    receipt = (await client.post(URL, json=sent)).json()["receipt"]
    assert "写了3个字" in text(await client.get(f"/r/{receipt}/answers"))


async def test_nothing_is_shown_of_what_was_withdrawn(client, publish):
    await publish()
    receipt = (await client.post(URL, json={"id": str(uuid4()), "answers": UNHAPPY})).json()["receipt"]
    await client.post(f"/r/{receipt}/withdraw")
    assert (await client.get(f"/r/{receipt}/answers")).headers["location"] == f"/r/{receipt}"
    assert f"/r/{receipt}/answers" not in (await client.get(f"/r/{receipt}")).text


async def test_the_notice_tells_that_answers_can_be_seen_and_taken_back(client, publish):
    await publish()
    assert "可以查看保存了什么，也可以撤回" in text(await client.get("/s/gov-sat"))


async def test_whoever_has_only_the_number_finds_the_page_to_type_it(client, publish):
    await publish()
    receipt = (await client.post(URL, json={"id": str(uuid4()), "answers": HAPPY})).json()["receipt"]
    assert 'href="/r"' in (await client.get("/")).text
    assert 'href="/r"' in (await client.get("/resume")).text  # the other number that people are given
    assert 'name="number"' in (await client.get("/r")).text
    found = await client.get("/r", params={"number": f" {receipt.lower().replace('-', ' ')}"})
    assert (found.status_code, found.headers["location"]) == (303, f"/r/{receipt}")
    assert "http://test/r" in text(await client.get(f"/r/{receipt}"))


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [("7K3-QXM", 422, "十二位"), ("<b>", 422, "十二位"), ("", 422, "十二位"), ("0000-0000-0000", 404, "再核对")],
)
async def test_a_number_that_is_not_right_stays_typed_and_says_what_to_do(client, publish, number, status, said):
    await publish()
    page = await client.get("/r", params={"number": number}, follow_redirects=True)
    assert page.status_code == status
    assert said in text(page)
    assert f'value="{escape(number)}"' in page.text
    assert 'aria-invalid="true"' in page.text


async def test_an_address_with_a_wrong_number_asks_for_the_right_one(client, publish):
    await publish()
    page = await client.get("/r/G000-0000-000")
    assert page.status_code == 404
    assert 'value="G000-0000-000"' in page.text
    assert "网址" not in text(page)


@pytest.mark.parametrize("variant", ["assisted", "phone"])
async def test_who_fills_in_for_somebody_is_told_to_pass_the_number_on(client, publish, variant):
    await publish()
    sent = {"id": str(uuid4()), "answers": HAPPY, "variant": variant, "mode": variant}
    receipt = (await client.post(URL, json=sent)).json()["receipt"]
    page = text(await client.get(f"/r/{receipt}"))
    assert "念给对方" in page
    assert "拍照" not in page
