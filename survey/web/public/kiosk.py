"""A device in a public place: it warns, goes back to its start by itself, and keeps nothing of who was there before.

Which survey a device is a kiosk for stands in a cookie of its own, so that every page knows, receipts included.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from survey.forms.instrument import Variant
from survey.web import i18n
from survey.web.public.cookies import A_YEAR, Asking, own_cookie
from survey.web.rendering import KIOSK_COOKIE, SIZE_COOKIE, kiosk_start

LEFT_BEHIND = ("draft_", SIZE_COOKIE, i18n.LANGUAGE_COOKIE)
"""What people leave in the cookies of a device: which form was theirs, what they chose."""


def kiosk_cookies(request: Request[Any, Any, Any], slug: str, variant: Variant, known: dict[str, Any]) -> list[Cookie]:
    """Make a device the kiosk of a survey when its start is opened in that variant, and no kiosk in any other."""
    if variant.mode == "kiosk":
        start = f"/s/{slug}?{urlencode({**known, 'variant': variant.id})}"
        return [own_cookie(request, KIOSK_COOKIE, start, A_YEAR)]
    return [own_cookie(request, KIOSK_COOKIE, "", 0)] if "variant" in request.query_params else []


@get("/leave", sync_to_thread=False)
def leave_alone(request: Asking) -> Redirect:
    """Where a kiosk without scripts goes when nobody answers; another device keeps what it has, whoever sent it."""
    return leave_kiosk(request) if kiosk_start(request) else Redirect("/", status_code=303)


@post("/leave", sync_to_thread=False)
def leave(request: Asking) -> Redirect:
    """Back to the start at once, because somebody pressed the button."""
    return leave_kiosk(request)


def leave_kiosk(request: Asking) -> Redirect:
    """Back to the start of a kiosk, without anything of who was there. Their form stays kept, and unknown here."""
    gone = [name for name in request.cookies if name.startswith(LEFT_BEHIND)]
    return Redirect(
        kiosk_start(request) or "/",
        status_code=303,
        cookies=[own_cookie(request, name, "", 0) for name in gone],
        headers={"Clear-Site-Data": '"cache", "storage"'},
    )


HANDLERS = [leave_alone, leave]
