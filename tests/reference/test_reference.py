"""Every reference case agrees with R, from its table and from its rows; the runner says so, and reads other cases."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from survey.analysis.disclosure import suppress
from survey.analysis.significance import TESTS
from tests.reference import runner
from tests.reference.agreement import disagreements
from tests.reference.designs import parsed_design
from tests.reference.registry import METHODS, Case
from tests.reference.runner import load, verdicts
from tests.reference.source import Rows, sorted_levels

HERE = Path(__file__).parent
MORE = json.loads((HERE / "more_cases.json").read_text(encoding="utf-8"))
"""Other tables, designs and spellings than the first cases have, sparse ones among them."""
CASES = load(HERE) + MORE
NEEDS_ROWS = [c for c in CASES if "table" in c["inputs"] and c["inputs"].get("source", {}).get("row")]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_agrees_with_r(case):
    assert [found for _, found in verdicts(case, HERE) if found] == []


@pytest.mark.parametrize("case", NEEDS_ROWS, ids=lambda c: c["id"])
def test_table_and_rows_give_the_same(case):
    assert [way for way, _ in verdicts(case, HERE)] == ["table", "rows"]


def test_every_method_is_answered_twice_over():
    assert {c["method"] for c in MORE} == {c["method"] for c in load(HERE)} == METHODS.keys() | {"sdc_suppression"}


@pytest.mark.parametrize("case", [c for c in CASES if c["expected"].get("min_secondary_cells")], ids=lambda c: c["id"])
def test_no_more_cells_are_hidden_than_it_takes(case):
    i = case["inputs"]
    plan = suppress(i["table"], i["threshold"], protection_width=i["protection_width"])
    assert len(plan.secondary) == case["expected"]["min_secondary_cells"]


@pytest.mark.parametrize("method", ["cronbach_alpha", "omega_total", "key_drivers"])
def test_a_matrix_alone_gives_the_same_as_the_rows(method):
    case = next(c for c in CASES if c["method"] == method and {"covariance", "correlation"} & c["inputs"].keys())
    rows = Rows.of(case["inputs"]["source"], HERE)
    alone = METHODS[method](Case(case["inputs"], HERE))
    whole = METHODS[method](Case(case["inputs"], HERE, rows))
    computed = {field: whole[field] for field in alone.keys() - {"item_mean"}}
    assert list(disagreements(alone, computed, {"rel": 1e-6, "abs": 1e-9})) == []


def test_runner_counts_and_fails_on_a_difference(tmp_path, capsys):
    (tmp_path / "cases.json").write_text(
        '[{"id": "a", "method": "p_adjust", "inputs": {"p": [0.01]}, "expected": {"holm": [0.02]},'
        ' "tolerance": {"rel": 0, "abs": 0}}, {"id": "b", "method": "unheard", "inputs": {}, "expected": {},'
        ' "tolerance": {"rel": 0, "abs": 0}}]',
        encoding="utf-8",
    )
    assert runner.run(tmp_path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "differs        a (p_adjust)",
        "    from table: holm[0]: got 0.01, expected 0.02",
        "not supported  b (unheard)",
        "0 passed, 2 failed",
    ]


REFERENCED = {
    "one_proportion": "proportion_one_sample",
    "one_mean": "ordinal_index_one_sample",
    "one_net_promoter": "nps",
    "goodness_of_fit": "chi2_goodness_of_fit",
    "mann_whitney": "mann_whitney",
    "welch": "t_two_independent",
    "two_proportions": "proportions_two_independent",
    "brunner_munzel": "brunner_munzel",
    "student": "t_two_independent",
    "two_net_promoters": "nps_difference",
    "chi_squared": "chi2_independence",
    "fisher_exact": "fisher_rxc",
    "fisher_two_by_two": "fisher_conditional_or",
    "proportional_odds": "proportional_odds",
    "mcnemar": "mcnemar",
    "paired_t": "t_paired",
    "signed_rank": "wilcoxon_signed_rank",
    "marginal_homogeneity": "marginal_homogeneity",
    "friedman": "friedman",
    "cochran_q": "cochran_q",
    "kruskal_wallis": "kruskal_wallis",
    "anova": "anova",
    "welch_anova": "anova",
    "dunn": "dunn_posthoc",
    "pairwise_mann_whitney": "pairwise_mann_whitney",
    "games_howell": "games_howell",
    "pairwise_proportions": "pairwise_proportions",
    "cochran_mantel_haenszel": "cochran_mantel_haenszel",
    "cochran_armitage": "cochran_armitage",
    "jonckheere": "jonckheere_terpstra",
    "linear_by_linear": "ordinal_association",
    "trend_slope": "trend_regression",
    "mann_kendall": "trend_regression",
    "two_rates": "poisson_rates",
    "did_means": "did_means",
    "did_proportions": "did_proportions",
    "did_net_promoter": "nps",  # its variances; the contrast is checked below
    "did_panel": "did_panel",
    "rao_scott": "rao_scott",
    "weighted_welch": "svy_two_group",
    "weighted_rank": "svy_kruskal_wallis",
    "weighted_did": "did_weighted",
    # the numbers of these cases, through these tests: tests/analysis/test_designs.py
    "weighted_one_mean": "svy_mean",
    "weighted_one_share": "svy_proportion_ci",
    "weighted_two_shares": "svy_two_group",
    "weighted_anova": "svy_mean",
    "weighted_pairs": "svy_mean",
    "weighted_trend": "svy_two_group",
    "did_clusters": "did_panel",
}


def test_did_of_promoters_is_the_contrast_of_four_reference_scores():
    case = next(c for c in CASES if c["method"] == "nps")
    counts, expected = case["inputs"]["counts_0_10"], case["expected"]
    cell = [sum(counts[:7]), sum(counts[7:9]), sum(counts[9:])]
    even = [1, 1, 1]
    result = TESTS["did_net_promoter"].function([even, even, even, cell])
    assert result.difference.value == pytest.approx(expected["nps"], rel=1e-9)
    se = (result.difference.confint.high - result.difference.confint.low) / 2 / 1.959963984540054
    assert se**2 == pytest.approx(expected["se"] ** 2 + 3 * 1e4 * (2 / 3) / 3, rel=1e-9)


DERIVED = {
    # no case of R covers these; there they are held against the model fitted another way, term by term
    "bounded_mean": "test_bounded.py",
    "one_rate": "test_rates.py",
    "quasi_poisson_rates": "test_rates.py",
    "k_rates": "test_rates.py",
    "quasi_poisson_k_rates": "test_rates.py",
    "negative_binomial_rates": "test_rates.py",
    "parallel_trends": "test_pre_trends.py",
}


@pytest.mark.parametrize("test", TESTS)
def test_every_test_has_a_reference_value(test):
    if test in DERIVED:
        assert f"{test}(" in (HERE.parent / "analysis" / DERIVED[test]).read_text(encoding="utf-8")
    else:
        assert REFERENCED[test] in {c["method"] for c in CASES}


ROWS = Rows({"a": ["1", "2", None, "4"], "g": ["x", "y", "R & D", None], "b": ["1", "3", "3", "4"]})


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("a %in% c(1,4)", [1, 0, 0, 1]),
        ("a %in% 1:2 & g=='x'", [1, 0, 0, 0]),
        ("g %in% c('x','R & D')", [1, 0, 1, 0]),
        ("!(b==3)", [1, 0, 0, 1]),
        ("~(b == 3) | a in [2]", [1, 1, 0, 1]),
        ("a==b", [1, 0, 0, 1]),
        ("g!='x'", [0, 1, 1, 0]),
        ("is.na(a)", [0, 0, 1, 0]),
        ("ifelse(a>=2 | g=='x',1.4,0.8)*ifelse(b==3,2,1)", [1.4, 2.8, 1.6, 1.4]),
        ("c(.8,.9,1.1,1.3)[b]", [0.8, 1.1, 1.1, 1.3]),
        ("as.numeric(b>=3)+2^2", [4, 5, 5, 5]),
    ],
)
def test_expressions_mean_what_they_mean_in_r(expression, rows):
    assert ROWS.evaluate(expression).astype(float).tolist() == pytest.approx(rows)


STAGES = {
    "dnum": ["1", "1", "1", "2", "2", "3", "3", "3"],
    "snum": ["1", "2", "3", "4", "5", "6", "7", "8"],
    "pw": ["2", "2", "2", "3", "3", "1", "1", "1"],
    "fpc1": ["9"] * 8,
    "fpc2": ["6", "6", "6", "4", "4", "8", "8", "8"],
    "y": ["3", "5", "4", "9", "7", "1", "2", "2"],
}


@pytest.mark.parametrize(
    "words",
    [
        "two-stage cluster: PSU dnum, SSU snum, weight pw, FPC = fpc1 (9 districts), fpc2 (schools in district)",
        "two-stage cluster: ids ~dnum+snum, weights ~pw, population sizes fpc1+fpc2",
        "svydesign(ids=~dnum+snum,weights=~pw,fpc=~fpc1+fpc2)",
    ],
)
def test_two_stages_are_read_and_computed(words, tmp_path):
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "two.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(STAGES), *zip(*STAGES.values(), strict=True)])
    d, w, y, size = (np.array(STAGES[k], float) for k in ("dnum", "pw", "y", "fpc2"))
    z = w * (y - np.average(y, weights=w)) / w.sum()
    totals = np.array([z[d == i].sum() for i in (1, 2, 3)])
    variance = (1 - 3 / 9) * 3 * totals.var(ddof=1)
    for i in (1, 2, 3):
        m = (d == i).sum()
        variance += 3 / 9 * (1 - m / size[d == i][0]) * m * z[d == i].var(ddof=1)
    inputs = {"design_description": words, "y": "y", "source": {"csv": "two.csv", "filter": {}}}
    expected = {"mean": float(np.average(y, weights=w)), "se": math.sqrt(variance), "degf": 2}
    case = {"id": "two", "method": "svy_mean", "inputs": inputs, "expected": expected}
    cases = json.dumps([case | {"tolerance": {"rel": 1e-10, "abs": 0}}])
    (tmp_path / "cases.json").write_text(cases, encoding="utf-8")
    assert runner.run(tmp_path) == 0


def test_without_weights_the_fractions_are_the_weights(tmp_path):
    rows = Rows(STAGES)
    design = parsed_design(Case({"design_description": "ids ~dnum+snum, fpc ~fpc1+fpc2"}, tmp_path), rows)
    assert design.weights.tolist() == pytest.approx([6.0] * 5 + [8.0] * 3)


def test_a_key_word_is_not_taken_for_the_column_of_another(tmp_path):
    rows = Rows({"ESA": ["1", "1", "2", "2"], "car": ["1", "2", "3", "4"], "calls": ["5", "2", "1", "1"]})
    words = "stratified clusters: strata ESA, PSU car nested, weight calls, no FPC"
    design = parsed_design(Case({"design_description": words}, tmp_path), rows)
    assert (design.weights.tolist(), design.df) == ([5, 2, 1, 1], 2.0)


def test_text_is_sorted_as_r_sorts_it():
    column = ["no 2", "No-1", "North", "east", "b", "B", "a_b", "ab", None, "1"]
    assert sorted_levels(column) == ["1", "a_b", "ab", "b", "B", "east", "no 2", "No-1", "North"]
    assert sorted_levels(["10", "9", "9.5"]) == ["9", "9.5", "10"]


def test_words_are_not_taken_for_columns(tmp_path):
    rows = Rows({"psu": ["1", "1", "2", "2"], "stratum": ["1", "1", "1", "1"], "weight": ["1", "2", "3", "4"]})
    words = "stratified PSUs with replacement: strata stratum, PSU psu nested, weight weight, no FPC"
    design = parsed_design(Case({"design_description": words}, tmp_path), rows)
    assert (design.weights.tolist(), design.df, design.fraction.tolist()) == ([1, 2, 3, 4], 1.0, [0.0])
