"""A respondent without a browser: reads the page, fills the fields, presses a button."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from asyncpg import Connection
from httpx import AsyncClient, Response
from litestar import Litestar

from survey.web.submission import plain_answers

HAPPY = {"Q0": "1", "Q1": "1", "Q2": "1", "Q3": "5", "Q4": "5", "Q6": "4", "Q7": "1", "Q8": "0", "Q9": "4", "Q10": "1"}


async def leave_half_way(app: Litestar, path: str, body: bytes) -> list[Any]:
    """Post the beginning of a JSON body and go away; what is told to whoever is there no more."""
    received = iter([{"type": "http.request", "body": body, "more_body": True}, {"type": "http.disconnect"}])
    told: list[Any] = []

    async def receive() -> Any:
        return next(received)

    async def send(message: Any) -> None:
        told.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"2000")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, send)
    return told


def hidden(page: Response, form: str = "answers") -> dict[str, list[str]]:
    """The hidden fields of a page's form."""
    found = re.search(rf'<form id="{form}".*?</form>', page.text, re.S)
    assert found, page.text
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', found.group()):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def names(page: Response) -> set[str]:
    """The names of the fields a page asks."""
    tags = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page.text)
    visible = [tag for tag in tags if 'type="hidden"' not in tag]
    return {found.group(1) for tag in visible if (found := re.search(r' name="(.*?)"', tag))}


def text(page: Response) -> str:
    """What a page says."""
    main = re.search(r"<main.*?</main>", page.text, re.S)
    assert main, page.text
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main.group())))


async def follow(client: AsyncClient, reply: Response) -> Response:
    """The page that a reply leads to."""
    while reply.status_code == 303:
        reply = await client.get(reply.headers["location"])
    return reply


async def begin(
    client: AsyncClient, slug: str = "gov-sat", variant: str = "standard", lang: str = "zh-Hans", **more
) -> Response:
    """The first page of a new form."""
    return await follow(client, await client.post(f"/s/{slug}", data={"variant": variant, "lang": lang, **more}))


async def post(client: AsyncClient, page: Response, **fields) -> Response:
    """What comes of a page filled in like this, before it is followed."""
    path = urlsplit(str(page.url)).path
    return await client.post(path, data={**hidden(page), **{name.replace("__", "."): v for name, v in fields.items()}})


async def leave(client: AsyncClient, page: Response, **fields) -> Response:
    """The page after this one."""
    return await follow(client, await post(client, page, **fields))


def at(page: Response) -> str:
    """Where a page is: its last part of the address."""
    return urlsplit(str(page.url)).path.rpartition("/")[2]


def came_from(page: Response) -> str:
    """Where the change link of check-answers leads back to."""
    return parse_qs(urlsplit(str(page.url)).query).get("from", [""])[0]


async def fill_until(client: AsyncClient, page: Response, stop: str, answers: dict[str, str | list[str]]) -> Response:
    """Leave page after page, answering what is asked, until the page `stop`."""
    for _ in range(60):
        if at(page) == stop or "/r/" in str(page.url):
            return page
        asked = {name: answers[name] for name in names(page) if name in answers}
        path = urlsplit(str(page.url)).path
        before = page
        page = await follow(client, await client.post(path, data={**hidden(page), **asked}))
        assert page.status_code == 200, (at(before), text(page))
    raise AssertionError(f"never came to {stop}; last at {page.url}")


async def to_check(client: AsyncClient, answers: dict[str, str | list[str]] | None = None, **begun) -> Response:
    """Check-answers of a new form filled in like this."""
    return await fill_until(client, await begin(client, **begun), "check", answers or HAPPY)


async def count(conn: Connection, table: str = "response") -> int:
    """How many rows a table has."""
    return await conn.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608


async def answers_of(conn: Connection, app: Litestar) -> dict[str, Any]:
    """The answers of the one response, as the JSON API says them."""
    row = await conn.fetchrow("SELECT survey, instrument_version, codes, extra FROM response")
    loaded = await app.state.fieldwork.version(row["survey"], row["instrument_version"])
    return plain_answers(loaded, row["codes"], msgspec.json.decode(row["extra"]))
