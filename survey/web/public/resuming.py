"""Going on later or elsewhere: a code and a link that work on another device."""

from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import drafts
from survey.responses.resuming import resume_hash, resume_number, resume_text, resume_value
from survey.web.limits import client_of
from survey.web.public.cookies import Asking, choice_cookies, draft_cookie
from survey.web.public.flow import where_left
from survey.web.public.visits import BODY_LIMIT, Answered, Visit, arrive, posted_fields, stopped, visit_of
from survey.web.public.ways import to_where_left
from survey.web.rendering import address_of

TRIES_PER_MINUTE = 30
"""Codes looked up for one client address. A service hall may share one; nobody guesses fifty bits like that."""


async def lay_by(request: Asking, visit: Visit) -> Redirect:
    """Make a form findable by its code, and show the code."""
    secret = request.app.state.sealer.receipt_secret
    number = resume_number(visit.draft.id, secret)
    async with request.app.state.pool.acquire() as conn:
        await drafts.set_resume_hash(conn, visit.draft.id, resume_hash(number, secret))
    return Redirect(f"/s/{visit.draft.survey}/later", status_code=303, cookies=[draft_cookie(request, visit.draft)])


@get("/s/{slug:str}/later")
async def show_code(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """The code and the link of the form on this device, and until when they work."""
    visit = await arrive(request, slug, now)
    if not isinstance(visit, Visit):
        return visit
    code = resume_text(resume_number(visit.draft.id, request.app.state.sealer.receipt_secret))
    context = visit.context(
        code=code, base=address_of(request, ""), until=visit.draft.expires_at, page=where_left(visit.sheet)
    )
    return Template("public/later.html", context=context)


@post("/s/{slug:str}/later", request_max_body_size=BODY_LIMIT)
async def make_code(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """A code for the form on this device."""
    posted = await posted_fields(request)
    visit = await arrive(request, slug, now, posted)
    return await lay_by(request, visit) if isinstance(visit, Visit) else visit


@get("/resume", sync_to_thread=False)
def ask_code() -> Template:
    """The page where a code is typed."""
    return Template("public/resume.html", context={"code": "", "problem": ""})


@get("/resume/{code:str}", sync_to_thread=False)
def show_link(code: FromPath[str]) -> Template:
    """Where the link leads: the same page with the code filled in. Nothing happens before the button is pressed."""
    return Template("public/resume.html", context={"code": code[:40], "problem": ""})


@post("/resume", request_max_body_size=BODY_LIMIT)
async def resume_by_code(request: Asking, now: NamedDependency[datetime]) -> Answered:
    """Go on with the form that a code stands for, on this device."""
    posted = await posted_fields(request)
    typed = posted.get("code", [""])[0][:40]
    number = resume_value(typed)
    if number is None:
        return _again(typed, "mistyped", 422)
    client = client_of(request.client.host if request.client else None, dict(request.scope["headers"]))
    if not request.app.state.resume_limit.admits(client):
        return _again(typed, "too-often", 429)
    secret = request.app.state.sealer.receipt_secret
    async with request.app.state.pool.acquire() as conn:
        draft_id = await drafts.find_by_resume_hash(conn, resume_hash(number, secret))
    draft = None if draft_id is None else await request.app.state.draft_lookup.put(drafts.Wanted(draft_id, now))
    if draft is None:
        return stopped(request, "no-code", 410, "")
    visit = await visit_of(request, draft, now)
    return _onward(request, msgspec.structs.replace(visit, locale=draft.locale))


def _again(typed: str, problem: str, status: int) -> Template:
    return Template("public/resume.html", context={"code": typed, "problem": problem}, status_code=status)


def _onward(request: Asking, visit: Visit) -> Redirect:
    reply = to_where_left(visit)
    reply.cookies.append(draft_cookie(request, visit.draft))
    reply.cookies.extend(choice_cookies(request, visit.locale, visit.sheet.variant.id))
    return reply


HANDLERS = [show_code, make_code, ask_code, show_link, resume_by_code]
