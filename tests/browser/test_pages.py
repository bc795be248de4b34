"""The pages that belong to no form, and every part that pages are made of, measured as a browser draws them."""

import msgspec
import pytest

from tests.browser.conftest import OpenPage
from tests.browser.measuring import LARGE, STANDARD, Least, complaints


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
@pytest.mark.parametrize(("variant", "least"), [("standard", STANDARD), ("elder", LARGE)])
async def test_the_components_measure_up(open_page: OpenPage, variant: str, least: Least, locale: str) -> None:
    page = await open_page(f"/components?variant={variant}&lang={locale}", width=320)
    assert await complaints(page, least) == []


@pytest.mark.parametrize(
    "path", ["/", "/resume", "/r", "/r/none", "/sign-in", "/s/nothing", "/s/gov-sat/end/none", "/offline"]
)
async def test_the_other_pages_measure_up(open_page: OpenPage, path: str) -> None:
    page = await open_page(path, width=320)
    assert await complaints(page, STANDARD) == []


async def test_with_the_largest_letters_an_elder_reads_thirty_pixels_and_nothing_is_cut(open_page: OpenPage) -> None:
    page = await open_page("/s/gov-sat?variant=elder&size=150", width=320)
    assert await complaints(page, msgspec.structs.replace(LARGE, body=30)) == []


async def test_forced_colours_show_which_option_is_chosen(open_page: OpenPage) -> None:
    page = await open_page("/components", forced_colors="active")
    assert await page.evaluate("getComputedStyle(document.querySelector('.option input')).opacity") == "1"


async def test_a_chosen_option_moves_only_where_motion_is_wanted(open_page: OpenPage) -> None:
    mark = "getComputedStyle(document.querySelector('.option label'), '::after').transitionDuration"
    page = await open_page("/components", reduced_motion="no-preference")
    assert await page.evaluate(mark) == "0.1s"
    await page.emulate_media(reduced_motion="reduce")
    assert await page.evaluate(mark) == "0s"
