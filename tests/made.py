"""A response as the service keeps it, and answers as a program sends them."""

from uuid import uuid4

from survey.responses import Mode, Response, content_hash, receipt_number

HAPPY = {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1}
"""Answers to gov-sat, nothing left out that is asked of everybody."""


def response(**changes):
    """A response to gov-sat, unlike any other; what a test is about is said by it."""
    id = changes.get("id", uuid4())
    known = {
        "id": id,
        "survey": "gov-sat",
        "wave": "2026H2",
        "instrument_version": 1,
        "variant": "standard",
        "locale": "en",
        "mode": Mode.WEB,
        "disposition": "complete",
        "receipt": receipt_number(id, b"secret"),
        "content_sha256": content_hash(str(id)),
        "codes": b"\1",
        "extra": {},
    }
    return Response(**known | changes)
