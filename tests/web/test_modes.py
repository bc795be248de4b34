"""Figures by mode and variant, which are columns of a wave like any closed item."""

import asyncio
import json
import re
from typing import get_args, get_type_hints

import pytest
from click.testing import CliRunner

from survey.cli.results import compare, summary
from survey.evaluation.process import DISPOSITIONS, LOCALES, MODES
from survey.forms.instrument import End
from survey.responses import Mode
from survey.web import i18n
from survey.web.i18n import catalogue
from tests.evaluation.samples import expand, keep

SUMMARY = "/api/v1/surveys/gov-sat/waves/2026H2/summary"
COMPARE = "/api/v1/surveys/gov-sat/compare"
PAGE = "/evaluate/gov-sat/2026H2"


def rated(code, **others):
    return {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": code, **others}


@pytest.fixture
async def wave(conn, publish):
    """On the web 20 very content (standard) and 20 content (elder); with a helper 10 neither, 10 not at all content."""
    wave = await publish()
    await keep(conn, wave, expand({5: 20}, rated))
    await keep(conn, wave, expand({4: 20}, rated), variant="elder")
    await keep(conn, wave, expand({3: 10, 1: 10}, rated), variant="assisted", mode=Mode.ASSISTED)
    return wave


@pytest.fixture
def run(database_url, monkeypatch):
    monkeypatch.setenv("SURVEY_DATABASE_URL", database_url)

    async def run(command, *arguments):
        result = await asyncio.to_thread(CliRunner().invoke, command, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run


async def fetch(client, headers, url, **params):
    reply = await client.get(url, params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def linear(found, by):
    """Group by group how many, and the linear index of Q3."""
    return {
        group["by"][by]: (group["n"], value["value"])
        for group in found["groups"]
        for value in group["indices"]
        if (value["of"], value["index"]) == ("Q3", "linear")
    }


async def test_indices_by_mode_and_by_variant(client, evaluator_headers, wave):
    by_mode = await fetch(client, evaluator_headers, SUMMARY, by="mode")
    assert linear(by_mode, "mode") == {"assisted": (20, pytest.approx(25.0)), "web": (40, pytest.approx(87.5))}
    by_variant = await fetch(client, evaluator_headers, SUMMARY, by="variant")
    assert linear(by_variant, "variant") == {
        "assisted": (20, pytest.approx(25.0)),
        "elder": (20, pytest.approx(75.0)),
        "standard": (20, pytest.approx(100.0)),
    }
    within = await fetch(client, evaluator_headers, SUMMARY, by="variant", where="mode:web")
    assert linear(within, "variant") == {
        "elder": (20, pytest.approx(75.0)),
        "standard": (20, pytest.approx(100.0)),
    }


async def test_a_response_counts_in_its_group_at_once(client, conn, evaluator_headers, wave):
    await fetch(client, evaluator_headers, SUMMARY, by="mode")
    await keep(conn, wave, expand({5: 20}, rated), variant="assisted", mode=Mode.ASSISTED)
    again = await fetch(client, evaluator_headers, SUMMARY, by="mode")
    assert linear(again, "mode")["assisted"] == (40, pytest.approx((10 * 50 + 20 * 100) / 40))


async def test_few_by_telephone_are_held_back_with_the_next_smallest(client, conn, evaluator_headers, wave):
    await keep(conn, wave, expand({1: 4}, rated), mode=Mode.PHONE)
    found = await fetch(client, evaluator_headers, SUMMARY, by="mode")
    assert linear(found, "mode") == {"web": (40, pytest.approx(87.5))}
    assert {one["group"] for one in found["held_back"]} == {"mode:assisted", "mode:phone"}


async def test_modes_and_variants_are_compared(client, evaluator_headers, wave):
    modes = await fetch(client, evaluator_headers, COMPARE, measure="Q3", by="mode")
    assert [(group["group"], group["n"]) for group in modes["groups"]] == [("mode:assisted", 20), ("mode:web", 40)]
    assert modes["difference"]["value"] == pytest.approx(25.0 - 87.5)
    variants = await fetch(client, evaluator_headers, COMPARE, measure="Q3", a="variant:standard", b="variant:elder")
    assert variants["difference"]["value"] == pytest.approx(25.0)


async def test_groups_have_their_names_in_both_languages(client, evaluator_headers, wave):
    found = await fetch(client, evaluator_headers, COMPARE, measure="Q3", by="variant")
    assert [group["title"] for group in found["groups"]] == [
        {"zh-Hans": "帮办代办", "en": "With a helper"},
        {"zh-Hans": "长辈版", "en": "Large print and simple"},
        {"zh-Hans": "标准版", "en": "Standard"},
    ]
    chinese = {**evaluator_headers, "Accept-Language": "zh-CN"}
    page = (await client.get(PAGE, params={"by": "mode"}, headers=chinese)).text
    assert '<option value="mode" selected>' in page
    assert '<th scope="row">网上</th><td class="num">40</td>' in page


async def test_the_commands_say_what_the_api_says(client, evaluator_headers, wave, run):
    text = await run(summary, "--survey", "gov-sat", "--wave", "2026H2", "--by", "variant", "--json")
    over_http = await fetch(client, evaluator_headers, SUMMARY, by="variant")
    assert json.loads(text)["groups"] == over_http["groups"]
    (caution,) = over_http["cautions"]
    assert caution == json.loads(text)["cautions"][0] == {"code": "variant-is-chosen", "detail": {}}
    text = await run(compare, "--survey", "gov-sat", "--measure", "Q3", "--groups", "mode", "--json")
    assert json.loads(text) == await fetch(client, evaluator_headers, COMPARE, measure="Q3", by="mode")


@pytest.mark.parametrize(("by", "said"), [("mode", "mode"), ("variant", "variant"), ("D3", None)])
async def test_a_breakdown_cautions_alike_on_the_page_as_json_and_as_a_table(
    client, evaluator_headers, wave, run, by, said
):
    words = {"mode": "Nobody was assigned a mode by chance", "variant": "People chose their variant of the form"}
    found = await fetch(client, evaluator_headers, SUMMARY, by=by)
    page = await client.get(f"{PAGE}?by={by}", headers={**evaluator_headers, "Accept-Language": "en"})
    table = await run(summary, "--survey", "gov-sat", "--wave", "2026H2", "--by", by)
    assert [one["code"] for one in found["cautions"]] == ([f"{said}-is-chosen"] if said else [])
    for text in (page.text, table.replace("\n", " ")):
        assert {name for name, sentence in words.items() if sentence in text} == ({said} if said else set())


async def cautions(client, headers, **params):
    found = await fetch(client, headers, COMPARE, measure="Q3", **params)
    return {one["code"]: one["detail"] for one in found["cautions"]}


async def test_a_comparison_of_modes_says_that_nobody_was_assigned_one(client, evaluator_headers, wave):
    assert "mode-is-chosen" in await cautions(client, evaluator_headers, by="mode")
    by_part = await cautions(client, evaluator_headers, a="variant:standard", b="variant:elder")
    assert {"variant-is-chosen", "modes-differ", "mode-is-chosen"} & by_part.keys() == {"variant-is-chosen"}
    for language, words in (("zh-CN", "渠道不是随机分配的"), ("en", "Nobody was assigned a mode by chance")):
        headers = {**evaluator_headers, "Accept-Language": language}
        page = await client.get("/evaluate/gov-sat/compare?measure=Q3&by=mode", headers=headers)
        assert words in page.text
        page = await client.get(f"{PAGE}?by=mode", headers=headers)
        assert words in page.text
        assert words not in (await client.get(f"{PAGE}?by=D3", headers=headers)).text


async def test_groups_and_waves_of_different_modes_are_cautioned(client, conn, evaluator_headers, publish):
    """Of 40 in each place: on the web 40, 36 and 20; alike are the first two, by a tenth, which chance does as well."""
    wave, later = await publish(), await publish(wave="2027H1")
    for place, aided, n in ((1, False, 40), (2, False, 36), (2, True, 4), (3, False, 20), (3, True, 20)):
        how = {"mode": Mode.ASSISTED, "variant": "assisted"} if aided else {}
        await keep(conn, wave, expand({4: n // 2, 5: n // 2}, lambda code, at=place: rated(code, D3=at)), **how)
    await keep(conn, later, expand({4: 60, 5: 60}, rated))
    named = await cautions(client, evaluator_headers, wave="2026H2", by="D3")
    assert named["modes-differ"] == named["variants-differ"] == {"a": "D3:1", "b": "D3:3"}
    alike = await cautions(client, evaluator_headers, wave="2026H2", a="D3:1", b="D3:2")
    assert not {"modes-differ", "variants-differ", "mode-is-chosen"} & alike.keys()
    waves = {"a": "wave:2026H2", "b": "wave:2027H1"}
    assert (await cautions(client, evaluator_headers, **waves))["modes-differ"] == waves
    within = {side: f"{selector};mode:web" for side, selector in waves.items()}
    assert not {"modes-differ", "mode-is-chosen"} & (await cautions(client, evaluator_headers, **within)).keys()


async def test_a_pilot_is_held_against_itself(client, conn, evaluator_headers, publish):
    """All on paper in the pilot, none in the control: that alone is no change. Then the pilot goes over to the web."""
    for name, mode in (("w1", Mode.PAPER), ("w2", Mode.PAPER), ("w3", Mode.WEB)):
        wave = await publish(wave=name)
        await keep(conn, wave, expand({4: 20, 5: 20}, lambda code: rated(code, D3=1)), mode=mode)
        await keep(conn, wave, expand({4: 20, 5: 20}, lambda code: rated(code, D3=2)))
    pilot = {"pilot": "D3:1", "control": "D3:2", "before": "w1"}
    assert "modes-differ" not in await cautions(client, evaluator_headers, **pilot, after="w2")
    moved = await cautions(client, evaluator_headers, **pilot, after="w3")
    assert moved["modes-differ"] == {"a": "D3:1;wave:w1", "b": "D3:1;wave:w3"}


def test_every_mode_has_a_name_in_both_languages():
    assert {mode.value for mode in Mode} == MODES.keys()
    assert all(name.keys() == {"zh-Hans", "en"} for name in MODES.values())
    assert {mode.value for mode in Mode} <= catalogue("zh-Hans").keys()


async def test_everything_known_of_a_response_is_called_by_its_name(client, conn, publish, evaluator_headers):
    wave = await publish()
    for variant in ("easy", "kiosk"):
        await keep(conn, wave, expand({5: 10}, rated), variant=variant)
    said = {**evaluator_headers, "Accept-Language": "zh-CN"}
    page = (await client.get(PAGE, headers=said)).text
    assert "版本: 简明版" in page
    assert '<option value="synthetic">synthetic 是否模拟数据</option>' in re.sub(r"\s+<", "<", page)
    for by, name in (("disposition", "完成"), ("locale", "简体中文")):
        assert name in (await client.get(PAGE, params={"by": by}, headers=said)).text.partition('id="breakdown"')[2]


async def test_a_part_that_is_held_back_has_a_page_that_says_so(client, conn, wave, evaluator_headers):
    await keep(conn, wave, expand({2: 5}, rated), variant="kiosk")
    page = await client.get(PAGE, params={"where": "variant:kiosk"}, headers=evaluator_headers)
    assert page.status_code == 200
    assert 'class="notice"' in page.text


def test_every_disposition_and_language_of_the_service_has_a_name():
    known = get_args(get_type_hints(End)["disposition"])
    assert set(known) == set(DISPOSITIONS)
    assert set(LOCALES) == set(i18n.LOCALES)
