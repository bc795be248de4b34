"""Tokens of links that can be used once. Pure.

A token is 80 bits of a keyed hash, written like a receipt: of the person on a list (an invitation), or of what the
link itself says (a link to rate one matter), so that nothing of it has to be kept before it is used.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date

import msgspec

from survey.responses.receipts import BUCKETS, digits_of, text_of_digits

LENGTH = 16


def invitation_token(survey: str, wave: str, member: str, secret: bytes) -> str:
    """The token of a person on the list of a wave: the same for ever, so that a reminder has the same link."""
    return _token(("invitation", survey, wave, member), secret)


def matter_token(survey: str, known: Mapping[str, object], until: date, secret: bytes) -> str:
    """The token of a link that says what is `known` beforehand and is good until the end of a day."""
    return _token(("matter", survey, known, until), secret)


def _token(parts: tuple[object, ...], secret: bytes) -> str:
    content = msgspec.json.encode(("ticket", *parts), order="deterministic")
    digest = hmac.digest(secret, content, hashlib.sha256)
    return text_of_digits(int.from_bytes(digest[:10]), LENGTH)


def token_value(text: str) -> str:
    """A token as it is kept, however it was typed; empty when it cannot be one.

    >>> token_value("abcd-efgh-jkmn-pqrs"), token_value("abc")
    ('ABCDEFGHJKMNPQRS', '')
    """
    number = digits_of(text, LENGTH)
    return "" if number is None else text_of_digits(number, LENGTH)


def ticket_hash(token: str) -> bytes:
    """What is kept of a token; it is random and long, so a plain hash is enough."""
    return hashlib.sha256(token_value(token).encode()).digest()


def ticket_bucket(token_hash: bytes) -> int:
    """The part of the table where a ticket lies."""
    return token_hash[0] % BUCKETS
