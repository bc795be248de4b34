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
