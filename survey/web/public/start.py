"""Where a survey begins: the notice, the choice of language and variant, a new draft or the one left here."""

from datetime import datetime
from urllib.parse import urlencode

import msgspec
from asyncpg import Connection
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import collectors, drafts
from survey.db.collectors import Collector
from survey.db.drafts import Draft
from survey.errors import NotFound
from survey.forms.instrument import Instrument
from survey.forms.reading import given_in, read
from survey.responses import Wave
from survey.web import drafting
from survey.web.drafting import KEPT_FOR, Filled
from survey.web.ids import new_id
from survey.web.public.cookies import VARIANT_COOKIE, Asking, choice_cookies, cookie_id, draft_cookie, size_cookies
from survey.web.public.flow import COLLECTOR, Sheet, prefill_from
from survey.web.public.kiosk import kiosk_cookies
from survey.web.public.progress import come_as_left, come_over
from survey.web.public.ticketing import TICKET, UNTIL, carried, standing
from survey.web.public.visits import (
    BODY_LIMIT,
    Answered,
    Visit,
    changed,
    frame,
    posted_fields,
    request_locale,
    stopped,
    variant_or_first,
)
from survey.web.public.ways import to_where_left
from survey.web.rendering import TIME_ZONE


@get("/s/{slug:str}")
async def show_start(
    request: Asking, slug: FromPath[str], conn: NamedDependency[Connection], now: NamedDependency[datetime]
) -> Template:
    """The start of a survey."""
    wave, loaded = await request.app.state.fieldwork.collecting(slug, None, now)
    instrument = loaded.instrument
    locale = request_locale(request, instrument.locales)
    variant = variant_or_first(
        instrument, request.query_params.get("variant") or request.cookies.get(VARIANT_COOKIE, "")
    )
    draft_id = cookie_id(request, slug)
    draft = None if draft_id is None else await request.app.state.draft_lookup.put(drafts.Wanted(draft_id, now))
    prefill = prefill_from(instrument, request.query_params)
    ticket = carried(request.query_params)
    if ticket and (refused := await _refuse_ticket(request, conn, wave, ticket, prefill, now)):
        return refused
    context = {
        **frame(loaded, wave, variant, locale),
        "slug": slug,
        "draft": draft if draft is not None and draft.survey == slug and variant.mode != "kiosk" else None,
        "prefill": {**prefill, **ticket},
        "invited": ticket and UNTIL not in ticket,
        "ticket": ticket.get(TICKET, ""),
    }
    cookies = size_cookies(request, request.query_params.get("size", ""))
    cookies += kiosk_cookies(request, slug, variant, prefill)
    return Template("public/start.html", context=context, cookies=cookies)


@post("/s/{slug:str}", request_max_body_size=BODY_LIMIT)
async def begin(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Redirect | Template:
    """Begin a draft and show its first page."""
    chosen = {name: texts[0] for name, texts in (await posted_fields(request)).items()}
    async with request.app.state.pool.acquire() as conn, conn.transaction():
        return await _begin(request, conn, slug, now, chosen)


async def _begin(
    request: Asking, conn: Connection, slug: str, now: datetime, chosen: dict[str, str]
) -> Redirect | Template:
    wave, loaded = await request.app.state.fieldwork.collecting(slug, None, now)
    instrument = loaded.instrument
    locale = chosen.get("lang", "")
    locale = locale if locale in instrument.locales else request_locale(request, instrument.locales)
    variant = variant_or_first(instrument, chosen.get("variant", ""))
    prefill, ticket = prefill_from(instrument, chosen), carried(chosen)
    if ticket and (refused := await _refuse_ticket(request, conn, wave, ticket, prefill, now)):
        return refused
    prefill = _accepted(instrument, prefill)
    collector = await collectors.find_collector(conn, str(prefill.pop(COLLECTOR, "")))
    if collector is not None and collector.survey == slug:
        prefill[COLLECTOR] = collector.code
    filled = Filled(prefill=prefill, ticket=ticket.get(TICKET, ""))
    first = Sheet(instrument, variant, filled).pages[0]
    draft = Draft(
        id=new_id(now),
        survey=slug,
        wave=wave.wave,
        variant=variant.id,
        locale=locale,
        sealed=drafting.sealed(filled, request.app.state.sealer),
        started_at=now,
        expires_at=now + KEPT_FOR,
        reached=first.id,
    )
    if variant.mode != "kiosk":  # what somebody else left there is not theirs to throw away
        await _forget_earlier(request, conn, slug, now)
    await drafts.insert_draft(conn, draft)
    cookies = [draft_cookie(request, draft), *choice_cookies(request, locale, variant.id)]
    return Redirect(f"/s/{slug}/{first.id}", status_code=303, cookies=cookies)


async def _refuse_ticket(
    request: Asking,
    conn: Connection,
    wave: Wave,
    ticket: dict[str, str],
    prefill: dict[str, int | float | str],
    now: datetime,
) -> Template | None:
    found = await standing(request, conn, wave, ticket, prefill, now.astimezone(TIME_ZONE).date())
    status = {"used": 410, "unknown": 404, "expired": 410}
    return None if found == "open" else stopped(request, f"ticket-{found}", status[found], wave.survey)


async def _forget_earlier(request: Asking, conn: Connection, slug: str, now: datetime) -> None:
    """Starting again throws away what was begun on this device; what was submitted is kept."""
    earlier = cookie_id(request, slug)
    draft = None if earlier is None else await drafts.lock_draft(conn, earlier, now)
    if draft is not None and draft.survey == slug and draft.submitted_at is None:
        await drafts.delete_draft(conn, draft.id)


def _accepted(instrument: Instrument, prefill: dict[str, int | float | str]) -> dict[str, int | float | str]:
    """What was said beforehand, without what cannot be the answer to its item."""
    reading = read(instrument, given_in(instrument, {}), prefill=prefill)
    return {name: value for name, value in prefill.items() if name not in reading.path}


@post("/s/{slug:str}/resume", request_max_body_size=BODY_LIMIT)
async def resume(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """Go on where this device left."""
    posted = await posted_fields(request)

    def change(visit: Visit) -> Visit:
        instrument = visit.loaded.instrument
        locale = posted.get("lang", [visit.locale])[0]
        variant = variant_or_first(instrument, posted.get("variant", [visit.draft.variant])[0])
        visit = come_as_left(come_over(visit, variant))
        return msgspec.structs.replace(visit, locale=locale if locale in instrument.locales else visit.locale)

    visit = await changed(request, slug, now, posted, change)
    if not isinstance(visit, Visit):
        return visit
    reply = to_where_left(visit)
    reply.cookies.append(draft_cookie(request, visit.draft))
    reply.cookies.extend(choice_cookies(request, visit.locale, visit.sheet.variant.id))
    return reply


@get("/c/{code:str}")
async def come_from_collector(request: Asking, code: FromPath[str], conn: NamedDependency[Connection]) -> Redirect:
    """The address on a poster: on to the start of its survey, with what is known there; raises NotFound."""
    collector = await collectors.find_collector(conn, code)
    if collector is None:
        raise NotFound("There is no collector '%(code)s': look at the address on the poster again", code=code)
    query = {**request.query_params, **known_at(collector)}
    return Redirect(f"/s/{collector.survey}?{urlencode(query)}", status_code=303)


def known_at(collector: Collector) -> dict[str, object]:
    """What is known of whoever comes by a collector."""
    return {**collector.prefill, COLLECTOR: collector.code}


HANDLERS = [show_start, begin, come_from_collector, resume]
