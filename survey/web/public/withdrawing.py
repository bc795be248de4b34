"""Taking answers back: with the receipt alone, without a reason, at any time."""

from datetime import datetime

from asyncpg import Connection
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import responses
from survey.db.responses import Received
from survey.errors import NotFound
from survey.responses import receipt_text, receipt_value
from survey.web.public.visits import Asking, frame, request_locale


@get("/r/{receipt:str}/withdraw")
async def ask_withdrawal(request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection]) -> Template:
    """What withdrawing means, before it is done."""
    number, received = await _received(conn, receipt)
    wave = (await request.app.state.fieldwork.survey(received.survey)).wave(received.wave)
    loaded = await request.app.state.fieldwork.version(received.survey, received.instrument_version)
    variant = next((v for v in loaded.instrument.variants if v.id == received.variant), loaded.instrument.variants[0])
    locale = request_locale(request, loaded.instrument.locales, received.locale)
    context = {**frame(loaded, wave, variant, locale), "receipt": receipt_text(number)}
    return Template("public/withdraw.html", context=context)


@post("/r/{receipt:str}/withdraw")
async def withdraw(
    receipt: FromPath[str], conn: NamedDependency[Connection], now: NamedDependency[datetime]
) -> Redirect:
    """Erase contact data and free text, count the answers no more, and show the receipt again."""
    number, received = await _received(conn, receipt)
    await responses.withdraw(conn, received, now)
    return Redirect(f"/r/{receipt_text(number)}", status_code=303)


async def _received(conn: Connection, receipt: str) -> tuple[int, Received]:
    number = receipt_value(receipt)
    if number is None:
        raise NotFound("A reference number has twelve letters and figures")
    return number, await responses.fetch_by_receipt(conn, number)


HANDLERS = [ask_withdrawal, withdraw]
