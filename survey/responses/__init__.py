"""WHAT WAS ANSWERED. Pure: responses, modes, waves, receipts."""

from survey.responses.receipts import bucket_of, receipt_number, receipt_text, receipt_value
from survey.responses.response import (
    HELPED,
    NO_ID,
    STAFF_NUMBER,
    AnsweredBy,
    Helper,
    Mode,
    Paradata,
    Response,
    content_hash,
)
from survey.responses.wave import Wave, is_open

__all__ = [
    "HELPED",
    "NO_ID",
    "STAFF_NUMBER",
    "AnsweredBy",
    "Helper",
    "Mode",
    "Paradata",
    "Response",
    "Wave",
    "bucket_of",
    "content_hash",
    "is_open",
    "receipt_number",
    "receipt_text",
    "receipt_value",
]
