"""Taking answers back: with the receipt alone, without a reason, at any time."""

from datetime import datetime

from asyncpg import Connection
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import entries, responses
from survey.responses import receipt_text
from survey.web.public.cookies import Asking
from survey.web.public.receipts import find
from survey.web.public.visits import frame


@get("/r/{receipt:str}/withdraw")
async def ask_withdrawal(request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection]) -> Template:
    """What withdrawing means, before it is done."""
    found = await find(request, conn, receipt)
    context = frame(found.loaded, found.wave, found.variant, found.locale) | {"receipt": receipt_text(found.number)}
    return Template("public/withdraw.html", context=context)


@post("/r/{receipt:str}/withdraw")
async def withdraw(
    request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection], now: NamedDependency[datetime]
) -> Redirect:
    """Erase contact data, free text and what was typed from paper, count it no more, and show the receipt again."""
    found = await find(request, conn, receipt)
    await responses.withdraw(conn, found.received, now)
    await entries.erase_typed(conn, found.received.id)
    return Redirect(f"/r/{receipt_text(found.number)}", status_code=303)


HANDLERS = [ask_withdrawal, withdraw]
