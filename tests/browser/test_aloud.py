"""Every question can be read aloud by the device's own voice, where it has one for the language."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.walking import begin, press

VOICES = """(languages) => {
  window.said = [];
  class Utterance { constructor(text) { this.text = text; } }
  window.SpeechSynthesisUtterance = Utterance;
  const synthesis = {
    queue: [],
    getVoices: () => languages.map((lang) => ({ lang, name: lang })),
    speak(one) { window.said.push([one.text, one.lang]); this.queue.push(one); },
    cancel() { this.queue = []; window.cancelled = true; },
    addEventListener() {},
  };
  Object.defineProperty(window, 'speechSynthesis', { value: synthesis, configurable: true });
}"""


async def first_page(open_page: OpenPage, languages: list[str] | None, variant: str = "elder", lang: str = "zh-Hans"):
    """The first page of a form on a device with these voices; None for a device that cannot speak."""
    page = await open_page("/s/gov-sat", width=320)
    if languages is None:
        await page.context.add_init_script("delete window.SpeechSynthesisUtterance")
    else:
        await page.context.add_init_script(f"({VOICES})({languages!r})")
    await begin(page, variant, lang)
    return page


async def test_a_question_is_read_with_its_options_and_stops_when_asked(open_page: OpenPage) -> None:
    page = await first_page(open_page, ["en-US", "zh-CN"])
    button = page.get_by_role("button", name="读给我听")
    assert await button.count() == await page.locator(".question").count() == 1
    assert await button.get_attribute("aria-pressed") == "false"
    await button.focus()
    await page.keyboard.press("Enter")
    assert await button.get_attribute("aria-pressed") == "true"
    said = await page.evaluate("window.said")
    shown = (await page.locator(".said").inner_text(), await page.locator(".option label").all_inner_texts())
    assert said[0] == [shown[0].strip(), "zh-CN"]
    assert [text for text, _ in said if text in shown[1]] == shown[1]
    await page.evaluate("speechSynthesis.queue.at(-1).onend()")
    assert await button.get_attribute("aria-pressed") == "false"
    await button.click()
    await page.keyboard.press("Escape")
    assert await button.get_attribute("aria-pressed") == "false"


async def test_every_question_of_a_page_has_a_button_told_apart_by_its_words(open_page: OpenPage) -> None:
    page = await first_page(open_page, ["zh_CN"], "standard")
    await page.locator(".option label").first.click()
    await press(page, page.locator("main .actions button"))
    names = await page.locator(".aloud").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(names) == len(set(names)) == await page.locator(".question").count() > 1


@pytest.mark.parametrize("languages", [None, [], ["en-GB"]])
async def test_there_is_no_button_where_there_is_no_voice_for_the_language(open_page: OpenPage, languages) -> None:
    page = await first_page(open_page, languages)
    await page.wait_for_timeout(300)
    assert await page.locator(".aloud").count() == 0


async def test_traditional_chinese_is_read_with_the_voice_of_its_readers(open_page: OpenPage) -> None:
    page = await first_page(open_page, ["zh-CN", "zh-TW"], lang="zh-Hant")
    await page.locator(".aloud").click()
    assert {lang for _, lang in await page.evaluate("window.said")} == {"zh-TW"}
