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
