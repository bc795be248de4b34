"""From data to a tagged PDF (PDF/UA-1), set by Typst from the templates beside this module."""

from functools import cache
from pathlib import Path

import msgspec
import segno
import typst

from survey.errors import Refused

FOLDER = Path(__file__).parent
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
"""Typefaces that have Chinese, the better ones first."""


def typeset(template: str, data: msgspec.Struct) -> bytes:
    """The template filled with the data, as PDF; `Refused` where this machine has no typeface with Chinese."""
    families = [family for family in FAMILIES if family in _installed()]
    if not families:
        raise Refused("There is no typeface with Chinese on this machine: install one, for example fonts-noto-cjk")
    inputs = {"data": msgspec.json.encode(data).decode(), "families": msgspec.json.encode(families).decode()}
    return typst.compile(
        str(FOLDER / f"{template}.typ"), root=str(FOLDER), format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"]
    )


@cache
def _installed() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


def qr_svg(address: str) -> str:
    """The address as a QR code that survives creases and dirt (error correction level Q, 25 %)."""
    return str(segno.make(address, error="q", micro=False).svg_inline(scale=8, border=4, dark="#000", light="#fff"))
