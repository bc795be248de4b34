"""An invitation in the page of another site, in a real browser."""

from playwright.async_api import BrowserContext, Page, Route

from tests.browser.conftest import PORTAL
from tests.browser.walking import begin, press

OTHER = "https://www.other.test"


async def framed(person: BrowserContext, host: str, address: str) -> Page:
    """A page of another site that shows this address in a frame."""

    async def around(route: Route) -> None:
        body = f'<iframe src="{address}" width="360" height="420"></iframe>'
        await route.fulfill(body=body, content_type="text/html")

    await person.route(f"{host}/**", around)
    page = await person.new_page()
    await page.goto(f"{host}/services")
    return page


async def test_the_form_opens_in_a_tab_of_its_own_and_goes_on(person: BrowserContext, site: str) -> None:
    page = await framed(person, PORTAL, f"{site}/s/gov-sat/embed")
    async with page.expect_popup() as opened:
        await page.frame_locator("iframe").locator("a.button").click()
    form = await opened.value
    await begin(form, "standard", "zh-Hans")
    await form.locator("input[name=Q0][value='1']").check(force=True)
    await press(form, form.locator("main .actions button").first)
    assert form.url.endswith("/s/gov-sat/visit")


async def test_other_sites_and_other_pages_stay_empty(person: BrowserContext, site: str) -> None:
    for host, path in ((OTHER, "/s/gov-sat/embed"), (PORTAL, "/s/gov-sat")):
        async with person.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page = await framed(person, host, site + path)
        assert await page.frame_locator("iframe").locator("main").count() == 0
