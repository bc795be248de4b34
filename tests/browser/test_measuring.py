"""What is measured is found where it is wrong: a page with one fault planted gives that one complaint."""

import msgspec
from playwright.async_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.measuring import LARGE, MEASURE, STANDARD, Least, violations

SOUND = """<!doctype html><html lang="en"><head><title>Sound</title><style>
  body {{ margin: 0; font: 24px/1.6 sans-serif; color: #000; background: #fff }}
  a, .button {{ display: inline-block; min-width: 64px; min-height: 64px; margin: 8px; font: inherit; color: #000 }}
  .input {{ display: block; height: 64px; border: 2px solid #000; font: inherit }}
  {style}
</style></head><body><main><form id="answers">
<h1>Sound</h1><p>Some words to read.</p>
<p><label for="box">A box</label> <input class="input" id="box"></p>
<p><label for="list">A list</label> <select class="input" id="list"><option>First</option></select></p>
<button class="button">Continue</button> <a href="#">Elsewhere</a> {more}
</form></main><footer><p>Call <a href="tel:12345">12345</a></p></footer></body></html>"""
FAULTS = {
    "body text too small": "body { font-size: 17px }",
    "text too small": "p { font-size: 12px }",
    "lines too close": "p { line-height: 1.2 }",
    "contrast too low": "p { color: #888 }",
    "edge of a control too faint": ".input { border-color: #ddd }",
    "target too small": ".button { min-height: 0; height: 40px; line-height: 1; padding: 0 }",
    "targets too close": ".button, a { margin: 0 } form { font-size: 0 }",
    "scrolls sideways at its width": "p { width: 400px }",
    "text leaves the window at its width": "p { white-space: nowrap; word-spacing: 5em }",
    "text cut at its width": "p { height: 1em; overflow: hidden }",
    "text cut at 200 %": ".button { height: 64px; font-size: 2rem; width: 200px; padding: 0 }",
    "choice cut at its width": "select { width: 50px }",
    "focus is not seen": ":focus { outline: 0 !important }",
    "focus is hidden": "footer { position: fixed; inset: 0; background: #fff }",
    "focus goes against the order of reading": "form { display: flex; flex-direction: column-reverse }",
    "moves": ".button { transition: color 2s }",
    "no telephone number": "footer { display: none }",
}


async def complained(page: Page, style: str, more: str = "", least: Least = LARGE) -> set[str]:
    """The kinds of complaint about a page of that style."""
    await page.set_content(SOUND.format(style=style, more=more))
    return {one.partition(":")[0] for one in await page.evaluate(MEASURE, msgspec.to_builtins(least))}


async def test_a_sound_page_gives_no_complaint_and_every_fault_gives_its_own(open_page: OpenPage) -> None:
    page = await open_page("about:blank", width=320)
    assert await complained(page, "") == set()
    assert await complained(page, "", least=STANDARD) == set()
    assert [fault for fault, style in FAULTS.items() if fault not in await complained(page, style)] == []
    many = msgspec.structs.replace(LARGE, questions=1, options=1, aloud=True)
    question = '<div class="question"><div class="option"><label>One</label></div></div>'
    assert await complained(page, ".option { width: 40% }", 2 * question, many) >= {
        "many questions on a page",
        "many options on a page",
        "cannot be read aloud",
        "option squeezed at its width",
    }


async def test_the_rules_find_a_control_without_a_name(open_page: OpenPage) -> None:
    page = await open_page("about:blank")
    await page.set_content('<!doctype html><html lang="en"><title>No name</title><main><input></main>')
    assert [one.partition(":")[0] for one in await violations(page)] == ["label"]
