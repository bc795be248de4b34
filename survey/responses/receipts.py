"""Reference numbers that a person can read over the telephone and nobody can guess.

A receipt is 60 bits: the bucket of the response (6 bits, so that it can be found where it lies) and 54 bits of a
keyed hash of its id. An id that has an order (UUID version 7, which begins with its time, and 8, which begins with the
table it was imported from) gives 6 of these to what it begins with, so that the receipts of one wave lie side by side
in their index. Written in Crockford's base 32, which has no I, L, O and U, in three groups of four.

Two ids may come to the same receipt: the response that is kept second gets another (`next_receipt`). So the receipt of
what is kept is asked of the database; what is made of an id is the one that it gets unless that is taken.
"""

import hashlib
import hmac
from functools import cache
from uuid import UUID
from zlib import crc32

BUCKETS = 64
_HASHED = (1 << 48) - 1
_STEP = 0x9E3779B97F4B
"""2^48 over the golden ratio: odd, so that every number is come to; far, so that one digit mistyped leads to nobody."""
_ORDERED = (7, 8)
"""Versions of UUID whose beginning has an order."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_READ_AS = str.maketrans("ILOilo", "110110", "- ")


def bucket_of(response_id: UUID) -> int:
    """The part of the response table where an id lies: fixed for ever, spread evenly whatever made the id."""
    return _bucket(response_id.bytes)


def _bucket(sixteen: bytes) -> int:
    return crc32(sixteen) % BUCKETS


def receipt_number(response_id: UUID, secret: bytes) -> int:
    """The receipt of a response, as the number that is kept."""
    sixteen = response_id.bytes
    keyed = _keyed(secret).copy()
    keyed.update(sixteen)
    number = int.from_bytes(keyed.digest()[:8]) >> 10
    if response_id.int >> 76 & 15 in _ORDERED and response_id.version in _ORDERED:  # the first is fast
        number = _season(response_id) << 48 | number >> 6
    return _bucket(sixteen) << 54 | number


def next_receipt(receipt: int) -> int:
    """The one to try when a receipt is another's: in the same bucket, of the same days."""
    return receipt & ~_HASHED | (receipt + _STEP) & _HASHED


def bucket_in(receipt: int) -> int:
    """The bucket of the response that a receipt was given for."""
    return receipt >> 54


@cache
def _keyed(secret: bytes) -> hmac.HMAC:
    """What every receipt's hash begins with, to be copied: the key is half of the work."""
    return hmac.new(secret, b"receipt", hashlib.sha256)


def _season(response_id: UUID) -> int:
    """The days in which an id was made: 64 times 2^30 milliseconds, then they come round again after two years.

    Of version 8: six bits of the table.
    """
    return response_id.int >> 80 + 30 & 63


def receipt_text(number: int) -> str:
    """The number as people read it.

    >>> receipt_text(2**59 + 31)
    'G000-0000-000Z'
    """
    first = f"{_PAIRS[number >> 50 & 1023]}{_PAIRS[number >> 40 & 1023]}"
    second = f"{_PAIRS[number >> 30 & 1023]}{_PAIRS[number >> 20 & 1023]}"
    return f"{first}-{second}-{_PAIRS[number >> 10 & 1023]}{_PAIRS[number & 1023]}"


def receipt_value(text: str) -> int | None:
    """The number that a person typed, forgiving case, hyphens and look-alikes; None when it cannot be one.

    >>> receipt_value("gooo-0000-000z") == 2**59 + 31
    True
    """
    return digits_of(text)


def text_of_digits(number: int, length: int = 12) -> str:
    """Five bits for each of as many characters, an even number of them."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(5 * length - 10, -1, -10)])


def digits_of(text: str, length: int = 12) -> int | None:
    """The number that so many characters stand for; None when they cannot."""
    digits = text.strip().translate(_READ_AS).upper()
    if len(digits) != length or any(digit not in _ALPHABET for digit in digits):
        return None
    number = 0
    for digit in digits:
        number = number << 5 | _ALPHABET.index(digit)
    return number
