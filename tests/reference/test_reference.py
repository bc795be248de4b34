"""Every reference case agrees with R, from its table and from its rows; the runner says so."""

from pathlib import Path

import pytest

from survey.analysis.significance import TESTS
from tests.reference import runner
from tests.reference.registry import METHODS
from tests.reference.runner import load, verdicts

HERE = Path(__file__).parent
CASES = load(HERE)
NEEDS_ROWS = [c for c in CASES if "table" in c["inputs"] and c["inputs"].get("source", {}).get("row")]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_agrees_with_r(case):
    assert [found for _, found in verdicts(case, HERE) if found] == []


@pytest.mark.parametrize("case", NEEDS_ROWS, ids=lambda c: c["id"])
def test_table_and_rows_give_the_same(case):
    assert [way for way, _ in verdicts(case, HERE)] == ["table", "rows"]


def test_every_method_is_answered():
    assert {c["method"] for c in CASES} <= METHODS.keys() | {"sdc_suppression"}


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


@pytest.mark.parametrize("test", TESTS)
def test_every_test_has_a_reference_value(test):
    assert REFERENCED[test] in {c["method"] for c in CASES}
