"""What a page must measure in each variant, and asking a browser for all of it at once."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import msgspec
from playwright.async_api import Page

from survey.forms.instrument import Variant

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "elementRef": False,
}
VIOLATIONS = """async (rules) => (await axe.run(document, rules)).violations.flatMap((one) =>
  one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary}`))"""
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter(one => one.offsetParent !== null && !one.matches('.aside, .skip'))
  .map(one => [one.textContent.trim().slice(0, 20) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < least)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
PALETTES: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "forced_colors": "active"},
    {"color_scheme": "dark", "forced_colors": "none"},
    {"color_scheme": "light", "forced_colors": "none"},
)
"""How a device may want its colours; last the one in which the rules are asked as well."""


class Least(msgspec.Struct, frozen=True, kw_only=True):
    """What a variant promises: sizes in CSS pixels, line height and contrast as ratios, at most so much on a page."""

    body: float
    text: float
    leading: float
    target: float
    gap: float
    contrast: float
    phone: bool
    aloud: bool = False
    questions: int = 1000
    options: int = 1000


STANDARD = Least(body=18, text=16, leading=1.5, target=48, gap=0, contrast=4.5, phone=False)
LARGE = Least(body=22, text=22, leading=1.6, target=60, gap=8, contrast=7, phone=True)


def promised(variant: Variant) -> Least:
    """The numbers of a variant."""
    return msgspec.structs.replace(
        LARGE if variant.large else STANDARD,
        aloud=variant.mode in ("web", "kiosk"),
        questions=1 if variant.layout == "items" else 1000,
        options=variant.max_options or 1000,
    )


async def complaints(page: Page, least: Least) -> list[str]:
    """Everything that a page does not measure up to, in every palette, and what axe finds."""
    found: list[str] = []
    for palette in PALETTES:
        await page.emulate_media(**palette, reduced_motion="reduce")
        found += await page.evaluate(MEASURE, msgspec.to_builtins(least))
    return [*dict.fromkeys(found), *await violations(page)]


async def violations(page: Page) -> list[str]:
    """What axe finds on a page."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(VIOLATIONS, RULES)
    return found
