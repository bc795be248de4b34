"""A survey offered inside another site's page: a frame holds an invitation, the form opens in a tab of its own."""

from datetime import datetime
from urllib.parse import urlencode

from asyncpg import Connection
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from survey.db import collectors
from survey.errors import Closed, NotFound
from survey.web.logs import PROTECTION
from survey.web.public.cookies import Asking
from survey.web.public.start import known_at
from survey.web.public.visits import frame, request_locale, variant_or_first

POLICY = "Content-Security-Policy"


@get("/s/{slug:str}/embed")
async def invite(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Template:
    """The invitation to a survey."""
    return await _invitation(request, slug, {}, now)


@get("/c/{code:str}/embed")
async def invite_at_collector(
    request: Asking, code: FromPath[str], conn: NamedDependency[Connection], now: NamedDependency[datetime]
) -> Template:
    """The invitation of a collector; raises NotFound."""
    collector = await collectors.find_collector(conn, code)
    if collector is None:
        raise NotFound("There is no collector '%(code)s': look at the address on the poster again", code=code)
    return await _invitation(request, collector.survey, known_at(collector), now)


async def _invitation(request: Asking, slug: str, known: dict[str, object], now: datetime) -> Template:
    """Also when the survey is closed: the site around it cannot know, and an empty frame would say nothing."""
    try:
        wave, loaded = await request.app.state.fieldwork.collecting(slug, None, now)
    except Closed:
        wave, loaded = None, (await request.app.state.fieldwork.survey(slug)).latest
    locale = request_locale(request, loaded.instrument.locales)
    context = {
        **frame(loaded, wave, variant_or_first(loaded.instrument, ""), locale),
        "start": wave and f"/s/{slug}?{urlencode({**known, 'lang': locale})}",
    }
    headers = {POLICY: _let_in(request.app.state.settings.embedders)}
    return Template("public/embed.html", context=context, headers=headers)


def _let_in(origins: tuple[str, ...]) -> str:
    """The policy of every page, and who else may frame this one."""
    return PROTECTION[POLICY].replace("frame-ancestors 'self'", " ".join(("frame-ancestors 'self'", *origins)))


HANDLERS = [invite, invite_at_collector]
