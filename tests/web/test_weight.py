"""What a first visit costs on the line: every page with its style fits into one initial congestion window."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient, Response

from tests.web.filling import HAPPY, begin, follow, hidden, text, to_check

WINDOW = 10 * 1460
"""Ten segments (RFC 6928) of what fits into an Ethernet frame; 14 KiB and a little."""
SHIPPED = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing")
LONG_WAY = {"Q2": "6", "Q3": "2", "Q7": "2", "Q14": "0", "B2": "40", "I0": "0", "I1": "3", "F1": "0", "F3": "3"}
TYPED = {"tel": "13800138000", "numeric": "20", "number": "W-0042"}


def answered(page: Response) -> dict[str, list[str]]:
    """Something for every question: what leads the long way where that is known, otherwise the first option."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page.text.partition("<main")[2]):
        found = dict(re.findall(r'(\w+)="(.*?)"', tag))
        name, value = found.get("name", ""), unescape(found.get("value", ""))
        if found.get("type") in {"radio", "checkbox"}:
            if name not in fields or LONG_WAY.get(name) == value:
                fields[name] = [value]
        elif found.get("type") != "hidden" and name:
            fields[name] = [
                TYPED.get(
                    found.get("type") or found.get("inputmode") or name,
                    "" if tag.startswith("<select") else "东门路口积水，写得清楚一点。",
                )
            ]
    return {name: texts for name, texts in fields.items() if not name.endswith(".escape")}


async def pages(client: AsyncClient, slug: str, variant: str, locale: str) -> list[Response]:
    """Every page from the start to the receipt, those with questions also empty, and what a device keeps."""
    seen = [await client.get(f"/s/{slug}?variant={variant}&lang={locale}")]
    page = await begin(client, slug, variant, locale)
    for _ in range(90):
        seen.append(page)
        path = urlsplit(str(page.url)).path
        if path.startswith("/r/"):
            return seen + [await client.get(f"{path}/{more}") for more in ("answers", "withdraw")]
        if path.endswith("/check"):
            seen.append(await client.get(f"/s/{slug}/offline"))
        else:
            seen.append(await follow(client, await client.post(path, data=hidden(page))))
        given = {} if path.endswith("/check") else answered(page)
        page = await follow(client, await client.post(path, data={**hidden(page), **given}))
    raise AssertionError(f"no receipt; last at {page.url}: {text(page)}")


def style_of(page: Response) -> str:
    """The address of a page's style sheet."""
    found = re.search(r'stylesheet" href="(.*?)"', page.text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("slug", SHIPPED)
async def test_every_page_with_its_style_fits_into_the_first_window(client, publish, app, slug):
    await publish(slug)
    instrument = (await app.state.fieldwork.survey(slug)).latest.instrument
    home = await client.get("/")
    style = await client.get(style_of(home))
    heavy = {}
    for variant in instrument.variants:
        for locale in instrument.locales:
            for page in [home, *await pages(client, slug, variant.id, locale)]:
                assert page.headers["content-encoding"] == "gzip"
                size = page.num_bytes_downloaded + style.num_bytes_downloaded
                if size > WINDOW:
                    heavy[str(page.url), variant.id, locale] = size
    assert heavy == {}


async def test_pages_ask_nobody_else_for_anything(client, publish):
    await publish()
    for page in (await client.get("/s/gov-sat"), await begin(client), await to_check(client)):
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text) == []
        style = await client.get(style_of(page))
        assert "url(" not in style.text
        assert "@import" not in style.text
        assert "@font-face" not in style.text


async def test_what_a_visitor_may_say_does_not_stand_beside_a_secret(client, publish):
    """Compression would tell who listens when the one looks like the other (BREACH)."""
    await publish()
    page = await begin(client)
    secret = hidden(page)["response_id"][0]
    assert "hearsay" not in (await client.get(f"{page.url}?from=hearsay&new=hearsay&lang=hearsay&x=hearsay")).text
    start = await client.get("/s/gov-sat?projNo=hearsay&x=hearsay")
    assert "接着填" in start.text
    assert secret not in start.text


async def test_submitted_json_is_answered_as_it_is(client, publish):
    await publish()
    sent = {"id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", "answers": {**{k: int(v) for k, v in HAPPY.items()}}}
    reply = await client.post("/api/v1/surveys/gov-sat/responses", json=sent)
    assert reply.status_code == 201
    assert "content-encoding" not in reply.headers
