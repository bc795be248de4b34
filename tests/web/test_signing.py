"""Signing in and out; the first page."""

import pytest

from survey.db import accounts
from survey.web.auth import SESSION_COOKIE


async def test_a_token_opens_a_session_and_leads_back(client, conn):
    token = await accounts.insert_account(conn, "ann", "evaluator")
    page = await client.get("/sign-in?to=/evaluate/gov-sat")
    assert 'value="/evaluate/gov-sat"' in page.text
    reply = await client.post("/sign-in", data={"token": f" {token} ", "to": "/evaluate/gov-sat"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/evaluate/gov-sat")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(SESSION_COOKIE)
    assert "HttpOnly" in cookie
    reply = await client.post("/sign-out")
    assert SESSION_COOKIE not in client.cookies


async def test_a_wrong_token_is_said_to_be_wrong(client):
    page = await client.post("/sign-in", data={"token": "nobody's"})
    assert page.status_code == 422
    assert "没有这个令牌" in page.text


@pytest.mark.parametrize("to", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "evaluate"])
async def test_signing_in_never_leads_elsewhere(client, conn, to):
    token = await accounts.insert_account(conn, "ann", "evaluator")
    reply = await client.post("/sign-in", data={"token": token, "to": to})
    assert reply.headers["location"] == "/evaluate"


async def test_the_first_page_lists_what_is_open(client, publish):
    assert "现在没有" in (await client.get("/")).text
    await publish("gov-sat")


async def test_open_surveys_are_listed_in_the_readers_language(client, publish):
    await publish("gov-sat")
    page = await client.get("/", headers={"Accept-Language": "en-GB"})
    assert "Government-service satisfaction" in page.text
    assert '<html lang="en">' in page.text
    page = await client.get("/?lang=zh-Hans", headers={"Accept-Language": "en-GB"})
    assert "政务服务满意度问卷" in page.text
