"""Errors as HTTP: problem+json (RFC 9457) for programs, a page for people."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.response import Template
from litestar.types import ExceptionHandlersMap

from survey.errors import (
    Busy,
    CannotStart,
    Closed,
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    SurveyError,
    Unauthorized,
    Used,
)
from survey.web import i18n
from survey.web.methods import allowed

log = structlog.get_logger()

STATUS: dict[type[SurveyError], int] = {
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Used: 410,
    Closed: 410,
    Refused: 422,
    Busy: 503,
    CannotStart: 503,
}
TITLES: dict[int, str] = {
    400: "The request cannot be understood",
    401: "Sign in first",
    403: "This is not for you",
    404: "There is no such page",
    405: "This cannot be done here",
    409: "Something else was here first",
    410: "This survey takes no answers now",
    413: "That is too much at once",
    415: "This must be JSON",
    422: "Something must be put right",
    429: "Too many requests at once",
    503: "Try again in a moment",
}
OURS = i18n.mark("Something went wrong on our side")
EXPLAINED = (403, 404, 409, 422)
"""Where a page says what the error says; what it says itself of the others is all that a reader can use."""
RETRY_AFTER_SECONDS = 2
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what it says of a connection that ends under its hands
    asyncpg.OperatorInterventionError,  # stopped, or on its way up
    asyncpg.InsufficientResourcesError,  # no room on the disk, no connection left
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
)
"""What asyncpg raises when the database is away, or cannot take anything at the moment."""
FILLED_IN = ("/s/", "/r/", "/entry/")
"""Where the pages are on which people fill something in, or type in what others have."""
PROBLEM_JSON = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str = ""
    issues: tuple[dict[str, Any], ...] = ()


def of_status(
    status: int, detail: str, issues: tuple[dict[str, Any], ...] = (), locale: str = i18n.ENGLISH, **values: object
) -> Problem:
    """The problem that a status stands for; its words in a locale, with their values in them."""
    title = i18n.gettext(locale, TITLES.get(status, OURS))
    detail = i18n.gettext(locale, detail, **values)
    return Problem(type=f"/problems/{status}", title=title, status=status, detail=detail, issues=issues)


def language_of(headers: Mapping[bytes, bytes]) -> str:
    """What a program wants to be answered in: English, unless it says so."""
    header = headers.get(b"accept-language")
    return i18n.ENGLISH if header is None else i18n.accepted(header.decode("latin-1"))


def as_problem(error: Exception, locale: str = i18n.ENGLISH) -> Problem:
    """What an error is called over HTTP."""
    if isinstance(error, InternalServerException):  # by Litestar 2.25: whoever sent it left before its end
        status, detail = 400, i18n.mark("The request did not arrive whole")
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, error.detail
        if isinstance(error, ValidationException):
            status = 422
            detail = "; ".join(_named(extra) for extra in error.extra or () if isinstance(extra, dict)) or detail
    elif isinstance(error, AWAY):
        status, detail = 503, i18n.mark("The database is away")
    elif isinstance(error, asyncpg.CharacterNotInRepertoireError):
        status, detail = 404, i18n.mark("There is nothing of that name: no name has a NUL character")
    elif isinstance(error, SurveyError):
        status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        detail = i18n.said(locale, error)
    else:
        status, detail = 500, i18n.mark("The fault is ours, and has been noted")
    return of_status(status, detail, locale=locale)


def _named(extra: dict[str, Any]) -> str:
    """What is wrong with a parameter, and which."""
    message = str(extra.get("message", extra))
    return f"{extra['key']}: {message}" if "key" in extra else message


def headers(problem: Problem) -> dict[str, str]:
    """Headers that go with a problem."""
    if problem.status in {429, 503}:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[Any] | Template:
    """The answer to a request that cannot be answered otherwise."""
    is_for_programs = request.url.path.startswith(("/api/", "/health"))
    problem = as_problem(
        error, language_of(dict(request.scope["headers"])) if is_for_programs else i18n.negotiate(request)
    )
    about = headers(problem)
    if problem.status == 405:
        about["Allow"] = allowed(request.app, request.url.path)
    if isinstance(error, AWAY):
        log.warning("database_away", error=repr(error), request=getattr(request.state, "request_id", ""))
    if is_for_programs:
        body = msgspec.json.encode(problem)
        return Response(body, status_code=problem.status, media_type=PROBLEM_JSON, headers=about)
    again = _again(request) if problem.status in (401, 503) else None
    if problem.status == 401 and not again:
        return Response(b"", status_code=303, headers={"Location": f"/sign-in?to={request.url.path}"})
    context = {
        "problem": problem,
        "is_said": isinstance(error, SurveyError) and problem.status in EXPLAINED,
        "again": again,
    }
    return Template("problem.html", context=context, status_code=problem.status, headers=about)


def _again(request: Request[Any, Any, Any]) -> dict[str, list[str]] | None:
    """What somebody has typed and could not be kept: the page holds it, so that it can be sent again."""
    if request.method != "POST" or not request.url.path.startswith(FILLED_IN):
        return None
    fields: dict[str, list[str]] = request.state.get("posted", {})
    return fields


def respond_to_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any] | Template:
    """The answer when the fault is ours: logged with its request id, shown without its inside."""
    log.error("bug", request=getattr(request.state, "request_id", ""), exc_info=error)
    return respond(request, error)


HANDLERS: ExceptionHandlersMap = {
    SurveyError: respond,
    HTTPException: respond,
    asyncpg.CharacterNotInRepertoireError: respond,
    **dict.fromkeys(AWAY, respond),
}
