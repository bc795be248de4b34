"""Traditional Chinese is complete without a second catalogue; an instrument may speak any language, either way."""

import re

import msgspec
import pytest
from opencc import OpenCC

import survey.web.i18n as i18n
from survey.forms.instrument import Instrument
from survey.web.scripts import in_both_scripts
from tests.conftest import INSTRUMENTS
from tests.web.filling import HAPPY, begin, fill_until, follow, post, text, to_check

SHIPPED = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup")
HAN = re.compile("[\u4e00-\u9fff]")
ARABIC = {
    "slug": "arabic",
    "version": 1,
    "title": {"ar": "رضا المتعاملين"},
    "locales": ["ar"],
    "notice": {name: {"ar": "نص"} for name in ("who", "why", "what", "kept", "seen_by", "withdraw")}
    | {"phone": "12345"},
    "variants": [{"id": "standard", "title": {"ar": "عادي"}}],
    "sections": [
        {
            "id": "rating",
            "title": {"ar": "التقييم"},
            "asked": [
                {
                    "required": True,
                    "item": {
                        "type": "single",
                        "id": "Q1",
                        "text": {"ar": "هل أنت راض؟"},
                        "options": [{"code": 1, "text": {"ar": "نعم"}}, {"code": 0, "text": {"ar": "لا"}}],
                    },
                }
            ],
        }
    ],
}


def simplified_in(said: str) -> set[str]:
    """Characters that only Simplified Chinese has."""
    convert = OpenCC("s2tw").convert
    both = set("后里只干台面准采系余谷几丑才斗云松板表冬卷范征升卜布占胡术朴沈舍折郁咸周游制致注回哄姜扣")
    return {one for one in set(HAN.findall(said)) - both if convert(one) != one}


def visible(page) -> str:
    """A page without its head, and without what is marked as another language."""
    body = page.text.partition("<body")[2]
    return re.sub(r'<(\w+)[^>]* lang="(?:zh-Hans|en)"[^>]*>.*?</\1>', "", body, flags=re.S)


@pytest.mark.parametrize("slug", SHIPPED)
async def test_every_shipped_instrument_can_be_read_in_traditional_chinese(client, publish, slug):
    await publish(slug)
    start = await client.get(f"/s/{slug}?lang=zh-Hant")
    assert '<html lang="zh-Hant">' in start.text
    assert simplified_in(visible(start)) == set()
    first = await begin(client, slug, "elder", "zh-Hant")
    assert simplified_in(visible(first)) == set()
    then = await follow(client, await post(client, first))  # refused, or the next page
    assert simplified_in(visible(then)) == set()


async def test_a_form_filled_in_traditional_chinese_keeps_its_language_and_the_same_codes(client, publish, conn):
    await publish()
    check = await to_check(client, lang="zh-Hant")
    assert simplified_in(visible(check)) == set()
    page = await follow(client, await post(client, check))
    page = await fill_until(client, page, "never", {})
    assert simplified_in(visible(page)) == set()
    there = await fill_until(client, await begin(client), "check", HAPPY)
    await fill_until(client, await follow(client, await post(client, there)), "never", {})
    rows = await conn.fetch("SELECT locale, codes FROM response ORDER BY locale")
    assert [row["locale"] for row in rows] == ["zh-Hans", "zh-Hant"]
    assert rows[0]["codes"] == rows[1]["codes"]


async def test_what_is_published_stays_to_the_letter(client, publish):
    await publish()
    described = (await client.get("/api/v1/surveys/gov-sat")).json()
    assert described["instrument"]["locales"] == ["zh-Hans", "en"]
    assert "zh-Hant" not in described["instrument"]["title"]


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_reviewed_traditional_wording_goes_before_the_converted_one(slug):
    plain = msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes())
    plain["title"]["zh-Hant"] = "審閱過的標題"
    some = in_both_scripts(msgspec.convert(plain, Instrument))
    assert some.title["zh-Hant"] == "審閱過的標題"
    assert in_both_scripts(some) is some
    converted = in_both_scripts(msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes(), type=Instrument))
    assert simplified_in(str(converted.title["zh-Hant"])) == set()


@pytest.mark.parametrize("locale", [locale for locale in i18n.LOCALES if locale != "en"])
def test_no_catalogue_falls_back_on_english(locale):
    for message, said in i18n.catalogue(locale).items():
        assert said, message
        if locale == "zh-Hant":
            assert simplified_in("".join(said)) == set(), message


def test_plural_forms_follow_the_rule_of_the_language():
    assert i18n.ngettext("en", "%(n)s page", "%(n)s pages", 1) == "%(n)s page"
    assert i18n.ngettext("en", "%(n)s page", "%(n)s pages", 2) == "%(n)s pages"


async def test_an_instrument_may_be_written_from_right_to_left(client, publish):
    await publish("arabic", definition=msgspec.json.encode(ARABIC).decode())
    start = await client.get("/s/arabic")
    assert '<html lang="ar" dir="rtl">' in start.text
    page = await begin(client, "arabic", lang="ar")
    assert "هل أنت راض؟" in text(page)
    assert '<html lang="ar" dir="rtl">' in page.text
    refused = await post(client, page)
    assert refused.status_code == 422
    check = await follow(client, await post(client, page, Q1="1"))
    receipt = await follow(client, await post(client, check))
    assert "/r/" in str(receipt.url)


async def test_a_reader_of_the_one_script_is_served_in_it_without_asking(client, publish):
    await publish()
    page = await client.get("/s/gov-sat", headers={"accept-language": "zh-HK,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-Hant">' in page.text
