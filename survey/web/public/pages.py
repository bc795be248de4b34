"""The pages with the questions. Each page's answers are kept as it is left."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.errors import NotFound
from survey.forms.instrument import Variant
from survey.forms.reading import Issue
from survey.forms.screens import Screen, screens
from survey.forms.variants import apply
from survey.web.public.cookies import Asking, choice_cookies, renewed_cookies, size_cookies
from survey.web.public.flow import confirmed, new_parts, onward, saved
from survey.web.public.helping import unhelped
from survey.web.public.moving import in_variant
from survey.web.public.progress import come_over, come_past
from survey.web.public.resuming import lay_by
from survey.web.public.turns import in_turn
from survey.web.public.views import Field, fields_of
from survey.web.public.visits import (
    BODY_LIMIT,
    Answered,
    Posted,
    Reached,
    Visit,
    arrive,
    changed,
    finish,
    posted_fields,
)
from survey.web.public.ways import to_screen


@get("/s/{slug:str}/{screen:str}")
async def show_page(
    request: Asking, slug: FromPath[str], screen: FromPath[str], now: NamedDependency[datetime]
) -> Answered:
    """One page of the form, as this person sees it."""
    visit = await arrive(request, slug, now)
    if not isinstance(visit, Visit):
        return visit
    elsewhere = unhelped(visit) or misplaced(visit, screen)
    if elsewhere is not None:
        return elsewhere
    page = visit.sheet.page(screen)
    if page is None:
        return to_screen(visit, visit.sheet.next_page(screen))
    fresh = request.query_params.get("new", "")
    return draw(visit, page, came_from=request.query_params.get("from", ""), fresh=fresh)


@post("/s/{slug:str}/{screen:str}", request_max_body_size=BODY_LIMIT)
async def save_page(
    request: Asking, slug: FromPath[str], screen: FromPath[str], now: NamedDependency[datetime]
) -> Answered:
    """Keep what a page says, then show the next one, or the same with what must be put right."""
    posted = await posted_fields(request)
    elsewhere: Redirect | None = None

    def change(visit: Visit) -> Reached:
        nonlocal elsewhere
        elsewhere = misplaced(visit, screen)
        if elsewhere is not None and visit.sheet.knows(screen):
            return elsewhere
        if "skip" not in posted:
            visit = _filled_in(visit, screen, posted)
        visit = switched(visit, posted)
        stays = "switch" in posted or "later" in posted
        return visit if stays else come_past(visit, screen, posted.get("shown", []))

    visit = await changed(request, slug, now, posted, change)
    if not isinstance(visit, Visit):
        return visit
    if "later" in posted:
        return await lay_by(request, visit)
    return elsewhere or await _reply(request, visit, screen, posted, now)


async def _reply(request: Asking, visit: Visit, screen: str, posted: Posted, now: datetime) -> Answered:
    """What comes after a page that was kept."""
    if "switch" in posted:
        moved = _after_switch(visit, screen, posted)
        moved.cookies.extend(
            [*choice_cookies(request, visit.locale, visit.sheet.variant.id), *size_wanted(request, posted)]
        )
        return moved
    reply: Answered | None = None if "skip" in posted else _ask_again(visit, screen, posted)
    if reply is None:
        reply = await _go_on(request, visit, screen, posted, now)
    if isinstance(reply, Redirect) and reply.url.startswith("/s/") and "/end/" not in reply.url:
        reply.cookies.extend(renewed_cookies(request, visit.draft, now))
    return reply


def misplaced(visit: Visit, screen: str) -> Redirect | None:
    """Where to go instead, when a page is before or behind what was submitted, or of another variant."""
    if not visit.sheet.knows(screen):
        return to_screen(visit, visit.sheet.page_of(_foreign(visit, screen)[1].item_ids[0]))
    is_optional = visit.sheet.is_optional(screen)
    if is_optional and visit.draft.submitted_at is None:
        return to_screen(visit, None)
    if not is_optional and visit.draft.submitted_at is not None:
        return to_screen(visit, visit.sheet.optional[0] if visit.sheet.optional else None)
    return None


def _foreign(visit: Visit, screen: str) -> tuple[Variant, Screen]:
    """A page that only another variant has: from a tab opened before switching; raises NotFound for no page at all."""
    instrument = visit.loaded.instrument
    for variant in instrument.variants:
        for page in screens(apply(instrument, variant), variant):
            if page.id == screen:
                return variant, page
    raise NotFound("%(survey)s has no page '%(page)s'", survey=visit.draft.survey, page=screen)


def _filled_in(visit: Visit, screen: str, posted: Posted) -> Visit:
    if "skip" in posted:
        return visit
    page = visit.sheet.screen(screen)
    if page is None:
        variant, _ = _foreign(visit, screen)
        there = _filled_in(visit.on(in_variant(visit.sheet, variant)), screen, posted)
        return visit.on(in_variant(there.sheet, visit.sheet.variant))
    asked = [part.asked.item.id for part in page.parts]
    shown = [id for id in posted.get("shown", asked) if id in asked]
    filled, shown = in_turn(visit.sheet.filled, shown, posted)
    sheet = saved(visit.sheet.refilled(filled), page, posted, shown)
    return visit.on(confirmed(sheet, posted["confirm"]) if "confirm" in posted else sheet)


def switched(visit: Visit, posted: Posted) -> Visit:
    """The visit in the language or variant whose button was pressed."""
    kind, _, wanted = posted.get("switch", [""])[0].partition(":")
    instrument = visit.loaded.instrument
    if kind == "lang" and wanted in instrument.locales:
        return msgspec.structs.replace(visit, locale=wanted)
    if kind == "variant":
        return come_over(visit, instrument.variant(wanted))
    return visit


def size_wanted(request: Asking, posted: Posted) -> list[Cookie]:
    """The size of text whose button was pressed, for the device to remember."""
    kind, _, wanted = posted.get("switch", [""])[0].partition(":")
    return size_cookies(request, wanted) if kind == "size" else []


def _after_switch(visit: Visit, screen: str, posted: Posted) -> Redirect:
    """The page that asks now what was asked before."""
    page = visit.sheet.page(screen)
    if page is None:
        items = [posted.get("shown", [screen])[0], screen.partition("-")[0]]
        section = next((s for s in visit.loaded.instrument.sections if s.id == screen), None)
        items += [one.item.id for asked in section.asked for one in asked.ones()] if section else []
        page = next((found for item in items if (found := visit.sheet.page_of(item))), None) or visit.sheet.pages[0]
    return to_screen(visit, page, _from(posted))


def _from(posted: Posted) -> str:
    return "?from=check" if posted.get("from", [""])[0] == "check" else ""


def _ask_again(visit: Visit, screen: str, posted: Posted) -> Template | None:
    """The same page, when something on it is wrong, or odd and not confirmed."""
    page = visit.sheet.page(screen)
    if page is None:
        return None
    came_from = posted.get("from", [""])[0]
    if issues := visit.sheet.issues_on(page):
        return draw(visit, page, came_from=came_from, issues=issues)
    if odd := visit.sheet.odd_on(page):
        return draw(visit, page, came_from=came_from, odd=odd)
    return None


async def _go_on(request: Asking, visit: Visit, screen: str, posted: Posted, now: datetime) -> Answered:
    sheet = visit.sheet
    page = sheet.page(screen)
    shown = posted.get("shown", [])
    if "skip" not in posted and shown and (fresh := new_parts(page, shown)):
        mark = f"{_from(posted) or '?'}{'&' if _from(posted) else ''}new={fresh[0]}#{fresh[0]}"
        return to_screen(visit, page, mark)
    if visit.draft.submitted_at is not None:
        following = None if "skip" in posted else sheet.next_page(screen)
        return to_screen(visit, following) if following else await finish(request, visit.draft, now)
    following = onward(sheet, screen, to_check=bool(_from(posted)))
    if following is None and sheet.reading.end is not None:
        return await _end(request, visit, now)
    return to_screen(visit, following, _from(posted) if following else "")


async def _end(request: Asking, visit: Visit, now: datetime) -> Answered:
    """Take the way out, unless something before it must be put right."""
    issues = visit.sheet.core_issues()
    if issues and visit.sheet.reading.end is not None and visit.sheet.reading.end.keeps == "response":
        return to_screen(visit, visit.sheet.page_of(issues[0].item))
    return await finish(request, visit.draft, now)


def draw(
    visit: Visit,
    page: Screen,
    *,
    came_from: str = "",
    fresh: str = "",
    issues: Sequence[Issue] = (),
    odd: Sequence[Issue] = (),
) -> Template:
    """A page of the form."""
    sheet = visit.sheet
    questions = fields_of(page, sheet, visit.reader, visit.draft.id, issues=issues, odd=odd)
    back = sheet.previous_page(page.id)
    is_last = page.section.after_submit and sheet.next_page(page.id) is None
    context = visit.context(
        page=page,
        device=visit.device(page.id, last=is_last),
        questions=questions,
        came_from="check" if came_from == "check" else "",
        back=None if back is None else back.id,
        fresh=fresh if fresh in {part.asked.item.id for part in page.parts} else "",
        wrong=_problems(questions),
        confirm=[sheet.seal_of(issue) for issue in odd],
        is_last=is_last,
    )
    return Template("public/page.html", context=context, status_code=422 if issues else 200)


def _problems(questions: Sequence[Field]) -> list[tuple[str, str]]:
    """Where, and what is wrong there, in the order of the page."""
    found: list[tuple[str, str]] = []
    for question in questions:
        lines = [choice.specify for choice in question.choices if choice.specify is not None]
        found += [(question.id, question.error), *_problems(question.rows), *_problems(lines)]
    return [problem for problem in found if problem[1]]


HANDLERS = [show_page, save_page]
