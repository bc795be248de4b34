"""Filling in for somebody else: who helps or asks, that consent was read out, whose answers these are.

A helper's page stands before the first question; without it nothing of a helped form is shown or submitted.
"""

import re
from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import drafts, surveys
from survey.responses import HELPED, STAFF_NUMBER, AnsweredBy, Helper
from survey.web import i18n
from survey.web.public.cookies import Asking, cookie_name, draft_cookie, own_cookie
from survey.web.public.ticketing import refuse
from survey.web.public.visits import BODY_LIMIT, Answered, Posted, Reached, Visit, arrive, changed, posted_fields
from survey.web.public.ways import to_where_left

WHOSE = {
    AnsweredBy.SELF: i18n.mark("The person answers; the helper only fills in"),
    AnsweredBy.TOGETHER: i18n.mark("The person answers, and the helper explains questions"),
    AnsweredBy.PROXY: i18n.mark("Somebody who knows answers for the person"),
}
WRONG = {
    "number": i18n.mark("Enter your staff number: letters, figures, dots, slashes and hyphens, at most 40"),
    "consent": i18n.mark("Read this out, and go on only when the person agrees"),
    "answered_by": i18n.mark("Choose who answers"),
}


def unhelped(visit: Visit) -> Redirect | None:
    """The way to the helper's page, while nobody has said who fills in a form for somebody else."""
    if visit.sheet.variant.mode not in HELPED or visit.sheet.filled.helper is not None:
        return None
    return Redirect(f"/s/{visit.draft.survey}/helper", status_code=303)


@get("/s/{slug:str}/helper")
async def show_helper(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """Who helps or asks, what is to be read out, and who answers."""
    visit = await arrive(request, slug, now)
    if not isinstance(visit, Visit):
        return visit
    if visit.sheet.variant.mode not in HELPED:
        return to_where_left(visit)
    helper = visit.sheet.filled.helper
    typed = {} if helper is None else {"number": helper.number, "consent": "1", "answered_by": str(helper.answered_by)}
    return _draw(visit, typed)


@post("/s/{slug:str}/helper", request_max_body_size=BODY_LIMIT)
async def save_helper(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """Keep who helps and show the first question; or, when the person does not agree, no more than a count."""
    posted = await posted_fields(request)
    if "refused" in posted:
        return await _refused(request, slug, now, posted)
    typed = {name: texts[0].strip() for name, texts in posted.items()}

    def change(visit: Visit) -> Reached:
        if wrong := _wrong(typed):
            return _draw(visit, typed, wrong)
        helper = Helper(number=typed["number"], answered_by=AnsweredBy(typed["answered_by"]), consent_read_out=True)
        return visit.on(visit.sheet.refilled(msgspec.structs.replace(visit.sheet.filled, helper=helper)))

    visit = await changed(request, slug, now, posted, change)
    if not isinstance(visit, Visit):
        return visit
    reply = to_where_left(visit)
    reply.cookies.append(draft_cookie(request, visit.draft))
    return reply


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    """What must be put right, by the name of its field."""
    right = {
        "consent": "consent" in typed,
        "number": re.search(STAFF_NUMBER, typed.get("number", "")) is not None,
        "answered_by": typed.get("answered_by") in set(AnsweredBy),
    }
    return {name: WRONG[name] for name, is_right in right.items() if not is_right}


async def _refused(request: Asking, slug: str, now: datetime, posted: Posted) -> Answered:
    """Of somebody who does not agree no more is kept than that somebody did not, and of an invitation that it was
    answered with no."""
    visit = await arrive(request, slug, now, posted)
    if not isinstance(visit, Visit):
        return visit
    variant, draft = visit.sheet.variant, visit.draft
    async with request.app.state.pool.acquire() as conn, conn.transaction():
        if await drafts.lock_draft(conn, draft.id, now) is not None:  # pressed twice it is one refusal
            await drafts.delete_draft(conn, draft.id)
            await surveys.count_once(conn, slug, draft.wave, f"refusal:{variant.mode}")
            await refuse(conn, slug, visit.sheet.filled.ticket, now)
    return Redirect(
        f"/s/{slug}?variant={variant.id}",
        status_code=303,
        cookies=[own_cookie(request, cookie_name(slug), "", 0)],
    )


def _draw(visit: Visit, typed: dict[str, str], wrong: dict[str, str] | None = None) -> Template:
    context = visit.context(typed=typed, wrong=wrong or {}, whose=WHOSE, asks=visit.sheet.variant.mode == "phone")
    return Template("public/helper.html", context=context, status_code=422 if wrong else 200)


HANDLERS = [show_helper, save_helper]
