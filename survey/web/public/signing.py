"""Signing in with a token, and out again."""

from asyncpg import Connection
from litestar import get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from survey.web.auth import SESSION_COOKIE, SESSION_SECONDS, open_session
from survey.web.public.cookies import Asking, own_cookie
from survey.web.public.visits import BODY_LIMIT, posted_fields

HOMES = {"clerk": "/entry"}
"""Where people begin who do not evaluate."""


def local_path(wanted: str) -> str:
    """Where to go after signing in: only to a page of ours; empty, where somebody's own pages are.

    >>> local_path("/evaluate?survey=gov-sat"), local_path("//elsewhere.example"), local_path("/\\\\elsewhere.example")
    ('/evaluate?survey=gov-sat', '', '')
    """
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_ours else ""


@get("/sign-in", sync_to_thread=False)
def show_sign_in(request: Asking) -> Template:
    """The page that asks for a token."""
    return Template("public/sign-in.html", context={"to": local_path(request.query_params.get("to", ""))})


@post("/sign-in", request_max_body_size=BODY_LIMIT)
async def sign_in(request: Asking, conn: NamedDependency[Connection]) -> Redirect | Template:
    """Open a session for whoever has the token."""
    posted = await posted_fields(request)
    to = local_path(posted.get("to", [""])[0])
    opened = await open_session(request, conn, posted.get("token", [""])[0])
    if opened is None:
        return Template("public/sign-in.html", context={"to": to, "wrong": True}, status_code=422)
    account, session = opened
    cookies = [own_cookie(request, SESSION_COOKIE, session, SESSION_SECONDS)]
    return Redirect(to or HOMES.get(account.role, "/evaluate"), status_code=303, cookies=cookies)


@post("/sign-out", sync_to_thread=False)
def sign_out() -> Redirect:
    """End the session on this device."""
    return Redirect("/", status_code=303, cookies=[Cookie(key=SESSION_COOKIE, value="", max_age=0, path="/")])


HANDLERS = [show_sign_in, sign_in, sign_out]
