"""Links that can be used once: invitations of people on a list, and links to rate one matter."""

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from survey.cli.program import run
from survey.evaluation.response_rates import outcome_rates
from survey.web.rendering import TIME_ZONE
from tests.web.filling import HAPPY, count, fill_until, follow, hidden, post, text


@pytest.fixture
def command(settings, monkeypatch, capsys):
    """`survey invite …` against this test's database."""
    monkeypatch.setenv("SURVEY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SURVEY_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("SURVEY_BASE_URL", "http://test")

    async def command(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run, ["invite", *arguments])
        return code, capsys.readouterr().out

    return command


@pytest.fixture
def frame(tmp_path):
    """A list of four people."""
    path = tmp_path / "frame.csv"
    path.write_text("who,area\nA1,east\nA2,east\nA3,west\nA4,west\n", encoding="utf-8")
    return path


def links(path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig") as file:
        return {
            row.get("who") or row["matter_ref"]: row["link"].removeprefix("http://test") for row in csv.DictReader(file)
        }


def about(frame, target=None) -> list[str]:
    to = ["--to", str(target)] if target else []
    return ["--survey", "gov-sat", "--wave", "2026H2", "--id", "who", *to, str(frame)]


async def answer(client, link, **answers):
    """From a link to the end."""
    client.cookies.clear()
    start = await client.get(link)
    assert start.status_code == 200, text(start)
    fields = {name: texts[0] for name, texts in _hidden_of_start(start).items()}
    page = await follow(client, await client.post(urlsplit(link).path, data={**fields, "variant": "standard"}))
    page = await fill_until(client, page, "check", {**HAPPY, **answers})
    if page.url.path.endswith("/check"):
        page = await follow(client, await post(client, page))
        page = await fill_until(client, page, "never", {})
    return page


def _hidden_of_start(page):
    import re

    found = re.search(r'<form method="post" action="/s/[a-z-]+" data-begin.*?</form>', page.text, re.S)
    return {name: [value] for name, value in re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', found[0])}


async def test_an_invitation_is_answered_once_and_counts_in_the_response_rate(
    client, publish, conn, command, frame, tmp_path, evaluator_headers
):
    await publish()
    target = tmp_path / "links.csv"
    code, said = await command("people", "--stratum", "area", *about(frame, target))
    assert (code, said) == (0, f"4 links in {target}, 4 people newly invited\n")
    mine = links(target)
    assert len(set(mine.values())) == 4
    _, again = await command("people", *about(frame, target))
    assert "0 people newly invited" in again
    assert links(target) == mine

    done = await answer(client, mine["A1"])
    assert "/r/" in str(done.url)
    client.cookies.clear()
    used = await client.get(mine["A1"])
    assert used.status_code == 410
    assert "这个链接已经用过" in used.text

    client.cookies.clear()
    start = await client.get(mine["A2"])
    assert "不填了，别再提醒我" in start.text
    ticket = _hidden_of_start(start)["ticket"][0]
    said_no = await client.post("/s/gov-sat/decline", data={"ticket": ticket})
    assert "不会再提醒您" in said_no.text
    await command("undeliverable", *about(_only(tmp_path, "A3")))

    due = tmp_path / "due.csv"
    for turn, expected in enumerate([["A4"], ["A4"], []]):
        await command("reminders", *about(frame, due))
        assert list(links(due)) == expected, turn
    assert links(due) == {} or links(due)["A4"] == mine["A4"]

    summary = (await client.get("/api/v1/surveys/gov-sat/waves/2026H2/summary", headers=evaluator_headers)).json()
    rates = summary["participation"]["outcome_rates"]
    assert rates["dispositions"] == {"complete": 1, "refusal": 1, "undeliverable": 1, "unknown": 1}
    assert summary["participation"]["response_rate"] == rates["rr1"] == 25.0
    page = await client.get("/evaluate/gov-sat/2026H2", headers=evaluator_headers)
    assert "AAPOR RR1" in page.text
    assert await conn.fetchval("SELECT count(*) FROM response WHERE extra::text LIKE $1", f"%{ticket}%") == 0


def _only(tmp_path, who):
    path = tmp_path / "returned.csv"
    path.write_text(f"who\n{who}\n", encoding="utf-8")
    return path


async def test_who_says_no_in_the_form_is_not_reminded(client, publish, command, frame, tmp_path):
    await publish()
    target, due = tmp_path / "links.csv", tmp_path / "due.csv"
    await command("people", *about(frame, target))
    await answer(client, links(target)["A1"], Q0="0")
    await command("reminders", *about(frame, due))
    assert list(links(due)) == ["A2", "A3", "A4"]


async def test_who_says_no_to_an_interviewer_is_not_called_again(client, publish, conn, command, frame, tmp_path):
    await publish()
    target, due = tmp_path / "links.csv", tmp_path / "due.csv"
    await command("people", *about(frame, target))
    start = await client.get(links(target)["A1"] + "&variant=phone")
    fields = {name: texts[0] for name, texts in _hidden_of_start(start).items()}
    helper = await follow(client, await client.post("/s/gov-sat", data={**fields, "variant": "phone"}))
    await post(client, helper, refused="1")
    await command("reminders", *about(frame, due))
    assert list(links(due)) == ["A2", "A3", "A4"]
    assert await conn.fetchval("SELECT disposition FROM ticket WHERE settled_at IS NOT NULL") == "refusal"


async def test_two_tabs_and_a_double_tap_use_an_invitation_once(client, publish, conn, command, frame, tmp_path):
    await publish()
    target = tmp_path / "links.csv"
    await command("people", *about(frame, target))
    link = links(target)["A1"]
    pages = []
    for _ in range(2):  # two devices, one link
        client.cookies.clear()
        fields = {name: texts[0] for name, texts in _hidden_of_start(await client.get(link)).items()}
        page = await follow(client, await client.post("/s/gov-sat", data={**fields, "variant": "standard"}))
        pages.append((dict(client.cookies), await fill_until(client, page, "check", HAPPY)))
    ends = []
    for cookies, check in pages:
        client.cookies.clear()
        client.cookies.update(cookies)
        page = await follow(client, await post(client, check))
        path = urlsplit(str(page.url)).path
        end = await client.post(path, data={**hidden(page), "skip": "1"})
        again = await client.post(path, data={**hidden(page), "skip": "1"})
        ends.append((end, again))
    assert ends[0][0].status_code == 303
    assert ends[0][1].status_code == 303
    assert ends[1][0].status_code == 410
    assert "这个链接已经用过" in ends[1][0].text
    assert await count(conn) == 1


async def test_a_link_rates_one_matter_once_and_nothing_in_it_can_be_changed(client, publish, conn, command, tmp_path):
    await publish()
    matters, target = tmp_path / "matters.csv", tmp_path / "links.csv"
    matters.write_text("matter_ref,Q2\nSX-1,2\nSX-2,1\n", encoding="utf-8")
    code, said = await command("matters", "--survey", "gov-sat", "--days", "10", "--to", str(target), str(matters))
    assert code == 0, said
    link = links(target)["SX-1"]
    for changed in (
        link.replace("SX-1", "SX-9"),
        link.replace("Q2=2", "Q2=1"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
    ):
        refused = await client.get(changed)
        assert refused.status_code == 404, changed
        assert "这个链接不对" in refused.text
    late = (datetime.now(UTC).astimezone(TIME_ZONE).date() + timedelta(days=11)).isoformat()
    assert (await client.get(link.replace(link.partition("until=")[2][:10], late))).status_code == 404
    done = await answer(client, link, Q5="5", Q11="4")
    assert "/r/" in str(done.url)
    known = await conn.fetchval("SELECT extra->'prefill'->>'matter_ref' FROM response")
    assert known == "SX-1"
    client.cookies.clear()
    assert (await client.get(link)).status_code == 410
    assert (await client.get(links(target)["SX-2"])).status_code == 200


async def test_a_list_that_names_somebody_twice_is_refused_whole(client, publish, conn, command, tmp_path):
    await publish()
    frame = tmp_path / "frame.csv"
    frame.write_text("who\nA1\nA1\n", encoding="utf-8")
    code, _ = await command("people", *about(frame, tmp_path / "links.csv"))
    assert code == 1
    assert not (tmp_path / "links.csv").exists()
    assert await count(conn, "ticket") == 0


def test_nobody_invited_has_no_rate_and_those_not_eligible_no_place_in_it():
    assert outcome_rates({}) is None
    rates = outcome_rates({"complete": 10, "not_eligible": 30, "unknown": 90})
    assert (rates.rr1, rates.rr5, rates.low) == (10.0, 100.0, True)
    assert outcome_rates({"not_eligible": 3}).rr1 is None
