"""An instrument in Simplified Chinese can be read in Traditional: the same wording in the other script."""

from typing import Any

import msgspec

from survey.forms.instrument import Instrument
from survey.web.i18n import DEFAULT, TRADITIONAL, traditional


def in_both_scripts(instrument: Instrument) -> Instrument:
    """The instrument with every Simplified text in Traditional Chinese too; one that carries its own stays as it is."""
    if DEFAULT not in instrument.locales or TRADITIONAL in instrument.locales:
        return instrument
    place = instrument.locales.index(DEFAULT) + 1
    locales = (*instrument.locales[:place], TRADITIONAL, *instrument.locales[place:])
    return msgspec.convert(_filled(msgspec.to_builtins(instrument)) | {"locales": locales}, Instrument)


def _filled(part: Any) -> Any:
    match part:
        case dict():
            filled = {key: _filled(one) for key, one in part.items()}
            if DEFAULT in filled and TRADITIONAL not in filled:
                filled[TRADITIONAL] = _converted(filled[DEFAULT])
            return filled
        case list() | tuple():
            return [_filled(one) for one in part]
        case _:
            return part


def _converted(wording: Any) -> Any:
    if isinstance(wording, str):
        return traditional(wording)
    return {register: traditional(text) for register, text in wording.items()}
