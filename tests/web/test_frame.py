"""What every page has: its frame, its size on the line, its words when there is nothing to show."""

import pytest

from tests.web.filling import begin, text, to_check


async def test_a_synthetic_wave_says_so_on_every_page(client, publish):
    await publish(synthetic=True)
    for page in (await client.get("/s/gov-sat"), await begin(client), await to_check(client)):
        assert "含合成演示数据" in page.text


@pytest.mark.parametrize("path", ["/s/nothing", "/s/gov-sat/nothing", "/r/nothing/answers", "/nothing"])
async def test_what_is_not_there_is_said_in_the_readers_language(client, publish, path):
    await publish()
    await begin(client)
    page = await client.get(path)
    assert page.status_code == 404
    assert "没有这个页面" in text(page)
    assert "There is no such page" in text(await client.get(f"{path}?lang=en"))


async def test_browsers_may_keep_the_style_for_ever(client):
    page = await client.get("/")
    style = await client.get(page.text.partition('stylesheet" href="')[2].partition('"')[0])
    assert "max-age=31536000" in style.headers["cache-control"]
    assert "immutable" in style.headers["cache-control"]
