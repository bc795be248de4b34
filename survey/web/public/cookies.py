"""What a device is asked to remember: which form is its own, which language and variant its owner chose."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie, State

from survey.db.drafts import Draft
from survey.web import i18n
from survey.web.drafting import KEPT_FOR
from survey.web.rendering import SIZE_COOKIE, SIZES

Asking = Request[Any, Any, State]
VARIANT_COOKIE = "survey_variant"
A_DAY = timedelta(days=1)
A_YEAR = 365 * 24 * 60 * 60


def cookie_name(slug: str) -> str:
    """The cookie that names a device's draft of a survey."""
    return f"draft_{slug}"


def cookie_id(request: Asking, slug: str) -> UUID | None:
    """The draft that a device is filling in."""
    return as_uuid(request.cookies.get(cookie_name(slug), ""))


def as_uuid(text: str) -> UUID | None:
    """The id that a text is; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def draft_cookie(request: Asking, draft: Draft) -> Cookie:
    """Names the draft to the device, for as long as it is kept, and a day more: see renewed_cookies."""
    max_age = int((KEPT_FOR + A_DAY).total_seconds())
    return own_cookie(request, cookie_name(draft.survey), str(draft.id), max_age)


def renewed_cookies(request: Asking, draft: Draft, now: datetime) -> list[Cookie]:
    """What a device that has just kept a page has to be told anew.

    A draft lives on from every page; on its first day the cookie that it began with still outlives it.
    """
    is_its_own = request.cookies.get(cookie_name(draft.survey)) == str(draft.id)
    outlives = is_its_own and now - draft.started_at < A_DAY
    return [] if outlives else [draft_cookie(request, draft)]


def choice_cookies(request: Asking, locale: str, variant: str) -> list[Cookie]:
    """Keep the language and the variant that a person chose on their device."""
    return [
        own_cookie(request, i18n.LANGUAGE_COOKIE, locale, A_YEAR),
        own_cookie(request, VARIANT_COOKIE, variant, A_YEAR),
    ]


def size_cookies(request: Asking, wanted: str) -> list[Cookie]:
    """Keep the size of text that a person chose on their device."""
    return [own_cookie(request, SIZE_COOKIE, wanted, A_YEAR)] if wanted in SIZES else []


def own_cookie(request: Asking, name: str, value: str, max_age: int) -> Cookie:
    """A cookie that no script reads and no other site sends."""
    secure = (request.app.state.settings.base_url or "").startswith("https:")
    return Cookie(key=name, value=value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)
