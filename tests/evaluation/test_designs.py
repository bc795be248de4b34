"""Waves, pairs, pilots, weights and clusters through `compare`: the design found, the test chosen, the numbers."""

import math

import numpy as np
import pytest

from survey.errors import Refused
from survey.evaluation.comparison import compare
from survey.evaluation.questions import Question
from survey.evaluation.weights import read_margins
from tests.evaluation.samples import expand, round_of

SLUG = "gov-sat"
LINEAR = {1: 0.0, 2: 25.0, 3: 50.0, 4: 75.0, 5: 100.0}


def ratings(counts, **others):
    return expand(counts, lambda code: {"Q3": code, **others})


def again(yes, no, **others):
    return expand({1: yes, 0: no}, lambda answer: {"Q7b": answer, **others})


def codes(found):
    return {caution.code for caution in found.cautions}


def two_waves(first, second, people=None, others=None):
    return [
        round_of(SLUG, first, wave="w1", opens="2025-01-01", respondents=people),
        round_of(SLUG, second, wave="w2", opens="2026-01-01", respondents=others or people),
    ]


WAVES = {"a": "wave:w1", "b": "wave:w2"}


# the same people twice


def linked(pairs):
    """Answers of the same people in two waves, from {(first, second): how many}."""
    both = expand(pairs, lambda pair: pair)
    first = [{"Q7b": a} for a, _ in both]
    second = [{"Q7b": b} for _, b in both]
    return two_waves(first, second, list(range(1, len(both) + 1)))


def test_linked_waves_are_compared_person_by_person():
    found = compare(SLUG, Question(measure="Q7b", **WAVES), linked({(1, 1): 40, (1, 0): 15, (0, 1): 48, (0, 0): 20}))
    assert (found.design, found.test, found.n) == ("two-paired", "mcnemar", (123,))
    assert found.pvalue == pytest.approx(3.2e-05, rel=0.02)  # chi-squared (48 - 15)^2 / 63, no correction
    assert found.tests[0].details["pvalue_exact"] == pytest.approx(3.76e-05, rel=0.002)
    assert found.difference.value == pytest.approx(100.0 * (15 - 48) / 123)
    assert "answered both times" in found.sentence["en"]


def test_ratings_of_the_same_people_are_ranked_by_their_change():
    pairs = {(3, 4): 20, (4, 4): 15, (4, 3): 5, (2, 5): 6, (5, 5): 10}
    both = expand(pairs, lambda pair: pair)
    people = list(range(1, len(both) + 1))
    rounds = two_waves([{"Q3": a} for a, _ in both], [{"Q3": b} for _, b in both], people)
    found = compare(SLUG, Question(measure="Q3", **WAVES), rounds)
    assert [test.test for test in found.tests] == ["signed_rank", "paired_t", "marginal_homogeneity"]
    changes = np.array([LINEAR[a] - LINEAR[b] for a, b in both])
    assert found.difference.value == pytest.approx(changes.mean())
    assert found.tests[1].statistic == pytest.approx(changes.mean() / (changes.std(ddof=1) / math.sqrt(changes.size)))
    assert "many-zeros" in codes(found)


def test_people_of_one_wave_alone_are_left_out_of_pairs_and_counted():
    first, second = [{"Q3": 4}] * 30, [{"Q3": 5}] * 20 + [{"Q3": 3}] * 10
    found = compare(
        SLUG, Question(measure="Q3", **WAVES), two_waves(first, second, list(range(1, 31)), list(range(6, 36)))
    )
    assert found.design == "two-paired"
    assert found.n == (25,)
    assert next(one.detail["n"] for one in found.cautions if one.code == "unpaired") == 10
    said = found.sentence["en"]
    assert f"They differ by {abs(found.difference.value):.1f} points" in said
    assert "all who answered, both times or once: w1 75.0, w2 83.3" in said


def test_a_few_people_in_both_waves_leave_the_waves_independent_and_that_is_said():
    first, second = ratings({4: 20, 5: 20}), ratings({3: 20, 5: 20})
    people, others = list(range(1, 41)), list(range(36, 76))
    rounds = two_waves(first, second, people, others)
    found = compare(SLUG, Question(measure="Q3", **WAVES), rounds)
    assert (found.design, "some-answered-both" in codes(found)) == ("two-independent", True)


def test_pairing_can_be_asked_for_and_refused():
    rounds = two_waves(ratings({4: 30}), ratings({3: 30}))
    with pytest.raises(Refused, match="Nobody can be paired"):
        compare(SLUG, Question(measure="Q3", paired=True, **WAVES), rounds)


def test_somebody_who_answered_a_wave_twice_is_in_no_pair():
    first, second = ratings({4: 15, 5: 15}), ratings({3: 15, 5: 15})
    found = compare(
        SLUG, Question(measure="Q3", **WAVES), two_waves(first, second, [1, 1, *range(3, 31)], list(range(1, 31)))
    )
    assert found.n == (28,)
    assert "answered-more-than-once" in codes(found)


# several groups, and waves in order


def yearly(*tables):
    return [
        round_of(SLUG, ratings(table), wave=f"y{year}", opens=f"{2020 + year}-01-01")
        for year, table in enumerate(tables)
    ]


def test_four_waves_have_a_slope_a_year():
    rounds = yearly({2: 30, 4: 20}, {2: 25, 4: 25}, {2: 20, 4: 30}, {2: 15, 4: 35})
    found = compare(SLUG, Question(measure="Q3", by="wave"), rounds)
    assert (found.design, found.test) == ("waves", "trend_slope")
    assert found.difference.value == pytest.approx(5.0, rel=0.002)  # leap years make years a little unequal
    assert found.difference.unit == "points a year"
    assert "rises by 5.0 points a year" in found.sentence["en"]
    assert [group.group for group in found.groups] == ["wave:y0", "wave:y1", "wave:y2", "wave:y3"]


def test_three_waves_are_groups_not_a_trend():
    found = compare(SLUG, Question(measure="Q3", by="wave"), yearly({2: 30, 4: 20}, {2: 25, 4: 25}, {2: 20, 4: 30}))
    assert (found.design, found.test) == ("k-independent", "kruskal_wallis")
    assert "few-waves" in codes(found)


def test_a_share_over_waves_rises_by_cochran_and_armitage():
    rounds = yearly({2: 30, 4: 20}, {2: 25, 4: 25}, {2: 20, 4: 30}, {2: 15, 4: 35})
    found = compare(SLUG, Question(measure="Q3:sat2", by="wave"), rounds)
    assert found.test == "cochran_armitage"
    assert found.difference.value == pytest.approx(10.0, rel=0.002)


def test_groups_are_compared_pair_by_pair_with_adjusted_p_and_a_verdict_each():
    answers = [
        *ratings({3: 40, 4: 20}, D3=1),
        *ratings({4: 40, 5: 20}, D3=2),
        *ratings({4: 20, 5: 40}, D3=3),
    ]
    found = compare(SLUG, Question(measure="Q3", by="D3"), [round_of(SLUG, answers)])
    assert found.test == "kruskal_wallis"
    assert [(pair.a, pair.b) for pair in found.pairs] == [("D3:1", "D3:2"), ("D3:1", "D3:3"), ("D3:2", "D3:3")]
    assert {pair.test for pair in found.pairs} == {"dunn"}
    first = found.pairs[0]
    assert first.difference.value == pytest.approx(-25.0)
    assert first.difference.confint.low < -25.0 < first.difference.confint.high
    assert first.effect_size.value < 0
    assert first.pvalue <= first.pvalue_adjusted
    assert first.verdict == found.verdict == "different"


# pilot and control


def piloted(cells, make):
    """Two waves of pilot (D3 2) and control (D3 1), from control before, after, pilot before, after."""
    first = make(*cells[0], D3=1) + make(*cells[2], D3=2)
    second = make(*cells[1], D3=1) + make(*cells[3], D3=2)
    return two_waves(first, second)


PILOT = {"pilot": "D3:2", "control": "D3:1", "before": "w1", "after": "w2"}


def test_pilot_and_control_are_compared_by_their_changes():
    rounds = piloted([(72, 67), (115, 118), (891, 408), (1042, 588)], again)
    found = compare(SLUG, Question(measure="Q7b", **PILOT), rounds)
    assert (found.design, found.test) == ("did", "did_proportions")
    assert found.difference.value == pytest.approx(-2.22251, abs=1e-5)  # R: lm on 0/1, tests/reference
    assert found.pvalue == pytest.approx(0.693324, abs=1e-6)
    assert [group.group for group in found.groups] == [
        "D3:1;wave:w1", "D3:1;wave:w2", "D3:2;wave:w1", "D3:2;wave:w2",
    ]  # fmt: skip
    assert found.verdict == "inconclusive"


def test_a_pilot_of_the_same_people_is_compared_by_their_own_changes():
    random = np.random.default_rng(3)
    before = random.integers(1, 4, 60)
    after = before + random.integers(0, 2, 60) + np.repeat([0, 1], 30)
    side = np.repeat([1, 2], 30)
    rounds = two_waves(
        [{"Q3": int(a), "D3": int(s)} for a, s in zip(before, side, strict=True)],
        [{"Q3": int(b), "D3": int(s)} for b, s in zip(after, side, strict=True)],
        list(range(1, 61)),
    )
    found = compare(SLUG, Question(measure="Q3", **PILOT), rounds)
    changes = (after - before) * 25.0
    assert (found.design, found.test) == ("did-panel", "did_panel")
    assert found.difference.value == pytest.approx(changes[30:].mean() - changes[:30].mean())
    assert found.verdict == "different"
    assert "the pilot changed by" in found.sentence["en"]


def test_a_small_cell_of_a_pilot_shows_nothing():
    rounds = piloted([(20, 20), (20, 20), (5, 4), (20, 20)], again)
    found = compare(SLUG, Question(measure="Q7b", **PILOT), rounds)
    assert (found.pvalue, found.groups) == (None, ())
    assert "fewer than 10" in found.reason


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Say what to compare"),
        ({"a": "D3:1"}, "Say what to compare"),
        ({"by": "D3", "a": "D3:1", "b": "D3:2"}, "two comparisons at once"),
        ({"pilot": "D3:1", "control": "D3:2"}, "all four"),
        ({"by": "D3", "sesoi": -1.0}, "sesoi"),
        ({"by": "D3", "test": "signed_rank"}, "does not fit"),
        ({"a": "D3:1", "target": 120.0, "measure": "Q3:sat2"}, "between 0 and 100"),
        ({**PILOT, "after": "w1"}, "two waves"),
        ({**PILOT, "control": "D3:2"}, "in common"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(asked, message):
    rounds = piloted([(20, 20)] * 4, lambda yes, no, **others: ratings({4: yes, 5: no}, **others))
    with pytest.raises(Refused, match=message):
        compare(SLUG, Question(**{"measure": "Q3", **asked}), rounds if "pilot" in asked else rounds[:1])


# one group and a target


def test_one_group_is_held_against_a_target():
    found = compare(
        SLUG, Question(measure="Q3:sat2", target=90.0), [round_of(SLUG, ratings({5: 120, 4: 50, 3: 18, 2: 8, 1: 4}))]
    )
    assert (found.design, found.test) == ("one-sample", "one_proportion")
    assert found.difference.value == pytest.approx(-5.0)
    assert found.statistic == pytest.approx((0.85 - 0.9) / math.sqrt(0.9 * 0.1 / 200))
    assert found.difference.confint.low == pytest.approx(79.39 - 90.0, abs=0.01)  # Wilson's limits, domain vector
    assert "target of 90%" in found.sentence["en"]


@pytest.mark.parametrize("counts", [{3: 1, 4: 2, 5: 97}, {5: 40}, {4: 1, 5: 11}])
def test_a_group_that_gave_nearly_one_answer_is_held_against_a_target_by_gaffke(counts):
    found = compare(SLUG, Question(measure="Q3", target=80.0), [round_of(SLUG, ratings(counts))])
    assert found.test == "bounded_mean"
    assert found.difference.confint.method == found.groups[0].index.confint.method == "gaffke"
    low, high = found.difference.confint.low + 80.0, found.difference.confint.high + 80.0
    assert low == pytest.approx(found.groups[0].index.confint.low)
    assert (found.pvalue < 0.05) == (not low < 80.0 < high)
    assert "lowest and a highest" in found.why["en"]


def test_any_other_group_is_held_against_a_target_by_student():
    rounds = [round_of(SLUG, ratings({5: 120, 4: 50, 3: 18, 2: 8, 1: 4}))]
    assert compare(SLUG, Question(measure="Q3", target=80.0), rounds).test == "one_mean"


# verdicts


def test_a_difference_too_small_to_matter_is_equivalent_however_small_its_p():
    many = two_waves(ratings({4: 5000, 5: 5000}), ratings({4: 5150, 5: 4850}))
    found = compare(SLUG, Question(measure="Q3", **WAVES), many)
    assert found.pvalue < 0.05
    assert found.verdict == "equivalent"
    assert compare(SLUG, Question(measure="Q3", sesoi=0.3, **WAVES), many).verdict == "different"


def test_tests_that_disagree_are_named():
    rounds = two_waves(ratings({1: 15, 5: 105}), ratings({4: 25, 5: 95}))
    found = compare(SLUG, Question(measure="Q3", test="mann_whitney", **WAVES), rounds)
    assert found.tests[0].pvalue > 0.05 > found.tests[1].pvalue
    assert "tests-disagree" in codes(found)


def test_groups_that_spread_differently_are_compared_by_brunner_and_munzel():
    rounds = two_waves(ratings({1: 40, 3: 20, 5: 40}), ratings({2: 5, 3: 60, 4: 5}))
    found = compare(SLUG, Question(measure="Q3", **WAVES), rounds)
    assert found.test == "brunner_munzel"
    assert [test.test for test in found.tests][1:] == ["mann_whitney", "welch", "chi_squared"]


def test_a_small_group_that_spreads_widely_is_not_compared_by_the_ranks_of_equal_spreads():
    rounds = two_waves(ratings({1: 6, 3: 2, 5: 6}), ratings({2: 20, 3: 140, 4: 20}))
    assert compare(SLUG, Question(measure="Q3", **WAVES), rounds).test == "brunner_munzel"


def test_several_groups_that_spread_differently_are_compared_by_their_means():
    wide, narrow = {1: 10, 3: 5, 5: 10}, {2: 20, 3: 140, 4: 20}
    answers = [
        {**one, "Q1": place} for place, counts in ((1, wide), (2, narrow), (3, narrow)) for one in ratings(counts)
    ]
    found = compare(SLUG, Question(measure="Q3", by="Q1"), [round_of(SLUG, answers)])
    assert found.test == "welch_anova"
    assert {pair.test for pair in found.pairs} == {"games_howell"}


def test_groups_in_an_order_that_spread_differently_are_compared_by_a_robust_slope():
    wide, narrow = {1: 10, 3: 5, 5: 10}, {2: 20, 3: 140, 4: 20}
    answers = [
        {**one, "Q4": place} for place, counts in ((1, wide), (3, narrow), (5, narrow)) for one in ratings(counts)
    ]
    found = compare(SLUG, Question(measure="Q3", by="Q4"), [round_of(SLUG, answers)])
    assert found.test == "trend_slope"


def test_a_test_can_be_reached_by_name():
    rounds = two_waves(ratings({3: 30, 4: 30}), ratings({4: 30, 5: 30}))
    found = compare(SLUG, Question(measure="Q3", test="proportional_odds", **WAVES), rounds)
    assert found.test == "proportional_odds"
    assert found.why["en"].startswith("This test was asked for")


# weights and clusters

BY_PLACE = "item,code,population\nD3,1,7000\nD3,2,3000\n"


def weighted_mean_and_error(groups, shares):
    """A post-stratified mean and the error of a stratified one."""
    mean = sum(share * group.mean() for share, group in zip(shares, groups, strict=True))
    squares = sum(share**2 * group.var(ddof=1) / group.size for share, group in zip(shares, groups, strict=True))
    return mean, math.sqrt(squares)


def test_weights_make_the_mean_that_of_the_population_and_its_error_that_of_the_strata():
    answers = ratings({3: 20, 4: 10}, D3=1) + ratings({4: 40, 5: 30}, D3=2)
    question = Question(measure="Q3", target=80.0)
    found = compare(SLUG, question, [round_of(SLUG, answers)], read_margins(BY_PLACE))
    town = np.repeat([50.0, 75.0], [20, 10])
    country = np.repeat([75.0, 100.0], [40, 30])
    mean, error = weighted_mean_and_error([town, country], [0.7, 0.3])
    assert found.test == "weighted_one_mean"
    assert found.groups[0].index.value == pytest.approx(mean)
    assert found.groups[0].index.se == pytest.approx(error, rel=0.02)
    assert found.groups[0].unweighted.value == pytest.approx(np.concatenate([town, country]).mean())
    assert found.statistic == pytest.approx((mean - 80.0) / error, rel=0.02)
    (about,) = found.weighting
    assert (about.method, about.items, about.left_out, about.n) == ("post-stratification", ("D3",), 0, 100)
    weights = np.repeat([70 / 30, 30 / 70], [30, 70])
    assert about.effective_n == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_two_waves_are_weighted_each_by_itself():
    first = ratings({3: 20, 4: 10}, D3=1) + ratings({4: 40, 5: 30}, D3=2)
    second = ratings({4: 30, 5: 30}, D3=1) + ratings({3: 25, 4: 15}, D3=2)
    found = compare(SLUG, Question(measure="Q3", **WAVES), two_waves(first, second), read_margins(BY_PLACE))
    sides = [
        weighted_mean_and_error([np.repeat([50.0, 75.0], [20, 10]), np.repeat([75.0, 100.0], [40, 30])], [0.7, 0.3]),
        weighted_mean_and_error([np.repeat([75.0, 100.0], [30, 30]), np.repeat([50.0, 75.0], [25, 15])], [0.7, 0.3]),
    ]
    assert found.test == "weighted_rank"
    assert found.difference.value == pytest.approx(sides[0][0] - sides[1][0])
    welch = found.tests[1]
    assert abs(found.difference.value / welch.statistic) == pytest.approx(
        math.hypot(sides[0][1], sides[1][1]), rel=0.025
    )
    assert found.difference.value < 0
    assert [about.effective_n for about in found.weighting] == [
        pytest.approx(100**2 / (30 * (7 / 3) ** 2 + 70 * (3 / 7) ** 2)),
        pytest.approx(100**2 / (60 * (7 / 6) ** 2 + 40 * (3 / 4) ** 2)),
    ]


def test_raking_meets_every_margin():
    answers = [
        *ratings({3: 12}, D3=1, D2=1), *ratings({4: 18}, D3=1, D2=2),
        *ratings({4: 30}, D3=2, D2=1), *ratings({5: 40}, D3=2, D2=2),
    ]  # fmt: skip
    margins = read_margins("item,code,population\nD3,1,60\nD3,2,40\nD2,1,50\nD2,2,50\n")
    found = compare(SLUG, Question(measure="Q3", target=80.0), [round_of(SLUG, answers)], margins)
    assert found.weighting[0].method == "raking"
    w = np.array([[12.0, 18.0], [30.0, 40.0]])
    for _ in range(200):
        w *= (np.array([60.0, 40.0]) / w.sum(axis=1))[:, None]
        w *= (np.array([50.0, 50.0]) / w.sum(axis=0))[None, :]
    worth = np.array([[50.0, 75.0], [75.0, 100.0]])
    assert found.groups[0].index.value == pytest.approx(float((w * worth).sum() / w.sum()))


def test_nobody_counts_for_more_than_five():
    answers = ratings({3: 10}, D3=1) + ratings({4: 490}, D3=2)
    found = compare(SLUG, Question(measure="Q3", target=80.0), [round_of(SLUG, answers)], read_margins(BY_PLACE))
    assert found.weighting[0].capped == 10
    assert found.groups[0].index.value == pytest.approx((50 * 50.0 + 450 * 75.0) / 500)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "item,code,population"),
        ("item,code\nD3,1\n", "first line"),
        ("item,code,population\nD3,1\n", "Line 2"),
        ("item,code,population\nD3,1,many\n", "no number of people"),
        ("item,code,population\nD3,1,-4\n", "no number of people"),
        ("item,code,population\nD3,1,5\nD3,1,5\n", "a second time"),
        ("item,code,population\n", "no figures"),
        ("item,code,population\nD3,1,0\n", "add up to nothing"),
        ("item,code,population\nD3,1,70\nD3,2,30\nD2,1,500\nD2,2,500\n", "different populations"),
        ("item,code,population\nD3,1,100\n", "30 respondents are D3 2"),
        ("item,code,population\nD3,1,50\nD3,2,30\nD3,3,20\n", "D3 3, but no respondent"),
        ("item,code,population\nD3,9,100\n", "D3 has no code '9'"),
        ("item,code,population\nQQ,1,100\n", "There is no item 'QQ'"),
        ("item,code,population\nQ12,1,100\n", "multiple choice"),
    ],
)
def test_margins_that_do_not_fit_are_refused_by_line_or_option(text, message):
    answers = ratings({3: 40}, D3=1, D2=1) + ratings({4: 30}, D3=2, D2=2)
    with pytest.raises(Refused, match=message):
        compare(SLUG, Question(measure="Q3", target=80.0), [round_of(SLUG, answers)], read_margins(text))


def test_respondents_without_an_answer_to_the_margin_are_left_out_and_counted():
    answers = ratings({3: 20, 4: 10}, D3=1) + ratings({4: 40, 5: 30}, D3=2) + ratings({1: 7})
    found = compare(SLUG, Question(measure="Q3", target=80.0), [round_of(SLUG, answers)], read_margins(BY_PLACE))
    assert found.weighting[0].left_out == 7
    assert next(one.detail["n"] for one in found.cautions if one.code == "weight-or-cluster-unknown") == 7


def halls(means, size=20, seed=1, **others):
    """Answers of halls (D2), each around its own level."""
    random = np.random.default_rng(seed)
    answers = []
    for hall, mean in enumerate(means, start=1):
        levels = np.clip(np.round(random.normal(mean, 0.7, size)), 1, 5).astype(int)
        answers += [{"Q3": int(level), "D2": hall, **others} for level in levels]
    return answers


def test_clusters_widen_the_interval_to_that_of_their_means():
    answers = halls([2.0, 3.0, 4.0, 4.6, 3.3, 2.4])
    naive = compare(SLUG, Question(measure="Q3", target=60.0), [round_of(SLUG, answers)])
    found = compare(SLUG, Question(measure="Q3", target=60.0, cluster="D2"), [round_of(SLUG, answers)])
    by_hall = np.array([[LINEAR[a["Q3"]] for a in answers if a["D2"] == hall] for hall in range(1, 7)]).mean(axis=1)
    assert found.test == "weighted_one_mean"
    assert found.groups[0].index.se == pytest.approx(by_hall.std(ddof=1) / math.sqrt(6))  # halls of one size
    assert found.groups[0].index.se > 2.5 * naive.groups[0].index.se
    assert found.df == pytest.approx(5.0)
    assert found.effective_n < 0.2 * 120
    assert "few-clusters" in codes(found)


def test_few_clusters_that_happen_to_agree_do_not_make_more_answers_than_there_are():
    first, second = halls([3.0, 3.0, 3.0], D1=2), halls([3.0, 3.0, 3.0], seed=5, D1=4)
    found = compare(SLUG, Question(measure="Q3", a="D1:2", b="D1:4", cluster="D2"), [round_of(SLUG, first + second)])
    assert "few-clusters" in codes(found)
    assert found.tests[0].effective_n > len(first + second) == found.effective_n


def test_halls_that_are_pilots_as_a_whole_are_what_is_compared():
    control, pilot = [2.6, 3.0, 3.4, 3.1], [2.9, 3.2, 2.7, 3.3]
    first = halls(control, seed=1, D3=1) + [{**a, "D2": a["D2"] + 4} for a in halls(pilot, seed=2, D3=2)]
    second = halls([m + 0.2 for m in control], seed=3, D3=1)
    second += [{**a, "D2": a["D2"] + 4} for a in halls([m + 1.2 for m in pilot], seed=4, D3=2)]
    found = compare(SLUG, Question(measure="Q3", cluster="D2", **PILOT), two_waves(first, second))
    assert (found.design, found.test) == ("did-clusters", "did_clusters")
    cells = [
        np.mean([LINEAR[a["Q3"]] for a in answers if a["D3"] == place])
        for place in (1, 2)
        for answers in (first, second)
    ]
    assert found.difference.value == pytest.approx(cells[3] - cells[2] - (cells[1] - cells[0]))
    assert "permutation" in found.tests[0].rule["pvalue"]
    assert found.pvalue == pytest.approx(2 / 70, abs=1e-9)  # the most extreme of choose(8, 4), and its mirror image
