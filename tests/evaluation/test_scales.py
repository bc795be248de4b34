"""Scores of persons and of groups: the path tests of the questionnaires that are about scoring."""

from datetime import UTC, datetime

import pytest

from survey.evaluation.items import summarize_items
from survey.evaluation.reliability import reliability
from survey.evaluation.scales import own_scores, person_scores
from survey.evaluation.summary import Wave, summarize
from survey.forms.items import Missing
from tests.evaluation.samples import instrument, rate_values, sample_of, scale_value

WAVE = Wave(survey="gov-sat", wave="w", as_of=datetime(2026, 1, 1, tzinfo=UTC), instrument_sha256="")

KEYS = {"K1": "C", "K2": "D", "K3": "C", "K4": "B", "K5": "B", "K6": "C", "K7": "B", "K8": "C", "K10": "B"}
ALL_RIGHT = {**KEYS, "K9": ("A", "B", "D")}
NO_IDEA = {**dict.fromkeys(KEYS, "E"), "K9": ("F",)}
CAN = {f"A{number}": 5 for number in range(1, 7)}


def scale(slug, scale_id):
    return next(each for each in instrument(slug).scales if each.id == scale_id)


def score(scale_id, answers, slug="staff-digital"):
    value = person_scores(scale(slug, scale_id), sample_of(slug, [answers]))[0]
    return None if value != value else value  # NaN is not itself


def test_t1_all_right_is_100():
    assert score("K_score", ALL_RIGHT) == pytest.approx(100.0)


def test_t2_two_hits_and_one_false_is_a_third_of_the_item():
    assert score("K_score", {**ALL_RIGHT, "K9": ("A", "B", "C")}) == pytest.approx(100 * (9 + 1 / 3) / 10)


def test_a_wrong_choice_never_takes_points_from_other_items():
    assert score("K_score", {**ALL_RIGHT, "K9": ("C", "E")}) == pytest.approx(90.0)


def test_t4_an_item_not_administered_is_out_of_the_denominator():
    rest = {key: value for key, value in ALL_RIGHT.items() if key != "K7"}
    assert score("K_score", rest) == pytest.approx(100.0)
    assert score("K_score", {**rest, "K1": "A"}) == pytest.approx(100 * 8 / 9)


def test_an_item_shown_and_left_blank_wins_nothing_but_counts():
    assert score("K_score", {**ALL_RIGHT, "K7": Missing.SKIPPED}) == pytest.approx(90.0)


def test_t5_not_knowing_anything_is_0_and_leaves_the_self_rating_alone():
    assert score("K_score", {**NO_IDEA, **CAN}) == 0.0
    assert score("A_index", {**NO_IDEA, **CAN}) == pytest.approx(100.0)


def test_t6_with_four_not_applicable_there_is_no_self_rating():
    four_away = {**CAN, **dict.fromkeys(("A1", "A2", "A3", "A4"), Missing.NOT_APPLICABLE)}
    assert score("A_index", four_away) is None
    assert score("A_index", {**CAN, "A1": Missing.NOT_APPLICABLE, "A2": 1}) == pytest.approx(80.0)


def test_p6_answered_weight_of_half_gives_no_personal_composite():
    phone = {"Q2": 5, "Q3": 4, "Q4": Missing.NOT_APPLICABLE, "Q5": 4, "Q6": 4, "Q8": 0}
    assert score("composite", phone, "gov-sat") is None
    whole = score("composite", {**phone, "Q4": 5}, "gov-sat")
    assert whole == pytest.approx((0.25 * 100 + 0.20 * 75 + 0.20 * 75 + 0.10 * 100) / 0.75)
    items = {item.item: item for item in summarize_items(sample_of("gov-sat", [phone]))}
    assert items["Q4"].n == 0


@pytest.mark.parametrize(("trips", "worth"), [(0, 100.0), (1, 200 / 3), (3, 0.0), (9, 0.0)])
def test_burden_falls_to_nothing_at_three_trips(trips, worth):
    rated = {"Q4": 1, "Q5": 1, "Q6": 1, "Q8": trips}
    assert score("composite", rated, "gov-sat") == pytest.approx(0.1 * worth / 0.75)


def test_the_respondents_own_scores_are_those_of_the_group():
    sample = sample_of("staff-digital", [{**ALL_RIGHT, **CAN}])
    own = own_scores(sample.book, sample.codes[0].tobytes())
    assert own["K_score"] == pytest.approx(100.0)
    assert own["A_index"] == pytest.approx(100.0)


def test_the_pass_rate_counts_who_reached_the_mark():
    half = {**NO_IDEA, **{key: KEYS[key] for key in ("K1", "K2", "K3", "K4", "K5", "K6")}}
    sample = sample_of("staff-digital", [ALL_RIGHT, NO_IDEA, half, half])
    found = scale_value(scale("staff-digital", "K_score"), sample)
    assert found.pass_rate.value == pytest.approx(75.0)
    assert found.pass_rate.confint.method == "wilson"
    assert found.mean.value == pytest.approx((100 + 0 + 60 + 60) / 4)


def test_a_scale_on_which_nearly_everybody_has_one_score_has_gaffkes_interval():
    found = scale_value(scale("staff-digital", "K_score"), sample_of("staff-digital", [ALL_RIGHT] * 30))
    assert found.mean.confint.method == "gaffke"
    assert (found.mean.confint.low, found.mean.confint.high) == (pytest.approx(88.43, abs=0.01), 100.0)
    mixed = scale_value(scale("staff-digital", "K_score"), sample_of("staff-digital", [ALL_RIGHT, NO_IDEA] * 15))
    assert mixed.mean.confint.method == "t"


def test_a_group_of_a_part_has_the_interval_of_its_own_people():
    best = dict.fromkeys(("Q2", "Q4", "Q5", "Q6"), 5) | {"Q3": 5, "Q8": 0}
    worst = dict.fromkeys(("Q2", "Q4", "Q5", "Q6"), 1) | {"Q3": 1, "Q8": 9}
    people = [{**best, "D3": place, "D1": 2} for place in (1, 2) for _ in range(30)]
    people += [{**worst, "D3": place, "D1": 4} for place in (1, 2) for _ in range(30)]
    whole, part = (
        {
            group.by["D3"]: value
            for group in summarize(sample_of("gov-sat", people), WAVE, by="D3", where=where).groups
            for value in group.indices
            if value.index == "composite"
        }
        for where in (None, "D1:2")
    )
    assert {value.confint.method for value in whole.values()} == {"t"}
    for value in part.values():
        assert (value.n, value.value, value.confint.method) == (30, pytest.approx(100.0), "gaffke")
        assert (value.confint.low, value.confint.high) == (pytest.approx(88.43, abs=0.01), 100.0)
    assert whole.keys() == part.keys() == {1, 2}


def test_a_sub_score_that_is_too_short_is_not_reportable():
    found = scale_value(scale("staff-digital", "K_ethics"), sample_of("staff-digital", [ALL_RIGHT]))
    assert not found.reportable


def test_alpha_agrees_with_the_golden_rows():
    rows = [(5, 4, 5, 4), (4, 4, 4, 3), (3, 3, 2, 3), (5, 5, 4, 5), (2, 2, 3, 2), (4, 3, 4, 4)]
    answers = [dict(zip(("A1", "A2", "A3", "A4"), row, strict=True)) for row in rows]
    twice = answers * 2  # alpha stays, and they are enough to be shown
    a_index = scale("staff-digital", "A_index")
    four = type(a_index)(id="four", title={}, items=("A1", "A2", "A3", "A4"))
    assert reliability(four, sample_of("staff-digital", twice)).value == pytest.approx(0.92421, abs=5e-6)
    held_back = reliability(four, sample_of("staff-digital", answers))
    assert (held_back.value, held_back.confint, held_back.n) == (None, None, 0)
    assert held_back.reason == "fewer than 10 responses: not shown"


def rates(*answers):
    return {rate.rate: rate for rate in rate_values(sample_of("h12345-followup", answers))}


def shown(found, *names):
    return {name: (found[name].value.value, found[name].value.n) for name in names}


def test_h5_a_happy_case_counts_in_all_three_rates():
    found = rates({"F0": 1, "F1": 1, "F2": 1, "F3": 5})
    assert shown(found, "valid_followup", "contacted", "solved") == dict.fromkeys(
        ("valid_followup", "contacted", "solved"), (100.0, 1)
    )


def test_h6_an_explained_refusal_is_not_solved_but_counts_nine_tenths():
    case = {"F0": 1, "F1": 1, "F2": 0, "F3": 3, "F4": (8,), "F5": 0}
    items = {item.item: item for item in summarize_items(sample_of("h12345-followup", [case]))}
    assert {one.index: one.value for one in items["F3"].indices}["w09"] == pytest.approx(90.0)
    assert shown(rates(case), "solved", "explained") == {"solved": (0.0, 1), "explained": (100.0, 1)}


def test_h7_information_only_is_out_of_the_base_of_solved_and_in_the_others():
    case = {"F0": 1, "F1": 1, "F2": Missing.NOT_APPLICABLE, "F3": 4}
    found = rates(case)
    assert shown(found, "solved", "contacted") == {"solved": (None, 0), "contacted": (100.0, 1)}
    assert found["solved"].value.reason
