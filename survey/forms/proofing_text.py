"""Proof of the wordings: every language that is promised, and both registers where a variant needs them."""

from collections.abc import Iterator
from typing import Any

import msgspec

from survey.forms.flaws import Flaw
from survey.forms.instrument import Instrument, Relabelled
from survey.forms.items import Option
from survey.forms.items.rating import Fold
from survey.forms.wording import Text, Wording

SPOKEN = frozenset(
    ["text", "hint", "statement", "intro", "thanks", "feedback", "who", "why", "what", "kept", "seen_by", "withdraw"]
)
"""Fields that hold sentences; labels may be the same in both registers and are then written once."""
LABELS = (Option, Fold, Relabelled)
NOT_FOR_RESPONDENTS = frozenset({"name", "prefill", "rates", "flags", "scales"})


class Said(msgspec.Struct, frozen=True):
    """A text and where it stands; `heard` by respondents or not, `spoken` when they are told it as a sentence."""

    place: str
    text: Text
    heard: bool
    spoken: bool


def texts(part: Any, place: str = "$", *, heard: bool = True) -> Iterator[Said]:
    """Every text in `part` of an instrument that is there or has to be."""
    match part:
        case msgspec.Struct():
            for field in msgspec.structs.fields(part):
                yield from _field(part, field, f"{place}.{field.encode_name}", heard=heard)
        case tuple():
            for n, one in enumerate(part):
                yield from texts(one, f"{place}[{n}]", heard=heard)
        case dict():
            for key, one in part.items():
                yield from texts(one, f"{place}.{key}", heard=heard)


def _field(part: msgspec.Struct, field: Any, place: str, *, heard: bool) -> Iterator[Said]:
    value, heard = getattr(part, field.name), heard and field.name not in NOT_FOR_RESPONDENTS
    if field.type != Text:
        yield from texts(value, place, heard=heard)
    elif value or field.required:
        yield Said(place, value, heard, heard and field.name in SPOKEN and not isinstance(part, LABELS))


def missing_translations(instrument: Instrument) -> Iterator[Flaw]:
    """A language that is declared, and a text that lacks it."""
    for said in texts(instrument):
        for locale in instrument.locales:
            wording = said.text.get(locale, "")
            if not (wording.standard if isinstance(wording, Wording) else wording).strip():
                yield Flaw("missing-translation", said.place, f"There is no text in {locale}; add one.")


def missing_simple(instrument: Instrument) -> Iterator[Flaw]:
    """A variant in simple words, and a sentence that has none."""
    simple = next((variant.id for variant in instrument.variants if variant.register == "simple"), None)
    if simple is None:
        return
    for said in texts(instrument):
        for locale in instrument.locales:
            wording = said.text.get(locale)
            if said.spoken and wording and not (isinstance(wording, Wording) and wording.simple.strip()):
                message = f'Variant "{simple}" speaks simply, but there is no simple wording in {locale}; add one.'
                yield Flaw("missing-simple", said.place, message)
