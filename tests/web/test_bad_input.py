"""Whatever arrives, the contract's reply: nothing kept that cannot be an answer, and never a 500."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.web.filling import leave_half_way
from tests.web.test_responses_api import HAPPY, URL

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
LIMIT = 64 * 1024
DIGITS = "1" * 400
DEEP = "[" * 5_000 + "]" * 5_000


def sent(text=None, *, answers=None, **changes):
    """A submission as bytes; wherever it says "§", that text stands, be it JSON or not."""
    body = {"id": str(uuid4()), "answers": HAPPY if answers is None else answers, **changes}
    return json.dumps(body, ensure_ascii=False).replace('"§"', text or "").encode()


def answered(item, text):
    return sent(text, answers={**HAPPY, item: "§"})


NO_SUBMISSIONS = {
    "nothing": b"",
    "cut short": sent()[:-3],
    "no object": b"[1]",
    "utf-16": sent().decode().encode("utf-16"),
    "invalid utf-8": answered("Q13", '"§§"').replace("§§".encode(), b"\xff\xfe"),
    "invalid utf-8 in a name": sent("1", answers={**HAPPY, "§§": 1}).replace("§§".encode(), b"\xff\xfe"),
    "half a surrogate pair": answered("Q13", r'"\ud800"'),
    "deep": answered("Q13", DEEP),
    "deep and cut short": answered("Q13", "[" * 20_000)[:20_000],
    "deep where a text belongs": sent(DEEP, wave="§"),
    "NaN": answered("Q7", "NaN"),
    "Infinity": answered("Q7", "-Infinity"),
    "1e400": answered("Q7", "1e400"),
    "NaN seconds": sent("NaN", paradata={"seconds": "§"}),
    "400 digits of seconds": sent(DIGITS, paradata={"seconds": "§"}),
    "an offset of 99 hours": sent('"2026-07-01T09:00:00+99:00"', paradata={"started_at": "§"}),
    "a leap second": sent('"2026-06-30T23:59:60Z"', paradata={"started_at": "§"}),
    "no time": sent('"yesterday"', paradata={"started_at": "§"}),
    "no UUID": sent(id="0192f0c1"),
    "a UUID as URN": sent(id=f"urn:uuid:{uuid4()}"),
    "the nil UUID": sent(id=str(uuid4()).translate(dict.fromkeys(range(48, 103), "0"))),
    "the max UUID": sent(id="ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "id a number": sent(DIGITS, id="§"),
    "wave a list": sent(wave=["2026H2"]),
    "variant an object": sent(variant={"a": 1}),
    "locale a truth": sent(locale=True),
    "mode null": sent(mode=None),
    "answers a list": sent(answers=[1]),
    "answers null": sent("null", answers="§"),
    "prefill a text": sent(prefill="x"),
    "paradata a number": sent(paradata=1),
    "an unknown variant": sent(variant="\0"),
    "5,000 unknown items": sent(answers={f"{n:x}": 1 for n in range(5_000)}),
}
NO_ANSWERS = {
    "400 digits": answered("Q7", DIGITS),
    "minus 400 digits": answered("Q3", f"-{DIGITS}"),
    "60,000 digits": answered("Q7", "1" * 60_000),
    "0 and 400 digits behind it": answered("Q7", f"0.{DIGITS}"),
    "a text of 400 digits": answered("Q7", f'"{DIGITS}"'),
    "a text nan": answered("Q7", '"nan"'),
    "an unknown code": answered("Q3", "6"),
    "a truth": answered("Q3", "true"),
    "a code as part of one": answered("Q3", "1.5"),
    "an object": answered("Q3", '{"a": 1}'),
    "a list of lists": answered("Q3", "[[1]]"),
    "an unknown item": answered("Q99", "1"),
    "an item with NUL in its name": sent("1", answers={**HAPPY, "\0": 1}),
}
STRANGE = (
    {"paradata": {"started_at": "0001-01-01T00:00:00+23:59", "seconds": -5}},
    {"paradata": {"started_at": "9999-12-31T23:59:59-23:59", "seconds": 1e308}},
    {"paradata": {"started_at": "2999-01-01T00:00:00", "seconds": 5e-324, "unfold_incomplete": ["a\0", "Q3"]}},
    {"id": "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d"},
    {"id": "2c5ea4c0-4067-f1e9-cbad-9b1deb4d3b7d"},
    {"answers": {**HAPPY, "Q13": "a\0b", "Q7": -0.0}},
    {"unknown": {"field": [1]}},
)
REFUSED = NO_SUBMISSIONS | NO_ANSWERS


async def test_what_cannot_be_a_response_is_refused_with_reasons(client, conn, publish):
    await publish()
    for name, body in REFUSED.items():
        reply = await client.post(URL, content=body, headers=JSON)
        assert reply.status_code == 422, (name, reply.text)
        assert reply.headers["content-type"] == "application/problem+json"
        assert all(issue["code"] and issue["message"] for issue in reply.json()["issues"]), name
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


async def test_in_a_batch_each_such_entry_is_refused_by_itself(client, conn, publish):
    await publish()
    readable = [body for body in REFUSED.values() if _is_json(body)]
    assert len(readable) > 20
    reply = await client.post(f"{URL}/batch", content=b"[" + b",".join([*readable, sent()]) + b"]", headers=JSON)
    assert reply.status_code == 200, reply.text
    assert [entry["status"] for entry in reply.json()] == [422] * len(readable) + [201]
    assert await conn.fetchval("SELECT count(*) FROM response") == 1


def _is_json(body):
    try:
        json.loads(body.decode(), parse_constant=lambda name: 1 / 0)
    except (ValueError, RecursionError, ZeroDivisionError):
        return False
    return b"\\ud800" not in body


async def test_in_a_batch_bad_bytes_and_foreign_waves_are_of_their_entry_alone(client, conn, publish):
    await publish()
    await publish("staff-digital", "only-theirs")
    bad = [NO_SUBMISSIONS["invalid utf-8"], NO_SUBMISSIONS["invalid utf-8 in a name"], b"5", b"null", b'"x"', b"[[]]"]
    bad += [sent(wave=name) for name in ("only-theirs", "\0", "x" * 50_000)]
    strange = [sent(**changes) for changes in STRANGE]
    entries = [entry for one in bad for entry in (one, sent())] + strange
    reply = await client.post(f"{URL}/batch", content=b"[" + b",".join(entries) + b"]", headers=JSON)
    expected = [status for one in [422] * 6 + [404] * 3 for status in (one, 201)] + [201] * len(strange)
    assert [entry["status"] for entry in reply.json()] == expected
    assert await conn.fetchval("SELECT count(*) FROM response") == expected.count(201)


async def test_a_batch_that_does_not_arrive_whole_keeps_nothing(app, conn, publish):
    await publish()
    told = await leave_half_way(app, f"{URL}/batch", b"[" + sent() + b",")
    assert told[0]["status"] == 400
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


async def test_a_batch_that_is_none_is_refused_whole(client, conn, publish):
    await publish()
    readable, deep = sent(), NO_SUBMISSIONS["deep"]
    for body in (b"[" + readable + b"," + deep + b"]", b"[" + readable + b", NaN]", b"[" + readable + b"] []"):
        reply = await client.post(f"{URL}/batch", content=body, headers=JSON)
        assert reply.status_code == 422, reply.text
    assert await conn.fetchval("SELECT count(*) FROM response") == 0
    for body in (b"", b"{}", b'["\xff"', b"[" * 100_000, b"[1,", b"[" + sent()[:-3] + b"]"):
        reply = await client.post(f"{URL}/batch", content=body, headers=JSON)
        assert reply.status_code == 422, (body[:20], reply.text)


async def test_what_is_too_large_is_refused_before_it_is_read(client, publish):
    await publish()
    many = sent(answers={**HAPPY, **{f"x{n}": 1 for n in range(10_000)}})
    assert len(many) > LIMIT
    assert (await client.post(URL, content=many, headers=JSON)).status_code == 413
    inside = await client.post(f"{URL}/batch", content=b"[" + many + b"," + sent() + b"]", headers=JSON)
    assert [entry["status"] for entry in inside.json()] == [413, 201]
    for batch in (b"[" + b",".join([b"1"] * 1_001) + b"]", b"[" + b" " * (4 << 20) + b"]"):
        assert (await client.post(f"{URL}/batch", content=batch, headers=JSON)).status_code == 413


async def test_clocks_that_are_wrong_and_odd_ids_cost_nobody_their_answers(client, publish, evaluator_headers):
    await publish()
    kept = [sent(**changes) for changes in STRANGE]
    for body in kept:
        first, again = [await client.post(URL, content=body, headers=JSON) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200), first.text
        assert (await client.get(f"/r/{first.json()['receipt']}")).status_code == 200
    wave = "/api/v1/surveys/gov-sat/waves/2026H2"
    assert (await client.get(f"{wave}/summary", headers=evaluator_headers)).json()["n"] == len(kept)
    for ending in ("csv", "xlsx", "parquet", "sav"):
        assert (await client.get(f"{wave}/responses.{ending}", headers=evaluator_headers)).status_code == 200
    await client.post(f"/r/{first.json()['receipt']}/withdraw")
    assert (await client.get(f"{wave}/summary", headers=evaluator_headers)).json()["n"] == len(kept) - 1


async def test_a_wave_of_another_survey_is_not_found(client, conn, publish):
    await publish()
    await publish("staff-digital", "only-theirs")
    for wave in ("only-theirs", "", "\0", "x" * 50_000):
        reply = await client.post(URL, content=sent(wave=wave), headers=JSON)
        assert (reply.status_code, reply.json()["status"]) == (404, 404), wave
    assert await conn.fetchval("SELECT count(*) FROM response") == 0


async def test_names_that_cannot_be_are_not_found(client, publish, evaluator_headers):
    await publish()
    for name in ("%00", "%ff", "%ED%A0%80", "a%2Fb", "x" * 3_000):
        for path in (
            f"surveys/{name}",
            f"surveys/{name}/waves/2026H2/summary",
            f"surveys/gov-sat/waves/{name}/summary",
            f"surveys/gov-sat/waves/{name}/responses.csv",
            f"surveys/gov-sat/waves/{name}/responses.sav",
            f"surveys/gov-sat/compare?measure=Q3&a=wave:{name}&b=wave:2026H2",
        ):
            reply = await client.get(f"/api/v1/{path}", headers=evaluator_headers)
            assert reply.status_code == 404, (path, reply.text)
        for page in (f"/s/{name}", f"/r/{name}", f"/s/gov-sat/{name}", f"/s/gov-sat/end/{name}"):
            assert (await client.get(page)).status_code in {303, 404, 409}, page


async def test_comparisons_and_margins_that_cannot_be_are_refused(client, publish, evaluator_headers):
    await publish()
    await client.post(URL, content=sent(), headers=JSON)
    for query in (
        *("measure=Q3&target=nan", "measure=Q3&target=inf", "measure=Q3&by=D1&sesoi=nan", "measure=%00&by=D1"),
        *("by=D1", "measure=Q3&by=D1&test=%00", "measure=Q3&paired=maybe&by=D1", f"measure=Q7&target={DIGITS}"),
    ):
        reply = await client.get(f"/api/v1/surveys/gov-sat/compare?{query}", headers=evaluator_headers)
        assert reply.status_code == 422, (query, reply.text)
        assert reply.json()["detail"]
    address, headers = "/api/v1/surveys/gov-sat/waves/2026H2/summary", {**evaluator_headers, "content-type": "text/csv"}
    for figures in (
        *("D3,1,nan", "D3,1,1e999", f"D3,1,{DIGITS}", "D3,1,1e308\nD3,2,1e308", "D3,1,-1", '"D3', "\0"),
        *("x" * 200_000, b"\xff"),
    ):
        table = b"item,code,population\n" + (figures.encode() if isinstance(figures, str) else figures)
        reply = await client.post(address, content=table, headers=headers)
        assert reply.status_code == 422, (figures[:20], reply.text)


async def test_another_method_is_refused_and_those_that_may_be_used_are_named(client, publish):
    await publish()
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "FOO"):
        for url in (URL, f"{URL}/batch"):
            reply = await client.request(method, url)
            assert reply.status_code == (204 if method == "OPTIONS" and url != URL else 405), reply.text
            assert "POST" in reply.headers["allow"]


async def test_without_a_type_nothing_is_taken(client, publish):
    await publish()
    for kind in (None, b"", b"text/json", b"\x80"):
        headers = {} if kind is None else {"content-type": kind}
        for url, body in ((URL, sent()), (f"{URL}/batch", b"[" + sent() + b"]")):
            assert (await client.post(url, content=body, headers=headers)).status_code == 415


@pytest.fixture
async def begun(client, publish):
    """The address of the first page of a form that somebody has begun."""
    await publish()
    return (await client.post("/s/gov-sat", data={"variant": "standard", "lang": "en"})).headers["location"]


async def test_a_form_that_no_browser_sends_gets_a_page(client, begun):
    for body, status in {
        b"\xff\xfe": 400,
        b"a=1&" * 2_000: 400,
        b"Q0=" + b"1" * LIMIT: 413,
        b"shown=Q0&Q0=%ff%00": 422,
        b"shown=Q0&Q0=" + DIGITS.encode(): 422,
        b"shown=Q0&Q0=1&response_id=none": 303,
        b"shown=%00&from=%00&switch=lang:%00&confirm=%00&Q0=1": 303,
        b"shown=Q0&Q0=1&response_id=00000000-0000-0000-0000-000000000000": 409,
    }.items():
        reply = await client.post(begun, content=body, headers=FORM)
        assert reply.status_code == status, (body[:40], reply.text)
        assert reply.headers["content-type"].startswith("text/")
        assert (await client.get(begun)).status_code == 200


async def test_every_other_form_bears_the_same(client, begun):
    paths = ("/s/gov-sat", "/s/gov-sat/check", "/s/gov-sat/resume", "/sign-in", "/s/none", "/s/gov-sat/no")
    for path in paths:
        for body in (b"\xff\xfe", b"a=1&" * 2_000, b"%00=%00&variant=%00&lang=%00&token=%00&to=%00", b"x=" * LIMIT):
            reply = await client.post(path, content=body, headers=FORM)
            assert reply.status_code < 500, (path, body[:40], reply.text)


async def test_headers_that_nobody_means_are_borne(client, begun):
    for name, value in {
        "accept-language": ";q=;;q=nan,*;q=1e999," + "y" * 5_000,
        "cookie": 'draft_gov-sat="; survey_language=%00; survey_variant=\x80',
        "authorization": "Bearer \x7f\x80",
        "x-forwarded-for": ",,\x80",
    }.items():
        for path in ("/", "/s/gov-sat", begun, "/api/v1/surveys", "/api/v1/surveys/gov-sat/compare?measure=Q3"):
            reply = await client.get(path, headers={name: value.encode("latin-1")})
            assert reply.status_code < 500, (name, path, reply.text)
    assert (await client.get(f"/sign-in?to={quote(DEEP)}")).status_code == 200
