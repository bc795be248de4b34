"""Codes to go on with a form on another device: short enough for the telephone, and wrong ones are known at once.

Fifty bits of a keyed hash of the draft's id, and ten more to check them: the remainder by 1021, the largest prime
below 2**10. Every single wrong character and every two swapped neighbours change the remainder, since neither 32 nor
31 is a multiple of it; of other mistakes one in a thousand passes. Written in Crockford's base 32 in four groups of
three, where a receipt has three groups of four.
"""

import hashlib
import hmac
from uuid import UUID

from survey.responses.receipts import digits_of, text_of_digits

CHECKED_BY = 1021


def resume_number(draft_id: UUID, secret: bytes) -> int:
    """The code of a draft, without its check: always the same, so that it need not be kept."""
    return int.from_bytes(hmac.digest(secret, b"resume" + draft_id.bytes, hashlib.sha256)[:8]) >> 14


def resume_text(number: int) -> str:
    """The code as people read it.

    >>> resume_text(2**49 + 31)
    'G00-000-000-ZMQ'
    """
    digits = text_of_digits(number << 10 | number % CHECKED_BY)
    return "-".join(digits[start : start + 3] for start in range(0, 12, 3))


def resume_value(text: str) -> int | None:
    """The number of the code that a person typed; None when there is a mistake in it.

    >>> resume_value("goo 000 000 zmq") == 2**49 + 31
    True
    >>> resume_value("G00-000-000-ZQM"), resume_value("G00-000-000"), resume_value("G00-000-000-ZMF")
    (None, None, None)
    """
    value = digits_of(text)
    if value is None or (value >> 10) % CHECKED_BY != value & 1023:
        return None
    return value >> 10


def resume_hash(number: int, secret: bytes) -> bytes:
    """What is kept of a code. With a key, for fifty bits alone can be tried out."""
    return hmac.digest(secret, b"resume code" + number.to_bytes(7), hashlib.sha256)
