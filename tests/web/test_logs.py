"""Every reply is protected and has its id, whichever way it took; a line of the log is JSON."""

import json
import os
import subprocess
import sys
from datetime import datetime

import asyncpg
import httpx
import pytest
import structlog

from survey.web.logs import set_up_logs

SUBMISSIONS = "/api/v1/surveys/gov-sat/responses"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("POST", "/nowhere"),
        ("GET", "/api/v1/surveys"),
        ("GET", "/api/v1/nowhere"),
        ("POST", SUBMISSIONS),
        ("DELETE", SUBMISSIONS),
    ],
)
async def test_every_reply_is_protected_and_has_an_id(client, method, path):
    reply = await client.request(method, path)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-store"
    assert len(reply.headers["x-request-id"]) == 16


async def test_what_programs_get_need_load_nothing_and_pages_what_is_ours(client):
    page, data = await client.get("/"), await client.get("/api/v1/surveys")
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert data.headers["content-security-policy"] == "default-src 'none'"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_request_is_one_line_without_what_was_sent(database_url, tmp_path, unbuffered):
    settings = {"SURVEY_DATABASE_URL": database_url, "SURVEY_SECRET_KEY": "only for tests, 16+"}
    environ = os.environ | settings | {"SURVEY_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": unbuffered}
    command = [sys.executable, "-m", "survey", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as server:
        try:
            address = server.stdout.readline().split()[-1].decode()
            replies = [
                httpx.get(f"{address}/?who=somebody"),
                httpx.post(f"{address}{SUBMISSIONS}", json={"answers": {"Q1": "secret"}}),
            ]
        finally:
            server.terminate()
        lines = [json.loads(line) for line in server.stdout.read().splitlines()]
    assert [line["request"] for line in lines] == [reply.headers["x-request-id"] for reply in replies]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/", 200),
        ("POST", "/api/v1/surveys/{slug}/responses", 404),
    ]
    for line in lines:
        assert set(line) == {"event", "level", "timestamp", "method", "path", "status", "milliseconds", "request"}
        assert (line["event"], line["level"]) == ("request_answered", "info")
        assert line["milliseconds"] >= 0
        assert datetime.fromisoformat(line["timestamp"]).tzinfo


async def test_a_fault_of_ours_in_the_submission_route_is_a_problem_without_its_inside(client, app, publish):
    await publish()
    app.state.keeper = None
    body = {"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5}}
    reply = await client.post(SUBMISSIONS, json=body)
    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert "NoneType" not in reply.text


def test_a_line_is_json_and_says_what_cannot_be_said_in_json_by_its_name():
    program = """
import structlog
from survey.web.logs import set_up_logs
set_up_logs("info")
structlog.get_logger().info("something_happened", words="满意", kind=ValueError)
structlog.get_logger().debug("of no interest")
structlog.get_logger().error("bug", exc_info=ValueError("what was wrong"))
"""
    lines = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    said, bug = map(json.loads, lines.splitlines())
    assert said["event"] == "something_happened"
    assert said["words"] == "满意"
    assert said["kind"] == "<class 'ValueError'>"
    assert (said["level"], said["timestamp"][-1]) == ("info", "Z")
    assert (bug["level"], bug["exception"].splitlines()[-1]) == ("error", "ValueError: what was wrong")


async def test_a_fault_in_the_log_quotes_no_row(conn, capfdbinary):
    insert = "INSERT INTO collector (code, survey, place) VALUES ($1, 'gov-sat', 'a hall')"
    answer = "what somebody said"
    set_up_logs("info")
    try:
        with pytest.raises(asyncpg.PostgresError) as broken:
            await conn.execute(insert, answer)
        try:
            raise LookupError from broken.value
        except LookupError as error:
            structlog.get_logger().error("bug", exc_info=error)
    finally:
        structlog.reset_defaults()
    said = json.loads(capfdbinary.readouterr().out)["exception"]
    assert type(broken.value).__name__ in said
    assert answer not in said
