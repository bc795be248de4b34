"""Waves, pilots, weights and clusters over HTTP, on the page and on the command line: one truth in three places."""

import json
import re
from datetime import UTC, datetime

import pytest

from tests.evaluation.samples import expand, keep

COMPARE = "/api/v1/surveys/gov-sat/compare"
SUMMARY = "/api/v1/surveys/gov-sat/waves/y2/summary"
PAGE = "/evaluate/gov-sat/compare"
MARGINS = "item,code,population\nD3,1,7000\nD3,2,3000\n"
PILOT = {"pilot": "D3:2", "control": "D3:1", "before": "y0", "after": "y2"}


def rated(counts, **others):
    return expand(counts, lambda code: {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": code, **others})


@pytest.fixture
async def years(conn, publish):
    """Four waves; in the second half of each people of the country (D3 2), who grow more content from year to year."""
    for year in range(4):
        wave = await publish(wave=f"y{year}", opens_at=datetime(2022 + year, 1, 1, tzinfo=UTC))
        await keep(conn, wave, rated({3: 20, 4: 20}, D3=1, D2=1 + year))
        await keep(conn, wave, rated({3: 20 - 5 * year, 5: 20 + 5 * year}, D3=2, D2=5 + year))


@pytest.fixture
def english(evaluator_headers):
    return {**evaluator_headers, "Accept-Language": "en"}


async def asked(client, headers, method="GET", url=COMPARE, status=200, content=None, **params):
    kind = {"Content-Type": "text/csv"} if content else {}
    reply = await client.request(method, url, params=params, headers={**headers, **kind}, content=content)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_all_waves_are_a_trend(client, evaluator_headers, years):
    found = await asked(client, evaluator_headers, measure="Q3", by="wave")
    assert (found["design"], found["test"], len(found["groups"])) == ("waves", "trend_slope", 4)
    assert found["difference"]["value"] == pytest.approx(3.125, rel=0.01)
    assert found["difference"]["unit"] == "points a year"


async def test_pilot_and_control_are_compared(client, evaluator_headers, years):
    found = await asked(client, evaluator_headers, measure="Q3", **PILOT)
    assert (found["design"], found["test"]) == ("did", "did_means")
    assert found["difference"]["value"] == pytest.approx(12.5)
    assert "试点" in found["sentence"]["zh-Hans"]


async def test_the_waves_before_a_pilot_say_whether_it_moved_in_parallel(client, evaluator_headers, years):
    found = await asked(client, evaluator_headers, measure="Q3", **PILOT | {"before": "y2", "after": "y3"})
    before = found["pre_trends"]
    assert before["n"] == [40] * 6  # control y0 y1 y2, pilot y0 y1 y2
    assert before["difference"]["value"] == pytest.approx(6.25, rel=0.01)
    assert before["details"]["steepest_not_excluded"] > 6.25
    differs = "pre-trends-differ" in {one["code"] for one in found["cautions"]}
    assert differs == (before["pvalue"] < 0.05)
    first = await asked(client, evaluator_headers, measure="Q3", **PILOT | {"before": "y0", "after": "y3"})
    assert first["pre_trends"] is None
    assert "parallel-trends-unchecked" in {one["code"] for one in first["cautions"]}


async def test_weights_come_as_a_table_in_the_body(client, evaluator_headers, years):
    params = {"measure": "Q3", "a": "wave:y2", "b": "wave:y0"}
    found = await asked(client, evaluator_headers, "POST", content=MARGINS, **params)
    assert found["test"] == "weighted_rank"
    assert [one["items"] for one in found["weighting"]] == [["D3"], ["D3"]]
    assert found["groups"][0]["index"]["value"] == pytest.approx(0.7 * 62.5 + 0.3 * 87.5)
    assert found["groups"][0]["unweighted"]["value"] == pytest.approx(75.0)
    assert found["difference"]["value"] == pytest.approx(0.3 * 12.5)
    plain = await asked(client, evaluator_headers, **params)
    assert plain["weighting"] == []
    assert plain["groups"][0]["unweighted"] is None


async def test_a_summary_has_its_headline_once_more_under_weights_and_clusters(client, evaluator_headers, years):
    found = await asked(client, evaluator_headers, "POST", SUMMARY, content=MARGINS, by="D3")
    (linear,) = [one for one in found["weighted"]["indices"] if (one["of"], one["index"]) == ("Q3", "linear")]
    assert linear["value"] == pytest.approx(0.7 * 62.5 + 0.3 * 87.5)
    share = next(one for one in found["weighted"]["indices"] if (one["of"], one["index"]) == ("Q3", "sat2"))
    assert share["value"] == pytest.approx(0.7 * 50.0 + 0.3 * 75.0)
    assert share["confint"]["method"] == "korn-graubard"
    groups = [
        next(one["value"] for one in group if (one["of"], one["index"]) == ("Q3", "linear"))
        for group in found["weighted"]["groups"]
    ]
    assert groups == [pytest.approx(62.5), pytest.approx(87.5)]
    clustered = await asked(client, evaluator_headers, url=SUMMARY, cluster="D2")
    assert clustered["weighted"]["weighting"] is None
    by_cluster = next(one for one in clustered["weighted"]["indices"] if one["index"] == "linear")
    assert by_cluster["se"] == pytest.approx(12.5)  # two clusters of one size: half the gap of 62.5 and 87.5
    plain = await asked(client, evaluator_headers, url=SUMMARY)
    assert plain["weighted"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "item,code,population"),
        (b"\xff\xfe", "UTF-8"),
        ("item,code,population\nD3,1,1\n", "D3 2"),
    ],
)
async def test_a_table_that_does_not_fit_is_refused_with_what_is_wrong(
    client, evaluator_headers, years, content, message
):
    found = await asked(client, evaluator_headers, "POST", status=422, content=content, measure="Q3", by="D3")
    assert message in found["detail"]


async def test_a_number_that_is_none_names_the_parameter(client, evaluator_headers, years):
    found = await asked(client, evaluator_headers, status=422, measure="Q3", by="D3", sesoi="two")
    assert "sesoi" in json.dumps(found)


async def test_a_post_of_margins_changes_nothing_and_needs_an_account(client, years):
    assert (await client.post(COMPARE, params={"measure": "Q3", "by": "D3"}, content=MARGINS)).status_code == 401


async def test_the_page_shows_the_verdict_the_pairs_and_what_to_mind(client, english, years):
    reply = await client.get(PAGE, params={"measure": "Q3", "by": "wave", "a": "", "sesoi": ""}, headers=english)
    assert reply.status_code == 200
    assert "Slope of the trend" in reply.text
    assert "points a year" in reply.text
    assert re.search(r'class="verdict">.*<strong>\w+</strong>', reply.text)
    reply = await client.get(PAGE, params={"measure": "Q3", "by": "D3", "cluster": "D2", "wave": "y2"}, headers=english)
    assert "There are 2 clusters only" in reply.text or "Too few sampling units" in reply.text
    assert '<option value="D2" selected>' in reply.text


async def test_the_page_takes_population_figures_as_a_file(client, english, years):
    data = {"measure": "Q3", "by": "", "a": "wave:y2", "b": "wave:y0"}
    files = {"margins": ("people.csv", MARGINS.encode("utf-8-sig"), "text/csv")}
    reply = await client.post(PAGE, data=data, files=files, headers=english)
    assert reply.status_code == 200, reply.text
    assert "Weighted by post-stratification to D3" in reply.text
    assert "unweighted" in reply.text
    reply = await client.post(PAGE, data=data, files={"margins": ("people.csv", b"", "text/csv")}, headers=english)
    assert reply.status_code == 422
    assert "item,code,population" in reply.text


async def test_a_number_of_wide_range_is_compared_where_some_gave_none(client, conn, evaluator_headers, publish):
    """The same 30 took 10 hours more, each of them; who gave which number is not known here, so nobody is paired."""
    for name, more, silent in (("w1", 0, 5), ("w2", 10, 3)):
        wave = await publish("staff-digital", wave=name)
        for person in range(30):
            hours = {"B4": 1000 + 7 * (person * 11 % 30) + more}
            await keep(conn, wave, [hours], respondent=person + 1)
        await keep(conn, wave, [{}] * silent)
    url = "/api/v1/surveys/staff-digital/compare"
    found = await asked(client, evaluator_headers, url=url, measure="B4", a="wave:w2", b="wave:w1")
    assert (found["design"], found["n"]) == ("two-independent", [30, 30])
    assert found["difference"]["value"] == pytest.approx(10.0)
    target = await asked(client, evaluator_headers, url=url, measure="B4", a="wave:w1", target=1000)
    assert target["difference"]["value"] == pytest.approx(7 * 14.5)
    refused = await asked(
        client, evaluator_headers, url=url, status=422, measure="B4", a="wave:w2", b="wave:w1", paired="true"
    )
    assert refused["detail"] == "B4 has too wide a range to be compared person by person"


async def test_the_first_comparison_is_not_called_another(client, english, years):
    first = await client.get(PAGE, headers=english)
    assert "Compare" in first.text
    assert "Another comparison" not in first.text
    answered = await client.get(PAGE, params={"measure": "Q3", "by": "wave"}, headers=english)
    assert "Another comparison" in answered.text
