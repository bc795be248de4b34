"""A respondent's filled-in instrument, as it is kept."""

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from survey.forms.modes import Mode

NO_ID = {0, (1 << 128) - 1}
"""The nil and the max UUID: what a device sends that failed to make one; two of them must not be one response."""
STAFF_NUMBER = r"^\w[\w./ -]{0,39}(?!\n)$"


class AnsweredBy(StrEnum):
    """Whose answers a helper or an interviewer filled in."""

    SELF = "self"
    TOGETHER = "together"
    PROXY = "proxy"


class Helper(msgspec.Struct, frozen=True, kw_only=True):
    """Who filled in for somebody else, by their staff number; whose answers these are; that consent was read out."""

    number: Annotated[str, msgspec.Meta(pattern=STAFF_NUMBER)]
    answered_by: AnsweredBy
    consent_read_out: bool


class Paradata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data about the process: when it was begun, how long it took, which unfolded scales were left half way, who
    helped."""

    started_at: datetime | None = None
    seconds: float | None = None
    unfold_incomplete: tuple[str, ...] = ()
    helper: Helper | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One row of what was answered.

    `codes` has one byte for each column of the instrument version's code book, missing states as codes of their own;
    `extra` has the answers that are no codes, the paradata, and what was known beforehand. Contact data is not here.
    `respondent` is the person's number in this survey, where its waves are linked.
    """

    id: UUID
    survey: str
    wave: str
    instrument_version: int
    variant: str
    locale: str
    mode: Mode
    disposition: str
    synthetic: bool = False
    receipt: int
    respondent: int | None = None
    content_sha256: bytes
    codes: bytes
    extra: dict[str, Any]


_canonical = msgspec.json.Encoder(order="deterministic").encode


def content_hash(*parts: Any) -> bytes:
    """SHA-256 over the canonical JSON of what was sent: equal for a replay, whatever the order of its keys."""
    return hashlib.sha256(_canonical(parts)).digest()


def respondent_number(survey: str, token: str, secret: bytes) -> int:
    """The number by which the waves of a survey are linked: 63 bits of a keyed hash of the token, never 0.

    HMAC-SHA256(secret, "respondent " + survey + "/" + token), its first 63 bits. Assumes that a token stands for one
    person. Another survey gives the same person another number, and nobody without the secret can tell which token
    a number came from. Among n persons two share a number with a chance of about n^2 / 2^64: 5 in a million for ten
    million.

    References: RFC 2104 (HMAC; section 5 on truncation).

    >>> number = respondent_number("staff-digital", "T-0042", b"secret")
    >>> number == respondent_number("staff-digital", "T-0042", b"secret"), 0 < number < 2**63
    (True, True)
    >>> number == respondent_number("staff-safety", "T-0042", b"secret")
    False
    """
    digest = hmac.digest(secret, f"respondent {survey}/{token}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8]) >> 1 or 1
