"""Links that can be used once: whether one still can, and how somebody says that they want no more reminders."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from asyncpg import Connection
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from survey.db import tickets
from survey.forms.items.base import Scalar
from survey.responses import Wave
from survey.responses.tickets import matter_token, ticket_hash, token_value
from survey.web.public.cookies import Asking
from survey.web.public.visits import BODY_LIMIT, posted_fields, stopped

TICKET, UNTIL = "ticket", "until"
Standing = Literal["open", "used", "unknown", "expired"]


async def standing(
    request: Asking, conn: Connection, wave: Wave, fields: Mapping[str, str], prefill: Mapping[str, Scalar], today: date
) -> Standing:
    """Whether the link that somebody came by can be used: an invitation, or one to rate what `prefill` says."""
    token = token_value(fields.get(TICKET, ""))
    known = await tickets.find_ticket(conn, ticket_hash(token)) if token else None
    if known is not None and known.survey == wave.survey:
        is_current = known.wave == wave.wave or not known.invited
        return "used" if known.settled_at is not None else "open" if is_current else "expired"
    until = _day(fields.get(UNTIL, ""))
    secret = request.app.state.sealer.receipt_secret
    if until is None or token != matter_token(wave.survey, prefill, until, secret):
        return "unknown"
    return "open" if today <= until else "expired"


def carried(query: Mapping[str, str]) -> dict[str, str]:
    """What a link says of itself, to be carried from the start page to the first."""
    return {name: query[name][:40] for name in (TICKET, UNTIL) if query.get(name)}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@post("/s/{slug:str}/decline", request_max_body_size=BODY_LIMIT)
async def decline(
    request: Asking, slug: FromPath[str], conn: NamedDependency[Connection], now: NamedDependency[datetime]
) -> Template:
    """Somebody who was invited does not want to take part: nobody reminds them again."""
    posted = {name: texts[0] for name, texts in (await posted_fields(request)).items()}
    if not await refuse(conn, slug, posted.get(TICKET, ""), now):
        return stopped(request, "ticket-unknown", 404, slug)
    return stopped(request, "declined", 200, slug)


async def refuse(conn: Connection, slug: str, ticket: str, now: datetime) -> bool:
    """Note that whoever was invited does not want to; False when nobody was, by that link."""
    token = token_value(ticket)
    known = await tickets.find_ticket(conn, ticket_hash(token)) if token else None
    if known is None or known.survey != slug:
        return False
    if known.settled_at is None:
        used = ticket_hash(token)
        await tickets.settle(conn, used, survey=slug, wave=known.wave, disposition="refusal", now=now)
    return True


HANDLERS = [decline]
