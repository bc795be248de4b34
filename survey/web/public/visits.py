"""One request of somebody who is filling in a form: whose draft it is, and what is said when there is none."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from survey.db import drafts, responses
from survey.db.drafts import Draft
from survey.errors import Busy, Closed, Conflict, Used
from survey.forms.instrument import Instrument, Variant
from survey.forms.wording import Reader
from survey.responses import Wave, receipt_text
from survey.web import drafting, i18n
from survey.web.drafting import KEPT_FOR
from survey.web.fieldwork import Loaded
from survey.web.public.cookies import Asking, as_uuid, cookie_id, cookie_name, own_cookie
from survey.web.public.device import Device, device
from survey.web.public.flow import Sheet
from survey.web.sealing import Sealer

Answered = Response[Any] | Template | Redirect
Posted = dict[str, list[str]]
ATTEMPTS = 20
"""How often a change is made anew when somebody else is faster: one person has not that many windows."""
BODY_LIMIT = 64 * 1024
SHOWN_AGAIN = 60 * 60  # seconds


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A draft, opened: whose it is, of which wave, in which words, how far it has come.

    `is_over` when its wave has closed and its core was not submitted: what is given still is kept, and it is told.
    """

    draft: Draft
    wave: Wave
    loaded: Loaded
    sheet: Sheet
    locale: str
    is_over: bool = False

    @property
    def reader(self) -> Reader:
        """In which words its owner reads."""
        return Reader(self.locale, self.sheet.variant.register)

    def on(self, sheet: Sheet) -> "Visit":
        """The visit with its form as it is now."""
        return msgspec.structs.replace(self, sheet=sheet)

    def device(self, page: str, *, last: bool = False) -> Device | None:
        """What this person's device is told on a page of theirs."""
        return device(
            self.sheet,
            slug=self.draft.survey,
            response_id=self.draft.id,
            page=page,
            until=self.draft.expires_at,
            locale=self.locale,
            last=last,
        )

    def context(self, **more: Any) -> dict[str, Any]:
        """What every page of a form is drawn with."""
        return {
            **frame(self.loaded, self.wave, self.sheet.variant, self.locale),
            "response_id": str(self.draft.id),
            "slug": self.draft.survey,
            **more,
        }

    def change(self, sealer: Sealer, now: datetime) -> drafts.Change:
        """The draft as it is now; it lives on for as long as a new one."""
        draft = msgspec.structs.replace(
            self.draft,
            submitted_at=None if self.is_over else self.draft.submitted_at,
            variant=self.sheet.variant.id,
            locale=self.locale,
            sealed=drafting.sealed(self.sheet.filled, sealer),
            expires_at=self.draft.expires_at if self.is_over else now + KEPT_FOR,
        )
        return drafts.Change(draft, self.draft.sealed, now)


Reached = Visit | Answered  # a visit, or what its request is answered with instead


def variant_or_first(instrument: Instrument, wanted: str) -> Variant:
    """The variant a person asks for; the first one, when there is none of that name."""
    return next((variant for variant in instrument.variants if variant.id == wanted), instrument.variants[0])


def frame(loaded: Loaded, wave: Wave | None, variant: Variant, locale: str) -> dict[str, Any]:
    """What the frame of a page needs to know: language, register, size, telephone, whether data are made up."""
    return {
        "locale": locale,
        "reader": Reader(locale, variant.register),
        "instrument": loaded.instrument,
        "variant": variant,
        "large": variant.large,
        "phone": loaded.instrument.notice.phone,
        "synthetic": wave is not None and wave.synthetic,
    }


async def posted_fields(request: Asking) -> Posted:
    """What a form sent. Parsed here and not by the framework, which would keep the body.

    It is on the request too, for the page that says that it could not be kept.
    """
    try:
        posted = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise HTTPException(status_code=400, detail="The form cannot be read") from None
    request.scope["state"]["posted"] = posted  # what request.state is a new view of each time
    return posted


async def changed(
    request: Asking, slug: str, now: datetime, posted: Posted, change: Callable[[Visit], Reached]
) -> Reached:
    """The visit that a request belongs to, after a change, which is kept."""
    return await change_kept(request, now, lambda: _find(request, slug, now, posted), change)


async def change_kept(
    request: Asking,
    now: datetime,
    find: Callable[[], Awaitable[Reached]],
    change: Callable[[Visit], Reached],
) -> Reached:
    """The visit found, after a change, which is kept; `change` may say instead where to go, and then nothing is.

    Nothing is locked: when somebody else has stored meanwhile, the change is made anew on top of that.
    """
    state = request.app.state
    for _ in range(ATTEMPTS):
        visit = await find()
        if not isinstance(visit, Visit):
            return visit
        after = change(visit)
        if not isinstance(after, Visit):
            return told_over(request, visit) or after
        kept = after.change(state.sealer, now)
        if await state.draft_inbox.put(kept):
            after = msgspec.structs.replace(after, draft=kept.draft)
            return told_over(request, after) or after
    raise Busy("This form is being filled in at several places at once")


async def arrive(request: Asking, slug: str, now: datetime, posted: Posted | None = None) -> Reached:
    """The visit a request belongs to, or a page that says what to do."""
    visit = await _find(request, slug, now, posted or {})
    return (told_over(request, visit) or visit) if isinstance(visit, Visit) else visit


async def _find(request: Asking, slug: str, now: datetime, posted: Posted) -> Reached:
    mine = cookie_id(request, slug)
    theirs = as_uuid(posted.get("response_id", [""])[0])
    if mine is not None and theirs is not None and mine != theirs:
        return stopped(request, "stale", 409, slug)
    draft_id = mine or theirs
    if draft_id is None:
        return stopped(request, "not-begun", 409, slug)
    return await open_visit(request, slug, now, draft_id)


async def open_visit(request: Asking, slug: str, now: datetime, draft_id: UUID) -> Reached:
    """The visit of a draft; a page that says what to do, when it is no more."""
    draft: Draft | None = await request.app.state.draft_lookup.put(drafts.Wanted(draft_id, now))
    if draft is None or draft.survey != slug:
        return await _gone(request, slug, draft_id)
    return await visit_of(request, draft, now)


async def visit_of(request: Asking, draft: Draft, now: datetime) -> Visit:
    """The visit of a draft that was found."""
    wave, loaded = await drafting.instrument_of(request.app.state, draft)
    locale = request_locale(request, loaded.instrument.locales, draft.locale)
    variant = loaded.instrument.variant(draft.variant)
    sheet = Sheet(loaded.instrument, variant, drafting.opened(draft, request.app.state.sealer))
    is_over = draft.submitted_at is None and not await request.app.state.fieldwork.collects(
        draft.survey, draft.wave, now
    )
    return Visit(draft=draft, wave=wave, loaded=loaded, sheet=sheet, locale=locale, is_over=is_over)


def told_over(request: Asking, visit: Visit) -> Template | None:
    """The page for somebody whose wave closed while they filled in; None while it is open."""
    if not visit.is_over:
        return None
    return stopped(request, "closed", 410, **visit.context(until=visit.draft.expires_at))


async def _gone(request: Asking, slug: str, draft_id: UUID) -> Answered:
    """A draft that is no more: it became a response, whose receipt is shown again, or it expired."""
    async with request.app.state.pool.acquire() as conn:
        kept = (await responses.find_many(conn, [draft_id])).get(draft_id)
    return stopped(request, "expired", 410, slug) if kept is None else _to_receipt(request, slug, kept)


def _to_receipt(request: Asking, slug: str, kept: responses.Kept) -> Redirect:
    """The way to a receipt; the device forgets the draft after a while, and until then Back leads to its receipt."""
    cookies = [own_cookie(request, cookie_name(slug), str(kept.id), SHOWN_AGAIN)]
    return Redirect(f"/r/{receipt_text(kept.receipt)}", status_code=303, cookies=cookies)


def stopped(request: Asking, reason: str, status: int, slug: str, **context: Any) -> Template:
    """A page that says why it does not go on here, and what to do next."""
    known = {"locale": i18n.negotiate(request), "slug": slug, **context, "reason": reason}
    return Template("public/stopped.html", context=known, status_code=status)


def request_locale(request: Asking, available: tuple[str, ...], drafted: str | None = None) -> str:
    """In which language somebody reads a form: as asked for, as chosen, as begun, as the browser says."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(i18n.LANGUAGE_COOKIE), drafted):
        if wanted in available:
            return str(wanted)
    return i18n.negotiate(request, available)


async def finish(request: Asking, draft: Draft, now: datetime) -> Answered:
    """Keep what was filled in, and show its receipt; or the way out that keeps nothing."""
    try:
        kept, reading = await drafting.keep_draft(request.app.state, draft, now)
    except Conflict:  # it was kept from another tab a moment ago; what was kept first stays
        return await _gone(request, draft.survey, draft.id)
    except Used:
        return stopped(request, "ticket-used", 410, draft.survey)
    except Closed:
        _, loaded = await drafting.instrument_of(request.app.state, draft)
        days = loaded.instrument.retest.locked_days if loaded.instrument.retest else 0
        return stopped(request, "retest", 410, draft.survey, days=days)
    if kept is not None:
        return _to_receipt(request, draft.survey, kept)
    end = reading.end.id if reading.end is not None else ""
    cookies = [own_cookie(request, cookie_name(draft.survey), "", 0)]
    return Redirect(f"/s/{draft.survey}/end/{end}", status_code=303, cookies=cookies)
