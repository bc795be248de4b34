"""Reliability, items, drivers and fairness through the API, the pages and the program."""

import pytest

from survey.responses import Mode
from tests.evaluation.samples import keep

KEYS = {"K1": "C", "K2": "D", "K3": "C", "K4": "B", "K5": "B", "K6": "C", "K7": "B", "K8": "C", "K10": "B"}
SUMMARY = "/api/v1/surveys/staff-digital/waves/2026H2/summary"
COMPARE = "/api/v1/surveys/staff-digital/compare"


def knows(number, place, *, harder=False):
    """Whether somebody knows an item: ability and luck are both spread evenly over 0 to 9."""
    ability, luck = number % 10, (number // 10 + 3 * place) % 10
    return luck < ability - 4 * harder


def person(number, *, harder=()):
    right = {item: knows(number, place, harder=item in harder) for place, item in enumerate(KEYS)}
    return {item: key if right[item] else "A" for item, key in KEYS.items()} | {
        "K9": ("A", "B", "D") if knows(number, 9) else ("F",)
    }


@pytest.fixture
async def two_groups(conn, publish):
    """200 persons each by web and on paper; on paper K2 is harder than for equals on the web."""
    wave = await publish("staff-digital", wave="2026H2")
    await keep(conn, wave, [person(number) for number in range(200)], mode=Mode.WEB)
    await keep(conn, wave, [person(number, harder=("K2",)) for number in range(200)], mode=Mode.PAPER)


async def fetch(client, headers, url, **params):
    reply = await client.get(url, params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_summary_says_how_well_each_scale_measures(client, evaluator_headers, two_groups):
    found = await fetch(client, evaluator_headers, SUMMARY)
    scale = next(one for one in found["diagnostics"]["scales"] if one["scale"] == "K_score")
    assert scale["n"] == 400
    assert scale["reliability"]["value"] == found["reliability"]["K_score"]["value"] > 0.7
    assert scale["reliability"]["omega"] == pytest.approx(scale["reliability"]["value"], abs=0.05)
    assert scale["use"] == "groups"
    items = {one["item"]: one for one in scale["items"]}
    assert items["K1"]["difficulty"] == pytest.approx(0.45)
    assert items["K2"]["difficulty"] == pytest.approx((0.45 + 0.15) / 2)
    key = next(one for one in items["K3"]["distractors"] if one["key"])
    assert key["n"] == 2 * sum(knows(number, 2) for number in range(200))


async def test_of_a_part_there_are_no_diagnostics(client, evaluator_headers, two_groups):
    found = await fetch(client, evaluator_headers, SUMMARY, where="mode:web")
    assert found["n"] == 200
    assert found["diagnostics"] is None


async def test_two_groups_on_a_test_are_told_which_item_is_unfair(client, evaluator_headers, two_groups):
    found = await fetch(client, evaluator_headers, COMPARE, measure="K_score", a="mode:web", b="mode:paper")
    by_item = {one["item"]: one for one in found["dif"]}
    assert by_item["K2"]["n"] == [200, 200]
    assert (by_item["K2"]["favours"], by_item["K2"]["ets_class"]) == ("first", "C")
    rating = await fetch(client, evaluator_headers, COMPARE, measure="A1", a="mode:web", b="mode:paper")
    assert rating["dif"] == []


async def test_the_pages_show_them(client, evaluator_headers, two_groups):
    english = {**evaluator_headers, "Accept-Language": "en"}
    wave = (await client.get("/evaluate/staff-digital/2026H2", headers=english)).text
    for words in ("McDonald", "Scores may be used for", "Who chose what: K3", "Point-biserial"):
        assert words in wave, words
    params = {"measure": "K_score", "a": "mode:web", "b": "mode:paper"}
    compared = await client.get("/evaluate/staff-digital/compare", params=params, headers=english)
    assert "Is each item as hard for equally able persons of both groups?" in compared.text
    assert "large: people must review it" in compared.text


async def test_what_drives_the_overall_rating_is_in_the_summary(client, conn, publish, evaluator_headers):
    wave = await publish("gov-sat", wave="2026H2")
    people = [
        {
            "Q0": 1,
            "Q1": 1,
            "Q2": 1 + n % 5,
            "Q3": 1 + n % 5,
            "Q4": 1 + n // 5 % 5,
            "Q5": 1 + n // 25 % 5,
            "Q6": 3 + n % 2,
        }
        for n in range(250)
    ]
    await keep(conn, wave, people)
    found = (await fetch(client, evaluator_headers, SUMMARY.replace("staff-digital", "gov-sat")))["diagnostics"]
    assert found["drivers"]["outcome"] in {"Q2", "Q3"}
    assert "drivers" in found
    text = (await client.get("/evaluate/gov-sat/2026H2", headers={**evaluator_headers, "Accept-Language": "en"})).text
    assert "Weight and performance of each aspect" in text
