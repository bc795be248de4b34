"""The evaluator's pages through the real application."""

import re
from html import unescape

import pytest

from survey.forms.items import Missing
from tests.evaluation.samples import expand, keep

MADE_UP = "Contains synthetic demonstration data"
FIRST = {5: 120, 4: 50, 3: 18, 2: 8, 1: 4}
SECOND = {5: 90, 4: 60, 3: 28, 2: 14, 1: 8}


@pytest.fixture
async def waves(conn, publish):
    """Two waves of 200; the second is made up."""
    early, late = await publish(wave="2026H1"), await publish(wave="2026H2", synthetic=True)
    await keep(conn, early, expand(SECOND, lambda code: {"Q0": 1, "Q1": 1, "Q2": 2, "Q3": code}))
    reasons = {"Q12": (1, 2), "Q8": 2, "Q4": Missing.REFUSED}
    await keep(conn, late, expand(FIRST, lambda code: {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": code, "D1": 2, **reasons}))


@pytest.fixture
def english(evaluator_headers):
    return {**evaluator_headers, "Accept-Language": "en"}


async def page(client, headers, url, status=200):
    reply = await client.get(url, headers=headers)
    assert reply.status_code == status, reply.text[-2000:]
    return reply.text


async def test_without_an_account_one_is_sent_to_sign_in(client):
    reply = await client.get("/evaluate")
    assert reply.status_code == 303
    assert reply.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(("under", "heading"), [("/evaluate", "Evaluate"), ("/entry", "Type paper in")])
async def test_every_wave_is_listed_and_made_up_ones_are_marked(client, english, waves, under, heading):
    text = await page(client, english, under)
    assert f"<h1>{heading}</h1>" in text
    assert f'{under}/gov-sat/2026H1"' in text
    assert text.count("made-up data") == 1


async def test_a_made_up_wave_says_so_and_a_real_one_does_not(client, english, waves):
    assert MADE_UP in await page(client, english, "/evaluate/gov-sat/2026H2")
    assert MADE_UP not in await page(client, english, "/evaluate/gov-sat/2026H1")


async def test_every_picture_has_a_title_a_description_and_a_table(client, english, waves):
    text = await page(client, english, "/evaluate/gov-sat/2026H2")
    pictures = re.findall(r'<svg class="chart" role="img" aria-labelledby="([\w-]+) ([\w-]+)"', text)
    assert len(pictures) == 3
    for title, description in pictures:
        assert f'<title id="{title}">' in text
        assert f'<desc id="{description}">' in text
    assert "<script" not in text
    assert "The ratings in numbers" in text


async def test_every_figure_carries_its_definition_and_both_bases_are_labelled(client, english, waves):
    text = await page(client, english, "/evaluate/gov-sat/2026H2")
    for definition in ("linear@1", "sat2@1", "w09@1", "composite:composite@1", "repeat_paper:rate@1"):
        assert definition in text
    assert "84.2" in text
    assert "of respondents" in text
    assert "of mentions" in text


async def test_a_breakdown_shows_groups_by_a_plain_form(client, english, waves):
    text = await page(client, english, "/evaluate/gov-sat/2026H2?by=D1&where=")
    assert '<option value="D1" selected>' in text
    assert "(n = 200)" in text


async def test_a_comparison_is_said_in_both_languages_with_the_reason_for_the_test(client, english, waves):
    url = "/evaluate/gov-sat/compare?measure=Q3&a=wave:2026H2&b=wave:2026H1&by="
    text = await page(client, english, url)
    assert "2026H2 is higher than 2026H1" in text
    assert "2026H2高于2026H1" in text
    assert "uses only the order of levels" in text


async def test_a_wrong_selector_is_explained_on_the_page_with_what_was_typed(client, english, waves):
    text = await page(client, english, "/evaluate/gov-sat/compare?measure=Q3&a=D1:77&b=D1:2", status=422)
    assert "has no code" in text
    assert 'value="D1:77"' in text


async def test_an_empty_wave_has_a_page(client, english, publish):
    await publish("staff-digital")
    text = await page(client, english, "/evaluate/staff-digital/2026H2")
    assert "No rating has an answer yet." in text


@pytest.mark.parametrize("slug", ["staff-digital", "h12345-followup", "h12345-intake", "housing"])
async def test_every_shipped_survey_has_a_page_in_chinese(client, evaluator_headers, publish, conn, slug):
    wave = await publish(slug)
    await keep(conn, wave, [{"A1": 3, "K1": "C", "F3": 5, "I0": 0, "type": "Tower", "sat": 2}] * 12)
    text = await page(client, {**evaluator_headers, "Accept-Language": "zh-CN"}, f"/evaluate/{slug}/2026H2")
    assert "谁参加了" in text


async def test_the_page_to_compare_opens_without_a_question_and_refuses_one_in_the_readers_language(
    client, publish, evaluator_headers
):
    await publish()
    page = await client.get("/evaluate/gov-sat/compare", headers=evaluator_headers)
    assert page.status_code == 200
    assert 'role="alert"' not in page.text
    half = await client.get("/evaluate/gov-sat/compare?measure=Q3&a=D3:1", headers=evaluator_headers)
    assert half.status_code == 422
    assert "请说明比较什么" in half.text
    unknown = await client.get("/evaluate/gov-sat/compare?measure=Q99&by=D3", headers=evaluator_headers)
    assert unknown.status_code == 422
    assert "这样问无法回答" in unknown.text
    assert "没有名为“Q99”的题目或量表；可用的有：Q0, " in unescape(unknown.text)


async def test_what_a_page_of_a_wave_cannot_answer_it_says_in_the_readers_language(client, evaluator_headers, waves):
    url = "/evaluate/gov-sat/2026H1?by=Q12"
    chinese = await page(client, evaluator_headers, url, status=422)
    assert "Q12 是多选题，分出的组会重叠。请使用：" in unescape(chinese)
    english = await page(client, {**evaluator_headers, "Accept-Language": "en"}, url, status=422)
    assert "Q12 is a multiple choice: its groups would overlap. Use one of " in unescape(english)


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        (None, "There is no such page", "nothing has no wave '2026H1'"),
        ("en-GB", "There is no such page", "nothing has no wave '2026H1'"),
        ("zh-CN", "没有这个页面", "nothing 没有名为“2026H1”的期次"),
        ("zh-TW", "沒有這個頁面", "nothing 沒有名為“2026H1”的期次"),
    ],
)
async def test_a_program_is_refused_in_english_unless_it_asks_for_another_language(
    client, evaluator_headers, language, title, detail
):
    headers = evaluator_headers if language is None else {**evaluator_headers, "Accept-Language": language}
    reply = await client.get("/api/v1/surveys/nothing/waves/2026H1/summary", headers=headers)
    assert reply.status_code == 404
    assert (reply.json()["title"], reply.json()["detail"]) == (title, detail)
