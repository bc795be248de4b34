"""The same instrument in the words of one variant."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import msgspec

from survey.forms.instrument import Asked, Instrument, Override, Section, Variant
from survey.forms.items import ChoiceItem

Made = TypeVar("Made")


def once(make: Callable[[Instrument, Variant], Made]) -> Callable[[Instrument, Variant], Made]:
    """Remember with the instrument what was made of it for a variant: neither ever changes, and every page asks."""

    @wraps(make)
    def made(instrument: Instrument, variant: Variant) -> Made:
        known = instrument.__dict__.setdefault(f"once {make.__name__}", {})
        if variant.id not in known or known[variant.id][0] is not variant:
            known[variant.id] = (variant, make(instrument, variant))
        found: Made = known[variant.id][1]
        return found

    return made


@once
def apply(instrument: Instrument, variant: Variant) -> Instrument:
    """The instrument with this variant's wordings; ids, codes, order and routing are those of every variant."""
    if not variant.overrides:
        return instrument
    sections = tuple(_section(section, variant) for section in instrument.sections)
    return msgspec.structs.replace(instrument, sections=sections)


def _section(section: Section, variant: Variant) -> Section:
    asked = tuple(
        _reworded(asked, variant.overrides[asked.item.id]) if asked.item.id in variant.overrides else asked
        for asked in section.asked
    )
    return msgspec.structs.replace(section, asked=asked)


def _reworded(asked: Asked, override: Override) -> Asked:
    item = asked.item
    still_right = {locale: recorded for locale, recorded in item.audio.items() if locale not in override.text}
    item = msgspec.structs.replace(
        item,
        text={**item.text, **override.text},
        hint={**item.hint, **override.hint},
        audio={**still_right, **override.audio},
    )
    if isinstance(item, ChoiceItem) and override.options:
        labels = {option.code: option.text for option in override.options}
        options = tuple(
            msgspec.structs.replace(option, text={**option.text, **labels.get(option.code, {})})
            for option in item.options
        )
        item = msgspec.structs.replace(item, options=options)
    return msgspec.structs.replace(asked, item=item)
