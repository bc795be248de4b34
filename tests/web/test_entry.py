"""Typing paper in: every question on one page, a share of the sheets twice, and what is decided where two differ."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from survey.analysis.proportions import wilson
from survey.cli.program import run
from survey.db import accounts
from survey.responses.entries import cells_of, given_of
from survey.responses.sheets import is_typed_twice
from survey.web.entry.keeping import forget_typed
from survey.web.paper import run_of
from survey.web.public.components import specimen
from tests.web.filling import HAPPY, answers_of, count, follow, hidden, names, text

WAVE = "/entry/gov-sat/2026H2"
UNHAPPY = {**HAPPY, "Q3": "2", "Q12": "1 4"}


@pytest.fixture
async def clerks(conn):
    """Two people who type: the headers of their requests."""
    return [
        {"Authorization": f"Bearer {await accounts.insert_account(conn, name, 'clerk')}", "Accept-Language": "zh-CN"}
        for name in ("ann", "bo")
    ]


@pytest.fixture
def sheets(app):
    """Numbers of sheets that are typed once, and of some that are typed twice."""
    secret = app.state.sealer.receipt_secret
    drawn = {str(n): is_typed_twice("gov-sat", "2026H2", str(n), secret) for n in range(1, 300)}
    return [n for n, twice in drawn.items() if not twice], [n for n, twice in drawn.items() if twice]


async def type_in(client, clerk, sheet, cells, **more):
    """What comes of a sheet typed like this, before it is followed."""
    fields = {"sheet": sheet, **{f"a.{item}": cell for item, cell in cells.items()}, **more}
    return await client.post(f"{WAVE}/sheet", data=fields, headers=clerk)


async def saved(client, clerk, reply):
    assert reply.status_code == 303, text(reply)
    return text(await client.get(reply.headers["location"], headers=clerk))


def value(page, item, name="a."):
    """What stands in a field of a page."""
    tag = re.search(rf'<input[^>]* name="{re.escape(name + item)}" value="(.*?)"', page.text)
    return tag.group(1) if tag else ""


async def test_a_sheet_is_one_page_in_the_order_of_the_paper_and_is_kept_as_paper(
    client, publish, conn, app, clerks, sheets
):
    await publish()
    once, _ = sheets
    page = await client.get(f"{WAVE}/sheet?sheet={once[0]}&paper=en&print=large", headers=clerks[0])
    asked = re.findall(r' name="a\.(\w+)"', page.text)
    instrument = (await app.state.fieldwork.survey("gov-sat")).latest.instrument
    assert asked == [a.item.id for a in instrument.asked if a.item.asks]
    assert "Very satisfied" in page.text
    assert "<script" not in page.text
    reply = await type_in(client, clerks[0], f" 00{once[0]} ", UNHAPPY, paper="en", print="large")
    assert "已保存，并已计入结果" in await saved(client, clerks[0], reply)
    assert "paper=en&print=large" in reply.headers["location"]
    row = await conn.fetchrow("SELECT mode, locale, variant, disposition FROM response")
    assert tuple(row) == ("paper", "en", "elder", "complete")
    kept = await answers_of(conn, app)
    assert (kept["Q3"], kept["Q12"], kept["Q8"]) == (2, [1, 4], 0)


async def test_every_shipped_questionnaire_can_be_typed_in_in_its_languages(client, publish, app, clerks):
    for slug in ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing"):
        await publish(slug)
        instrument = (await app.state.fieldwork.survey(slug)).latest.instrument
        for locale in instrument.locales:
            page = await client.get(f"/entry/{slug}/2026H2/sheet?sheet=1&paper={locale}", headers=clerks[0])
            asked = [one for one in re.findall(r' name="a\.(\w+)"', page.text)]
            known = [one.item.id for one in instrument.asked if one.item.asks]
            assert asked == [item for item in known if item in asked]
            assert set(known) - set(asked) <= {"F6"}  # for people who were called before, which no sheet says


async def test_a_sheet_is_never_doubled_and_never_overwritten(client, publish, conn, clerks, sheets):
    await publish()
    sheet = sheets[0][0]
    replies = await asyncio.gather(*(type_in(client, clerks[0], sheet, HAPPY) for _ in range(5)))
    assert [reply.status_code for reply in replies] == [303] * 5
    for clerk in clerks:
        other = await type_in(client, clerk, sheet, {**HAPPY, "Q3": "1", "Q13": "很好"}, confirm="Q12=")
        assert other.status_code == 409
        assert "已经录入过，保持原样" in other.text
        assert value(other, "Q3") == "1"
        assert value(other, "sheet", "") == sheet
        assert "很好" in other.text
    again = await client.get(f"{WAVE}/sheet?sheet={sheet}", headers=clerks[1])
    assert (again.status_code, "已经录入过" in text(again)) == (409, True)
    assert (await count(conn), await count(conn, "entry")) == (1, 1)


async def test_a_drawn_sheet_counts_once_another_person_has_typed_the_same(
    client, publish, conn, clerks, sheets, evaluator_headers
):
    await publish()
    sheet = sheets[1][0]
    reply = await type_in(client, clerks[0], sheet, {**HAPPY, "Q13": "窗口 很好", "D1": "2"})
    said = await saved(client, clerks[0], reply)
    assert "需要录入两次" in said
    assert "由您录入：须由另一人再录" in said
    assert await count(conn) == 0
    for cells in (UNHAPPY, HAPPY):
        mine = await type_in(client, clerks[0], sheet, cells)
        assert mine.status_code == 409
        assert "第二次须由另一人录入" in text(mine)
    desk = await client.get(WAVE, headers=clerks[1])
    assert f"再次录入 {sheet} 号问卷" in text(desk)
    page = await client.get(f"{WAVE}/sheet?sheet={sheet}", headers=clerks[1])
    assert "已由另一人录入过一次" in text(page)
    assert "窗口" not in page.text.partition("<form")[2].partition("a.Q13")[2][:300]
    assert all(value(page, item) == "" for item in HAPPY)
    reply = await type_in(client, clerks[1], sheet, {**HAPPY, "Q3": "５", "Q13": "窗口很好", "D1": " 2"})
    assert "已计入结果" in await saved(client, clerks[1], reply)
    assert await count(conn) == 1
    assert await conn.fetchval("SELECT array_agg(typed_by ORDER BY turn) FROM entry") == ["ann", "bo"]
    summary = (await client.get("/api/v1/surveys/gov-sat/waves/2026H2/summary", headers=evaluator_headers)).json()
    assert summary["n"] == 1


async def test_differences_are_shown_question_by_question_resolved_and_kept_with_who_and_when(
    client, publish, conn, app, settings, clerks, sheets, monkeypatch, capsys
):
    await publish()
    sheet = sheets[1][0]
    await saved(
        client, clerks[0], await type_in(client, clerks[0], sheet, {**HAPPY, "D1": "2", "Q6": "5", "Q13": "好"})
    )
    reply = await type_in(client, clerks[1], sheet, {**HAPPY, "D1": "3", "Q6": "4", "Q13": "不好"})
    assert "不一致之处" in await saved(client, clerks[1], reply)
    assert await count(conn) == 0

    page = await client.get(f"{WAVE}/differences?sheet={sheet}", headers=clerks[1])
    assert names(page) == {f"{kind}.{item}" for kind in ("take", "other") for item in ("Q6", "Q13", "D1")}
    assert re.findall(r"第[一二]次录入： ?(\S+)", text(page)) == ["5", "4", "好", "不好", "2", "3"]

    async def settle(**fields):
        data = {"sheet": sheet, **{name.replace("__", "."): said for name, said in fields.items()}}
        return await client.post(f"{WAVE}/differences", data=data, headers=clerks[1])

    halfway = await settle(take__Q6="1", take__D1="other", other__D1="4")
    assert halfway.status_code == 422
    assert "请选择原件的内容" in text(halfway)
    assert value(halfway, "D1", "other.") == "4"
    mistyped = await settle(take__Q6="1", take__Q13="2", take__D1="other", other__D1="44")
    assert "这里不能录入“44”" in text(mistyped)
    assert await count(conn) == 0

    decided = {"take__Q6": "1", "take__Q13": "2", "take__D1": "other", "other__D1": "4"}
    assert "已计入结果" in await saved(client, clerks[1], await settle(**decided))
    late = await settle(**{**decided, "other__D1": "5"})
    assert late.status_code == 409
    kept = await answers_of(conn, app)
    assert (kept["Q6"], kept["Q13"], kept["D1"]) == (5, "不好", 4)
    rows = await conn.fetch("SELECT turn, typed_by, typed_at, sealed FROM entry ORDER BY turn")
    typed = [msgspec.json.decode(app.state.sealer.open(row["sealed"])) for row in rows]
    assert [(row["turn"], row["typed_by"], cells["D1"]) for row, cells in zip(rows, typed, strict=True)] == [
        (1, "ann", "2"),
        (2, "bo", "3"),
        (3, "bo", "4"),
    ]
    assert rows[2]["typed_at"] > rows[1]["typed_at"]

    # 10 coded fields and D1 were compared, two differ; sentences are no fields
    fields, limits = len(HAPPY) + 1, wilson(2, len(HAPPY) + 1)
    desk = text(await client.get(WAVE, headers=clerks[0]))
    assert (
        f"{200 / fields:.2f} % (2 / {fields}; 95% 置信区间 {100 * limits.low:.2f} – {100 * limits.high:.2f} %)" in desk
    )

    monkeypatch.setenv("SURVEY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SURVEY_SECRET_KEY", settings.secret_key)
    assert await asyncio.to_thread(run, ["reconcile"]) == 0
    assert "1 responses" in capsys.readouterr().out


async def test_two_people_at_once_are_a_first_and_a_second_entry(client, publish, conn, clerks, sheets):
    await publish()
    await asyncio.gather(*(type_in(client, clerk, sheet, HAPPY) for sheet in sheets[1][:3] for clerk in clerks))
    assert await count(conn) == 3
    assert await conn.fetchval("SELECT count(*) FROM entry WHERE kept") == 3
    assert await count(conn, "entry") == 6


async def test_what_cannot_be_an_answer_is_said_and_everything_typed_is_still_there(
    client, publish, conn, clerks, sheets
):
    await publish()
    for typed, item, said in (
        ({"Q3": "7"}, "Q3", "这里不能录入“7”；可用的代码是 5, 4, 3, 2, 1, 98, 99"),
        ({"Q7": "many"}, "Q7", "请用数字填写整数"),
        ({"Q8": "21"}, "Q8", "20"),
        ({"Q3": "2", "Q12": "1 2 3 4 5 6"}, "Q12", "最多选"),
        ({"Q3": "2", "Q12": "1,96"}, "Q12", "就不能再选其他"),
        ({"Q0": ""}, "Q0", "没有这一项回答，这份问卷不得保存"),
    ):
        page = await type_in(client, clerks[0], sheets[0][0], {**HAPPY, "Q13": "写的话", **typed}, confirm="x")
        assert page.status_code == 422
        summary = re.search(r'class="summary".*?</div>', page.text, re.S).group()
        assert said in summary, summary
        assert f'href="#q-{item}"' in summary
        assert value(page, "Q6") == HAPPY["Q6"]
        assert value(page, "sheet", "") == sheets[0][0]
        assert "写的话" in page.text
    assert await count(conn, "entry") == 0


async def test_what_people_do_on_paper_is_saved_when_the_sheet_has_it_so(client, publish, conn, app, clerks, sheets):
    await publish()
    cells = {item: cell for item, cell in HAPPY.items() if item != "Q3"} | {"Q7b": "1"}
    page = await type_in(client, clerks[0], sheets[0][0], cells)
    assert page.status_code == 422
    assert "问卷原件上也是空白吗" in text(page)
    assert "此人不必答这一题" in text(page)
    seals = hidden(page)["confirm"]
    other = await type_in(client, clerks[0], sheets[0][0], {**cells, "Q7b": "0"}, confirm=seals)
    assert other.status_code == 422, "another odd answer is asked about again"
    assert "已计入结果" in await saved(
        client, clerks[0], await type_in(client, clerks[0], sheets[0][0], cells, confirm=seals)
    )
    kept = await answers_of(conn, app)
    assert kept["Q3"] is None
    assert "Q7b" not in kept


async def test_odd_text_of_several_lines_can_be_confirmed(client, publish, conn, clerks, sheets):
    await publish()
    cells = {**HAPPY, "Q0": "0", "Q13": "第一行\r\n第二行"}
    page = await type_in(client, clerks[0], sheets[0][0], cells)
    assert page.status_code == 422
    reply = await type_in(client, clerks[0], sheets[0][0], cells, confirm=hidden(page)["confirm"])
    assert "已计入结果" in await saved(client, clerks[0], reply)
    assert await conn.fetchval("SELECT disposition FROM response") == "refusal"


async def test_rows_letters_and_numbers_that_look_like_an_escape(client, publish, conn, app, clerks):
    await publish("staff-digital")
    rows = [row.item.id for row in (await app.state.fieldwork.survey("staff-digital")).latest.instrument.asked]
    rows = [item for item in rows if item.startswith("A")]
    secret, address = app.state.sealer.receipt_secret, "/entry/staff-digital/2026H2/sheet"
    once = [n for n in range(99) if not is_typed_twice("staff-digital", "2026H2", str(n), secret)]
    page = await client.get(address, params={"sheet": once[0]}, headers=clerks[0])
    assert "#99" in text(page)
    assert "97" in text(page)
    for sheet, hours, expected in ((once[0], "99", ("99", None)), (once[1], "#99", (None, "dont_know"))):
        cells = {"B4": hours, "K1": "b", "K9": "c、a", **dict.fromkeys(rows, "4")}
        data = {"sheet": sheet, **{f"a.{item}": cell for item, cell in cells.items()}}
        first = await client.post(address, data=data, headers=clerks[0])
        seals = hidden(first)["confirm"] if first.status_code == 422 else []
        assert (await client.post(address, data={**data, "confirm": seals}, headers=clerks[0])).status_code == 303
        kept = await answers_of(conn, app)
        assert (kept["K1"], kept["K9"], {kept[row] for row in rows}) == ("B", ["A", "C"], {4})
        row = await conn.fetchrow("SELECT extra->'answers'->>'B4', extra->'missing'->>'B4' FROM response")
        assert tuple(row) == expected
        await conn.execute("DELETE FROM response")


@pytest.mark.parametrize("typed", ["2026-3-5", "2026 03 05", "20260305", "２０２６年3月5日"])
def test_a_day_is_a_day_however_it_is_typed(typed):
    assert given_of(specimen(), cells_of(specimen(), {"date": typed})) == {"date": "2026-03-05"}


async def test_enter_checks_and_saves_nothing(client, publish, conn, clerks, sheets):
    await publish()
    page = await type_in(client, clerks[0], sheets[0][0], {"Q0": "1", "Q1": "1"}, check="1")
    assert page.status_code == 200
    assert "目前没有发现错误" in text(page)
    assert re.search(r'id="q-Q2"[^>]*autofocus', page.text)
    assert await count(conn, "entry") == 0
    first = re.search(r'<form id="answers".*?(<button[^>]*>)', page.text, re.S).group(1)
    assert 'name="check"' in first


async def test_what_cannot_be_a_number_of_a_sheet_is_said(client, publish, conn, clerks):
    await publish()
    for number in ("", "12/3", "A" * 21, '"><b>'):
        page = await client.get(f"{WAVE}/sheet", params={"sheet": number}, headers=clerks[0])
        assert (page.status_code, "不能作为问卷编号" in text(page)) == (422, True)
        page = await type_in(client, clerks[0], number, HAPPY)
        assert (page.status_code, "不能作为问卷编号" in text(page)) == (422, True)
        assert value(page, "Q3") == HAPPY["Q3"]
        assert "<b>'" not in page.text
        assert '"><b>”' not in page.text
    empty = await type_in(client, clerks[0], "12", {})
    assert (empty.status_code, "还没有录入任何内容" in text(empty)) == (422, True)
    assert await count(conn, "entry") == 0


async def test_differences_of_a_sheet_that_nobody_typed_or_one_person_did(client, publish, clerks, sheets):
    await publish()
    sheet = sheets[1][0]
    page = await client.get(f"{WAVE}/differences?sheet={sheet}", headers=clerks[0])
    assert (page.status_code, f"没有录入过 {sheet} 号问卷" in text(page)) == (404, True)
    await type_in(client, clerks[0], sheet, HAPPY)
    for clerk, said in zip(clerks, ("第二次须由另一人录入", "还没有录入两次"), strict=True):
        page = await client.get(f"{WAVE}/differences?sheet={sheet}", headers=clerk)
        assert (page.status_code, said in text(page)) == (409, True)


async def test_late_paper_is_typed_into_a_closed_wave_and_none_into_one_that_has_not_opened(
    client, publish, conn, clerks, sheets
):
    now = datetime.now(UTC)
    await publish(closes_at=now - timedelta(days=1))
    await publish(wave="2031H1", opens_at=now + timedelta(days=9))
    page = await client.get(f"{WAVE}/sheet?sheet={sheets[0][0]}", headers=clerks[0])
    assert "此前填好的纸质问卷仍可录入" in text(page)
    reply = await type_in(client, clerks[0], sheets[0][0], HAPPY)
    assert "已计入结果" in await saved(client, clerks[0], reply)
    early = await client.get("/entry/gov-sat/2031H1", headers=clerks[0])
    assert early.status_code == 410
    assert await count(conn) == 1


async def test_only_accounts_type_and_a_clerk_sees_no_result(client, publish, conn, clerks, evaluator_headers):
    await publish()
    for path in ("/entry", WAVE, f"{WAVE}/sheet?sheet=1", f"{WAVE}/differences?sheet=1"):
        away = await client.get(path)
        assert away.status_code == 303
        assert away.headers["location"].startswith("/sign-in?to=/entry")
    for path in ("/evaluate", "/evaluate/gov-sat/2026H2", "/admin", "/api/v1/surveys/gov-sat/waves/2026H2/summary"):
        assert (await client.get(path, headers=clerks[0])).status_code == 403
    assert (await client.get(WAVE, headers=evaluator_headers)).status_code == 200
    token = await accounts.insert_account(conn, "cy", "clerk")
    reply = await client.post("/sign-in", data={"token": token})
    assert reply.headers["location"] == "/entry"
    assert "录入纸质问卷" in text(await follow(client, reply))


async def test_who_is_signed_out_meanwhile_still_has_the_sheet(client, publish, conn, sheets):
    await publish()
    held = {"sheet": [sheets[0][0]], **{f"a.{item}": [cell] for item, cell in HAPPY.items()}}
    out = await type_in(client, {}, sheets[0][0], HAPPY)
    assert (out.status_code, "登录已失效" in text(out)) == (401, True)
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', out.text)
    assert {name: [value] for name, value in fields} == held
    assert await count(conn, "entry") == 0


async def test_who_takes_their_answers_back_erases_what_was_typed(client, publish, conn, clerks, sheets):
    from survey.responses import receipt_text

    await publish()
    await type_in(client, clerks[0], sheets[0][0], HAPPY)
    receipt = receipt_text(await conn.fetchval("SELECT receipt FROM response"))
    await client.post(f"/r/{receipt}/withdraw")
    assert await conn.fetchval("SELECT sealed FROM entry") == b""
    assert (await client.get(f"{WAVE}/sheet?sheet={sheets[0][0]}", headers=clerks[0])).status_code == 409


async def test_what_was_typed_is_erased_some_time_after_the_sheet_counts(client, publish, conn, app, clerks, sheets):
    await publish()
    (once, *_), (agreed, resolved, *_) = sheets
    for sheet, first, second in ((once, HAPPY, None), (agreed, HAPPY, HAPPY), (resolved, HAPPY, UNHAPPY)):
        await type_in(client, clerks[0], sheet, first)
        if second:
            await type_in(client, clerks[1], sheet, second)
    await conn.execute("UPDATE entry SET typed_at = typed_at - interval '12 days'")
    decided = {"sheet": resolved, **{f"take.{item}": "2" for item in ("Q3", "Q12")}, "save": "1"}
    await client.post(f"{WAVE}/differences", data=decided, headers=clerks[1])
    assert await count(conn) == 3
    now = datetime.now(UTC)
    await forget_typed(app.state, now + timedelta(days=1))
    assert await conn.fetchval("SELECT count(*) FROM entry WHERE sealed = ''") == 0
    await forget_typed(app.state, now + timedelta(days=3))
    erased = await conn.fetch("SELECT sheet, array_agg(sealed = '' ORDER BY turn) AS erased FROM entry GROUP BY sheet")
    assert dict(map(tuple, erased)) == {once: [True], agreed: [True, True], resolved: [False, False, False]}
    desk = text(await client.get(WAVE, headers=clerks[0]))
    assert "问卷计入结果 14 天后，录入的内容即删除" in desk
    assert (await type_in(client, clerks[0], once, HAPPY)).status_code == 409
    await forget_typed(app.state, now + timedelta(days=200))
    assert await conn.fetchval("SELECT count(*) FROM entry WHERE sealed = ''") == await count(conn, "entry") == 6
    assert await count(conn) == 3


async def test_a_sheet_that_waits_for_long_is_forgotten_and_typed_anew(client, publish, conn, app, clerks, sheets):
    await publish()
    waits, differs, gone_on = sheets[1][:3]
    for sheet in (waits, differs, gone_on):
        await type_in(client, clerks[0], sheet, HAPPY)
    await type_in(client, clerks[1], differs, UNHAPPY)
    await conn.execute("UPDATE entry SET typed_at = typed_at - interval '89 days'")
    await type_in(client, clerks[1], gone_on, UNHAPPY)
    now = datetime.now(UTC)
    await forget_typed(app.state, now)
    assert await count(conn, "entry") == 5
    await asyncio.gather(*(forget_typed(app.state, now + timedelta(days=2)) for _ in range(3)))
    assert {row["sheet"] for row in await conn.fetch("SELECT sheet FROM entry")} == {gone_on}
    reply = await type_in(client, clerks[0], waits, UNHAPPY)
    assert "需要录入两次" in await saved(client, clerks[0], reply)


async def test_contact_data_of_a_sheet_is_sealed_apart_and_a_way_out_that_keeps_nothing_is_counted_once(
    client, publish, conn, app, clerks, sheets
):
    await publish()
    phone = {**UNHAPPY, "Q14": "1", "Q14_phone": "138 0013 8000"}
    await saved(client, clerks[0], await type_in(client, clerks[0], sheets[0][0], phone))
    sealed = await conn.fetchval("SELECT sealed FROM contact")
    assert app.state.sealer.open(sealed) == b"+8613800138000"
    assert await conn.fetchval("SELECT count(*) FROM response WHERE extra::text LIKE '%13800138000%'") == 0

    await publish("h12345-intake")
    secret = app.state.sealer.receipt_secret
    once = next(str(n) for n in range(99) if not is_typed_twice("h12345-intake", "2026H2", str(n), secret))
    for _ in range(2):
        data = {"sheet": once, "a.I0": "1"}
        await client.post("/entry/h12345-intake/2026H2/sheet", data=data, headers=clerks[0])
    assert await conn.fetchval("SELECT n FROM tally") == 1
    assert await conn.fetchval("SELECT sealed FROM entry WHERE survey = 'h12345-intake'") == b""
    assert await count(conn) == 1


async def test_a_numbered_sheet_is_withdrawn_by_the_page_that_was_kept(
    client, publish, conn, app, clerks, sheets, administrator
):
    await publish()
    number = sheets[0][0]
    wave = (await app.state.fieldwork.survey("gov-sat")).wave("2026H2")
    run = run_of(wave, int(number), 2, app.state.sealer.receipt_secret, "http://test/r")
    reference = run.copies[0].reference
    printed = {"wave": "2026H2", "first": number, "sheets": "2", "lang": "en"}
    made = await client.get("/admin/gov-sat/sheets.pdf", params=printed, headers=administrator)
    assert made.content.startswith(b"%PDF-")
    assert (await client.get(f"/r/{reference}")).status_code == 404  # not typed in yet
    await type_in(client, clerks[0], number, UNHAPPY)
    assert "不满意" in text(await client.get(f"/r/{reference}/answers"))
    await client.post(f"/r/{reference}/withdraw")
    assert await conn.fetchval("SELECT count(*) FROM withdrawal") == 1
    assert (await client.get(f"/r/{run.copies[1].reference}")).status_code == 404


@pytest.mark.parametrize("asked", [{"sheets": "0"}, {"sheets": "101"}, {"first": "0"}, {"first": "x"}, {"wave": "no"}])
async def test_a_run_that_cannot_be_printed_is_refused(client, publish, administrator, asked):
    await publish()
    query = {"wave": "2026H2", "first": "1", "sheets": "2", **asked}
    reply = await client.get("/admin/gov-sat/sheets.pdf", params=query, headers=administrator)
    assert reply.status_code in (404, 422)


async def test_only_administrators_print_reference_numbers(client, publish, clerks):
    await publish()
    query = {"wave": "2026H2", "first": "1", "sheets": "2"}
    assert (await client.get("/admin/gov-sat/sheets.pdf", params=query, headers=clerks[0])).status_code == 403
