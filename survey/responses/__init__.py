"""WHAT WAS ANSWERED. Pure: responses, waves, receipts."""

from survey.forms.modes import ELSEWHERE, HELPED, Mode
from survey.responses.receipts import (
    bucket_in,
    bucket_of,
    next_receipt,
    receipt_number,
    receipt_text,
    receipt_value,
)
from survey.responses.response import NO_ID, STAFF_NUMBER, AnsweredBy, Helper, Paradata, Response, content_hash
from survey.responses.wave import RESERVED_WAVES, Wave, is_open

__all__ = [
    "ELSEWHERE",
    "HELPED",
    "NO_ID",
    "RESERVED_WAVES",
    "STAFF_NUMBER",
    "AnsweredBy",
    "Helper",
    "Mode",
    "Paradata",
    "Response",
    "Wave",
    "bucket_in",
    "bucket_of",
    "content_hash",
    "is_open",
    "next_receipt",
    "receipt_number",
    "receipt_text",
    "receipt_value",
]
