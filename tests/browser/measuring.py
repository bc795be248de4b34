"""What a page must measure in each variant, and asking a browser for all of it at once."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import msgspec
from playwright.async_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "elementRef": False,
}
VIOLATIONS = """async (rules) => (await axe.run(document, rules)).violations.flatMap((one) =>
  one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary}`))"""
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")


class Least(msgspec.Struct, frozen=True, kw_only=True):
    """The least that a variant allows: sizes in CSS pixels, line height and contrast as ratios."""

    body: float
    text: float
    leading: float
    target: float
    gap: float
    contrast: float
    alone: bool


STANDARD = Least(body=18, text=16, leading=1.5, target=48, gap=0, contrast=4.5, alone=False)
LARGE = Least(body=22, text=22, leading=1.6, target=60, gap=8, contrast=7, alone=True)


async def complaints(page: Page, *, rules: bool = True) -> list[str]:
    """Everything that a page does not measure up to; the page itself says whether it is a large one."""
    large = await page.locator("body.large").count() == 1
    found: list[str] = await page.evaluate(MEASURE, msgspec.to_builtins(LARGE if large else STANDARD))
    return [f"{page.url}: {one}" for one in [*found, *(await violations(page) if rules else ())]]


async def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds on a page."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(VIOLATIONS, rules)
    return found
