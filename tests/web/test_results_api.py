"""Numbers out through HTTP: the golden vectors of the domain notes and the housing survey against R."""

import pytest
from litestar.routes import HTTPRoute

from survey.forms.items import Missing
from tests.evaluation.samples import expand, keep

FIRST = {5: 120, 4: 50, 3: 18, 2: 8, 1: 4}
SECOND = {5: 90, 4: 60, 3: 28, 2: 14, 1: 8}
SUMMARY = "/api/v1/surveys/gov-sat/waves/2026H2/summary"
COMPARE = "/api/v1/surveys/gov-sat/compare"
HOUSING = {
    # influence, type, contact: satisfaction low, medium, high (Madsen 1976; tests/reference/data/housing.csv)
    (1, "Tower", 1): (21, 21, 28), (2, "Tower", 1): (34, 22, 36), (3, "Tower", 1): (10, 11, 36),
    (1, "Apartment", 1): (61, 23, 17), (2, "Apartment", 1): (43, 35, 40), (3, "Apartment", 1): (26, 18, 54),
    (1, "Atrium", 1): (13, 9, 10), (2, "Atrium", 1): (8, 8, 12), (3, "Atrium", 1): (6, 7, 9),
    (1, "Terrace", 1): (18, 6, 7), (2, "Terrace", 1): (15, 13, 13), (3, "Terrace", 1): (7, 5, 11),
    (1, "Tower", 2): (14, 19, 37), (2, "Tower", 2): (17, 23, 40), (3, "Tower", 2): (3, 5, 23),
    (1, "Apartment", 2): (78, 46, 43), (2, "Apartment", 2): (48, 45, 86), (3, "Apartment", 2): (15, 25, 62),
    (1, "Atrium", 2): (20, 23, 20), (2, "Atrium", 2): (10, 22, 24), (3, "Atrium", 2): (7, 10, 21),
    (1, "Terrace", 2): (57, 23, 13), (2, "Terrace", 2): (31, 21, 13), (3, "Terrace", 2): (5, 6, 13),
}  # fmt: skip


def rated(code, **others):
    return {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": code, **others}


@pytest.fixture
async def two_waves(conn, publish):
    """The two samples of 200 as two waves; the second wave with people who had nothing to rate beside."""
    early = await publish(wave="2026H1")
    late = await publish(wave="2026H2")
    await keep(conn, late, expand(FIRST, rated))
    await keep(conn, early, expand(SECOND, rated))


@pytest.fixture
async def housing(conn, publish):
    """The Copenhagen housing survey, 1,681 householders."""
    wave = await publish("housing", wave="1976")
    people = [
        {"infl": influence, "type": kind, "contact": contact, "sat": level}
        for (influence, kind, contact), counts in HOUSING.items()
        for level, n in enumerate(counts, start=1)
        for _ in range(n)
    ]
    assert len(people) == 1681
    await keep(conn, wave, people)


async def fetch(client, headers, url, **params):
    reply = await client.get(url, params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def item_of(body, item):
    return next(one for one in body["items"] if one["item"] == item)


def by_index(body, item="Q3"):
    return {one["index"]: one for one in item_of(body, item)["indices"]}


async def test_results_need_an_account(client, publish):
    await publish()
    assert (await client.get(SUMMARY)).status_code == 401
    assert (await client.get(f"{COMPARE}?measure=Q3&by=D1")).status_code == 401


@pytest.mark.parametrize(
    ("index", "value", "low", "high"),
    [
        ("linear", 84.25, 80.947, 87.553),
        ("gov60", 87.0, None, None),
        ("pct20", 87.4, None, None),
        ("gov30", 86.6, None, None),
        ("sat2", 85.0, 79.39, 89.29),
        ("sat3", 94.0, 89.81, 96.53),
        ("dissatisfied", 6.0, 3.47, 10.19),
        ("w09", 93.1, None, None),
    ],
)
async def test_the_golden_vector_gives_every_index(client, evaluator_headers, two_waves, index, value, low, high):
    body = await fetch(client, evaluator_headers, SUMMARY)
    found = by_index(body)[index]
    assert found["value"] == pytest.approx(value, abs=1e-9)
    assert found["n"] == 200
    assert found["definition"].startswith(f"{index}@")
    if low is not None:
        assert found["confint"]["low"] == pytest.approx(low, abs=0.006)
        assert found["confint"]["high"] == pytest.approx(high, abs=0.006)
    if index == "linear":
        assert found["se"] == pytest.approx(1.6748, abs=5e-5)
        assert found["confint"]["method"] == "t"


async def test_nps_is_not_listed_for_a_five_level_rating(client, evaluator_headers, two_waves):
    assert "nps" not in by_index(await fetch(client, evaluator_headers, SUMMARY))


async def test_missing_states_stand_apart_and_all_codes_are_counted(client, conn, evaluator_headers, publish):
    wave = await publish()
    silent = [rated(4, Q4=state) for state in (Missing.SKIPPED, Missing.REFUSED, Missing.NOT_APPLICABLE)]
    await keep(conn, wave, [*silent, *(rated(5, Q4=4) for _ in range(7)), rated(1)])
    body = await fetch(client, evaluator_headers, SUMMARY)
    item = item_of(body, "Q4")
    assert item["counts"] == {"5": 0, "4": 7, "3": 0, "2": 0, "1": 0}
    assert item["missing"] == {"not_asked": 1, "skipped": 1, "refused": 1, "not_applicable": 1, "dont_know": 0}
    assert item["item_nonresponse"] == pytest.approx(20.0)
    assert body["participation"]["responses"] == 11
    assert body["participation"]["response_rate"] is None
    assert body["participation"]["reason"]


async def test_nobody_asked_is_null_with_a_reason_never_zero(client, evaluator_headers, publish):
    await publish()
    body = await fetch(client, evaluator_headers, SUMMARY)
    assert body["n"] == 0
    for index in by_index(body).values():
        assert index["value"] is None
        assert index["reason"]
    assert all(one["value"] is None and one["reason"] for one in body["indices"])


async def test_a_small_group_is_suppressed_with_the_next_smallest(client, conn, evaluator_headers, publish):
    wave = await publish()
    ages = {1: 0, 2: 40, 3: 25, 4: 12, 5: 4}
    await keep(conn, wave, expand(ages, lambda age: rated(4, D1=age)))
    body = await fetch(client, evaluator_headers, SUMMARY, by="D1")
    assert [group["by"] for group in body["groups"]] == [{"D1": 2}, {"D1": 3}]
    assert body["suppressed"] == 2


async def test_a_filter_that_selects_or_leaves_out_too_few_gives_nothing(client, conn, evaluator_headers, publish):
    wave = await publish()
    await keep(conn, wave, expand({1: 30, 2: 26, 3: 4}, lambda place: rated(4, D3=place)))
    body = await fetch(client, evaluator_headers, SUMMARY, where="D3:3")
    assert (body["n"], body["items"], body["indices"]) == (None, [], [])
    assert body["reason"].startswith("fewer than 10 responses: not shown")
    body = await fetch(client, evaluator_headers, SUMMARY, where="D3:1")
    assert body["n"] == 30
    assert item_of(body, "Q3")["counts"]["4"] == 30


async def test_a_filter_is_not_subtracted_from_a_wider_one(client, conn, evaluator_headers, publish):
    """The 4 outside a filter would be the whole minus the filter, or the filter with one condition fewer minus it."""
    wave = await publish()
    await keep(conn, wave, expand({1: 56, 3: 4}, lambda place: rated(4, D3=place, D1=2)))
    body = await fetch(client, evaluator_headers, SUMMARY, where="D3:1")
    assert (body["n"], body["items"]) == (None, [])
    assert "leaves out fewer than 10" in body["reason"]
    await keep(conn, wave, [rated(4, D3=1, D1=3) for _ in range(20)])
    assert (await fetch(client, evaluator_headers, SUMMARY, where="D1:2"))["n"] == 60
    body = await fetch(client, evaluator_headers, SUMMARY, where="D1:2;D3:1")
    assert "leaves out fewer than 10" in body["reason"]


async def test_within_a_filter_items_that_few_outside_answered_are_held_back(client, conn, evaluator_headers, publish):
    wave = await publish()
    outside = [rated(2, D3=2) if place < 3 else {**rated(2, D3=2), "Q3": Missing.SKIPPED} for place in range(20)]
    await keep(conn, wave, [*(rated(4, D3=1) for _ in range(30)), *outside])
    body = await fetch(client, evaluator_headers, SUMMARY, where="D3:1")
    assert body["n"] == 30
    assert item_of(body, "Q3")["n"] is None
    assert not [value for value in body["indices"] if value["of"] == "Q3"]


async def test_a_breakdown_by_mode_is_one_like_any_other(client, evaluator_headers, two_waves):
    body = await fetch(client, evaluator_headers, SUMMARY, by="mode")
    assert [(group["by"], group["n"]) for group in body["groups"]] == [({"mode": "web"}, 200)]


async def test_two_waves_are_compared_by_mann_whitney_with_the_others_beside(client, evaluator_headers, two_waves):
    body = await fetch(client, evaluator_headers, COMPARE, measure="Q3", a="wave:2026H2", b="wave:2026H1")
    assert body["test"] == "mann_whitney"
    assert body["statistic"] == 23384
    assert body["pvalue"] == pytest.approx(0.001342, abs=5e-7)
    assert body["pvalue_adjusted"] == body["pvalue"]
    assert body["effect_size"]["name"] == "Cliff's delta"
    assert body["effect_size"]["value"] == pytest.approx(0.1692, abs=5e-5)
    assert body["difference"]["value"] == pytest.approx(8.0)
    assert body["n"] == [200, 200]
    tests = {one["test"]: one for one in body["tests"]}
    assert tests["welch"]["statistic"] == pytest.approx(3.0999, abs=5e-5)
    assert tests["welch"]["df"] == pytest.approx(388.34, abs=0.005)
    assert tests["welch"]["pvalue"] == pytest.approx(0.002077, abs=5e-7)
    assert tests["chi_squared"]["statistic"] == pytest.approx(10.338, abs=5e-4)
    assert tests["chi_squared"]["df"] == 4
    assert tests["chi_squared"]["pvalue"] == pytest.approx(0.0351, abs=5e-5)
    assert [group["index"]["value"] for group in body["groups"]] == [pytest.approx(84.25), pytest.approx(76.25)]
    assert "higher" in body["sentence"]["en"]
    assert "高于" in body["sentence"]["zh-Hans"]
    assert body["why"]["en"]


async def test_an_index_is_compared_by_welch_and_a_rate_by_two_proportions(client, evaluator_headers, two_waves):
    waves = {"a": "wave:2026H2", "b": "wave:2026H1"}
    linear = await fetch(client, evaluator_headers, COMPARE, measure="Q3:linear", **waves)
    assert (linear["test"], linear["effect_size"]["name"]) == ("welch", "Hedges' g")
    rate = await fetch(client, evaluator_headers, COMPARE, measure="Q3:sat2", **waves)
    assert rate["test"] == "two_proportions"
    assert rate["difference"]["value"] == pytest.approx(10.0)
    assert rate["difference"]["unit"] == "percentage points"
    assert rate["difference"]["confint"]["method"].startswith("newcombe")


async def test_no_difference_is_said_in_those_words(client, conn, evaluator_headers, publish):
    for name in ("2026H1", "2026H2"):
        await keep(conn, await publish(wave=name), expand({5: 30, 3: 20}, rated))
    body = await fetch(client, evaluator_headers, COMPARE, measure="Q3", a="wave:2026H1", b="wave:2026H2")
    assert "no difference beyond chance was found" in body["sentence"]["en"]
    assert "没有发现" in body["sentence"]["zh-Hans"]


async def test_housing_satisfaction_by_type_agrees_with_r(client, evaluator_headers, housing):
    url = "/api/v1/surveys/housing/compare"
    body = await fetch(client, evaluator_headers, url, measure="sat", by="type", test="chi_squared")
    assert body["test"] == "chi_squared"
    assert body["statistic"] == pytest.approx(60.2859542654634, rel=1e-9)
    assert body["df"] == 6
    counts = {group["group"]: list(group["counts"].values()) for group in body["groups"]}
    assert counts == {
        "type:Apartment": [271, 192, 302],
        "type:Atrium": [64, 79, 96],
        "type:Terrace": [133, 74, 70],
        "type:Tower": [99, 101, 200],
    }
    unordered = await fetch(client, evaluator_headers, url, measure="sat", by="type")
    assert unordered["test"] == "kruskal_wallis"
    assert len(unordered["pairs"]) == 6
    assert all(pair["pvalue_adjusted"] >= pair["pvalue"] for pair in unordered["pairs"])


async def test_housing_satisfaction_rises_with_influence_as_in_r(client, evaluator_headers, housing):
    body = await fetch(client, evaluator_headers, "/api/v1/surveys/housing/compare", measure="sat", by="infl")
    assert body["test"] == "jonckheere"
    assert body["statistic"] == 562414
    assert body["tests"][0]["details"]["z"] == pytest.approx(10.099224524015227, rel=1e-9)
    assert body["pvalue"] == pytest.approx(5.568074052591916e-24, rel=1e-9)
    assert {one["test"] for one in body["tests"]} == {"jonckheere", "kruskal_wallis", "chi_squared"}
    assert "rises" in body["sentence"]["en"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"measure": "Q99", "by": "D1"}, "Q99"),
        ({"measure": "Q3", "by": "Q13"}, "Q13"),
        ({"measure": "Q3", "by": "Q12"}, "multiple"),
        ({"measure": "Q3", "by": "Q8"}, "number"),
        ({"measure": "Q3"}, "by=ITEM"),
        ({"measure": "Q3", "a": "D1", "b": "D1:2"}, "D1"),
        ({"measure": "Q3", "a": "D1:77", "b": "D1:2"}, "77"),
        ({"measure": "Q3", "a": "D1:2", "b": "D1:2"}, "in common"),
        ({"measure": "Q3:gov60", "by": "D1"}, "Q3:linear"),
        ({"measure": "Q3", "by": "D3", "test": "mystery"}, "kruskal_wallis"),
        ({"measure": "Q13", "by": "D3"}, "Q13"),
    ],
)
async def test_a_comparison_that_cannot_be_is_refused_with_what_is_wrong(
    client, evaluator_headers, two_waves, params, says
):
    reply = await client.get(COMPARE, params=params, headers=evaluator_headers)
    assert reply.status_code == 422, reply.text
    assert says in reply.json()["detail"]


async def test_an_unknown_survey_or_wave_is_not_found(client, evaluator_headers, two_waves):
    for url in (SUMMARY.replace("2026H2", "1999"), f"{COMPARE}?measure=Q3&a=wave:1999&b=wave:2026H1"):
        assert (await client.get(url, headers=evaluator_headers)).status_code == 404
    url = "/api/v1/surveys/nowhere/compare?measure=Q3&by=D1"
    assert (await client.get(url, headers=evaluator_headers)).status_code == 404


async def test_small_groups_are_not_compared(client, conn, evaluator_headers, publish):
    wave = await publish()
    await keep(conn, wave, expand({1: 30, 3: 4}, lambda place: rated(4, D3=place)))
    body = await fetch(client, evaluator_headers, COMPARE, measure="Q3", a="D3:1", b="D3:3")
    assert body["pvalue"] is None
    assert body["groups"] == []
    assert "fewer than 10" in body["reason"]


def test_nothing_that_can_be_refused_is_read_while_a_connection_is_opened(app):
    """Litestar would leave the connection to the garbage collector: ten such requests, and everybody waits."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    models = [model for route in routes for _, model in route.route_handler_map.values()]
    beside = {frozenset(one.key for one in batch) for model in models for batch in model.dependency_batches}
    opening = [keys - {"conn"} for keys in beside if "conn" in keys]
    assert opening
    assert all(keys <= {"now", "figures"} for keys in opening)
