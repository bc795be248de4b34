"""A few scenarios of `make validity`, short; and that no test and no interval is left out of it."""

import ast
from math import comb
from pathlib import Path
from re import findall
from xml.etree import ElementTree

import numpy as np
import pytest

import survey.analysis
from survey.analysis.results import ConfInt
from survey.analysis.significance import TESTS
from validity.__main__ import PARTS
from validity.picture import BARS, LINES, SHARE, picture
from validity.report import report
from validity.scenarios import Part, Scenario, row, simulate

SCENARIOS = {(s.name, s.answers, s.n, s.what): s for part in PARTS for s in part.scenarios}
UNEQUAL = "few with much variance, many with little"
HALLS, IGNORED = "2 x 20 halls x 50", "clustered halls, clusters ignored"
FROM_A_VARIABLE = {"HC1", "HC2", "korn-graubard", "logit", "arcsine", "wilson-finite-population"}
"""Names of intervals that the source gives by a variable, so that reading it does not find them."""
NO_INTERVALS = {"census", "control-limit"}
"""A point, as everybody was asked; and limits within which units lie when they do not differ."""


def _simulated(name, answers, n, what, runs):
    return simulate(SCENARIOS[name, answers, n, what], runs)


def _rng(scenario):
    return np.random.default_rng(len(scenario.answers))


def _methods_in_the_source():
    """The names that survey.analysis gives to its intervals: the fourth argument of each ConfInt."""
    found = set()
    for path in Path(survey.analysis.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "ConfInt" and len(node.args) == 4:
                found |= {n.value for n in ast.walk(node.args[3]) if isinstance(n, ast.Constant) and n.value != 0}
    return {name for name in found if isinstance(name, str)}


def _methods_simulated():
    """The names of the intervals that the scenarios of coverage give, on a few samples of each."""
    found = set()
    for scenario in SCENARIOS.values():
        if scenario.what == "coverage":
            for sample in scenario.draw(_rng(scenario), 4):
                measured = scenario.measure(sample)
                found |= {c.method for c in (measured if isinstance(measured, tuple) else (measured,)) if c is not None}
    return found


def test_every_registered_test_has_a_scenario_of_its_error_and_of_its_power():
    for what in ("type I error", "power"):
        assert set(TESTS) - {name for name, _, _, kind in SCENARIOS if kind == what} == set()


def test_every_kind_of_interval_has_a_scenario():
    wanted = (_methods_in_the_source() | FROM_A_VARIABLE) - NO_INTERVALS
    assert len(wanted) > 30
    assert wanted - _methods_simulated() == set()


def test_no_scenario_is_there_twice():
    assert len(SCENARIOS) == sum(len(part.scenarios) for part in PARTS)


@pytest.mark.parametrize("share", ["50 %", "90 %", "97 %", "99.5 %"])
def test_the_exact_interval_never_covers_less_than_it_says(share):
    assert _simulated("clopper_pearson", share, "30", "coverage", 20_000).estimate > 0.945


def test_wald_fails_near_one_hundred_percent_where_wilson_holds():
    assert 0.56 < _simulated("wald", "97 %", "30", "coverage", 20_000).estimate < 0.64  # 1 - 0.97**30 = 0.599
    assert _simulated("wilson", "97 %", "30", "coverage", 20_000).estimate > 0.925


def test_the_coverage_of_wilson_is_what_summing_the_binomial_gives():
    n, p = 10, 0.9
    inside = [k for k in range(n + 1) if abs(k / n - p) <= 1.959964 * (p * (1 - p) / n) ** 0.5]
    exact = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in inside)
    found = _simulated("wilson", "90 %", "10", "coverage", 20_000)
    assert found.estimate == pytest.approx(exact, abs=5 * found.se)


@pytest.mark.parametrize(("name", "low", "high"), [("welch", 0.02, 0.09), ("student", 0.2, 0.45)])
def test_welch_keeps_its_error_where_student_does_not(name, low, high):
    assert low < _simulated(name, UNEQUAL, "20 + 200", "type I error", 600).estimate < high


@pytest.mark.parametrize(("name", "low", "high"), [("brunner_munzel", 0.01, 0.10), ("mann_whitney", 0.18, 0.45)])
def test_brunner_and_munzel_keep_their_error_where_the_spreads_differ(name, low, high):
    assert low < _simulated(name, UNEQUAL, "20 + 200", "type I error", 300).estimate < high


@pytest.mark.parametrize("name", ["mann_whitney", "welch", "student"])
def test_who_does_not_know_of_halls_rejects_true_hypotheses(name):
    assert 0.17 < _simulated(name, IGNORED, HALLS, "type I error", 400).estimate < 0.40


@pytest.mark.parametrize("name", ["weighted_welch", "weighted_rank", "weighted_two_shares", "rao_scott"])
def test_who_knows_of_halls_does_not(name):
    assert 0.01 < _simulated(name, "clustered halls", HALLS, "type I error", 400).estimate < 0.10
    assert _simulated(name, "clustered halls, one group worse", HALLS, "power", 100).verdict == "detects"


def test_raked_weights_keep_the_error_of_a_mean_against_the_truth():
    assert 0.01 < _simulated("weighted_one_mean", "raked to two margins", "1000", "type I error", 400).estimate < 0.10


def test_six_and_six_halls_are_permuted_and_keep_the_error():
    found = _simulated("did_clusters", "typical, 6 + 6 halls", "30 a hall and wave", "type I error", 600)
    assert 0.02 < found.estimate < 0.09


def test_the_same_scenario_gives_the_same_figure_and_a_longer_one_a_smaller_error():
    scenario = SCENARIOS["newcombe", "97 % and 90 %", "30 + 300", "coverage"]
    assert simulate(scenario, 500) == simulate(scenario, 500)
    assert simulate(scenario, 2000).se < simulate(scenario, 500).se


def test_what_has_no_interval_is_not_counted_as_covering():
    found = _simulated("odds_ratio", "97 % and 97 %", "10 + 10", "coverage", 4000)
    # an odds ratio needs a success and a failure in both groups
    both = (1 - 0.97**10 - 0.03**10) ** 2
    assert found.without == pytest.approx(1 - both, abs=0.02)
    assert found.runs == round(4000 * (1 - found.without))


def _scenario(measure, truth=0.5):
    return Scenario(
        name="made up", answers="none", n="1", what="coverage", truth=truth, measure=measure,
        draw=lambda rng, runs: rng.random((runs, 1)),
    )  # fmt: skip


def test_intervals_that_hold_together_must_all_hold():
    both = (ConfInt(0.0, 1.0), ConfInt(0.6, 1.0))
    assert simulate(_scenario(lambda _: both), 100).estimate == 0.0
    assert simulate(_scenario(lambda _: both, (0.5, 0.7)), 100).estimate == 1.0


@pytest.mark.parametrize("measure", [lambda _: 1 / 0, lambda _: float("nan")])
def test_a_method_that_breaks_off_is_told_and_stops_nothing(measure):
    found = simulate(_scenario(measure), 100)
    assert (found.broken, found.runs) == (1.0, 0)
    assert "`made up`: in 100.00 % of the samples" in report([(Part("A", "B."), [found])])


@pytest.mark.parametrize(
    ("what", "estimate", "verdict"),
    [
        ("coverage", 0.934, "liberal"),
        ("coverage", 0.936, "keeps"),
        ("coverage", 0.976, "conservative"),
        ("type I error", 0.058, "keeps"),
        ("type I error", 0.063, "liberal"),
        ("type I error", 0.024, "conservative"),
        ("power", 0.2, "detects"),
        ("power", 0.1, "hardly detects"),
    ],
)
def test_a_figure_is_marked_by_the_stated_rule(what, estimate, verdict):
    assert row("a", "b", "c", what, estimate, 10_000).verdict == verdict


def test_every_figure_has_its_line_and_the_failing_ones_are_named_above():
    rows = [_simulated("wald", "97 %", n, "coverage", 500) for n in ("30", "100")]
    text = report([(Part("Shares", "Of one group."), rows)])
    assert text.count("| wald | 97 % |") == 2
    assert "- `wald`: covers" in text.split("## Shares")[0]


def test_the_picture_shows_scenarios_that_exist():
    for name, _, _ in LINES:
        assert (name, SHARE, "30", "coverage") in SCENARIOS
    told = {(name, answers) for name, answers, _, what in SCENARIOS if what == "type I error"}
    assert {(name, answers) for name, answers, _ in BARS} - told == set()


def test_the_picture_has_a_title_and_no_text_below_twelve_pixels():
    rows = [_simulated(name, SHARE, n, "coverage", 200) for name, _, _ in LINES for n in ("10", "1000")]
    kinds = [node.tag.rpartition("}")[2] for node in ElementTree.fromstring(picture(rows)).iter()]  # noqa: S314
    assert {"title", "desc"} <= set(kinds)
    assert kinds.count("polyline") == len(LINES)
    assert min(int(size) for size in findall(r"(\d+)px", picture(rows))) >= 12
