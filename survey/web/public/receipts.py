"""The receipt: when a response arrived, what happens next; after a test the person's own result."""

from typing import Any

import msgspec
from asyncpg import Connection
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from survey.db import responses
from survey.errors import NotFound
from survey.evaluation.scales import own_scores
from survey.forms.instrument import Instrument
from survey.forms.items import Answer, ChoiceItem, Missing
from survey.forms.reading import read
from survey.forms.scales import PointsScale
from survey.forms.variants import apply
from survey.forms.wording import Reader
from survey.responses import receipt_text, receipt_value
from survey.web.public.answers import in_words
from survey.web.public.visits import Asking, frame, request_locale
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


@get("/r/{receipt:str}")
async def show_receipt(request: Asking, receipt: FromPath[str], conn: NamedDependency[Connection]) -> Template:
    """When a response arrived, and what can be done with its number."""
    number = receipt_value(receipt)
    if number is None:
        raise NotFound("A reference number has twelve letters and figures")
    received = await responses.fetch_by_receipt(conn, number)
    wave = (await request.app.state.fieldwork.survey(received.survey)).wave(received.wave)
    loaded = await request.app.state.fieldwork.version(received.survey, received.instrument_version)
    variant = next((v for v in loaded.instrument.variants if v.id == received.variant), loaded.instrument.variants[0])
    instrument = apply(loaded.instrument, variant)
    locale = request_locale(request, instrument.locales, received.locale)
    reader = Reader(locale, variant.register)
    extra: dict[str, Any] = msgspec.json.decode(received.extra)
    answers = loaded.book.decode(received.codes, extra)
    reading = read(instrument, plain_answers(loaded, received.codes, extra), prefill=extra.get("prefill", {}))
    withdrawn_at = await responses.find_withdrawal(conn, received.id)
    shows_result = instrument.feedback and received.disposition == "complete" and withdrawn_at is None
    context = {
        **frame(loaded, wave, variant, locale),
        "slug": received.survey,
        "receipt": receipt_text(number),
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


HANDLERS = [show_receipt]
