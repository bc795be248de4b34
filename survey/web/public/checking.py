"""Check-answers: everything in one list, with a way to change each, before anything is submitted."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.forms.reading import Issue
from survey.web.messages import sentence
from survey.web.public.answers import groups
from survey.web.public.cookies import VARIANT_COOKIE, Asking, choice_cookies
from survey.web.public.flow import confirmed
from survey.web.public.helping import unhelped
from survey.web.public.pages import size_wanted, switched
from survey.web.public.resuming import lay_by
from survey.web.public.visits import (
    BODY_LIMIT,
    Answered,
    Posted,
    Reached,
    Visit,
    arrive,
    changed,
    finish,
    frame,
    posted_fields,
    request_locale,
    variant_or_first,
)
from survey.web.public.ways import to_screen


@get("/s/{slug:str}/check")
async def show_check(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """What was filled in so far; somebody who has not got this far is shown the page that is missing."""
    visit = await arrive(request, slug, now)
    if not isinstance(visit, Visit):
        return visit
    if elsewhere := unhelped(visit):
        return elsewhere
    if visit.draft.submitted_at is not None and visit.sheet.optional:
        return to_screen(visit, visit.sheet.optional[0])
    for issue in visit.sheet.core_issues():
        page = visit.sheet.page_of(issue.item)
        if page is not None and not set(page.item_ids) <= set(visit.sheet.filled.seen):
            return to_screen(visit, page)
    return _draw(visit)


@post("/s/{slug:str}/check", request_max_body_size=BODY_LIMIT)
async def submit(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """Submit the core: on to the optional page where there is one, else to the receipt."""
    posted = await posted_fields(request)
    visit = await changed(request, slug, now, posted, lambda visit: _submitted(visit, posted, now))
    if not isinstance(visit, Visit):
        return visit
    if "later" in posted:
        return await lay_by(request, visit)
    if "switch" in posted:
        cookies = [*choice_cookies(request, visit.locale, visit.sheet.variant.id), *size_wanted(request, posted)]
        return Redirect(f"/s/{slug}/check", status_code=303, cookies=cookies)
    if _stays(visit, posted):
        return _draw(visit, visit.sheet.core_issues(), visit.sheet.blank())
    if visit.sheet.optional:
        return to_screen(visit, visit.sheet.optional[0])
    return await finish(request, visit.draft, now)


def _submitted(visit: Visit, posted: Posted, now: datetime) -> Reached:
    if elsewhere := unhelped(visit):
        return elsewhere
    visit = switched(visit.on(confirmed(visit.sheet, posted.get("confirm", ()))), posted)
    if _stays(visit, posted):
        return visit
    submitted = msgspec.structs.replace(visit.draft, submitted_at=visit.draft.submitted_at or now)
    return msgspec.structs.replace(visit, draft=submitted)


def _stays(visit: Visit, posted: Posted) -> bool:
    """Whether it is not submitted yet: something else was asked for than to submit, or something is to be put right."""
    return "switch" in posted or "later" in posted or bool(visit.sheet.core_issues() or visit.sheet.blank())


def _draw(visit: Visit, issues: Sequence[Issue] = (), blank: Sequence[Issue] = ()) -> Template:
    sheet, reader = visit.sheet, visit.reader
    context = visit.context(
        device=visit.device("check", last=True),
        groups=groups(sheet, reader),
        wrong=[(issue, _said(visit, issue), sheet.page_of(issue.item)) for issue in issues],
        blank=[] if issues else [(issue, _said(visit, issue), sheet.page_of(issue.item)) for issue in blank],
        confirm=[sheet.seal_of(issue) for issue in blank],
        back=sheet.pages[-1].id,
        has_optional=bool(sheet.optional),
    )
    return Template("public/check.html", context=context, status_code=422 if issues else 200)


def _said(visit: Visit, issue: Issue) -> str:
    return sentence(issue, visit.reader, visit.sheet.instrument.by_id[issue.item].item)


@get("/s/{slug:str}/end/{end:str}")
async def show_end(request: Asking, slug: FromPath[str], end: FromPath[str]) -> Answered:
    """A way out that keeps nothing: what to do instead."""
    survey = await request.app.state.fieldwork.survey(slug)
    instrument = survey.latest.instrument
    found = next((known for known in instrument.ends if known.id == end and known.keeps == "count"), None)
    if found is None:
        return Redirect(f"/s/{slug}", status_code=303)
    variant = variant_or_first(instrument, request.cookies.get(VARIANT_COOKIE, ""))
    locale = request_locale(request, instrument.locales)
    context = {**frame(survey.latest, None, variant, locale), "slug": slug, "end": found}
    return Template("public/end.html", context=context)


HANDLERS = [show_check, submit, show_end]
