"""Recorded questions, in whole or in parts: a telephone asks for the beginning first, and for more while it plays."""

import re

from asyncpg import Connection
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from survey.db.recordings import fetch_recording
from survey.forms.instrument import Asked
from survey.forms.items.base import Step
from survey.forms.wording import Reader
from survey.web.public.cookies import Asking
from survey.web.public.flow import Sheet

ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def address(asked: Asked, step: Step, sheet: Sheet, reader: Reader) -> str:
    """Where the recording is of exactly what this reader sees of a question; empty when there is none.

    The further pages of a question, which ask something else, have none.
    """
    if step.part:
        return ""
    shown = next((piped for piped in asked.piped if piped.when.holds(sheet.known)), asked.item)
    file = reader.hear(shown.text, shown.audio)
    return f"/recordings/{sheet.instrument.slug}/{sheet.instrument.version}/{file}" if file else ""


@get("/recordings/{slug:str}/{version:int}/{file:str}")
async def play(
    request: Asking, slug: FromPath[str], version: FromPath[int], file: FromPath[str], conn: NamedDependency[Connection]
) -> Response[bytes]:
    """A recording, to be kept for ever by whoever asked: a published version never changes."""
    recorded = await fetch_recording(conn, slug, version, file)
    tag, size = f'"{recorded.sha256.hex()}"', len(recorded.content)
    headers = {"accept-ranges": "bytes", "cache-control": "public, max-age=31536000, immutable", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, media_type=recorded.media_type, headers=headers)
    wanted = None
    if request.headers.get("if-range", tag) == tag:
        wanted = part_wanted(request.headers.get("range", ""), size)
    if wanted is None:
        return Response(recorded.content, media_type=recorded.media_type, headers=headers)
    if not wanted:
        headers["content-range"] = f"bytes */{size}"
        return Response(b"", status_code=416, media_type=recorded.media_type, headers=headers)
    headers["content-range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    part = recorded.content[wanted.start : wanted.stop]
    return Response(part, status_code=206, media_type=recorded.media_type, headers=headers)


def part_wanted(header: str, size: int) -> range | None:
    """Which bytes a Range header asks for (RFC 9110, 14.2); empty when there are none such, None for all.

    >>> part_wanted("bytes=0-1", 10), part_wanted("bytes=8-", 10), part_wanted("bytes=-3", 10)
    (range(0, 2), range(8, 10), range(7, 10))
    >>> part_wanted("bytes=10-", 10), part_wanted("bytes=-0", 10)
    (range(10, 10), range(10, 10))
    >>> part_wanted("", 10), part_wanted("bytes=5-2", 10), part_wanted("bytes=0-1,4-5", 10)
    (None, None, None)
    """
    found = ONE_RANGE.fullmatch(header.replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    start = min(int(first), size)
    return range(start, min(int(last) + 1, size) if last else size)


HANDLERS = [play]
