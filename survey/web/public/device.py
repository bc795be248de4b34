"""What a page tells the script that keeps answers on the device, so that it can go on without a connection. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from survey.forms.conditions import Condition
from survey.forms.instrument import Asked, Instrument, Variant
from survey.forms.items import ChoiceItem, Info, Missing, Multiple, Number
from survey.forms.items.base import Answer
from survey.forms.wording import Reader
from survey.web.public.flow import Sheet

OWN = ("web", "assisted", "phone")
"""Modes whose device belongs to whoever fills in, or to their helper. A kiosk keeps nothing."""


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose form, where in it, until when it is kept; `known` is what its routing looks at, `fields` what was given on
    other pages of the same item; `last` when the page submits."""

    slug: str
    id: UUID
    page: str
    until: datetime
    key: str
    known: dict[str, Any]
    fields: dict[str, list[str]] = {}
    last: bool = False

    def as_json(self) -> str:
        """As the page carries it."""
        return msgspec.json.encode(self).decode()


def device(
    sheet: Sheet, *, slug: str, response_id: UUID, page: str, until: datetime, locale: str, last: bool = False
) -> Device | None:
    """What the device is told; None where it may keep nothing."""
    if sheet.variant.mode not in OWN:
        return None
    screen = sheet.page(page)
    here = () if screen is None or sheet.variant.layout == "sections" else screen.item_ids
    looked_at = {name for asked in sheet.instrument.asked for name in _refers(asked)}
    return Device(
        slug=slug,
        id=response_id,
        page=page,
        until=until,
        key=f"{sheet.instrument.version}-{sheet.variant.id}-{locale}-{response_id}",
        known={name: _plain(answer) for name, answer in sheet.known.items() if name in looked_at},
        fields={name: texts for name, texts in sheet.filled.fields.items() if name.partition(".")[0] in here},
        last=last,
    )


def _plain(answer: Answer) -> Any:
    return {"missing": answer.value} if isinstance(answer, Missing) else answer


def _conditions(asked: Asked) -> Iterator[Condition]:
    if asked.when is not None:
        yield asked.when
    if not isinstance(asked.required, bool):
        yield asked.required
    yield from (stop.when for stop in asked.stops)
    yield from (piped.when for piped in asked.piped)


def _refers(asked: Asked) -> Iterator[str]:
    for condition in _conditions(asked):
        yield from condition.refers()


class Leg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item on the way through the form, as the script walks it: the twin of `survey.forms.reading`.

    `most` options of a multiple choice may be chosen, `alone` are those that exclude others; `bounds` are a number's.
    """

    id: str
    when: Condition | None = None
    required: bool | Condition = False
    stops: tuple[tuple[Condition, str], ...] = ()
    piped: tuple[tuple[Condition, str], ...] = ()
    missing: dict[str, str] = {}
    many: bool = False
    most: int = 0
    alone: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    whole: bool = False
    info: bool = False


def route(instrument: Instrument, reader: Reader) -> str:
    """Every item in order, with the conditions that decide whether it is asked, as JSON."""
    legs = msgspec.json.encode([_leg(asked, reader) for asked in instrument.asked]).decode()
    return legs.replace("<", "\\u003c")  # it stands inside a script element


def _leg(asked: Asked, reader: Reader) -> Leg:
    item = asked.item
    escapes = item.escapes if isinstance(item, ChoiceItem) else ()
    return Leg(
        id=item.id,
        when=asked.when,
        required=asked.required,
        stops=tuple((stop.when, stop.end) for stop in asked.stops),
        piped=tuple((piped.when, reader.say(piped.text)) for piped in asked.piped),
        missing={str(option.code): str(option.missing) for option in escapes},
        many=isinstance(item, Multiple),
        most=item.maximum if isinstance(item, Multiple) else 0,
        alone=tuple(str(option.code) for option in item.options if option.exclusive or option.missing)
        if isinstance(item, Multiple)
        else (),
        bounds=(item.minimum, item.maximum) if isinstance(item, Number) else None,
        whole=isinstance(item, Number) and not item.decimals,
        info=isinstance(item, Info),
    )


def may_keep(variant: Variant) -> bool:
    """Whether a device may keep what is typed on the pages of a variant."""
    return variant.mode in OWN
