"""A survey offered inside the page of another site."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from survey.db import accounts
from survey.db.collectors import insert_collector
from survey.errors import CannotStart
from survey.settings import read_settings
from tests.conftest import running
from tests.web.filling import begin

SITES = "https://www.example.gov https://hall.example.gov:8443"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, embed_in=SITES)


def framers(page) -> str:
    return re.search("frame-ancestors ([^;]*)", page.headers["content-security-policy"]).group(1)


async def test_only_the_invitation_may_be_framed_and_only_by_the_sites_named(client, publish):
    await publish()
    invitation = await client.get("/s/gov-sat/embed")
    assert framers(invitation) == f"'self' {SITES}"
    assert framers(await begin(client)) == "'self'"
    for path in ("/", "/s/gov-sat", "/s/gov-sat/check", "/s/nothing/embed", "/sign-in"):
        assert framers(await client.get(path)) == "'self'", path


async def test_without_a_site_named_nobody_else_may_frame_anything(database_url, publish, settings):
    await publish()
    async with (
        running(msgspec.structs.replace(settings, embed_in="")) as app,
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        assert framers(await client.get("/s/gov-sat/embed")) == "'self'"


async def test_the_invitation_asks_nothing_sets_no_cookie_and_needs_no_script(client, publish):
    await publish(synthetic=True)
    page = await client.get("/s/gov-sat/embed")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert not re.search("<(form|input|script|button)", page.text)
    assert "含合成演示数据" in page.text
    assert "开始填写（在新标签页打开）" in page.text
    assert "opens in a new tab" in (await client.get("/s/gov-sat/embed?lang=en")).text


async def test_a_collectors_invitation_leads_to_a_form_that_knows_the_place(client, conn, publish):
    await publish()
    code = await insert_collector(conn, "gov-sat", "三号窗口", {"Q2": 2})
    page = await client.get(f"/c/{code}/embed?lang=en")
    address = re.search(r'href="(.*?)" target="_blank" rel="noopener"', page.text).group(1).replace("&amp;", "&")
    start = await client.get(address)
    assert start.status_code == 200
    assert f'name="collector" value="{code}"' in start.text
    assert '<html lang="en">' in start.text
    assert (await client.get("/c/zzzzzzzz/embed")).status_code == 404


async def test_the_invitation_of_a_closed_survey_says_so_in_the_frame(client, publish):
    await publish(closes_at=datetime.now(UTC) - timedelta(minutes=1))
    page = await client.get("/s/gov-sat/embed?lang=en")
    assert (page.status_code, framers(page)) == (200, f"'self' {SITES}")
    assert "takes no answers now" in page.text
    assert "_blank" not in page.text


async def test_administrators_find_the_lines_beside_the_qr_code_and_who_may_use_them(client, conn, publish):
    await publish()
    code = await insert_collector(conn, "gov-sat", "三号窗口", {})
    token = await accounts.insert_account(conn, "root", "administrator")
    page = await client.get("/admin/gov-sat", headers={"Authorization": f"Bearer {token}"})
    assert f'&lt;iframe src="http://test/c/{code}/embed"' in page.text
    assert '&lt;iframe src="http://test/s/gov-sat/embed"' in page.text
    assert "https://www.example.gov, https://hall.example.gov:8443" in page.text


@pytest.mark.parametrize(
    "site",
    ["*", "https://*.example.gov", "http://example.gov", "https://example.gov/page", "example.gov", "https://a;b"],
)
def test_a_site_is_named_whole_and_with_https(site):
    with pytest.raises(CannotStart, match="SURVEY_EMBED_IN"):
        read_settings({"SURVEY_EMBED_IN": f"https://www.example.gov {site}"})
