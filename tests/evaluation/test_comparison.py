"""Comparisons on whatever came in: every measure by every variable is a number or says why not."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from survey import responses
from survey.analysis.significance import TESTS
from survey.errors import Refused
from survey.evaluation.arms import Round
from survey.evaluation.coding import MISSING_OF, CodeBook
from survey.evaluation.comparison import compare
from survey.evaluation.disclosure import FLOOR
from survey.evaluation.plans import FALLBACKS, PLANS, WEIGHTED
from survey.evaluation.questions import Question
from survey.evaluation.reasons import WHY
from survey.evaluation.sample import Sample
from survey.evaluation.summary import Wave, summarize
from tests.evaluation.samples import expand, instrument, round_of

SLUGS = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing")


def random_sample(slug, n, seed=7):
    """Any byte that can stand in each column; missing states in one of five."""
    book, random = CodeBook(instrument(slug)), np.random.default_rng(seed)
    codes = np.empty((n, len(book.columns)), dtype=np.uint8)
    for place, column in enumerate(book.columns):
        codes[:, place] = random.integers(0, len(column.codes), n)
    missing = random.random(codes.shape) < 0.2
    codes[missing] = random.choice(list(MISSING_OF), missing.sum())
    for asked in book.instrument.asked:
        places = [book.position[column.id] for column in asked.item.columns()]
        if len(places) > 1:  # a multiple choice is missing as a whole
            whole = codes[:, places[0]] > 1
            codes[:, places] = np.where(whole[:, None], codes[:, [places[0]]], np.minimum(codes[:, places], 1))
    return Sample(book, codes)


def as_round(slug, sample, wave="2026H2"):
    about = responses.Wave(survey=slug, wave=wave, instrument_version=1, opens_at=datetime(2026, 7, 1, tzinfo=UTC))
    return Round(about, sample)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("n", [0, 1, 30, 400])
def test_every_measure_by_every_variable_is_a_number_or_says_why_not(slug, n):
    sample = random_sample(slug, n)
    measures = [scale.id for scale in sample.book.instrument.scales] + list(sample.book.instrument.by_id)
    for variable in sample.closed():
        for measure in measures:
            try:
                found = compare("s", Question(measure=measure, by=variable.id), [as_round(slug, sample)])
            except Refused:
                continue
            assert found.pvalue is not None or found.reason
            assert all(group.n >= FLOOR for group in found.groups)
            assert b"NaN" not in msgspec.json.encode(found)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("n", [0, 1, 30, 400])
def test_every_wave_has_a_summary_by_every_variable(slug, n):
    sample = random_sample(slug, n)
    wave = Wave(survey=slug, wave="w", as_of=datetime(2026, 1, 1, tzinfo=UTC), instrument_sha256="")
    for variable in sample.closed():
        found = summarize(sample, wave, by=variable.id)
        assert all(group.n >= FLOOR for group in found.groups)
        assert all(item.n is None or not 0 < item.n < FLOOR for group in found.groups for item in group.items)
        assert all(value.value is not None or value.reason for value in found.indices)
        msgspec.json.encode(found)


def test_every_test_of_a_plan_has_a_reason_in_both_languages():
    planned = {
        name for table in (PLANS, WEIGHTED) for plans in table.values() for names in plans.values() for name in names
    }
    for name in planned | {fallback.test for fallback in FALLBACKS.values()}:
        assert WHY[name].keys() == {"zh-Hans", "en"}
        assert name in TESTS


def test_age_groups_are_ranges_of_the_number():
    ages = {25: 40, 30: 20, 38: 20, 45: 30, 60: 20}
    right = {"K1": "C", "K2": "D", "K3": "C"}
    answers = expand(ages, lambda age: {"B2": age, **(right if age <= 30 else {"K1": "A"})})
    question = Question(measure="K_score", a="B2:..30", b="B2:45..")
    found = compare("staff-digital", question, [round_of("staff-digital", answers)])
    assert [group.n for group in found.groups] == [60, 50]


def test_a_number_is_compared_by_its_mean():
    answers = expand({0: 30, 1: 20}, lambda trips: {"Q8": trips, "D3": 1})
    answers += expand({2: 25, 3: 25}, lambda trips: {"Q8": trips, "D3": 2})
    found = compare("gov-sat", Question(measure="Q8", a="D3:1", b="D3:2"), [round_of("gov-sat", answers)])
    assert (found.test, found.difference.unit) == ("welch", "number")
    assert found.difference.value == pytest.approx(0.4 - 2.5)
    assert found.verdict is None  # nobody has said which difference of a bare number matters


def test_a_yes_or_no_item_is_compared_by_its_share_of_yes():
    answers = expand({1: 30, 0: 20}, lambda again: {"Q7b": again, "D3": 1})
    answers += expand({1: 10, 0: 40}, lambda again: {"Q7b": again, "D3": 2})
    found = compare("gov-sat", Question(measure="Q7b", by="D3"), [round_of("gov-sat", answers)])
    assert found.test == "two_proportions"
    assert found.difference.value == pytest.approx(40.0)
    assert [group.index.value for group in found.groups] == [pytest.approx(60.0), pytest.approx(20.0)]


def test_the_documented_decision_table_is_the_one_used():
    text = (Path(__file__).parents[2] / "docs" / "comparing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \(`([\w-]+)`\) \| (\w+) \| (.*) \| (.*) \|$", text, re.MULTILINE)
    documented = {(design, level): tuple(re.findall(r"`(\w+)`", plan)) for design, level, plan, _ in rows}
    weighted = {(design, level): tuple(re.findall(r"`(\w+)`", plan)) for design, level, _, plan in rows}
    assert documented == {(d, level): plan for d, plans in PLANS.items() for level, plan in plans.items()}
    assert {key: plan for key, plan in weighted.items() if plan} == {
        (d, level): plan for d, plans in WEIGHTED.items() for level, plan in plans.items()
    }


def test_each_of_several_groups_has_the_letters_of_those_it_is_above():
    spreads = {1: {5: 35, 4: 10}, 2: {5: 30, 4: 15}, 3: {2: 30, 1: 15}}
    counts = {(code, place): n for place, spread in spreads.items() for code, n in spread.items()}
    answers = expand(counts, lambda both: {"Q3": both[0], "D3": both[1]})
    found = compare("gov-sat", Question(measure="Q3", by="D3"), [round_of("gov-sat", answers)])
    assert [(group.letter, group.above) for group in found.groups] == [("A", ("C",)), ("B", ("C",)), ("C", ())]
    for pair in found.pairs:
        assert (pair.pvalue_adjusted < 0.05) == pair.b.endswith(":3")
