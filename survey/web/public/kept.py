"""What was kept of a response, for whoever has its reference number.

The number is also read out to helpers and lies about on paper. So it shows what was chosen, and of what was written
only how much; contact data by their last characters.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from asyncpg import Connection
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import responses
from survey.db.contacts import list_contacts
from survey.forms.characters import length
from survey.forms.instrument import Asked, Instrument, Section
from survey.forms.items import Answer, Missing
from survey.forms.items.text import TextItem
from survey.forms.variants import apply
from survey.forms.wording import Reader
from survey.responses import receipt_text
from survey.web.i18n import mark, ngettext
from survey.web.public.answers import Group, Line, in_words
from survey.web.public.cookies import Asking
from survey.web.public.receipts import find
from survey.web.public.visits import Answered, frame

SHOWN_OF_CONTACT = 4
WRITTEN = (mark("%(num)s character, which is not shown here"), "%(num)s characters, which are not shown here")


def groups_kept(
    instrument: Instrument, answers: Mapping[str, Answer], contacts: Mapping[str, str], reader: Reader
) -> tuple[Group, ...]:
    """Every question that was asked, with its answer in words; what was written and contact data masked."""
    found = (
        Group(title=reader.say(section.title), lines=tuple(_lines(section, answers, contacts, reader)))
        for section in instrument.sections
    )
    return tuple(group for group in found if group.lines)


def _lines(
    section: Section, answers: Mapping[str, Answer], contacts: Mapping[str, str], reader: Reader
) -> Iterator[Line]:
    for one in (one for asked in section.asked for one in asked.ones()):
        answer = answers.get(one.item.id, Missing.NOT_ASKED)
        if one.item.id in contacts:
            text = masked(contacts[one.item.id])
        elif answer is Missing.NOT_ASKED:
            continue
        elif isinstance(one.item, TextItem) and isinstance(answer, str):
            written = length(answer)
            text = ngettext(reader.locale, *WRITTEN, written) % {"num": written}
        else:
            text = in_words(one.item, answer, reader)
        yield Line(item=one.item.id, question=_question(one, answers, reader), answer=text, screen="")


def _question(asked: Asked, answers: Mapping[str, Answer], reader: Reader) -> str:
    text = next((piped.text for piped in asked.piped if piped.when.holds(answers)), asked.item.text)
    return reader.say(text)


def masked(text: str) -> str:
    """The end of contact data, enough to know them again.

    >>> masked("+8613800138000"), masked("123")
    ('••••••8000', '••••••')
    """
    return "••••••" + (text[-SHOWN_OF_CONTACT:] if len(text) > 2 * SHOWN_OF_CONTACT else "")


@get("/r/{receipt:str}/answers")
async def show_kept(request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection]) -> Answered:
    """What is kept of a response; nothing more than its receipt, when it was withdrawn."""
    found = await find(request, conn, receipt)
    number = receipt_text(found.number)
    if await responses.find_withdrawal(conn, found.received.id) is not None:
        return Redirect(f"/r/{number}", status_code=303)
    extra: dict[str, Any] = msgspec.json.decode(found.received.extra)
    answers: dict[str, Answer] = dict(found.loaded.book.decode(found.received.codes, extra))
    sealed = await list_contacts(conn, found.received.id)
    opened = {item: request.app.state.sealer.open(secret) or b"" for item, secret in sealed.items()}
    instrument = apply(found.loaded.instrument, found.variant)
    reader = Reader(found.locale, found.variant.register)
    known = extra.get("prefill", {})
    context = {
        **frame(found.loaded, found.wave, found.variant, found.locale),
        "receipt": number,
        "groups": groups_kept(
            instrument, {**known, **answers}, {item: text.decode() for item, text in opened.items()}, reader
        ),
        "known": [(value.title or value.id, known[value.id]) for value in instrument.prefill if value.id in known],
    }
    return Template("public/kept.html", context=context)


HANDLERS = [show_kept]
