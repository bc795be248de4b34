"""Few clusters: bias-reduced variances and their degrees of freedom, as R's clubSandwich 0.5.8 has them."""

import itertools

import numpy as np
import pytest

from survey.analysis.group_means import reduced_mean
from survey.analysis.linearised import Calibration, survey_design
from survey.analysis.significance import TESTS
from survey.analysis.weighting import calibration_leverage, rake

SIZES = (3, 5, 8, 4, 6, 6, 2, 9, 4, 5, 7, 3, 10, 5)
HALL = np.repeat(np.arange(1, 15), SIZES)
REGION = np.repeat([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3], SIZES)
WITHIN = (HALL * 7 + np.arange(1, HALL.size + 1) * 5) % 11

ROW = np.arange(1, 61)
ACROSS = np.repeat(np.arange(1, 7), (8, 14, 6, 12, 10, 10))
CELL = (ROW * 7) // 3 % 4
Y = (ACROSS * 5 + ROW * 3) % 13


def run(name, design, *args, **more):
    return TESTS[name].function(design, *args, variance="CR2", **more)


def halls(psu, weights=None):
    return survey_design(np.ones(psu.size) if weights is None else weights, psu=psu)


# vcovCR(lm(y ~ 0 + factor(g)), cluster, type = "CR2"); Wald_test(..., test = "HTZ")
def test_several_means_of_halls_are_compared_by_hotellings_f():
    found = run("weighted_anova", halls(HALL), WITHIN, REGION)
    assert (found.statistic, found.pvalue) == pytest.approx((0.23878532908, 0.865043620506), rel=1e-9)
    assert found.df == pytest.approx((3.0, 3.17177916768))
    crossed = run("weighted_anova", halls(ACROSS), Y, CELL)
    assert (crossed.statistic, crossed.df[1]) == pytest.approx((33.7205856418, 2.60241254354), rel=1e-9)
    assert crossed.pvalue == pytest.approx(0.0133079436669, rel=1e-9)


def test_respondents_of_unequal_weight_are_clusters_of_one():
    found = run("weighted_anova", survey_design(1 + ROW % 5), Y, CELL)
    assert (found.statistic, found.df[1]) == pytest.approx((0.63702922641, 20.2239871994), rel=1e-9)


# the same by linear_contrast, Satterthwaite's test
def test_contrasts_have_satterthwaites_degrees_of_freedom():
    two = REGION < 2
    found = run("weighted_welch", halls(HALL[two]), WITHIN[two], REGION[two])
    se = found.difference.value / found.statistic
    assert (found.difference.value, se) == pytest.approx((0.142857142857, 0.774440380637), rel=1e-9)
    assert (found.df, found.pvalue) == pytest.approx((3.55056811338, 0.863695954957), rel=1e-9)
    pair = run("weighted_pairs", halls(HALL), WITHIN, REGION).comparisons[0]
    assert (pair.df, pair.pvalue) == pytest.approx((found.df, found.pvalue))
    did = run("weighted_did", halls(ACROSS), Y, CELL // 2, CELL % 2)
    assert (did.difference.value, did.df) == pytest.approx((-3.46666666667, 4.63686430339), rel=1e-9)
    assert did.pvalue == pytest.approx(0.0828680898813, rel=1e-9)


def test_halls_of_one_size_are_compared_as_their_means():
    y, hall = np.random.default_rng(2).normal(size=60), np.repeat(np.arange(12), 5)
    means, group = y.reshape(12, 5).mean(axis=1), np.repeat([0, 1], 6)
    pooled = np.concatenate([means[:6] - means[:6].mean(), means[6:] - means[6:].mean()])
    t = (means[6:].mean() - means[:6].mean()) / np.sqrt((pooled**2).sum() / 5 / 6)
    found = run("weighted_welch", halls(hall), y, np.repeat(group, 5))
    assert (found.statistic, found.df) == pytest.approx((t, 10.0))
    assert reduced_mean(halls(hall), y)[1] == pytest.approx(11.0)


@pytest.mark.parametrize("name", ["weighted_welch", "weighted_rank", "weighted_pairs", "weighted_trend", "rao_scott"])
def test_a_group_of_one_hall_has_no_error(name):
    hall = np.repeat([1, 2, 3, 4], 10)
    group, y = np.where(hall == 1, 1, 2), np.tile(np.arange(10) % 5, 4)
    found = run(name, halls(hall), *((group, y) if name == "rao_scott" else (y, group)))
    reason = found.comparisons[0].reason if name == "weighted_pairs" else found.reason
    assert reason == "too few sampling units"


@pytest.mark.parametrize("name", ["weighted_welch", "weighted_rank", "weighted_trend", "weighted_did", "rao_scott"])
def test_of_many_halls_little_changes(name):
    rng = np.random.default_rng(5)
    hall, group = np.repeat(np.arange(400), 5), np.repeat(np.arange(400) % 4, 5)
    group = group if name in ("weighted_did", "weighted_trend") else group % 2
    y = np.clip(np.rint(2 + rng.normal(size=400)[hall] * 0.3 + rng.normal(size=2000)), 0, 4)
    args = {"weighted_did": (y, group // 2, group % 2), "rao_scott": (group, y)}.get(name, (y, group))
    plain, reduced = TESTS[name].function(halls(hall), *args), run(name, halls(hall), *args)
    assert reduced.statistic == pytest.approx(plain.statistic, rel=0.03)
    assert reduced.pvalue == pytest.approx(plain.pvalue, rel=0.05)


def test_rows_and_their_counts_have_one_variance_and_the_same_degrees_of_freedom():
    table = np.array([[3, 7, 10], [6, 8, 2], [5, 5, 5], [1, 9, 4]])
    group, level = (index.ravel() for index in np.indices(table.shape))
    weight = 1.0 + (group + level) % 3
    counted = run("weighted_anova", survey_design(weight, count=table.ravel()), level, group)
    rows = [np.repeat(column, table.ravel()) for column in (weight, level, group)]
    one_by_one = run("weighted_anova", survey_design(rows[0]), rows[1], rows[2])
    assert counted.pvalue == pytest.approx(one_by_one.pvalue)
    assert counted.df == pytest.approx(one_by_one.df)


def test_a_post_stratified_mean_has_the_error_of_a_stratified_one():
    stratum, y = np.repeat([0, 1], [40, 60]), np.random.default_rng(3).normal(size=100)
    weights = rake(np.ones(100), [(stratum, np.array([700.0, 300.0]))])
    design = survey_design(weights, calibration=Calibration(base=np.ones(100), margins=[stratum]))
    parts = [(share, y[stratum == h]) for h, share in ((0, 0.7), (1, 0.3))]
    stratified = sum(share**2 * part.var(ddof=1) / part.size for share, part in parts)
    assert reduced_mean(design, y)[0].se ** 2 == pytest.approx(stratified, rel=0.03)


def test_leverages_are_those_of_the_dummies():
    rng = np.random.default_rng(4)
    a, b, base, count = rng.integers(0, 3, 30), rng.integers(0, 2, 30), rng.uniform(0.5, 2, 30), rng.integers(1, 9, 30)
    dummies = np.column_stack([np.eye(3)[a], np.eye(2)[b]])
    inverse = np.linalg.pinv((dummies * (base * count)[:, None]).T @ dummies)
    expected = base * np.einsum("ij,jk,ik->i", dummies, inverse, dummies)
    found = calibration_leverage(base, [(a, 3), (b, 2)], count.astype(float))
    assert found == pytest.approx(expected)
    assert (count * found).sum() == pytest.approx(4.0)  # as many as there are free categories


def test_the_order_of_halls_and_groups_changes_nothing():
    for order in itertools.islice(itertools.permutations(range(4)), 5):
        found = run("weighted_anova", halls(HALL), WITHIN, np.array(order)[REGION])
        assert found.pvalue == pytest.approx(0.865043620506)
