"""Weights, clusters, stages and calibration: counts say what rows say, and every test honours the design."""

import itertools
import json
import math
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy import stats

from survey.analysis.calibrated import calibrated_mean, calibrated_total
from survey.analysis.checks import BadData
from survey.analysis.design import Calibration
from survey.analysis.linearised import design_effect, effective_n, survey_design, weighted_mean, weighted_total
from survey.analysis.patterns import Patterns
from survey.analysis.significance import TESTS
from survey.analysis.significance.did import did_of
from survey.analysis.significance.did_clusters import did_clusters
from survey.analysis.significance.did_panel import did_panel
from survey.analysis.significance.weighted import weighted_did, weighted_rank, weighted_two_shares, weighted_welch
from survey.analysis.significance.weighted_k_means import weighted_anova, weighted_pairs
from survey.analysis.significance.weighted_one_sample import weighted_one_mean, weighted_one_share
from survey.analysis.significance.weighted_tables import rao_scott
from survey.analysis.significance.weighted_trends import weighted_trend
from survey.analysis.sufficient import Moments
from survey.analysis.weighting import post_stratify, rake
from tests.reference.source import Rows

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = {c["id"]: c for c in json.loads((REFERENCE / "cases.json").read_text(encoding="utf-8"))}


def respondents(n=900, halls=24, seed=5):
    """People in halls in strata; halls differ, and so do groups."""
    r = np.random.default_rng(seed)
    hall = r.integers(0, halls, n)
    group = r.integers(0, 3, n)
    level = np.clip(np.round(3 + r.normal(size=halls)[hall] * 0.7 + 0.3 * group + r.normal(size=n)), 1, 5)
    return {
        "hall": hall.astype(float),
        "stratum": (hall % 3).astype(float),
        "weight": 1.0 + (hall % 2) + (group == 1),
        "group": group.astype(float),
        "level": level,
    }


def design_of(p, **extra):
    return survey_design(p["weight"], psu=p["hall"], stratum=p["stratum"], **extra)


def outcomes(p, d):
    """What a set of rows or patterns says, by every kind of estimate."""
    y, g = p["level"], p["group"]
    results = [
        weighted_one_mean(d, y, 3.0),
        weighted_one_share(d, y >= 4, 0.5),
        weighted_anova(d, y, g),
        weighted_trend(d, y, g),
        weighted_rank(d, y, g),
        rao_scott(d, y, g),
        weighted_welch(d, y, g == 2),
        weighted_two_shares(d, y >= 4, g == 2),
        weighted_did(d, y, g == 2, p["stratum"] == 1),
    ]
    pairs = weighted_pairs(d, y, g)
    mean = weighted_mean(d, y)
    return [
        *(v for r in results for v in (r.statistic, r.pvalue, r.effective_n, r.effect_size.value)),
        *(c.statistic for c in pairs.comparisons),
        mean.value,
        mean.se,
    ]


def test_patterns_with_counts_say_what_their_respondents_say():
    rows = respondents()
    p = Patterns.of(rows)
    assert len(p.count) < rows["hall"].size
    assert outcomes(p, design_of(p, count=p.count)) == pytest.approx(outcomes(rows, design_of(rows)), rel=1e-9)


def test_rows_of_two_chunks_written_one_after_the_other_are_their_union():
    rows = respondents()
    chunks = [Patterns.of({k: v[part] for k, v in rows.items()}) for part in (slice(None, 400), slice(400, None))]
    joined = {name: np.concatenate([c[name] for c in chunks]) for name in rows}
    held = np.concatenate([c.count for c in chunks])
    merged = chunks[0] + chunks[1]
    assert merged == Patterns.of(rows) == chunks[1] + chunks[0]
    whole = outcomes(rows, design_of(rows))
    assert outcomes(joined, design_of(joined, count=held)) == pytest.approx(whole, rel=1e-9)
    assert outcomes(merged, design_of(merged, count=merged.count)) == pytest.approx(whole, rel=1e-9)


def test_patterns_refuse_what_cannot_be_added():
    one = Patterns.of({"a": [1, 2]})
    with pytest.raises(BadData, match="same columns"):
        one + Patterns.of({"b": [1, 2]})
    with pytest.raises(BadData, match="labels in both"):
        one + Patterns.of({"a": ["x"]})
    with pytest.raises(BadData, match="one length"):
        Patterns.of({"a": [1, 2], "b": [1]})
    with pytest.raises(BadData, match="finite"):
        Patterns.of({"a": [1.0, math.nan]})
    assert one + Patterns.of({"a": np.array([], float)}) == one


def test_clusters_of_nobody_are_not_in_the_sample():
    rows = respondents()
    more = {k: np.append(v, v[:2]) for k, v in rows.items()}
    more["hall"][-2:] = 99.0, 98.0
    d = design_of(more, count=np.append(np.ones(rows["hall"].size), [0.0, 0.0]))
    assert d.df == design_of(rows).df
    assert outcomes(more, d) == pytest.approx(outcomes(rows, design_of(rows)), rel=1e-9)


def test_cluster_totals_spread_within_strata():
    rows = respondents()
    y, w = rows["level"], rows["weight"]
    z = w * (y - np.average(y, weights=w)) / w.sum()
    variance = 0.0
    for h in range(3):
        totals = np.array([z[rows["hall"] == i].sum() for i in range(h, 24, 3)])
        variance += (1 - 8 / 40) * 8 / 7 * ((totals - totals.mean()) ** 2).sum()
    mean = weighted_mean(design_of(rows, population=40), y)
    assert mean.se == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert design_of(rows).df == 24 - 3


def test_two_stages_add_the_spread_within_clusters():
    r = np.random.default_rng(3)
    psu = np.repeat(np.arange(6), 20)
    ssu = np.tile(np.repeat(np.arange(4), 5), 6)
    y = r.normal(size=120) + r.normal(size=6)[psu]
    w = np.full(120, 3.0)
    z = w * (y - y.mean()) / w.sum()
    totals = np.array([z[psu == i].sum() for i in range(6)])
    first = (1 - 6 / 15) * 6 / 5 * ((totals - totals.mean()) ** 2).sum()
    second = 0.0
    for i in range(6):
        inner = np.array([z[(psu == i) & (ssu == j)].sum() for j in range(4)])
        second += 6 / 15 * (1 - 4 / 9) * 4 / 3 * ((inner - inner.mean()) ** 2).sum()
    stages = {"psu": psu, "population": 15, "ssu": ssu, "second_population": 9}
    assert weighted_mean(survey_design(w, **stages), y).se == pytest.approx(math.sqrt(first + second), rel=1e-10)
    one = weighted_mean(survey_design(w, psu=psu), y)
    assert weighted_mean(survey_design(w, **(stages | {"population": None})), y).se == pytest.approx(one.se)
    whole = stages | {"second_population": 4}
    assert weighted_mean(survey_design(w, **whole), y).se == pytest.approx(math.sqrt(first), rel=1e-10)


def test_respondents_as_second_stage_may_be_counted():
    rows = respondents()
    sizes = np.bincount(rows["hall"].astype(int))
    far = {"population": 40, "second_population": 5.0 * sizes[rows["hall"].astype(int)]}
    p = Patterns.of(rows)
    few = {"population": 40, "second_population": 5.0 * sizes[p["hall"].astype(int)]}
    by_row = weighted_mean(design_of(rows, **far), rows["level"])
    counted = weighted_mean(design_of(p, count=p.count, **few), p["level"])
    assert counted.se == pytest.approx(by_row.se, rel=1e-10)
    assert by_row.se > weighted_mean(design_of(rows, population=40), rows["level"]).se


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("second_population", lambda: survey_design([1, 1], second_population=9)),
        ("ssu", lambda: survey_design([1, 1], ssu=[1, 2])),
        ("second_population", lambda: survey_design([1, 1, 1], psu=[1, 1, 2], second_population=1)),
        ("population", lambda: survey_design([1, 1], population=["many", "few"])),
        ("psu", lambda: survey_design([1, 1], psu=[1.0, math.nan])),
        ("psu", lambda: survey_design([1, 1], psu=["a", None])),
        ("calibration", lambda: survey_design([1, 1], calibration=Calibration(base=[1], margins=[[0, 1]]))),
        ("calibration", lambda: survey_design([1, 1], calibration=Calibration(base=[0, 1], margins=[[0, 1]]))),
        ("calibration", lambda: survey_design([1, 1], calibration=Calibration(base=[1, 1], margins=[]))),
        ("hits", lambda: weighted_one_share(survey_design([1, 1]), [0, 2], 0.5)),
        ("target", lambda: weighted_one_share(survey_design([1, 1]), [0, 1], 50.0)),
        ("group", lambda: weighted_welch(survey_design([1, 1, 1]), [1, 2, 3], ["a", "b", "c"])),
        ("pilot", lambda: weighted_did(survey_design([1, 1, 1]), [1, 2, 3], [0, 1, 2], [0, 1, 1])),
        ("treated", lambda: did_clusters([[1, 2]], [[1, 2]], [3], [0, 1])),
        ("after", lambda: did_clusters([[1, 2]], [[1, 2, 3]], [1], [0, 1])),
    ],
)
def test_bad_designs_name_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument


def raked(count=None):
    rows = respondents(seed=8)
    margins = [(rows["group"] + rows["stratum"]).astype(int) % 3, (rows["hall"] % 4).astype(int)]
    targets = [[4000.0, 3000.0, 3000.0], [2000.0, 3000.0, 2500.0, 2500.0]]
    final = rake(rows["weight"], list(zip(margins, targets, strict=True)))
    fit = Calibration(base=rows["weight"], margins=margins)
    d = survey_design(final, psu=rows["hall"], stratum=rows["stratum"], calibration=fit, count=count)
    return rows, margins, final, d


def test_calibration_is_the_residual_of_a_regression_on_all_dummies():
    rows, margins, final, d = raked()
    y = rows["level"]
    x = np.column_stack([np.eye(3)[margins[0]], np.eye(4)[margins[1]]])
    root = np.sqrt(rows["weight"])[:, None]
    mean = np.average(y, weights=final)
    u = (y - mean) / final.sum()
    e = u - x @ np.linalg.lstsq(x * root, u * root[:, 0], rcond=None)[0]
    plain = replace(d, weights=np.ones(y.size), calibration=None)
    by_hand = weighted_total(plain, final * e).se
    assert weighted_mean(d, y).se == pytest.approx(by_hand, rel=1e-12)
    cells = [(margins[0], 3), (margins[1], 4)]
    apart = replace(d, calibration=None)
    assert calibrated_mean(apart, rows["weight"], y, cells).se == pytest.approx(by_hand, rel=1e-12)
    total = weighted_total(d, y)
    assert calibrated_total(apart, rows["weight"], y, cells) == total
    assert by_hand < weighted_mean(apart, y).se


def test_what_the_weights_were_fitted_to_is_known_without_error():
    _, margins, _, d = raked()
    assert weighted_mean(d, margins[0] == 1).se == pytest.approx(0.0, abs=1e-12)
    assert weighted_total(d, margins[1] == 2).value == pytest.approx(2500.0)
    assert weighted_total(d, margins[1] == 2).se == pytest.approx(0.0, abs=1e-8)


def test_margins_that_follow_from_others_change_nothing():
    rows, margins, _, d = raked()
    twice = Calibration(base=rows["weight"], margins=[*margins, margins[0], np.zeros_like(margins[0])])
    assert outcomes(rows, replace(d, calibration=twice)) == pytest.approx(outcomes(rows, d), rel=1e-9)


def test_calibration_and_clusters_follow_the_rows_of_a_count_table():
    rows, margins, _, d = raked()
    plain = outcomes(rows, d)
    assert plain != pytest.approx(outcomes(rows, replace(d, calibration=None)), rel=1e-3)
    held = np.append(np.zeros(40), np.ones(rows["hall"].size))
    more = {k: np.append(v[:40], v) for k, v in rows.items()}
    fit = Calibration(base=more["weight"], margins=[np.append(m[39::-1], m) for m in margins])
    weights = np.append(d.weights[:40], d.weights)
    padded = survey_design(weights, psu=more["hall"], stratum=more["stratum"], count=held, calibration=fit)
    assert outcomes(more, padded) == pytest.approx(plain, rel=1e-9)


def test_a_category_without_people_has_weight_zero_and_no_influence():
    cell = np.repeat([0, 1, 2], 40)
    y = np.random.default_rng(1).normal(size=120) + cell
    final = post_stratify(np.ones(120), cell, [600.0, 400.0, 0.0])
    fit = Calibration(base=np.ones(120), margins=[cell])
    se = weighted_mean(survey_design(final, calibration=fit), y).se
    n, expected = 120.0, 0.0
    for g, share in ((0, 0.6), (1, 0.4)):
        expected += share**2 * y[cell == g].var() / 40 * n / (n - 1)
    assert se == pytest.approx(math.sqrt(expected), rel=1e-9)


def test_rows_without_weight_take_no_part_in_the_fit():
    rows, margins, final, d = raked()
    nobody = np.arange(900) % 7 == 3
    more = [np.append(m, np.where(m[nobody] == 0, 5, m[nobody])) for m in margins]
    fit = Calibration(base=np.append(rows["weight"], rows["weight"][nobody]), margins=more)
    w = np.append(final, np.zeros(nobody.sum()))
    hall, stratum, y = (np.append(rows[k], rows[k][nobody]) for k in ("hall", "stratum", "level"))
    padded = survey_design(w, psu=hall, stratum=stratum, calibration=fit)
    assert weighted_mean(padded, 9.0 - y).se == pytest.approx(weighted_mean(d, rows["level"]).se, rel=1e-9)


def test_a_stratum_with_one_cluster_is_measured_from_the_mean_of_all():
    psu, stratum = np.array([1, 1, 2, 2, 3, 3]), np.array([1, 1, 1, 1, 2, 2])
    y = np.array([1.0, 2, 4, 5, 9, 8])
    z = np.array([3.0, 9.0, 17.0])
    variance = 2 * ((z[:2] - 6.0) ** 2).sum() + (17.0 - z.mean()) ** 2
    total = weighted_total(survey_design(np.ones(6), psu=psu, stratum=stratum), y)
    assert total.se == pytest.approx(math.sqrt(variance))
    assert [c.code for c in total.cautions] == ["lonely-psu", "few-clusters"]


def test_clusters_of_one_drawn_unit_are_named_unless_all_were_drawn():
    units = {"psu": [1, 1, 2, 3], "population": 9, "ssu": [1, 2, 3, 4]}
    design = survey_design(np.ones(4), **units, second_population=[5, 5, 4, 1])
    assert [c.detail for c in design.cautions() if c.code == "lonely-ssu"] == [{"clusters": 1}]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("most", [3, 2**40])
def test_what_does_not_vary_has_a_reason_not_rounding_noise(seed, most):
    r = np.random.default_rng(seed)
    d = survey_design(r.uniform(0.1, 3, 12), psu=np.arange(12) // 2, count=r.integers(1, most, 12))
    group, flat = np.arange(12) % 3, np.full(12, r.normal())
    apart = r.normal(size=3)[group] * 10
    results = [
        weighted_one_mean(d, flat, 0.2),
        weighted_anova(d, apart, group),
        weighted_trend(d, 0.3 * group + 0.1, group),
        weighted_welch(d, flat, group == 1),
        weighted_did(d, flat, group == 1, np.arange(12) // 2 % 2),
    ]
    assert [r.cautions[0].code for r in results] == ["no-variance"] * 5
    assert {c.reason for c in weighted_pairs(d, apart, group).comparisons} == {results[0].reason}


def test_forty_margin_levels_of_a_hundred_thousand_patterns_take_no_time():
    r = np.random.default_rng(2)
    margins = [r.integers(0, k, 100_000) for k in (2, 6, 31, 3)]
    w = r.uniform(1, 3, 100_000)
    d = survey_design(
        w, psu=r.integers(0, 500, 100_000), calibration=Calibration(base=np.ones(100_000), margins=margins)
    )
    y, start = r.normal(size=100_000), time.perf_counter()
    assert weighted_mean(d, y).se > 0
    assert time.perf_counter() - start < 1.0


def reference(case_id):
    """Columns, design and expected values of a case computed in R."""
    case = CASES[case_id]
    return Rows.of(case["inputs"]["source"], REFERENCE), case["expected"]


def api_strata():
    rows, expected = reference("dev-svymean-apistrat-api00")
    d = survey_design(rows.numbers("pw"), stratum=rows.text("stype").astype(str), population=rows.numbers("fpc"))
    return rows, d, expected


def test_one_mean_is_svymean():
    rows, d, expected = api_strata()
    result = weighted_one_mean(d, rows.numbers("api00"), 600.0)
    assert result.difference.value + 600 == pytest.approx(expected["mean"], rel=1e-12)
    assert result.statistic == pytest.approx((expected["mean"] - 600) / expected["se"], rel=1e-9)
    assert result.df == expected["degf"]
    assert result.pvalue == pytest.approx(2 * stats.t.sf(result.statistic, result.df), rel=1e-9)
    assert result.effective_n == pytest.approx(200 / expected["deff_replace"], rel=1e-9)
    assert result.difference.confint.low + 600 == pytest.approx(expected["ci_t"]["lower"], rel=1e-9)


@pytest.mark.parametrize("case_id", ["dev-svyprop-apistrat-schwide", "dev-svyprop-nhanes-chol"])
def test_one_share_is_svyciprop_beta(case_id):
    rows, expected = reference(case_id)
    if "nhanes" in case_id:
        hits = rows.numbers("hi_chol")
        d = survey_design(rows.numbers("weight"), psu=rows.numbers("psu"), stratum=rows.numbers("stratum"))
    else:
        hits = rows.text("sch_wide") == "Yes"
        d = api_strata()[1]
    result = weighted_one_share(d, hits, 0.2)
    limits = result.difference.confint
    beta = expected["beta_korn_graubard"]
    assert (limits.low + 0.2, limits.high + 0.2) == pytest.approx((beta["lower"], beta["upper"]), rel=1e-7)
    assert result.statistic == pytest.approx((expected["p"] - 0.2) / expected["se"], rel=1e-9)


def test_two_shares_is_svyttest_of_nought_and_one():
    rows, expected = reference("dev-svytest-nhanes-chol-gender")
    d = survey_design(rows.numbers("weight"), psu=rows.numbers("psu"), stratum=rows.numbers("stratum"))
    result = weighted_two_shares(d, rows.numbers("hi_chol"), rows.numbers("gender"))
    found = (result.difference.value, result.statistic, result.df, result.pvalue)
    assert found == pytest.approx([expected[k] for k in ("diff", "t", "df", "p")], rel=1e-8)
    slope = weighted_trend(d, rows.numbers("hi_chol"), 2.0 * rows.numbers("gender"))
    assert slope.difference.value == pytest.approx(expected["diff"] / 2, rel=1e-8)
    assert (slope.statistic, slope.df, slope.pvalue) == pytest.approx(found[1:], rel=1e-8)
    overall = weighted_anova(d, rows.numbers("hi_chol"), rows.numbers("gender"))
    assert (overall.statistic, overall.pvalue) == pytest.approx((expected["t"] ** 2, expected["p"]), rel=1e-8)


def test_means_of_strata_are_independent_in_anova_and_pairs():
    rows, d, expected = api_strata()
    m, v = np.array(expected["domain_mean"]), np.array(expected["domain_se"]) ** 2
    center = (m / v).sum() / (1 / v).sum()
    chi2 = ((m - center) ** 2 / v).sum()
    overall = weighted_anova(d, rows.numbers("api00"), rows.text("stype").astype(str))
    assert overall.statistic == pytest.approx(chi2 / 2, rel=1e-8)
    assert overall.df == (2.0, expected["degf"] - 2)
    pairs = weighted_pairs(d, rows.numbers("api00"), rows.text("stype").astype(str)).comparisons
    for pair, (a, b) in zip(pairs, ((0, 1), (0, 2), (1, 2)), strict=True):
        assert pair.statistic == pytest.approx((m[b] - m[a]) / math.sqrt(v[a] + v[b]), rel=1e-8)
        assert pair.df == expected["degf"] - 2


def test_pairs_know_of_shared_halls():
    hall = np.repeat(np.arange(30), 20)
    group = np.tile([0, 1], 300)
    r = np.random.default_rng(4)
    y = r.normal(size=30)[hall] * 3 + r.normal(size=600)
    shared = weighted_pairs(survey_design(np.ones(600), psu=hall), y, group).comparisons[0].difference.confint
    paired = np.array([y[(hall == h) & (group == 1)].mean() - y[(hall == h) & (group == 0)].mean() for h in range(30)])
    assert shared.high - shared.low == pytest.approx(
        2 * stats.t.ppf(0.975, 28) * paired.std(ddof=1) / math.sqrt(30), rel=1e-9
    )


def test_trend_is_weighted_least_squares_with_a_sandwich():
    rows = respondents()
    y, x, w = rows["level"], 2000.0 + rows["group"], rows["weight"]
    d = design_of(rows)
    a = np.column_stack([np.ones(y.size), x - 2001])
    bread = np.linalg.inv(a.T @ (a * w[:, None]))
    beta = bread @ a.T @ (w * y)
    scores = (a * (w * (y - a @ beta))[:, None]) @ bread
    meat = 0.0
    for h in range(3):
        totals = np.array([scores[rows["hall"] == i, 1].sum() for i in range(h, 24, 3)])
        meat += 8 / 7 * ((totals - totals.mean()) ** 2).sum()
    result = weighted_trend(d, y, x)
    assert result.difference.value == pytest.approx(beta[1], rel=1e-9)
    assert result.details["se"] == pytest.approx(math.sqrt(meat), rel=1e-8)
    assert [c.code for c in result.cautions] == ["few-waves"]


def test_effects_of_equal_weights_are_the_plain_ones():
    r = np.random.default_rng(6)
    y, g = r.normal(size=90), np.repeat([0, 1], [40, 50])
    result = weighted_welch(survey_design(np.full(90, 7.0)), y, g)
    a, b = y[g == 0], y[g == 1]
    pooled = math.sqrt((39 * a.var(ddof=1) + 49 * b.var(ddof=1)) / 88)
    assert result.effect_size.value == pytest.approx((b.mean() - a.mean()) / pooled, rel=1e-10)
    assert effective_n(survey_design(np.full(90, 7.0)), y) == pytest.approx(90.0)


def test_effects_have_the_sign_and_size_of_their_differences():
    rows = respondents()
    d, y, g, w = design_of(rows), rows["level"], rows["group"], rows["weight"]
    trend = weighted_trend(d, y, g)
    c = np.cov(g, y, aweights=w)
    assert trend.effect_size.value == pytest.approx(c[0, 1] / math.sqrt(c[0, 0] * c[1, 1]), rel=1e-9)
    overall, pairs = weighted_anova(d, y, g), weighted_pairs(d, y, g).comparisons
    widest = max(pairs, key=lambda p: abs(p.difference.value))
    assert overall.difference.value == pytest.approx(abs(widest.difference.value))
    assert overall.difference.value > 0
    means = np.array([np.average(y[g == i], weights=w[g == i]) for i in range(3)])
    grand = np.average(y, weights=w)
    eta = np.average((means[g.astype(int)] - grand) ** 2, weights=w) / np.average((y - grand) ** 2, weights=w)
    assert overall.effect_size.value == pytest.approx(eta, rel=1e-9)
    shares = weighted_two_shares(d, y >= 4, g == 2)
    p, q = shares.details["p"]
    assert shares.effect_size.value == pytest.approx(2 * math.asin(math.sqrt(q)) - 2 * math.asin(math.sqrt(p)))
    assert shares.effect_size.value * shares.difference.value > 0


def test_clusters_cost_respondents():
    rows = respondents()
    d = survey_design(np.ones(900), psu=rows["hall"])
    effect = design_effect(d, rows["level"], replacement=True)
    assert weighted_one_mean(d, rows["level"], 3).effective_n == pytest.approx(900 / effect)
    assert effect > 5


def test_few_clusters_are_named():
    rows = respondents(halls=12)
    assert [c.code for c in weighted_welch(design_of(rows), rows["level"], rows["group"] == 1).cautions] == [
        "few-clusters"
    ]
    assert weighted_welch(design_of(rows), rows["level"], rows["group"] == 1).cautions[0].detail == {"clusters": 12}
    more = respondents(halls=24)
    assert weighted_welch(design_of(more), more["level"], more["group"] == 1).cautions == ()


def test_a_share_of_all_has_limits_but_no_statistic():
    d = survey_design([1, 2] * 25, psu=np.arange(50) // 5)
    result = weighted_one_share(d, np.ones(50), 0.9)
    assert (result.statistic, result.pvalue, result.reason is None) == (None, None, False)
    kish = 75.0**2 / 125.0 * (stats.t.ppf(0.975, 49) / stats.t.ppf(0.975, 9)) ** 2
    assert result.difference.confint.low + 0.9 == pytest.approx(0.025 ** (1 / kish), rel=1e-9)
    assert result.difference.confint.high == pytest.approx(0.1)


def test_groups_without_weight_are_left_out_aloud():
    d = survey_design([1.0] * 8 + [0.0] * 2)
    result = weighted_anova(d, [1, 2, 3, 4, 5, 6, 7, 9, 1, 1], [0, 0, 1, 1, 2, 2, 2, 2, 3, 3])
    assert (result.n, result.df) == ((2, 2, 4, 2), (2.0, 7.0))
    assert result.cautions[0].code == "empty-group"
    pairs = weighted_pairs(d, [1, 2, 3, 4, 5, 6, 7, 9, 1, 1], [0, 0, 1, 1, 2, 2, 2, 2, 3, 3])
    assert [c.reason is None for c in pairs.comparisons] == [True, True, False, True, False, False]


def panel_tables():
    rows, expected = reference("dev-didpanel-univbct-lowbtn")
    before, after, unit = (rows.numbers(n) for n in ("jobsat1", "jobsat3", "btn"))
    units = np.unique(unit)
    scores = np.unique(np.concatenate([before, after]))
    tables = [[[((unit == u) & (y == s)).sum() for s in scores] for u in units] for y in (before, after)]
    return tables, (units < 1005).astype(int), scores, expected


def cells(before, after, treated):
    return [np.array(t)[treated == arm] for arm in (0, 1) for t in (before, after)]


def test_did_of_clusters_has_the_error_of_the_stacked_regression():
    (before, after), treated, scores, expected = panel_tables()
    result = did_clusters(before, after, treated, scores)
    assert result.difference.value == pytest.approx(expected["did"], rel=1e-9)
    assert result.details["se_cluster"] == pytest.approx(expected["se_cluster_unit_cr1"], rel=1e-7)
    assert (result.df, result.details["clusters"]) == (expected["n_clusters"] - 1, expected["n_clusters"])
    plain = did_of([Moments.from_counts(np.sum(t, axis=0), scores) for t in cells(before, after, treated)])
    assert result.effect_size.value == pytest.approx(plain.effect_size.value)
    waste = (result.details["se_cluster"] / plain.details["se_ols"]) ** 2
    assert result.effective_n == pytest.approx(sum(result.n) / waste)


def test_did_of_clusters_by_the_regression_itself():
    r = np.random.default_rng(9)
    before, after = r.integers(0, 9, (24, 5)), r.integers(0, 12, (24, 5))
    treated, scores = np.arange(24) % 3 == 0, np.array([0, 25, 50, 75, 100.0])
    cluster, late, level = (v.ravel() for v in np.meshgrid(np.arange(24), [0, 1], np.arange(5), indexing="ij"))
    held = np.stack([before, after], axis=1).ravel()
    cluster, late, level = (np.repeat(v, held) for v in (cluster, late, level))
    g = treated[cluster]
    x = np.column_stack([np.ones(g.size), g, late, g * late])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ scores[level]
    scored = x * (scores[level] - x @ beta)[:, None]
    sums = np.stack([scored[cluster == i].sum(axis=0) for i in range(24)])
    n = g.size
    v = bread @ (sums.T @ sums) @ bread * 24 / 23 * (n - 1) / (n - 4)
    result = did_clusters(before, after, treated, scores)
    t = beta[3] / math.sqrt(v[3, 3])
    assert (result.statistic, result.df) == pytest.approx((t, 23.0), rel=1e-9)
    assert result.pvalue == pytest.approx(2 * stats.t.sf(abs(t), 23), rel=1e-9)
    assert (result.rule["pvalue"], result.cautions) == ("t", ())


def test_few_clusters_are_dealt_in_all_ways():
    r = np.random.default_rng(10)
    before, after = r.integers(1, 9, (8, 5)), r.integers(1, 12, (8, 5))
    scores = np.array([0, 25, 50, 75, 100.0])
    treated = np.array([1, 0, 1, 0, 0, 1, 0, 0])
    after[treated == 1, 4] += 30
    changes = after @ scores / after.sum(axis=1) - before @ scores / before.sum(axis=1)
    deals = [[i in chosen for i in range(8)] for chosen in itertools.combinations(range(8), 3)]
    gaps = [changes[m].mean() - changes[~np.array(m)].mean() for m in map(np.array, deals)]
    actual = changes[treated == 1].mean() - changes[treated == 0].mean()
    expected = np.mean(np.abs(gaps) >= abs(actual) - 1e-9)
    result = did_clusters(before, after, treated, scores)
    assert result.pvalue == pytest.approx(expected)
    assert result.rule["pvalue"] == "permutation of clusters, all 56 ways"
    assert result.cautions[0].detail == {"clusters": 8}


def test_many_ways_are_drawn_with_the_seed():
    r = np.random.default_rng(11)
    before, after = r.integers(1, 9, (18, 3)), r.integers(1, 9, (18, 3))
    treated = np.arange(18) % 2
    first = did_clusters(before, after, treated, [0, 50, 100], seed=4)
    assert first == did_clusters(before, after, treated, [0, 50, 100], seed=4)
    assert first.rule["pvalue"] == "permutation of clusters, 9999 draws, seed 4"
    assert abs(first.pvalue - first.details["pvalue_cr1"]) < 0.1


def test_a_panel_of_few_clusters_is_dealt_in_all_ways_too():
    cluster = np.repeat(np.arange(6), 5)
    treated = (cluster >= 3).astype(float)
    r = np.random.default_rng(12)
    before = r.integers(1, 6, 30).astype(float)
    result = did_panel(before, before + treated + r.integers(0, 2, 30), treated, cluster=cluster)
    assert (result.rule["pvalue"], result.pvalue) == ("permutation of clusters, all 20 ways", 0.1)
    assert result.version == TESTS["did_panel"].version == 2


def test_a_cluster_asked_once_is_left_out_aloud():
    before, after = np.full((6, 3), 5), np.full((6, 3), 6)
    after[:, 2] += np.arange(6)
    before[5] = 0
    result = did_clusters(before, after, [0, 0, 0, 1, 1, 1], [0, 50, 100])
    without = did_clusters(before[:5], after[:5], [0, 0, 0, 1, 1], [0, 50, 100])
    assert result == msgspec.structs.replace(without, cautions=result.cautions)
    assert (result.cautions[0].code, result.cautions[0].detail) == ("empty-left-out", {"clusters": 1})


def test_nearly_separate_groups_have_no_standard_errors_in_proportional_odds():
    from survey.analysis.significance.proportional_odds import proportional_odds

    for table in (
        [[0, 0, 0, 0, 100], [0, 0, 0, 1, 99], [0, 1, 0, 2, 97], [1, 3, 4, 6, 86]],
        [[0, 0, 0, 0, 30], [0, 0, 0, 0, 30], [1, 0, 0, 2, 27], [0, 0, 1, 0, 29]],
    ):
        result = proportional_odds(table)
        assert (result.pvalue is None) == (result.reason is not None)
        assert all(math.isfinite(se) and se > 0 for se in result.details.get("se", []))
