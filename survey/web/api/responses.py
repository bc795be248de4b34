"""Taking responses as JSON. The single route is bare ASGI, ahead of the router: it is the busiest of all."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from survey.errors import SurveyError
from survey.evaluation.plain import Plain
from survey.forms.items.base import Scalar
from survey.forms.reading import Issue, Reading, read
from survey.forms.wording import Reader
from survey.responses import NO_ID, Mode, Paradata, receipt_text
from survey.web import i18n, problems
from survey.web.fieldwork import Loaded
from survey.web.limits import client_of
from survey.web.messages import sentence
from survey.web.problems import PROBLEM_JSON, Problem
from survey.web.submission import Arrival

log = structlog.get_logger()

BODY_LIMIT = 64 * 1024
SENT = tuple(mode for mode in Mode if mode is not Mode.IMPORT)
"""Modes that a program may name: imported is what came as a table."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One respondent's answers, as a program sends them. `prefill` is what was known before the first question."""

    id: UUID
    wave: str | None = None
    variant: str = "standard"
    locale: str = "zh-Hans"
    mode: Mode = Mode.WEB
    answers: dict[str, Any]
    prefill: dict[str, Scalar] = {}
    paradata: Paradata | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept. `dropped` lists answers off the respondent's path; `end` the way out taken, if not the last one.

    `receipt` is null when this way out keeps no more than a count.
    """

    id: UUID
    receipt: str | None
    received_at: datetime
    dropped: tuple[str, ...]
    end: str | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer cannot be one, in words for the respondent."""

    item: str
    code: str
    message: str


_decode = msgspec.json.Decoder(Submission).decode
_encode = msgspec.json.Encoder().encode


_ADDRESS = re.compile("/api/v1/surveys/([^/]+)/responses/?").fullmatch


def ahead_of(app: ASGIApp) -> ASGIApp:
    """Single submissions, taken past the router and all that it does for a request; `app` has everything else."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        address = _ADDRESS(scope["path"])
        if address is None or scope["type"] == ScopeType.WEBSOCKET:
            await app(scope, receive, send)
            return
        scope["path_template"] = "/api/v1/surveys/{slug}/responses"
        try:
            status, reply = await submit(scope, receive, address[1])
        except _Left:
            return
        body = _encode(reply)
        headers = [*_headers(reply), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return routed


_HEADERS_OF_A_RECEIPT = ((b"content-type", b"application/json"),)


def _headers(reply: Receipt | Problem) -> Iterable[tuple[bytes, bytes]]:
    if isinstance(reply, Receipt):
        return _HEADERS_OF_A_RECEIPT
    own = {"Allow": "POST"} if reply.status == 405 else problems.headers(reply)
    about = {"Content-Type": PROBLEM_JSON, **own}
    return [(name.lower().encode(), value.encode()) for name, value in about.items()]


async def submit(scope: HTTPScope, receive: Receive, slug: str) -> tuple[int, Receipt | Problem]:
    """Keep one response; answered when it is durable."""
    headers = dict(scope["headers"])
    locale = problems.language_of(headers)
    if scope["method"] != "POST":
        return 405, problems.of_status(405, i18n.mark("Send responses with POST"), locale=locale)
    state: State = scope["litestar_app"].state
    refusal = refuse_client(scope, headers, state, locale)
    if refusal is not None:
        return refusal.status, refusal
    body = await _read_body(receive, BODY_LIMIT)
    if body is None:
        return 413, too_large(locale)
    try:
        return await keep_one(state, slug, body, locale)
    except Exception as error:
        log.error("bug", request=scope["state"]["request_id"], exc_info=error)
        problem = problems.as_problem(error, locale)
        return problem.status, problem


def refuse_client(scope: Scope, headers: Mapping[bytes, bytes], state: State, locale: str) -> Problem | None:
    """Why nothing of this client is read, if so."""
    peer = scope.get("client")
    if not state["limit"].admits(client_of(peer[0] if peer else None, headers)):
        return problems.of_status(429, i18n.mark("Too many responses from one client; wait a little"), locale=locale)
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        return problems.of_status(415, i18n.mark("Send the response as application/json"), locale=locale)
    return None


class _Left(Exception):
    """The client went away before it had sent everything: there is nobody to answer."""


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Left
        body += message["body"]
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return body


async def keep_one(state: State, slug: str, body: bytes | msgspec.Raw, locale: str) -> tuple[int, Receipt | Problem]:
    """Keep one submission and say so; the status and what goes with it.

    The state is asked by key: by attribute it takes three times as long, for each of three parts.
    """
    try:
        now = datetime.now(UTC)
        try:
            submission = _decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            await state["fieldwork"].survey(slug)  # that there is none would be the better news
            return 422, refused((Refusal(item="", code="malformed", message=str(error)),), locale)
        wave, loaded = await state["fieldwork"].collecting(slug, submission.wave, now)
        refusals = _misfits(submission, loaded, locale)
        if refusals:
            return 422, refused(refusals, locale)
        reading: Reading | Plain | None = loaded.plain.encode(submission.answers, submission.prefill)
        if reading is None:
            reading = read(loaded.instrument, submission.answers, prefill=submission.prefill)
            if reading.issues:
                reader = Reader(submission.locale)
                return 422, refused(tuple(_refusal(issue, reader) for issue in reading.issues), locale)
        arrival = Arrival(
            id=submission.id,
            variant=submission.variant,
            locale=submission.locale,
            mode=submission.mode,
            given=submission.answers,
            prefill=submission.prefill,
            paradata=submission.paradata or Paradata(),
        )
        kept = await state["keeper"].keep(arrival, reading, wave, loaded)
    except (SurveyError, *problems.AWAY) as error:
        problem = problems.as_problem(error, locale)
        return problem.status, problem
    return (201 if kept is None or kept.new else 200), Receipt(
        id=submission.id,
        receipt=None if kept is None else receipt_text(kept.receipt),
        received_at=now if kept is None else kept.received_at,
        dropped=reading.dropped,
        end=reading.end.id if reading.end else None,
    )


def _misfits(submission: Submission, loaded: Loaded, locale: str) -> tuple[Refusal, ...]:
    """What is wrong beside the answers."""
    instrument = loaded.instrument
    misfits = []
    if submission.id.int in NO_ID:
        message = i18n.gettext(locale, "Make a new UUID for each response; this one stands for none")
        misfits.append(Refusal(item="id", code="no-id", message=message))
    if submission.variant not in instrument.variant_ids:
        misfits.append(Refusal(item="variant", code="unknown-variant", message=_one_of(instrument.variant_ids, locale)))
    if submission.mode is Mode.IMPORT:
        misfits.append(Refusal(item="mode", code="unknown-mode", message=_one_of(SENT, locale)))
    if submission.locale not in instrument.locales:
        message = _one_of(instrument.locales, locale)
        misfits.append(Refusal(item="locale", code="unknown-locale", message=message))
    if submission.prefill:
        known = {prefill.id for prefill in instrument.prefill}
        message = _one_of(sorted(known), locale)
        unknown = (name for name in submission.prefill if name not in known)
        misfits += [Refusal(item=name, code="unknown-prefill", message=message) for name in unknown]
    return tuple(misfits)


def _one_of(known: Iterable[str], locale: str) -> str:
    return i18n.gettext(locale, "One of %(known)s", known=", ".join(known) or "–")


def _refusal(issue: Issue, reader: Reader) -> Refusal:
    return Refusal(item=issue.item, code=issue.code, message=sentence(issue, reader))


def refused(refusals: tuple[Refusal, ...], locale: str) -> Problem:
    issues = tuple(msgspec.to_builtins(refusal) for refusal in refusals)
    return problems.of_status(422, i18n.mark("Nothing was kept"), issues, locale)


def too_large(locale: str) -> Problem:
    return problems.of_status(413, i18n.mark("A response is at most %(most)s bytes"), locale=locale, most=BODY_LIMIT)
