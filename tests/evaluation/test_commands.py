"""`survey summary` and `survey compare` say what the API says."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from survey.cli.results import compare, summary
from tests.evaluation.samples import expand, keep

COUNTS = {5: 60, 4: 25, 3: 19, 2: 4, 1: 2}


@pytest.fixture
async def waves(conn, publish):
    for name in ("2026H1", "2026H2"):
        wave = await publish(wave=name)
        await keep(conn, wave, expand(COUNTS, lambda code: {"Q3": code, "D3": 1 + code % 3}))


@pytest.fixture
def run(database_url, monkeypatch):
    monkeypatch.setenv("SURVEY_DATABASE_URL", database_url)

    async def run(command, *arguments):
        result = await asyncio.to_thread(CliRunner().invoke, command, arguments)
        return result.exit_code, result.output

    return run


async def test_the_summary_is_the_json_of_the_api(run, waves, client, evaluator_headers):
    code, text = await run(summary, "--survey", "gov-sat", "--wave", "2026H2", "--by", "D3", "--json")
    assert code == 0
    url = "/api/v1/surveys/gov-sat/waves/2026H2/summary?by=D3"
    over_http = (await client.get(url, headers=evaluator_headers)).json()
    said = json.loads(text)
    assert {key: value for key, value in said.items() if key != "as_of"} == {
        key: value for key, value in over_http.items() if key != "as_of"
    }


async def test_the_summary_for_people_is_a_table(run, waves):
    code, text = await run(summary, "--survey", "gov-sat", "--wave", "2026H2")
    assert code == 0
    assert "linear@1" in text


@pytest.mark.parametrize("groups", [("--groups", "wave:2026H1", "--groups", "wave:2026H2"), ("--groups", "D3:1,D3:2")])
async def test_two_selectors_are_compared(run, waves, groups):
    code, text = await run(compare, "--survey", "gov-sat", "--measure", "Q3", *groups, "--json")
    assert (code, json.loads(text)["test"]) == (0, "mann_whitney")


async def test_the_groups_of_an_item_are_compared_by_the_test_named(run, waves):
    arguments = ("--survey", "gov-sat", "--measure", "Q3", "--groups", "D3", "--test", "chi_squared")
    code, text = await run(compare, *arguments)
    assert code == 0
    assert "chi_squared" in text


async def test_one_selector_alone_is_a_usage_error(run, waves):
    assert (await run(compare, "--survey", "gov-sat", "--measure", "Q3", "--groups", "D3:1"))[0] == 2


async def test_weights_from_a_file_are_those_of_the_api(run, waves, client, evaluator_headers, tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("item,code,population\nD3,1,50\nD3,2,30\nD3,3,20\n", encoding="utf-8-sig")
    groups = ("--groups", "wave:2026H1", "--groups", "wave:2026H2")
    asked = ("--survey", "gov-sat", "--measure", "Q3", *groups, "--margins", table)
    code, text = await run(compare, *map(str, asked), "--json")
    assert code == 0
    params = {"measure": "Q3", "a": "wave:2026H1", "b": "wave:2026H2"}
    content = table.read_bytes().decode("utf-8-sig").encode()
    reply = await client.post(
        "/api/v1/surveys/gov-sat/compare", params=params, content=content, headers=evaluator_headers
    )
    assert json.loads(text) == reply.json()
    code, text = await run(compare, *map(str, asked))
    assert "Weighted by post-stratification to D3" in text
    code, text = await run(summary, "--survey", "gov-sat", "--wave", "2026H2", "--margins", str(table), "--by", "D3")
    assert (code, "under this design" in text) == (0, True)


async def test_a_target_a_trend_and_a_pilot_can_be_asked_for(run, waves):
    start = ("--survey", "gov-sat", "--measure", "Q3")
    code, text = await run(compare, *start, "--target", "80", "--groups", "wave:2026H2")
    assert (code, "target of 80" in text) == (0, True)
    code, text = await run(compare, *start, "--groups", "wave")
    assert (code, "verdict: equivalent" in text or "verdict: inconclusive" in text) == (0, True)
    pilot = ("--pilot", "D3:1", "--control", "D3:2", "--before", "2026H1", "--after", "2026H2")
    code, text = await run(compare, *start, *pilot)
    assert (code, "did_means" in text) == (0, True)
