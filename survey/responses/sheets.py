"""Sheets of paper: their numbers, the ids of the responses that they become, and which are typed in twice. Pure.

A keyed hash of survey, wave and number decides both. So the same sheet is the same response for ever, nobody who types
can tell beforehand whether a sheet will be checked, and nobody outside can take its id.
"""

import hashlib
import hmac
import re
import unicodedata
from uuid import UUID

import msgspec

SHARE = 0.1
"""Of the sheets, so many are typed in a second time by another person."""
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{0,19}")


def sheet_number(text: str) -> str:
    """The number of a sheet as it is kept, however it was typed; empty when it cannot be one.

    >>> sheet_number(" 0012 "), sheet_number("ｂ－12"), sheet_number("000"), sheet_number("12/3")
    ('12', 'B-12', '0', '')
    """
    number = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not _NUMBER.fullmatch(number):
        return ""
    return number.lstrip("0") or "0" if number.isdecimal() else number


def sheet_id(survey: str, wave: str, sheet: str, secret: bytes) -> UUID:
    """The id of the response that a sheet becomes."""
    return UUID(bytes=_digest(survey, wave, sheet, secret)[:16], version=4)


def is_typed_twice(survey: str, wave: str, sheet: str, secret: bytes, share: float = SHARE) -> bool:
    """Whether a sheet is among those that are typed in a second time: 64 bits of the hash, below the share of 2^64.

    >>> drawn = sum(is_typed_twice("gov-sat", "2026H2", str(number), b"secret") for number in range(5000))
    >>> 450 < drawn < 550
    True
    """
    return int.from_bytes(_digest(survey, wave, sheet, secret)[16:24]) < share * 2**64


def _digest(survey: str, wave: str, sheet: str, secret: bytes) -> bytes:
    return hmac.digest(secret, msgspec.json.encode(("sheet", survey, wave, sheet)), hashlib.sha256)
