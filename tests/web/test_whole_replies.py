"""Over a real connection: a reply begins when there is something of its body, and everything else goes as it did."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn

GET = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n"
LAST = GET[:-2] + b"connection: close\r\n\r\n"
PIECES = (b"one", b"HTTP/1.1 is what I begin with", b"three")
LENGTH = sum(map(len, PIECES))


class App:
    """Answers in pieces, each when it is told to go on, or all at once."""

    def __init__(self, *headers, is_quick=False):
        self.go_on = asyncio.Event()
        if is_quick:
            self.go_on.set()
        self.is_quick = is_quick
        self.headers = [*headers]

    async def __call__(self, scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        for piece in PIECES:
            await self.go_on.wait()
            if not self.is_quick:
                self.go_on.clear()
            await send({"type": "http.response.body", "body": piece, "more_body": piece is not PIECES[-1]})


@contextlib.asynccontextmanager
async def connected(app):
    """Both ends of a connection to the application, as `survey serve` serves it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, lifespan="off", log_level="error", http="survey.web.protocol:WholeReplies", ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            server.force_exit = True
            await serving


async def whole(app, request):
    """All that comes for a request, until the connection ends."""
    async with connected(app) as (reader, writer):
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 10)


SIZED = (b"content-length", b"%d" % LENGTH)
SIZES = pytest.mark.parametrize("headers", [(SIZED,), ()], ids=["sized", "chunked"])


@SIZES
async def test_nothing_goes_before_the_first_piece_of_the_body_and_each_piece_goes_at_once(headers):
    app = App(*headers)
    async with connected(app) as (reader, writer):
        writer.write(GET)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        received = b""
        for piece in PIECES:
            app.go_on.set()
            received += await asyncio.wait_for(reader.readuntil(piece), 10)
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")
        assert received.count(b"\r\n\r\n") == 1


async def test_head_is_answered_by_a_head():
    reply = await whole(App(SIZED, is_quick=True), LAST.replace(b"GET", b"HEAD"))
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert reply.endswith(b"\r\n\r\n")


async def test_replies_to_requests_in_a_row_are_each_whole():
    replies = await whole(App(SIZED, is_quick=True), GET + GET.replace(b"GET", b"HEAD") + GET + LAST)
    heads = replies.split(b"HTTP/1.1 200 OK\r\n")
    bodies = [reply.partition(b"\r\n\r\n")[2] for reply in heads[1:]]
    assert bodies == [b"".join(PIECES), b"", b"".join(PIECES), b"".join(PIECES)]


class Answering:
    """Answers with these headers."""

    def __init__(self, *headers):
        self.headers = headers

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 201, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"{}"})


async def test_a_whole_reply_is_what_the_application_said_and_the_connection_stays():
    kept_open = await whole(Answering((b"content-length", b"2"), (b"x-request-id", b"7")), GET + GET + LAST)
    for reply in kept_open.split(b"HTTP/1.1 ")[1:3]:
        head, _, body = reply.partition(b"\r\n\r\n")
        status, *headers = head.split(b"\r\n")
        assert (status, body) == (b"201 Created", b"{}")
        assert headers[-2:] == [b"content-length: 2", b"x-request-id: 7"]
        assert headers[0].startswith(b"date: ")
    assert kept_open.count(b"HTTP/1.1 ") == 3


async def test_who_wants_no_more_is_told_that_the_connection_closes():
    reply = await whole(Answering((b"content-length", b"2")), LAST)
    assert b"\r\nconnection: close\r\n" in reply
    assert reply.endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b=c", b"a\nset-cookie: b=c", b"a\rset-cookie: b=c"])
async def test_no_header_begins_within_another(value):
    assert b"set-cookie" not in await whole(Answering((b"content-length", b"2"), (b"x-name", value)), GET)


@pytest.mark.parametrize("length", [b"1", b"3"])
async def test_a_reply_of_another_length_than_it_says_is_cut_short_and_never_taken_for_whole(length):
    received = await whole(Answering((b"content-length", length)), GET)
    assert len(received.partition(b"\r\n\r\n")[2]) != int(length)


async def test_who_asks_first_is_told_to_go_on():
    app = App(SIZED)
    async with connected(app) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        app.go_on.set()
        assert (await asyncio.wait_for(reader.readuntil(PIECES[0]), 10)).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_what_is_no_request_is_told_so():
    reply = await whole(App(), b"\x16\x03\x01 not HTTP\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert reply.endswith(b"Invalid HTTP request received.")
