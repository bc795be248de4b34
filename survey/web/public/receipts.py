"""The receipt: when a response arrived, what happens next; after a test the person's own result.

Its number may be all that somebody has, written down at a kiosk or read to them: there is a page to type it.
"""

from typing import Any

import msgspec
from asyncpg import Connection
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from survey.db import responses
from survey.db.responses import Received
from survey.errors import NotFound
from survey.evaluation.scales import own_scores
from survey.forms.instrument import Instrument, Variant
from survey.forms.items import Answer, ChoiceItem, Missing
from survey.forms.reading import read
from survey.forms.scales import PointsScale
from survey.forms.variants import apply
from survey.forms.wording import Reader
from survey.responses import Wave, receipt_text, receipt_value
from survey.web.fieldwork import Loaded
from survey.web.public.answers import in_words
from survey.web.public.cookies import Asking
from survey.web.public.visits import frame, request_locale, variant_or_first
from survey.web.submission import plain_answers


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One score of a person, out of 100; None when too little was answered."""

    title: str
    value: float | None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a test: what the person answered, the key, and why."""

    question: str
    answer: str
    key: str
    reason: str
    is_right: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The response that a receipt stands for, and what its page is drawn with."""

    number: int
    received: Received
    wave: Wave
    loaded: Loaded
    variant: Variant
    locale: str


async def find(request: Asking, conn: Connection, receipt: str) -> Found:
    """What a receipt stands for; raises NotFound."""
    number = receipt_value(receipt)
    if number is None:
        raise NotFound("A reference number has twelve letters and figures")
    received = await responses.fetch_by_receipt(conn, number)
    fieldwork = request.app.state.fieldwork
    loaded = await fieldwork.version(received.survey, received.instrument_version)
    return Found(
        number=number,
        received=received,
        wave=(await fieldwork.survey(received.survey)).wave(received.wave),
        loaded=loaded,
        variant=variant_or_first(loaded.instrument, received.variant),
        locale=request_locale(request, loaded.instrument.locales, received.locale),
    )


@get("/r", sync_to_thread=False)
def ask_number(request: Asking) -> Template | Redirect:
    """The page where a reference number is typed, and the way from there to its receipt."""
    typed = request.query_params.get("number")
    if typed is None:
        return _ask()
    number = receipt_value(typed)
    if number is None:
        return _ask(typed, "mistyped", 422)
    return Redirect(f"/r/{receipt_text(number)}", status_code=303)


def _ask(typed: str = "", problem: str = "", status: int = 200) -> Template:
    return Template("public/number.html", context={"number": typed[:40], "problem": problem}, status_code=status)


@get("/r/{receipt:str}")
async def show_receipt(request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection]) -> Template:
    """When a response arrived, and what can be done with its number."""
    try:
        found = await find(request, conn, receipt)
    except NotFound:
        return _ask(receipt, "mistyped" if receipt_value(receipt) is None else "unknown", 404)
    received, loaded, variant, locale = found.received, found.loaded, found.variant, found.locale
    instrument = apply(loaded.instrument, variant)
    reader = Reader(locale, variant.register)
    extra: dict[str, Any] = msgspec.json.decode(received.extra)
    answers = loaded.book.decode(received.codes, extra)
    reading = read(instrument, plain_answers(loaded, received.codes, extra), prefill=extra.get("prefill", {}))
    withdrawn_at = await responses.find_withdrawal(conn, received.id)
    shows_result = instrument.feedback and received.disposition == "complete" and withdrawn_at is None
    context = {
        **frame(loaded, found.wave, variant, locale),
        "slug": received.survey,
        "receipt": receipt_text(found.number),
        "received": received,
        "withdrawn_at": withdrawn_at,
        "end": reading.end,
        "scores": _scores(own_scores(loaded.book, received.codes), instrument, reader) if shows_result else (),
        "reasons": reasons(instrument, answers, reader) if shows_result else (),
    }
    return Template("public/receipt.html", context=context)


def _scores(values: dict[str, float | None], instrument: Instrument, reader: Reader) -> tuple[Score, ...]:
    """The scores that may be reported by themselves."""
    scales = [scale for scale in instrument.scales if not isinstance(scale, PointsScale) or scale.alone]
    return tuple(Score(title=reader.say(scale.title), value=values.get(scale.id)) for scale in scales)


def reasons(instrument: Instrument, answers: dict[str, Answer], reader: Reader) -> tuple[Reason, ...]:
    """The key of every question of a test that was asked, with the reason."""
    found = []
    for asked in instrument.asked:
        item, answer = asked.item, answers.get(asked.item.id, Missing.NOT_ASKED)
        if not isinstance(item, ChoiceItem) or not item.feedback or answer is Missing.NOT_ASKED:
            continue
        keys = [option for option in item.options if (option.points or 0) > 0]
        codes = item.plain(answer)
        found.append(
            Reason(
                question=reader.say(item.text),
                answer=in_words(item, answer, reader),
                key=("、" if reader.locale.startswith("zh") else "; ").join(reader.say(key.text) for key in keys),
                reason=reader.say(item.feedback),
                is_right=(codes if isinstance(codes, list) else [codes]) == [key.code for key in keys],
            )
        )
    return tuple(found)


HANDLERS = [ask_number, show_receipt]
