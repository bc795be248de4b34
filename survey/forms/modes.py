"""How answers come in."""

from enum import StrEnum


class Mode(StrEnum):
    """How the answers came in."""

    WEB = "web"
    PHONE = "phone"
    PAPER = "paper"
    ASSISTED = "assisted"
    KIOSK = "kiosk"
    IMPORT = "import"


HELPED = (Mode.ASSISTED, Mode.PHONE)
"""Modes in which somebody else fills in."""
ELSEWHERE = (Mode.PAPER, Mode.IMPORT)
"""Modes in which nothing is filled in on a page."""
