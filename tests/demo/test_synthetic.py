"""The made-up responses: answerable, the same every time, and after the founding document's figures."""

from collections import Counter
from functools import cache

import msgspec
import pytest

from survey.demo.loading import INSTRUMENTS, MADE
from survey.demo.synthetic import BEFORE, NOW, arrivals
from survey.forms.instrument import Instrument
from survey.forms.items import Missing

WAVES = [(made, wave) for made in MADE for wave in (BEFORE, NOW)]


@cache
def instrument(slug):
    return msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes(), type=Instrument)


@cache
def made_up(slug, wave):
    made = next(made for made in MADE if made.slug == slug)
    return list(arrivals(instrument(slug), wave, made.n, made.draw))


def answers(slug, wave):
    return [reading.answers for _, reading in made_up(slug, wave)]


def share(slug, wave, item, codes):
    given = [a[item] for a in answers(slug, wave) if item in a and not isinstance(a[item], Missing)]
    return sum(bool(set(codes) & set(value if isinstance(value, tuple) else (value,))) for value in given) / len(given)


@pytest.mark.parametrize(("made", "wave"), WAVES)
def test_every_answer_set_is_one_that_the_form_takes(made, wave):
    people = made_up(made.slug, wave)
    assert len(people) == made.n
    assert [reading.issues for _, reading in people if reading.issues] == []
    assert all(reading.dropped == () for _, reading in people)
    assert all(arrival.synthetic for arrival, _ in people)
    variants = {variant.id for variant in instrument(made.slug).variants}
    assert {arrival.variant for arrival, _ in people} <= variants


def test_the_seed_gives_the_same_people_every_time_and_other_ids_everywhere():
    made = MADE[0]
    again = list(arrivals(instrument(made.slug), NOW, 50, made.draw))
    assert again == made_up(made.slug, NOW)[:50]
    ids = Counter(arrival.id for made, wave in WAVES for arrival, _ in made_up(made.slug, wave))
    assert set(ids.values()) == {1}


@pytest.mark.parametrize(
    ("slug", "wave", "item", "codes", "figure", "within"),
    [
        ("gov-sat", NOW, "Q3", (5,), 0.923, 0.02),
        ("gov-sat", BEFORE, "Q3", (5,), 0.84, 0.03),
        ("gov-sat", NOW, "Q7b", (1,), 0.45, 0.06),
        ("gov-sat", NOW, "Q12", (2,), 0.42, 0.09),
        ("gov-sat", NOW, "Q12", (3,), 0.35, 0.09),
        ("gov-sat", NOW, "Q12", (1,), 0.28, 0.09),
        ("h12345-intake", NOW, "I6", (2, 3, 4), 0.18, 0.03),
        ("h12345-intake", BEFORE, "I6", (2, 3, 4), 0.23, 0.03),
        ("h12345-followup", NOW, "F1", (1,), 0.98, 0.02),
        ("h12345-followup", NOW, "F2", (1,), 0.85, 0.04),
        ("h12345-followup", NOW, "F3", (5, 4), 0.75, 0.05),
        ("h12345-followup", NOW, "F3", (3,), 0.10, 0.04),
    ],
)
def test_a_share_is_near_its_figure(slug, wave, item, codes, figure, within):
    assert share(slug, wave, item, codes) == pytest.approx(figure, abs=within)


def test_behind_the_top_box_are_complaints_about_speed_and_attitude():
    rated = [a for a in answers("gov-sat", NOW) if "Q3" in a]
    complain = sum(any(a.get(item) in (1, 2) for item in ("Q4", "Q5")) for a in rated)
    assert complain / len(rated) == pytest.approx(0.18, abs=0.03)


def test_few_of_those_over_sixty_manage_alone():
    waves = [*answers("gov-sat", NOW), *answers("gov-sat", BEFORE)]
    ways = [a["Q10"] for a in waves if a.get("D1") in (5, 6, 7) and isinstance(a.get("Q10"), int)]
    assert sum(way == 1 for way in ways) / len(ways) == pytest.approx(0.35, abs=0.08)


def scores(wave):
    """(age, score) of everybody whose age is known, by the instrument's own points."""
    form = instrument("staff-digital")
    for a in answers("staff-digital", wave):
        points = 0.0
        asked = [item for item in (f"K{n}" for n in range(1, 11)) if item in a]
        for item in asked:
            worth = {option.code: option.points or 0 for option in form.by_id[item].item.options}
            chosen = a[item] if isinstance(a[item], tuple) else (a[item],)
            points += max(0, sum(worth[code] for code in chosen)) / sum(p for p in worth.values() if p > 0)
        yield a["B2"], 100 * points / len(asked)


@pytest.mark.parametrize(("wave", "young", "old", "passed"), [(BEFORE, 85, 52, 0.45), (NOW, 90, 66, 0.78)])
def test_staff_scores_by_age_and_the_pass_rate(wave, young, old, passed):
    known = [(age, score) for age, score in scores(wave) if isinstance(age, int)]
    of_young = [score for age, score in known if age <= 30]
    of_old = [score for age, score in known if age >= 45]
    assert sum(of_young) / len(of_young) == pytest.approx(young, abs=2.5)
    assert sum(of_old) / len(of_old) == pytest.approx(old, abs=2.5)
    everybody = [score for _, score in scores(wave)]
    assert sum(score >= 60 for score in everybody) / len(everybody) == pytest.approx(passed, abs=0.03)


def test_three_in_four_staff_are_in_both_waves():
    tokens = [{a.prefill["staff_token"] for a, _ in made_up("staff-digital", wave)} for wave in (BEFORE, NOW)]
    assert len(tokens[0] & tokens[1]) == 450
