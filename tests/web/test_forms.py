"""A citizen's form, from its start to its receipt."""

from pathlib import Path
from uuid import uuid4

import msgspec

import survey
from tests.web.filling import (
    HAPPY,
    answers_of,
    at,
    begin,
    count,
    fill_until,
    follow,
    hidden,
    leave,
    names,
    post,
    text,
    to_check,
)

INSTRUMENTS = Path(survey.__file__).parent / "instruments"


async def test_the_start_says_who_asks_why_and_what_becomes_of_the_answers(client, publish):
    await publish()
    page = await client.get("/s/gov-sat")
    said = text(page)
    for words in (
        "示范政服01表",
        "有效期限至 2028年12月31日",
        "收集什么",
        "保存多久",
        "谁能看到",
        "怎样撤回",
        "12345",
        "大约5分钟",
    ):
        assert words in said
    assert '<html lang="zh-Hans">' in page.text


async def test_from_start_to_receipt(client, conn, publish, app):
    await publish()
    check = await to_check(client)
    assert await count(conn) == 0
    assert "非常满意" in text(check)
    assert "未填写" in text(check)  # Q13
    optional = await leave(client, check)
    assert at(optional) == "about"
    assert await count(conn) == 0
    receipt = await leave(client, optional, D1="5")
    assert "/r/" in str(receipt.url)
    assert at(receipt) in text(receipt)
    assert "谢谢您的评价" in text(receipt)
    row = await conn.fetchrow("SELECT variant, locale, mode, disposition, extra FROM response")
    assert tuple(row)[:4] == ("standard", "zh-Hans", "web", "complete")
    paradata = msgspec.json.decode(row["extra"])["paradata"]
    assert paradata["seconds"] >= 0
    assert "started_at" in paradata
    kept = await answers_of(conn, app)
    assert (kept["Q3"], kept["D1"], kept["D3"]) == (5, 5, None)
    assert await count(conn, "draft") == 0
    assert (await client.get(str(receipt.url))).status_code == 200


async def test_elder_one_question_a_page_with_the_same_codes(client, conn, publish, app):
    await publish()
    page = await begin(client, variant="elder")
    assert 'class="large' in page.text
    assert names(page) == {"Q0"}
    page = await fill_until(client, page, "Q3", {"Q0": "1", "Q1": "1", "Q2": "4"})
    assert "您满意吗" in text(page)
    page = await leave(client, page, Q3="2")
    assert at(page) == "Q3-strong"
    assert "是不是非常不满意" in text(page)
    page = await leave(client, page, Q3__strong__2="1")
    page = await leave(client, page, Q4="4")
    page = await leave(client, page)  # the second question left blank
    assert at(page) == "Q5"
    page = await fill_until(client, page, "Q7", {})
    assert "3次或更多" in text(page)
    page = await leave(client, page, Q7="more")
    page = await leave(client, page, Q7__more="4")
    page = await fill_until(client, page, "Q12", {"Q7b": "1", "Q8": "0"})
    page = await leave(client, page, Q12=["1", "2"])
    assert at(page) == "Q12-2"
    page = await leave(client, page, **{"Q12__2": ["7", "8"]})
    assert page.status_code == 422
    assert "最多选3项，您选了4项" in text(page)
    page = await leave(client, page, **{"Q12__2": "7"})
    page = await fill_until(client, page, "check", {"Q14": "0"})
    page = await leave(client, page)
    while "/r/" not in str(page.url):
        assert "跳过" in text(page)
        page = await leave(client, page)
    kept = await answers_of(conn, app)
    assert (kept["Q3"], kept["Q4"], kept["Q7"], kept["Q12"]) == (1, 4, 4, [1, 2, 7])
    extra = msgspec.json.decode(await conn.fetchval("SELECT extra FROM response"))
    assert extra["paradata"]["unfold_incomplete"] == ["Q4"]


async def test_what_is_wrong_is_said_on_top_and_at_the_question_and_nothing_typed_is_lost(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    page = await leave(client, page, Q4="5", Q7="many")
    assert page.status_code == 422
    assert "<title>错误：" in page.text
    assert 'href="#Q3">请选择一项</a>' in page.text
    assert 'id="Q3-error"' in page.text
    assert "请用数字填写整数" in text(page)
    assert 'value="many"' in page.text
    again = await client.get("/s/gov-sat/rating")
    assert 'id="Q4" name="Q4" value="5" checked' in again.text


async def test_an_odd_answer_is_asked_about_once(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    page = await leave(client, page, Q3="4", Q7="12")
    assert page.status_code == 200
    assert at(page) == "rating"
    assert "次数比较多" in text(page)
    other = await leave(client, page, Q3="4", Q7="13")
    assert at(other) == "rating"
    assert at(await leave(client, other, Q3="4", Q7="13")) == "effort"


async def test_answers_that_lead_to_questions_on_the_same_page_show_it_again(client, publish):
    definition = msgspec.json.decode((INSTRUMENTS / "gov-sat.json").read_bytes())
    sections = {section["id"]: section for section in definition["sections"]}
    sections["rating"]["asked"].append(sections["effort"]["asked"].pop(0))  # Q7b, asked when Q7 is 2 or more
    await publish(definition=msgspec.json.encode(definition).decode())
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    assert "Q7b" not in names(page)
    reply = await post(client, page, Q3="4", Q7="3")
    assert reply.headers["location"] == "/s/gov-sat/rating?new=Q7b#Q7b"
    page = await follow(client, reply)
    assert "Q7b" in names(page)
    assert "本页多了几个问题" in text(page)
    assert at(await leave(client, page, Q3="4", Q7="3")) == "effort"


async def test_a_wish_to_improve_is_asked_about_after_a_bad_rating(client, publish):
    """R8 and R9."""
    await publish()
    page = await fill_until(client, await begin(client), "improve", {**HAPPY, "Q3": "4", "Q4": "2"})
    assert {"Q12", "Q13"} <= names(page)
    assert "Q14" not in names(page)


async def test_changing_the_channel_on_check_answers_drops_what_is_no_longer_asked(client, conn, publish, app):
    """R12: changing Q2 re-evaluates R4, R6 and R7."""
    await publish()
    check = await to_check(client)
    assert "方便程度" in text(check)
    page = await client.get("/s/gov-sat/visit?from=check")
    page = await leave(client, page, Q1="1", Q2="5")
    assert at(page) == "rating"  # Q5 is asked now
    page = await leave(client, page, Q3="5", Q5="5")
    check = await fill_until(client, page, "check", {})
    assert "方便程度" not in text(check)
    page = await client.get("/s/gov-sat/visit?from=check")
    check = await fill_until(client, await leave(client, page, Q1="1", Q2="1"), "check", {})
    answer = text(check).partition("方便程度满意吗？")[2][:8]
    assert "未填写" in answer


async def test_check_answers_without_the_required_ones_leads_back_to_them(client, publish):
    await publish()
    await begin(client)
    assert (await client.get("/s/gov-sat/check")).headers["location"] == "/s/gov-sat/consent"


async def test_a_way_out_is_kept_and_has_a_receipt(client, conn, publish):
    await publish()
    page = await leave(client, await begin(client), Q0="0")
    assert "/r/" in str(page.url)
    assert "不会再提醒您" in text(page)
    assert await conn.fetchval("SELECT disposition FROM response") == "refusal"


async def test_an_emergency_keeps_nothing_but_a_count(client, conn, publish):
    """V1 and H1."""
    await publish("h12345-intake")
    page = await leave(client, await begin(client, "h12345-intake"), I0="1")
    assert at(page) == "emergency"
    assert "110" in text(page)
    assert (await count(conn), await count(conn, "draft"), await count(conn, "tally")) == (0, 0, 1)


async def test_what_the_link_says_beforehand_is_taken_along_and_not_asked(client, conn, publish):
    """R3: Q1 is not asked when the matter is known."""
    await publish()
    start = await client.get("/s/gov-sat?matter_ref=A-7&Q2=2&foreign=1")
    assert 'name="matter_ref" value="A-7"' in start.text
    assert "foreign" not in start.text
    page = await begin(client, matter_ref="A-7", Q2="2")
    page = await leave(client, page, Q0="1")
    assert at(page) == "rating"
    assert "Q5" in names(page)


async def test_a_test_with_blanks_warns_once_and_shows_the_result(client, conn, publish):
    """S2 and S3."""
    await publish("staff-digital")
    page = await begin(client, "staff-digital")
    check = await fill_until(client, page, "check", {"B1": "3", "K1": "C", "K9": ["A", "B", "D"]})
    page = await leave(client, check)
    assert at(page) == "check"
    assert "有几题没有答" in text(page)
    assert await count(conn) == 0
    receipt = await leave(client, page)
    assert "您的结果" in text(receipt)
    assert "20分" in text(receipt)
    assert "链接可能把口令骗走" in text(receipt)


async def test_shuffled_options_keep_their_order_with_do_not_know_last(client, publish):
    await publish("staff-digital")
    page = await fill_until(client, await begin(client, "staff-digital"), "knowledge", {})
    again = await client.get("/s/staff-digital/knowledge")
    orders = [[part.partition('"')[0] for part in shown.text.split('name="K1" value="')[1:]] for shown in (page, again)]
    assert orders[0] == orders[1]
    assert orders[0][-1] == "E"
    assert sorted(orders[0]) == list("ABCDE")


async def test_nothing_is_chosen_beforehand(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "rating", HAPPY)
    assert " checked" not in page.text.partition("<main")[2]


async def test_a_line_of_text_beside_an_option_can_be_wrong(client, publish):
    await publish()
    page = await fill_until(client, await begin(client), "improve", {**HAPPY, "Q4": "1"})
    page = await leave(client, page, Q12="11", Q12_specify="长" * 101)
    assert page.status_code == 422
    assert 'href="#Q12_specify"' in page.text
    assert "最多写100个字，您写了101个字" in text(page)


async def test_a_form_and_the_api_count_characters_as_a_person_does(client, conn, app, publish):
    await publish()
    family = "👨‍👩‍👧‍👦"
    page = await fill_until(client, await begin(client), "improve", HAPPY)
    refused = await leave(client, page, Q13=family * 501)
    assert refused.status_code == 422
    assert "最多写500个字，您写了501个字" in text(refused)
    page = await leave(client, refused, Q13=f"\ufeff{family * 498}\xa0\u200b𠮷\r\n")
    assert "/improve" not in str(page.url)
    await post(client, await fill_until(client, page, "check", HAPPY))
    sent = {"Q13": "长" * 501}, {"Q13": family * 500}, {"Q13": "e" + "\u0301" * 24_000}
    replies = [
        await client.post(
            "/api/v1/surveys/gov-sat/responses",
            json={"id": str(uuid4()), "answers": {**{name: int(code) for name, code in HAPPY.items()}, **answer}},
        )
        for answer in sent
    ]
    assert [reply.status_code for reply in replies] == [422, 201, 422]
    assert replies[2].json()["issues"][0]["code"] == "too-heavy"


async def test_a_browser_never_cuts_what_the_service_would_take(client, publish):
    """The attribute counts halves of characters: a name of rare ones would lose its end in silence."""
    await publish()
    page = await fill_until(client, await begin(client), "improve", {**HAPPY, "Q4": "1"})
    assert 'name="Q12_specify"' in page.text
    assert "maxlength" not in page.text


async def test_the_size_of_text_is_chosen_without_a_script_and_stays(client, publish):
    await publish()
    start = await client.get("/s/gov-sat?variant=elder")
    assert "字大一点" in start.text
    assert "字大一点" not in (await client.get("/s/gov-sat?variant=standard")).text
    larger = await client.get("/s/gov-sat?variant=elder&size=125")
    assert 'class="size-125"' in larger.text
    page = await begin(client, variant="elder")
    assert 'class="size-125"' in page.text
    path = str(page.url)
    moved = await follow(client, await client.post(path, data={**hidden(page), "Q0": "1", "switch": "size:150"}))
    assert 'class="size-150"' in moved.text
    assert 'value="1" checked' in moved.text
    assert "字大一点" not in moved.text
    odd = await client.get("/s/gov-sat?variant=elder&size=900")
    assert 'class="size-150"' in odd.text


async def test_plain_words_come_in_the_usual_size_with_the_same_codes(client, publish, conn):
    await publish()
    page = await begin(client, variant="easy")
    assert "您愿意填吗" in text(page)
    assert '<body class="standard' in page.text
    check = await fill_until(client, page, "check", HAPPY)
    await fill_until(client, await follow(client, await post(client, check)), "never", {})
    other = await fill_until(client, await begin(client), "check", HAPPY)
    await fill_until(client, await follow(client, await post(client, other)), "never", {})
    rows = await conn.fetch("SELECT variant, codes FROM response ORDER BY variant")
    assert [row["variant"] for row in rows] == ["easy", "standard"]
    assert rows[0]["codes"] == rows[1]["codes"]
