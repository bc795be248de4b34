"""A print run of numbered sheets: each with a page that whoever fills it in keeps.

The response that a sheet becomes follows from its number, and so does the reference number: it can be printed before
anything is answered, and nothing has to be kept of the run.
"""

import msgspec

from survey.errors import Refused
from survey.responses import Wave, receipt_number, receipt_text
from survey.responses.sheets import sheet_id

MOST = 100
"""Sheets in a file: more are slow to set and slow to print."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet of a run: its number for the office, and the reference number for whoever fills it in."""

    number: str
    reference: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The sheets of a wave that are printed together, and where their reference numbers are typed."""

    wave: str
    copies: tuple[Copy, ...]
    address: str


def run_of(wave: Wave, first: int, sheets: int, secret: bytes, address: str) -> Run:
    """So many sheets from a number on; raises Refused."""
    if not (1 <= sheets <= MOST and 1 <= first <= 10**9):
        raise Refused("Print between 1 and %(most)s sheets at once, from number 1 on", most=MOST)
    return Run(
        wave=wave.wave,
        copies=tuple(_copy(wave, str(number), secret) for number in range(first, first + sheets)),
        address=address,
    )


def _copy(wave: Wave, number: str, secret: bytes) -> Copy:
    reference = receipt_number(sheet_id(wave.survey, wave.wave, number, secret), secret)
    return Copy(number=number, reference=receipt_text(reference))
