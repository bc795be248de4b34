"""Taking many responses at once: what an offline device has kept, or paper that was typed in."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import FromPath

from survey.web import i18n, problems
from survey.web.api.responses import BODY_LIMIT, Receipt, Refusal, keep_one, refuse_client, refused, too_large
from survey.web.problems import PROBLEM_JSON, Problem

BATCH_LIMIT = 4 * 1024 * 1024
BATCH_ENTRIES = 1_000

_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


async def _keep_entry(state: State, slug: str, entry: msgspec.Raw, locale: str) -> tuple[int, Receipt | Problem]:
    if memoryview(entry).nbytes > BODY_LIMIT:
        return 413, too_large(locale)
    return await keep_one(state, slug, entry, locale)


@post("/api/v1/surveys/{slug:str}/responses/batch", status_code=200, request_max_body_size=BATCH_LIMIT)
async def submit_batch(request: Request[Any, Any, State], slug: FromPath[str]) -> Response[bytes]:
    """Keep an array of responses (an offline device, paper typed in); each entry is answered by itself, in order.

    Every entry of the reply has `status`, and what the single route would have replied.
    """
    locale = problems.language_of(request.scope)
    problem = refuse_client(request.scope, request.app.state)
    if problem is None:
        await request.app.state.fieldwork.survey(slug)
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
    replies = [await _keep_entry(request.app.state, slug, entry, locale) for entry in entries]
    return Response(
        _encode([{"status": status, **msgspec.to_builtins(reply)} for status, reply in replies]),
        media_type="application/json",
    )
