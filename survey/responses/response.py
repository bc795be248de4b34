"""A respondent's filled-in instrument, as it is kept."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec


class Mode(StrEnum):
    """How the answers came in."""

    WEB = "web"
    PHONE = "phone"
    PAPER = "paper"
    ASSISTED = "assisted"
    IMPORT = "import"


class Paradata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data about the process: when it was begun, how long it took, which unfolded scales were left half way."""

    started_at: datetime | None = None
    seconds: float | None = None
    unfold_incomplete: tuple[str, ...] = ()


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One row of what was answered.

    `codes` has one byte for each column of the instrument version's code book, missing states as codes of their own;
    `extra` has the answers that are no codes, the paradata, and what was known beforehand. Contact data is not here.
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
    content_sha256: bytes
    codes: bytes
    extra: dict[str, Any]


def content_hash(*parts: Any) -> bytes:
    """SHA-256 over the canonical JSON of what was sent: equal for a replay, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()
