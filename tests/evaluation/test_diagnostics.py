"""How good scales and items are, whether items are fair, what drives the whole: against numpy on single rows."""

import itertools
import re

import msgspec
import numpy as np
import pytest

from survey.analysis.checks import BadData
from survey.evaluation.coding import CodeBook
from survey.evaluation.diagnostics import scale_diagnostics, use_of
from survey.evaluation.dif import dif
from survey.evaluation.distractors import distractors
from survey.evaluation.drivers import drivers
from survey.evaluation.reliability import reliability
from survey.evaluation.sample import BLOCK, Sample
from survey.forms.items import Missing
from survey.forms.scales import CompositeScale, MeanScale, PointsScale
from survey.web.i18n import LOCALES
from survey.web.rendering import environment
from tests.evaluation.samples import expand, instrument, sample_of

KEYS = {"K1": "C", "K2": "D", "K3": "C", "K4": "B", "K5": "B", "K6": "C", "K7": "B", "K8": "C", "K10": "B"}
WRONG = ("A", "B", "C", "D", "E")
GOVERNANCE = ("K4", "K5", "K7", "K10")
ASPECTS = ("Q4", "Q5", "Q6", "Q9", "Q11")


def points(*items):
    return PointsScale(id="test", title={"en": "Test"}, items=items)


def ratings(*items):
    return MeanScale(id="ability", title={"en": "Ability"}, items=items)


def marked(items, row):
    """Answers that win the points that the row says; a wrong answer is the first wrong option."""
    return {item: KEYS[item] if won else next(w for w in WRONG if w != KEYS[item]) for item, won in zip(items, row)}  # noqa: B905


def people(n, items, *, seed, ease=0.0):
    """0/1 rows of persons who differ in ability."""
    random = np.random.default_rng(seed)
    ability = random.normal(size=(n, 1))
    return (ability + random.normal(size=(n, len(items))) + ease > 0).astype(int)


def stated(rows, names):
    """Ratings of 1 to 5, one mapping a person."""
    return [dict(zip(names, map(int, row), strict=True)) for row in rows]


def satisfied(n, *, seed, names=("Q3", *ASPECTS), noise=1.0):
    random = np.random.default_rng(seed)
    warmth = random.normal(size=(n, 1))
    return np.clip(np.rint(3.0 + warmth + noise * random.normal(size=(n, len(names)))), 1, 5)


# Reliability and what it allows


def test_alpha_of_the_published_example_twice_over_and_with_omega_beside_it():
    rows = [(5, 4, 5, 4), (4, 4, 4, 3), (3, 3, 2, 3), (5, 5, 4, 5), (2, 2, 3, 2), (4, 3, 4, 4)] * 2
    found = scale_diagnostics(
        ratings("A1", "A2", "A3", "A4"), sample_of("staff-digital", stated(rows, ("A1", "A2", "A3", "A4")))
    )
    assert found.n == 12
    assert found.reliability.value == pytest.approx(0.92421, abs=5e-6)
    assert found.use == "groups-well"  # the interval reaches below .90


def test_omega_of_equally_good_items_is_spearman_browns_reliability():
    rows = list(itertools.product((0, 1), repeat=4))
    counts = {row: 90 if len(set(row)) == 1 else 10 for row in rows}
    answers = expand(counts, lambda row: marked(GOVERNANCE, row))
    expanded = np.array(expand(counts, list), dtype=float)
    r = np.corrcoef(expanded.T)[0, 1]
    found = reliability(points(*GOVERNANCE), sample_of("staff-digital", answers))
    assert found.omega == pytest.approx(4 * r / (1 + 3 * r), abs=1e-6)
    assert found.value == pytest.approx(found.omega, abs=1e-6)


def test_kr20_is_alpha_of_right_or_wrong_items_and_is_absent_where_an_item_can_be_half_right():
    rows = people(300, GOVERNANCE, seed=1)
    sample = sample_of("staff-digital", [{**marked(GOVERNANCE, row), "K9": ("A",)} for row in rows])
    found = scale_diagnostics(points(*GOVERNANCE), sample)
    p, spread = rows.mean(axis=0), rows.sum(axis=1).var()
    assert found.kr20 == pytest.approx(4 / 3 * (1 - (p * (1 - p)).sum() / spread))
    assert found.kr20 == pytest.approx(found.reliability.value)
    half = scale_diagnostics(points(*GOVERNANCE, "K9"), sample)
    assert (half.kr20, half.kr20_reason) == (None, "not every item is either right or wrong")


@pytest.mark.parametrize(
    ("alpha", "low", "use"),
    [
        (0.699, 0.65, "none"),
        (0.70, 0.65, "groups"),
        (0.80, 0.75, "groups-well"),
        (0.95, 0.89, "groups-well"),
        (0.92, 0.90, "individuals"),
    ],
)
def test_persons_are_judged_only_where_the_whole_interval_reaches_90(alpha, low, use):
    assert use_of(alpha, low) == use


# Items


def test_items_agree_with_numpy_on_single_rows():
    items = tuple(KEYS)
    rows = people(400, items, seed=2, ease=0.3)
    found = scale_diagnostics(points(*items), sample_of("staff-digital", [marked(items, row) for row in rows]))
    assert found.n == 400
    for place, item in enumerate(found.items):
        others = np.delete(rows, place, axis=1)
        covariance = np.cov(others.T)
        assert item.difficulty == pytest.approx(rows[:, place].mean())
        assert item.discrimination == pytest.approx(np.corrcoef(rows[:, place], others.sum(axis=1))[0, 1])
        assert item.if_dropped == pytest.approx(8 / 7 * (1 - np.trace(covariance) / covariance.sum()))


def test_items_that_are_too_easy_too_hard_or_measure_something_else_are_flagged():
    items = ("K1", "K2", "K3", "K4", "K5", "K6")
    rows = people(500, items, seed=3)
    random = np.random.default_rng(4)
    rows[:, 0] = random.random(500) < 0.97
    rows[:, 1] = random.random(500) < 0.05
    rows[:, 2] = 1 - rows[:, 3]
    found = scale_diagnostics(points(*items), sample_of("staff-digital", [marked(items, row) for row in rows]))
    flags = {item.item: item.flags for item in found.items}
    assert flags["K1"] == ("too-easy", "low-discrimination")
    assert "too-hard" in flags["K2"]
    assert flags["K3"] == ("negative-discrimination",)
    assert flags["K5"] == flags["K6"] == ()


def test_a_rating_has_a_mean_in_points_and_no_difficulty():
    rows = satisfied(100, seed=5, names=("A1", "A2", "A3"))
    found = scale_diagnostics(ratings("A1", "A2", "A3"), sample_of("staff-digital", stated(rows, ("A1", "A2", "A3"))))
    assert [item.mean for item in found.items] == pytest.approx((rows.mean(axis=0) - 1) * 25)
    assert {item.difficulty for item in found.items} == {None}
    assert {item.distractors for item in found.items} == {()}


def test_the_base_of_an_item_is_everybody_who_was_given_it_and_that_of_alpha_who_was_given_all():
    rows = people(60, GOVERNANCE, seed=6)
    answers = [marked(GOVERNANCE, row) for row in rows]
    for each in answers[:20]:
        del each["K7"]
    answers[20]["K4"] = Missing.SKIPPED
    found = scale_diagnostics(points(*GOVERNANCE), sample_of("staff-digital", answers))
    rows[20, 0] = 0
    assert found.n == 40
    assert {item.item: item.n for item in found.items} == {"K4": 60, "K5": 60, "K7": 40, "K10": 60}
    assert found.items[0].difficulty == pytest.approx(rows[:, 0].mean())
    assert found.items[2].difficulty == pytest.approx(rows[20:, 2].mean())
    assert found.items[0].discrimination == pytest.approx(np.corrcoef(rows[20:, 0], rows[20:, 1:].sum(axis=1))[0, 1])


def test_a_thousand_copies_of_everybody_say_the_same_and_are_counted_in_several_blocks():
    items = tuple(KEYS)
    sample = sample_of("staff-digital", [marked(items, row) for row in people(150, items, seed=7)])
    many = Sample(sample.book, np.tile(sample.codes, (1000, 1)))
    scale, half = points(*items), np.arange(150) < 75
    one, all_of_them = scale_diagnostics(scale, sample), scale_diagnostics(scale, many)
    assert len(many) > 2 * BLOCK
    assert all_of_them.n == 150_000
    assert all_of_them.reliability.value == pytest.approx(one.reliability.value)
    for left, right in zip(all_of_them.items, one.items, strict=True):
        assert left.discrimination == pytest.approx(right.discrimination)
        assert left.if_dropped == pytest.approx(right.if_dropped)
        assert [option.n for option in left.distractors] == [1000 * option.n for option in right.distractors]
        assert [o.rest_mean for o in left.distractors if o.key] == pytest.approx(
            [o.rest_mean for o in right.distractors if o.key]
        )
    for left, right in zip(
        dif(scale, many, np.tile(half, 1000), ~np.tile(half, 1000)), dif(scale, sample, half, ~half), strict=True
    ):
        assert left.n == (75_000, 75_000)
        assert left.odds_ratio == pytest.approx(right.odds_ratio)


# What cannot be said


def test_below_ten_complete_responses_there_is_nothing_not_even_their_number():
    answers = [marked(GOVERNANCE, row) for row in people(9, GOVERNANCE, seed=8)]
    found = scale_diagnostics(points(*GOVERNANCE), sample_of("staff-digital", [*answers, {}, {}]))
    assert (found.n, found.items, found.reliability.value, found.use) == (None, (), None, None)
    assert found.reason == "fewer than 10 responses: not shown"
    assert scale_diagnostics(points(*GOVERNANCE), sample_of("staff-digital", [{}])).reason == "no complete responses"


def test_an_item_that_everybody_solved_has_no_discrimination_and_the_rest_stays_usable():
    rows = people(50, GOVERNANCE, seed=9)
    rows[:, 1] = 1
    found = scale_diagnostics(
        points(*GOVERNANCE), sample_of("staff-digital", [marked(GOVERNANCE, row) for row in rows])
    )
    assert found.items[1].discrimination is None
    assert found.items[1].reason == "everybody has the same score"
    assert found.items[1].flags == ("too-easy",)
    others = np.delete(rows, 1, axis=1)
    assert found.items[1].if_dropped == pytest.approx(1.5 * (1 - np.trace(np.cov(others.T)) / np.cov(others.T).sum()))
    assert found.items[1].distractors[0].reason == "nobody chose it"


def test_where_nothing_varies_there_is_a_reason_and_no_number():
    found = scale_diagnostics(
        points("K9", "K4", "K5"), sample_of("staff-digital", [{"K9": ("A",), "K4": "B", "K5": "A"}] * 30)
    )
    assert found.reliability.value is None
    assert found.reliability.reason == found.reliability.omega_reason == "fewer than two items vary"
    assert found.kr20 is None
    assert [(item.discrimination, item.if_dropped) for item in found.items] == [(None, None)] * 3


@pytest.mark.parametrize("n", [12, 13, 37, 101])
def test_opposed_items_have_an_alpha_and_no_omega_and_what_they_cancel_is_no_spread(n):
    random = np.random.default_rng(n)
    first, third = random.integers(1, 6, size=(2, n))
    answers = stated(np.column_stack([first, 6 - first, third]), ("A1", "A2", "A3"))
    found = scale_diagnostics(ratings("A1", "A2", "A3"), sample_of("staff-digital", answers))
    spread = first.var()
    assert found.reliability.value == pytest.approx(1.5 * (1 - (2 * spread + third.var()) / third.var()))
    assert (found.reliability.omega, found.reliability.omega_reason) == (
        None,
        "some items are determined by the others",
    )
    assert (found.items[2].discrimination, found.items[2].if_dropped) == (None, None)
    assert found.items[2].reason == "the others do not vary"
    assert found.use == "none"


@pytest.mark.parametrize("n", [12, 13, 37, 101])
def test_a_total_that_opposed_items_cancel_has_no_reliability(n):
    first, second = np.random.default_rng(n).integers(1, 6, size=(2, n))
    names = ("A1", "A2", "A3", "A4")
    answers = stated(np.column_stack([first, 6 - first, second, 6 - second]), names)
    found = scale_diagnostics(ratings(*names), sample_of("staff-digital", answers))
    assert (found.reliability.value, found.reliability.omega, found.use) == (None, None, None)
    assert found.reliability.reason == "the total does not vary"


def test_a_composite_is_formed_by_its_parts_and_one_item_is_no_scale():
    composite = next(s for s in instrument("gov-sat").scales if isinstance(s, CompositeScale))
    answers = stated(satisfied(30, seed=10), ("Q3", *ASPECTS))
    assert "formed by its parts" in scale_diagnostics(composite, sample_of("gov-sat", answers)).reason
    rows = people(30, ("K8",), seed=11)
    alone = scale_diagnostics(points("K8"), sample_of("staff-digital", [marked(("K8",), row) for row in rows]))
    assert alone.reliability.reason == "fewer than three items"
    assert alone.use is None
    assert alone.items[0].difficulty == pytest.approx(rows.mean())
    assert alone.items[0].discrimination is None
    assert {option.rest_mean for option in alone.items[0].distractors} == {None}


# Distractors


def test_options_agree_with_numpy_and_the_keys_point_biserial_is_the_items_discrimination():
    random = np.random.default_rng(12)
    rows = people(600, GOVERNANCE, seed=12)
    answers = [marked(GOVERNANCE, row) for row in rows]
    for each, won in zip(answers, rows[:, 0], strict=True):
        if not won:
            each["K4"] = str(random.choice(["A", "C", "D", "E"]))
    found = scale_diagnostics(points(*GOVERNANCE), sample_of("staff-digital", answers))
    chosen = np.array([each["K4"] for each in answers])
    rest = rows[:, 1:].mean(axis=1) * 100
    for option in found.items[0].distractors:
        here = chosen == option.code
        assert option.n == here.sum()
        assert option.share == pytest.approx(100 * here.mean())
        assert option.rest_mean == pytest.approx(rest[here].mean())
        assert option.point_biserial == pytest.approx(np.corrcoef(here, rest)[0, 1])
        assert option.key == (option.code == "B")
        assert not option.draws_better
    assert found.items[0].distractors[1].point_biserial == pytest.approx(found.items[0].discrimination)


def test_a_wrong_option_that_draws_better_persons_than_the_key_is_flagged():
    good, poor = {"K5": "B", "K7": "B", "K10": "B"}, {"K5": "A", "K7": "A", "K10": "A"}
    answers = [{**good, "K4": "A"}] * 20 + [{**poor, "K4": "B"}] * 20 + [{**poor, "K4": "C"}] * 20
    found = distractors(points(*GOVERNANCE), sample_of("staff-digital", answers))["K4"]
    assert [option.draws_better for option in found] == [True, False, False, False, False]
    assert (found[0].rest_mean, found[1].rest_mean) == (100.0, 0.0)


def test_of_several_that_may_be_ticked_a_wrong_one_is_held_against_those_who_left_it():
    able, others = {"K4": "B", "K5": "B"}, {"K4": "A", "K5": "A"}
    answers = [{**able, "K9": ("A", "C")}] * 20 + [{**others, "K9": ("A", "E")}] * 30
    found = {
        option.code: option
        for option in distractors(points("K9", "K4", "K5"), sample_of("staff-digital", answers))["K9"]
    }
    assert {code for code, option in found.items() if option.key} == {"A", "B", "D"}
    assert {code for code, option in found.items() if option.draws_better} == {"C"}
    assert (found["C"].n, found["C"].share, found["C"].point_biserial) == (20, pytest.approx(40.0), pytest.approx(1.0))
    assert (found["A"].rest_mean, found["A"].point_biserial) == (pytest.approx(40.0), None)


def test_what_few_chose_has_no_scores_and_cannot_be_had_from_the_others():
    rows = people(100, ("K5", "K7", "K10"), seed=13)
    chosen = ["B"] * 60 + ["A"] * 35 + ["C"] * 3 + [Missing.SKIPPED] * 2
    answers = [{**marked(("K5", "K7", "K10"), row), "K4": code} for row, code in zip(rows, chosen, strict=True)]
    found = {o.code: o for o in distractors(points(*GOVERNANCE), sample_of("staff-digital", answers))["K4"]}
    assert [(code, option.n) for code, option in found.items()] == [("A", 35), ("B", 60), ("C", 3), ("D", 0), ("E", 0)]
    assert {code for code, option in found.items() if option.rest_mean is not None} == {"B"}
    assert "not shown" in found["A"].reason
    assert "not shown" in found["C"].reason
    assert sum(option.n for option in found.values()) == 98
    assert found["B"].share == pytest.approx(60.0)


# Differential item functioning


def strata_sample():
    """Twice the example of Holland and Thayer's statistic: three totals of the two other items, two groups."""
    rest = {0: (0, 0), 1: (1, 0), 2: (1, 1)}
    table = {0: ((20, 30), (10, 40)), 1: ((35, 15), (25, 25)), 2: ((45, 5), (38, 12))}
    answers, first = [], []
    for level, groups in table.items():
        for group, (right, wrong) in enumerate(groups):
            for won, n in ((1, right), (0, wrong)):
                answers += [marked(("K5", "K7", "K4"), (*rest[level], won))] * n
                first += [group == 0] * n
    return sample_of("staff-digital", answers), np.array(first)


def test_dif_agrees_with_the_mantel_haenszel_sums_over_totals_with_the_item_in_them():
    sample, first = strata_sample()
    found = {each.item: each for each in dif(points("K5", "K7", "K4"), sample, first, ~first)}
    right = np.column_stack([sample.column(item) == WRONG.index(KEYS[item]) for item in ("K5", "K7", "K4")])
    total = right.sum(axis=1)
    for place, item in enumerate(("K5", "K7", "K4")):
        top = bottom = 0.0
        for level in range(4):
            a, b, c, d = (
                float((who & (total == level) & (right[:, place] == won)).sum())
                for who, won in itertools.product((first, ~first), (True, False))
            )
            top += a * d / max(1.0, a + b + c + d)
            bottom += b * c / max(1.0, a + b + c + d)
        assert found[item].odds_ratio == pytest.approx(top / bottom)
        assert found[item].delta == pytest.approx(-2.35 * np.log(top / bottom))
        assert found[item].favours == ("first" if top > bottom else "second")
    assert found["K4"].n == (150, 150)
    assert found["K4"].cautions[0].code == "small-groups"


def test_the_published_strata_give_2_5607_and_class_c():
    """Each total with the item in it holds one 2 x 2 table: the others make up for what the item adds."""
    table = (((20, 30), (10, 40)), ((35, 15), (25, 25)), ((45, 5), (38, 12)))
    answers, first = [], []
    for level, groups in enumerate(table):
        for group, (right, wrong) in enumerate(groups):
            for won, n in ((1, right), (0, wrong)):
                others = [1] * (level + 1 - won) + [0] * (3 - level - 1 + won)
                answers += [marked(("K5", "K7", "K10", "K4"), (*others, won))] * n
                first += [group == 0] * n
    sample, mask = sample_of("staff-digital", answers), np.array(first)
    found = dif(points("K5", "K7", "K10", "K4"), sample, mask, ~mask)[3]
    assert found.odds_ratio == pytest.approx(2.5607, abs=5e-5)
    assert found.delta == pytest.approx(-2.2097, abs=5e-5)
    assert (found.ets_class, found.favours, found.n) == ("C", "first", (150, 150))
    other_way = dif(points("K5", "K7", "K10", "K4"), sample, ~mask, mask)[3]
    assert other_way.delta == pytest.approx(2.2097, abs=5e-5)
    assert other_way.favours == "second"


def test_a_fair_test_of_able_and_less_able_groups_shows_no_dif_and_a_biased_item_does():
    items = tuple(KEYS)
    rows = np.vstack([people(1500, items, seed=14, ease=0.5), people(1500, items, seed=15)])
    first = np.arange(3000) < 1500
    fair = dif(points(*items), sample_of("staff-digital", [marked(items, row) for row in rows]), first, ~first)
    assert {each.ets_class for each in fair} == {"A"}
    assert all(each.cautions == () for each in fair)
    hurt = np.random.default_rng(16).random(3000) < 0.5
    rows[~first & hurt, 0] = 0
    biased = dif(points(*items), sample_of("staff-digital", [marked(items, row) for row in rows]), first, ~first)
    assert (biased[0].ets_class, biased[0].favours) == ("C", "first")


def test_dif_needs_ten_complete_persons_in_each_group_and_both_outcomes():
    rows = people(40, GOVERNANCE, seed=17)
    sample = sample_of("staff-digital", [marked(GOVERNANCE, row) for row in rows])
    few = np.arange(40) < 9
    held = dif(points(*GOVERNANCE), sample, few, ~few)
    assert [(each.n, each.delta, each.ets_class) for each in held] == [(None, None, None)] * 4
    assert all("not shown" in each.reason for each in held)
    half = np.arange(40) < 20
    same = sample_of("staff-digital", [marked(GOVERNANCE, (1, 1, 1, 1))] * 40)
    assert dif(points(*GOVERNANCE), same, half, ~half)[0].reason == "no score level has both groups and both outcomes"


def test_dif_refuses_groups_that_overlap_or_say_nothing_of_some_responses():
    sample = sample_of("staff-digital", [marked(GOVERNANCE, (1, 0, 1, 0))] * 20)
    with pytest.raises(BadData, match="second_mask must not share"):
        dif(points(*GOVERNANCE), sample, np.ones(20, dtype=bool), np.ones(20, dtype=bool))
    with pytest.raises(BadData, match="first_mask must say"):
        dif(points(*GOVERNANCE), sample, np.ones(19, dtype=bool), np.zeros(20, dtype=bool))


# Key drivers


def explained(y, x):
    """R squared of a least-squares fit to single rows."""
    if x.shape[1] == 0:
        return 0.0
    design = np.column_stack([np.ones(len(y)), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean()))


def three_aspects():
    """The satisfaction survey with a scale of three aspects."""
    whole = instrument("gov-sat")
    return msgspec.structs.replace(whole, scales=(ratings("Q4", "Q5", "Q6"),))


def sample_with(about, answers):
    book = CodeBook(about)
    return Sample(book, np.array([np.frombuffer(book.encode(each)[0], dtype=np.uint8) for each in answers]))


def test_shapley_values_are_the_mean_rise_of_r_squared_over_all_six_orders():
    rows = satisfied(240, seed=18, names=("Q3", "Q4", "Q5", "Q6"))
    found = drivers(sample_with(three_aspects(), stated(rows, ("Q3", "Q4", "Q5", "Q6"))))
    y, x = rows[:, 0], rows[:, 1:]
    rises = np.zeros(3)
    for order in itertools.permutations(range(3)):
        for place, aspect in enumerate(order):
            rises[aspect] += explained(y, x[:, order[: place + 1]]) - explained(y, x[:, order[:place]])
    assert found.outcome == "Q3"
    assert [each.shapley for each in found.drivers] == pytest.approx(rises / 6)
    assert found.r2 == pytest.approx(explained(y, x))
    standardised = np.linalg.lstsq((x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std(), rcond=None)[0]
    assert [each.beta for each in found.drivers] == pytest.approx(standardised)
    assert [each.r for each in found.drivers] == pytest.approx([np.corrcoef(y, column)[0, 1] for column in x.T])


@pytest.mark.parametrize("seed", range(20, 25))
def test_weights_add_up_to_r_squared_and_shares_to_100(seed):
    found = drivers(sample_of("gov-sat", stated(satisfied(120, seed=seed), ("Q3", *ASPECTS))))
    assert found.aspects == ASPECTS
    assert sum(each.shapley for each in found.drivers) == pytest.approx(found.r2)
    assert sum(each.relative_weight for each in found.drivers) == pytest.approx(found.r2)
    assert sum(each.share for each in found.drivers) == pytest.approx(100.0)
    assert all(each.shapley >= -1e-12 for each in found.drivers)


def test_places_in_the_plane_are_cut_at_the_means():
    random = np.random.default_rng(26)
    base = random.integers(0, 2, size=(400, 4))
    x = base + np.array([3, 1, 3, 1])
    y = np.clip(2 + base[:, 0] + base[:, 1] + random.integers(0, 2, size=400) * base[:, 2], 1, 5)
    names = ("Q3", "Q4", "Q5", "Q6", "Q9")
    about = msgspec.structs.replace(instrument("gov-sat"), scales=(ratings("Q4", "Q5", "Q6", "Q9"),))
    found = drivers(sample_with(about, stated(np.column_stack([y, x]), names)))
    assert [each.place for each in found.drivers] == ["keep-up", "improve-first", "possible-overkill", "low-priority"]


def test_what_was_not_asked_is_missing_and_performance_has_its_own_base():
    names = ("Q3", *ASPECTS)
    rows = satisfied(200, seed=27)
    answers = stated(rows, names)
    for each in answers[:50]:
        del each["Q9"]
    for each in answers[50:60]:
        each["Q11"] = Missing.NOT_APPLICABLE
    found = drivers(sample_of("gov-sat", answers))
    assert found.n == 140
    assert found.r2 == pytest.approx(explained(rows[60:, 0], rows[60:, 1:]))
    performance = {each.item: each.performance for each in found.drivers}
    assert performance["Q4"] == pytest.approx((rows[:, 1].mean() - 1) * 25)
    assert performance["Q9"] == pytest.approx((rows[50:, 4].mean() - 1) * 25)


def test_too_few_cases_give_a_reason_and_few_a_caution():
    names = ("Q3", *ASPECTS)
    held = drivers(sample_of("gov-sat", stated(satisfied(9, seed=28), names)))
    assert (held.n, held.drivers, held.r2) == (None, (), None)
    assert "not shown" in held.reason
    few = drivers(sample_of("gov-sat", stated(satisfied(49, seed=28), names)))
    assert (few.n, few.reason) == (49, "fewer than 10 complete responses for each aspect")
    some = drivers(sample_of("gov-sat", stated(satisfied(89, seed=28), names)))
    assert [caution.code for caution in some.cautions] == ["small-base"]
    assert drivers(sample_of("gov-sat", stated(satisfied(90, seed=28), names))).cautions == ()
    assert drivers(sample_of("gov-sat", [{}])).reason == "nobody rated the whole and every aspect"


def test_aspects_that_say_the_same_get_no_weights_or_a_caution():
    names = ("Q3", *ASPECTS)
    rows = satisfied(300, seed=29)
    rows[:, 2] = rows[:, 1]
    assert drivers(sample_of("gov-sat", stated(rows, names))).reason == "an aspect is determined by the others"
    rows[0, 2] = 6 - rows[0, 2] if rows[0, 2] != 3 else 5
    found = drivers(sample_of("gov-sat", stated(rows, names)))
    assert "collinear" in [caution.code for caution in found.cautions]
    assert sum(each.shapley for each in found.drivers) == pytest.approx(found.r2)
    rows[:, 3] = 4
    flat = drivers(sample_of("gov-sat", stated(rows, names)))
    assert flat.reason == "everybody gave the same rating"
    assert flat.cautions[0].detail == {"item": "Q6"}


def test_an_instrument_without_an_overall_rating_or_aspects_has_no_drivers():
    assert drivers(sample_of("staff-digital", [{}] * 20)) is None
    assert drivers(sample_of("h12345-followup", [{}] * 20)) is None


def test_rows_of_a_matrix_are_ratings_like_others():
    rows = satisfied(200, seed=30, names=("A1", "A2", "A3"))
    about = msgspec.structs.replace(instrument("staff-digital"), scales=(ratings("A2", "A3"),))
    found = drivers(sample_with(about, stated(rows, ("A1", "A2", "A3"))))
    assert (found.outcome, found.aspects, found.n) == ("A1", ("A2", "A3"), 200)
    assert found.r2 == pytest.approx(explained(rows[:, 0], rows[:, 1:]))


# The tables on the page


@pytest.mark.parametrize("locale", LOCALES)
def test_every_table_has_a_caption_a_named_region_and_a_cell_for_every_heading(locale):
    sample, first = strata_sample()
    test, names = points("K5", "K7", "K4"), ("Q3", *ASPECTS)
    shown = environment().from_string(
        """{% import "evaluate/diagnostics.html" as d with context %}{{ d.scales(scales) }}
        {% for scale in scales %}{{ d.items(scale) }}
        {% for item in scale.items %}{{ d.options(item) }}{% endfor %}{% endfor %}
        {{ d.dif(fair, "D1:1", "D1:2") }}{% for each in drivers %}{{ d.drivers(each) }}{% endfor %}"""
    )
    page = shown.render(
        locale=locale,
        scales=[scale_diagnostics(points(*items), sample) for items in (("K5", "K7", "K4"), ("K4",), ("K1", "K2"))],
        fair=dif(test, sample, first, ~first),
        drivers=[drivers(sample_of("gov-sat", stated(satisfied(n, seed=31), names))) for n in (9, 30, 200)],
    )
    tables = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    assert len(tables) == page.count('role="region"') == page.count('tabindex="0"') == 10
    for table in tables:
        assert table.count("<caption>") == 1
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        assert len({row.count("</td>") + row.count("</th>") for row in rows}) == 1
        assert all(row.startswith("<th scope=") for row in rows)
    assert "nan" not in page
    assert "None" not in page
    assert ">D1:1</td>" in page
