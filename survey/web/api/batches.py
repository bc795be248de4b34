"""Taking many responses at once: what an offline device has kept, or paper that was typed in."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import FromPath

from survey.web import i18n, problems
from survey.web.api.responses import BODY_LIMIT, Receipt, Refusal, keep_one, refuse_client, refused, too_large
from survey.web.problems import PROBLEM_JSON, Problem

BATCH_LIMIT = 4 * 1024 * 1024
BATCH_ENTRIES = 1_000
SIDE_BY_SIDE = 32
"""So many entries are read and kept at once: enough to share a commit, few enough for others to get their turn."""

log = structlog.get_logger()

Reply = tuple[int, Receipt | Problem]


class _Marks(msgspec.Struct, frozen=True):
    id: UUID
    prefill: Any = None


_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_marks = msgspec.json.Decoder(_Marks).decode
_encode = msgspec.json.Encoder().encode


@post("/api/v1/surveys/{slug:str}/responses/batch", status_code=200, request_max_body_size=BATCH_LIMIT)
async def submit_batch(request: Request[Any, Any, State], slug: FromPath[str]) -> Response[bytes]:
    """Keep an array of responses (an offline device, paper typed in); each entry is answered by itself, in order.

    Every entry of the reply has `status`, and what the single route would have replied.
    """
    sent = dict(request.scope["headers"])
    locale = problems.language_of(sent)
    problem = refuse_client(request.scope, sent, request.app.state, locale)
    if problem is None:
        survey = await request.app.state.fieldwork.survey(slug)
        try:
            entries = _decode(await request.body())
        except (msgspec.DecodeError, RecursionError) as error:
            problem = refused((Refusal(item="", code="malformed", message=str(error)),), locale)
        else:
            if len(entries) > BATCH_ENTRIES:
                too_many = i18n.mark("A batch is at most %(most)s responses")
                problem = problems.of_status(413, too_many, locale=locale, most=BATCH_ENTRIES)
    if problem is not None:
        headers = problems.headers(problem)
        return Response(_encode(problem), status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)
    retest = survey.latest.instrument.retest
    replies = await _keep_all(request.app.state, slug, entries, retest.token if retest else "", locale)
    return Response(
        _encode([{"status": status, **msgspec.to_builtins(reply)} for status, reply in replies]),
        media_type="application/json",
    )


async def _keep_all(state: State, slug: str, entries: list[msgspec.Raw], token: str, locale: str) -> list[Reply]:
    """The replies to all entries. While the database is away the first group waits for it, the others do not."""
    replies: list[Reply] = []
    for group in _groups(entries, token):
        came = await asyncio.gather(*(_keep_entry(state, slug, entry, locale) for entry in group))
        replies += came
        if all(status == 503 for status, _ in came):
            return replies + came[-1:] * (len(entries) - len(replies))
    return replies


def _groups(entries: list[msgspec.Raw], token: str) -> Iterator[list[msgspec.Raw]]:
    """The entries in order, cut so that of one response, or of one person's tests, the first comes first."""
    group: list[msgspec.Raw] = []
    seen: set[object] = set()
    for entry in entries:
        marks = _marks(entry, token)
        if len(group) == SIDE_BY_SIDE or not seen.isdisjoint(marks):
            yield group
            group, seen = [], set()
        group.append(entry)
        seen |= marks
    if group:
        yield group


def _marks(entry: msgspec.Raw, token: str) -> set[object]:
    """The id of the response and the token its person came with; nothing of an entry that will be refused."""
    try:
        marks = _decode_marks(entry)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return set()
    person = marks.prefill.get(token) if isinstance(marks.prefill, dict) else None
    return {marks.id} if person is None else {marks.id, str(person)}


async def _keep_entry(state: State, slug: str, entry: msgspec.Raw, locale: str) -> Reply:
    if memoryview(entry).nbytes > BODY_LIMIT:
        return 413, too_large(locale)
    try:
        return await keep_one(state, slug, entry, locale)
    except Exception as error:  # its neighbours are answered all the same
        log.error("bug", exc_info=error)
        problem = problems.as_problem(error, locale)
        return problem.status, problem
