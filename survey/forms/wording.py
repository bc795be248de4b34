"""Text by locale and register."""

from typing import Literal

import msgspec

Register = Literal["standard", "simple"]


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same sentence in two registers: as an office writes it, and short and spoken."""

    standard: str
    simple: str = ""


Text = dict[str, str | Wording]
"""By locale, for example ``{"zh-Hans": "您好", "en": {"standard": "Good day", "simple": "Hello"}}``."""


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The files in which a text is read out, in either register."""

    standard: str = ""
    simple: str = ""


Audio = dict[str, Recorded]
"""By locale, for example ``{"zh-Hans": {"simple": "Q1-simple.mp3"}}``."""


class Reader(msgspec.Struct, frozen=True):
    """Who reads: their locale, the register they chose, and the locale to fall back on."""

    locale: str
    register: Register = "standard"
    fallback: str = "zh-Hans"

    def say(self, text: Text) -> str:
        """The wording of `text` for this reader; empty when there is none at all."""
        wording = text.get(self.locale) or text.get(self.fallback) or next(iter(text.values()), "")
        if isinstance(wording, str):
            return wording
        return (wording.simple or wording.standard) if self.register == "simple" else wording.standard

    def hear(self, text: Text, audio: Audio) -> str:
        """The recording of exactly what `say` shows this reader; empty when there is none."""
        wording, recorded = text.get(self.locale), audio.get(self.locale)
        if not wording or recorded is None:
            return ""
        is_simple = self.register == "simple" and isinstance(wording, Wording) and bool(wording.simple)
        return recorded.simple if is_simple else recorded.standard
