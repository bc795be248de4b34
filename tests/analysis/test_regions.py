"""Funnels and shrinkage: by hand, by simulation, and at the edges."""

import math

import numpy as np
import pytest
from scipy import stats

from survey.analysis.checks import BadData
from survey.analysis.funnels import funnel_of_means, funnel_of_shares
from survey.analysis.shrinkage import shrink_means, shrink_shares


def test_a_funnel_of_shares_by_hand():
    x, n = np.array([80, 85, 78, 82, 30, 0]), np.array([100, 100, 100, 100, 60, 0])
    found = funnel_of_shares(x, n)
    theta = 355 / 460
    z = (x[:5] / n[:5] - theta) / np.sqrt(theta * (1 - theta) / n[:5])
    low, high = np.quantile(z, [0.1, 0.9])
    phi = (np.clip(z, low, high) ** 2).mean()
    assert found.dispersion == pytest.approx(phi)
    assert phi > 1
    assert found.cautions[0].code == "overdispersed"
    p = 2 * stats.norm.sf(np.abs(z) / math.sqrt(phi))
    assert [unit.pvalue for unit in found.units[:5]] == pytest.approx(p.tolist())
    assert [unit.qvalue for unit in found.units[:5]] == pytest.approx(stats.false_discovery_control(p).tolist())
    half = stats.norm.ppf(0.999) * math.sqrt(phi * theta * (1 - theta) / 60)
    assert found.units[4].alarm.low == pytest.approx(theta - half)
    assert found.units[4].alarm.high <= 1.0
    assert (found.units[5].value, found.units[5].reason) == (None, "no answers")


def test_where_units_differ_by_chance_alone_few_are_flagged():
    rng = np.random.default_rng(5)
    n = rng.integers(30, 400, 300)
    shares = funnel_of_shares(rng.binomial(n, 0.8), n)
    outside = sum(not unit.warning.low <= unit.value <= unit.warning.high for unit in shares.units)
    assert 5 <= outside <= 27  # 5 % of 300 is 15
    assert not any(unit.qvalue < 0.05 for unit in shares.units)
    means = [rng.normal(70, 20, size) for size in n]
    found = funnel_of_means([m.mean() for m in means], [m.var(ddof=1) for m in means], n)
    outside = sum(not unit.warning.low <= unit.value <= unit.warning.high for unit in found.units)
    assert 5 <= outside <= 27


def test_a_unit_far_off_is_flagged_among_many():
    n = np.full(60, 200)
    x = np.full(60, 160)
    x[::2], x[17] = 162, 110
    found = funnel_of_shares(x, n)
    assert [place for place, unit in enumerate(found.units) if unit.qvalue < 0.01] == [17]
    assert found.units[17].value < found.units[17].alarm.low


def test_dersimonian_and_laird_by_hand():
    y, s = np.array([80.0, 84.0, 70.0, 76.0]), np.array([2.0, 4.0, 2.0, 3.0])
    w = 1 / s**2
    fixed = (w * y).sum() / w.sum()
    q = (w * (y - fixed) ** 2).sum()
    tau2 = (q - 3) / (w.sum() - (w**2).sum() / w.sum())
    found = shrink_means(y, s)
    assert found.spread == pytest.approx(math.sqrt(tau2))
    total = 1 / (s**2 + tau2)
    center = (total * y).sum() / total.sum()
    assert found.center == pytest.approx(center)
    b = tau2 / (tau2 + s**2)
    assert [unit.value for unit in found.units] == pytest.approx((b * y + (1 - b) * center).tolist())
    assert [unit.reliability for unit in found.units] == pytest.approx(b.tolist())


def test_means_that_differ_less_than_chance_are_all_the_whole():
    found = shrink_means([80.0, 80.5, 79.8], [2.0, 2.0, 2.0])
    assert found.spread == 0.0
    assert {round(unit.value, 9) for unit in found.units} == {round(found.center, 9)}


@pytest.mark.parametrize("law", ["means", "shares"])
def test_shrunken_values_are_nearer_to_the_truth_and_their_intervals_hold_it(law):
    rng = np.random.default_rng(9)
    held = total = 0
    own = shrunken = 0.0
    for _ in range(40):
        if law == "means":
            truth, se = rng.normal(75.0, 5.0, 40), rng.uniform(2.0, 8.0, 40)
            seen = rng.normal(truth, se)
            found = shrink_means(seen, se)
        else:
            truth, n = rng.beta(40.0, 10.0, 40), rng.integers(20, 120, 40)
            x = rng.binomial(n, truth)
            seen = x / n
            found = shrink_shares(x, n)
        held += sum(unit.confint.low <= t <= unit.confint.high for unit, t in zip(found.units, truth, strict=True))
        total += 40
        own += ((seen - truth) ** 2).sum()
        shrunken += sum((unit.value - t) ** 2 for unit, t in zip(found.units, truth, strict=True))
    assert shrunken < 0.75 * own
    assert 0.92 < held / total < 0.98


def test_shares_at_the_edges_are_numbers_or_say_why():
    assert shrink_shares([5], [9]).reason == "fewer than two units have answers"
    same = shrink_shares([10, 20, 5], [10, 20, 5])
    assert [unit.value for unit in same.units] == [1.0, 1.0, 1.0]
    assert funnel_of_shares([10, 20], [10, 20]).reason == "every answer is the same"
    assert funnel_of_shares([0, 0], [0, 0]).reason == "no answers"
    assert funnel_of_means([80.0, 70.0], [0.0, 0.0], [5, 5]).reason == "answers within units do not vary"
    huge = shrink_shares([2**40, 2**39], [2**41, 2**41])
    assert huge.units[0].value == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("successes", lambda: funnel_of_shares([5, 6], [4, 9])),
        ("n", lambda: funnel_of_means([1.0], [1.0, 2.0], [3])),
        ("variance", lambda: funnel_of_means([1.0], [-1.0], [3])),
        ("se", lambda: shrink_means([1.0, 2.0], [1.0, 0.0])),
        ("confidence_level", lambda: shrink_means([1.0, 2.0], [1.0, 1.0], confidence_level=95)),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument
