"""A good call of every public method of `survey.analysis`: what to spoil, argument by argument."""

from collections.abc import Callable
from typing import Any

import numpy as np

from survey.analysis import (
    agreement,
    bootstrap,
    bounded,
    calibrated,
    clusters,
    composites,
    contrasts,
    differencing,
    disclosure,
    drivers,
    effects,
    equivalence,
    estimation,
    fisher,
    funnels,
    items,
    linearised,
    multiplicity,
    omega,
    power,
    proportions,
    reliability,
    shrinkage,
    weighting,
)
from survey.analysis.results import ConfInt
from survey.analysis.significance import TESTS, column_letters
from survey.analysis.sufficient import Counts, CrossProducts, Moments

COUNTS = [4.0, 8.0, 18.0, 50.0, 20.0]
SCORES = [0.0, 25.0, 50.0, 75.0, 100.0]
TWO = [[4.0, 8.0, 18.0, 50.0, 20.0], [8.0, 14.0, 28.0, 30.0, 9.0]]
FOUR = [*TWO, [9.0, 1.0, 20.0, 30.0, 40.0], [3.0, 5.0, 8.0, 13.0, 21.0]]
SQUARE = [[9.0, 3.0, 1.0], [4.0, 12.0, 2.0], [2.0, 5.0, 8.0]]
STRATA = [[[8.0, 5.0], [6.0, 9.0]], [[12.0, 3.0], [7.0, 7.0]]]
ROWS = [[5.0, 4.0, 5.0, 3.0], [4.0, 4.0, 3.0, 3.0], [3.0, 2.0, 2.0, 4.0], [1.0, 2.0, 1.0, 2.0], [2.0, 3.0, 3.0, 5.0],
        [4.0, 5.0, 4.0, 4.0], [3.0, 3.0, 5.0, 1.0], [2.0, 1.0, 2.0, 2.0]]  # fmt: skip
RIGHT = [[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
COVARIANCE = [[2.0, 1.0, 0.9], [1.0, 2.0, 1.1], [0.9, 1.1, 2.5]]
CORRELATION = [[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]]
WEIGHTS = [1.0, 2.0, 1.5, 0.5, 1.0, 3.0, 1.0, 2.0]
VALUES = [3.0, 4.0, 2.0, 5.0, 1.0, 4.0, 3.0, 5.0]
HALVES = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
CODES = [0, 0, 0, 0, 1, 1, 1, 1]
TURNS = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
UNITS = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
X, N = [30.0, 20.0], [50.0, 45.0]
LEVEL = {"confidence_level": 0.9}
ALPHA = {"significance_level": 0.05}
Call = tuple[Callable[..., Any], dict[str, Any]]


def _design(weights: Any, psu: Any = None, stratum: Any = None, population: Any = None) -> Any:
    return linearised.survey_design(weights, psu=psu, stratum=stratum, population=population)


def _of_rows(function: Callable[..., Any], **fixed: Any) -> Callable[..., Any]:
    return lambda rows, **given: function(CrossProducts.of(rows), **fixed, **given)


def _weighted(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda weights, psu=None, **given: function(_design(weights, psu), **given)


def _calibrated(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(weights: Any, base: Any, values: Any) -> Any:
        return function(_design(weights), base, values, [(np.array(HALVES, int), 2)])

    return call


SAMPLE: dict[str, Any] = {"weights": WEIGHTS, "psu": UNITS, "values": VALUES}
SHARE = {"successes": 30.0, "n": 50.0, **LEVEL}
PAIR = {"x": X, "n": N, **LEVEL}
TWO_LEVELS = {"a": TWO[0], "b": TWO[1]}
SHARES = {"successes": [30.0, 20.0, 9.0, 25.0], "n": [50.0, 45.0, 20.0, 31.0]}

ESTIMATORS: dict[str, Call] = {
    "cohen_kappa": (agreement.cohen_kappa, {"table": SQUARE, **LEVEL}),
    "ordinal_association": (agreement.ordinal_association, {"table": FOUR, **LEVEL}),
    "bootstrap_difference": (bootstrap.bootstrap_difference, {"table": TWO, "scores": SCORES, **LEVEL}),
    "calibrated_mean": (
        _calibrated(calibrated.calibrated_mean), {"weights": WEIGHTS, "base": WEIGHTS, "values": VALUES},
    ),
    "calibrated_total": (
        _calibrated(calibrated.calibrated_total), {"weights": WEIGHTS, "base": WEIGHTS, "values": VALUES},
    ),
    "cluster_effect": (clusters.cluster_effect, {"values": VALUES, "cluster": UNITS}),
    "composite": (
        _of_rows(composites.composite),
        {"rows": ROWS, "weights": [1.0, 2.0, 3.0, 4.0], "low": 1.0, "high": 5.0, **LEVEL},
    ),
    "first_component_weights": (_of_rows(composites.first_component_weights), {"rows": ROWS}),
    "unit_composite": (
        lambda counts, weights: composites.unit_composite(
            [estimation.mean(counts, SCORES), estimation.mean(COUNTS[::-1], SCORES)], weights
        ),
        {"counts": COUNTS, "weights": [1.0, 2.0]},
    ),
    "three_rates": (
        composites.three_rates,
        {"accepted": 100.0, "responded": 90.0, "surveyed": 80.0, "solved": 60.0, "satisfied": 50.0,
         "weights": [0.1, 0.45, 0.45], **LEVEL},
    ),
    **{name: (getattr(contrasts, name), PAIR) for name in (
        "agresti_caffo", "miettinen_nurminen", "newcombe", "odds_ratio", "risk_ratio", "wald_difference")},
    "nearly_the_same": (differencing.nearly_the_same, {"table": SQUARE, "threshold": 5.0}),
    "hypercubes": (differencing.hypercubes, {"table": SQUARE, "threshold": 5.0}),
    "given_away": (differencing.given_away, {"shown": [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], "wanted": [[0.0, 0.0, 1.0]]}),
    "primary_cells": (disclosure.primary_cells, {"table": SQUARE, "threshold": 5.0}),
    "attacker_bounds": (disclosure.attacker_bounds, {"table": SQUARE, "hidden": [(0, 0), (0, 1), (1, 0), (1, 1)]}),
    "suppress": (disclosure.suppress, {"table": SQUARE, "threshold": 5.0, "protection_width": 3.0}),
    "suppress_linked": (
        disclosure.suppress_linked,
        {"values": [100.0, 96.0, 4.0, 60.0, 40.0],
         "relations": [[(0, 1), (1, -1), (2, -1)], [(0, 1), (3, -1), (4, -1)]],
         "threshold": 10.0, "protection_width": 3.0},
    ),
    "key_drivers": (_of_rows(drivers.key_drivers), {"rows": ROWS}),
    "key_drivers_of": (drivers.key_drivers_of, {"correlation": CORRELATION, "n": 50.0}),
    "importance_performance": (
        drivers.importance_performance, {"importance": [0.5, 0.3, 0.2], "performance": [60.0, 70.0, 80.0]},
    ),
    "regression": (drivers.regression, {"outcome": VALUES, "aspects": ROWS}),
    "cohens_d": (
        lambda a, b, **level: effects.cohens_d(Moments.from_counts(a, SCORES), Moments.from_counts(b, SCORES), **level),
        {**TWO_LEVELS, **LEVEL},
    ),
    "cohens_h": (effects.cohens_h, {"p1": 0.5, "p2": 0.4}),
    "tost_means": (equivalence.tost_means, {"table": TWO, "scores": SCORES, "margin": 5.0, **ALPHA}),
    "tost_proportions": (equivalence.tost_proportions, {"x": X, "n": N, "margin": 0.1, **ALPHA}),
    "verdict": (
        equivalence.verdict,
        {"difference": 8.0, "confint": ConfInt(3.7, 12.3, 0.9), "pvalue": 0.01, "margin": 2.0, **ALPHA},
    ),
    "mean": (estimation.mean, {"counts": COUNTS, "scores": SCORES, **LEVEL}),
    "level_mean": (estimation.level_mean, {"counts": COUNTS, "scores": SCORES, **LEVEL}),
    "bounded_interval": (bounded.bounded_interval, {"counts": COUNTS, "scores": SCORES, **LEVEL}),
    "tails": (bounded.tails, {"counts": COUNTS, "scores": SCORES, "target": 60.0}),
    "median": (estimation.median, {"counts": COUNTS, "scores": SCORES}),
    "quantile": (estimation.quantile, {"counts": COUNTS, "scores": SCORES, "probability": 0.25}),
    "trimmed_mean": (estimation.trimmed_mean, {"counts": COUNTS, "scores": SCORES, "proportion": 0.1}),
    "mean_of": (lambda values, **level: estimation.mean_of(Moments.of(values), **level), {"values": VALUES, **LEVEL}),
    "net_promoter": (estimation.net_promoter, {"promoters": 30.0, "passives": 20.0, "detractors": 10.0, **LEVEL}),
    "proportion": (estimation.proportion, SHARE),
    "conditional_odds_ratio": (fisher.conditional_odds_ratio, {"a": 8.0, "b": 2.0, "c": 1.0, "d": 5.0, **LEVEL}),
    "fisher_pvalue": (fisher.fisher_pvalue, {"a": 8.0, "b": 2.0, "c": 1.0, "d": 5.0}),
    "funnel_of_means": (
        funnels.funnel_of_means, {"mean": [60.0, 70.0, 65.0], "variance": [90.0, 80.0, 85.0], "n": [30.0, 50.0, 9.0]},
    ),
    "funnel_of_shares": (funnels.funnel_of_shares, SHARES),
    "distractors": (
        items.distractors, {"chosen": [1.0, 2.0, 1.0, 3.0, 2.0, 1.0], "rest": [3.0, 1.0, 4.0, 0.0, 2.0, 3.0]},
    ),
    "item_analysis": (items.item_analysis, {"scored": RIGHT, "tail": 0.27}),
    "mantel_haenszel_dif": (items.mantel_haenszel_dif, {"strata": STRATA, **ALPHA, **LEVEL}),
    "survey_design": (
        _design, {"weights": WEIGHTS, "psu": UNITS, "stratum": HALVES, "population": [40.0] * 8},
    ),
    "weighted_mean": (_weighted(linearised.weighted_mean), {**SAMPLE, "within": TURNS, **LEVEL}),
    "weighted_total": (_weighted(linearised.weighted_total), {**SAMPLE, **LEVEL}),
    "design_effect": (_weighted(linearised.design_effect), SAMPLE),
    "effective_n": (_weighted(linearised.effective_n), SAMPLE),
    "proportion_intervals": (
        lambda weights, values: calibrated.proportion_intervals(
            linearised.weighted_mean(_design(weights), values), _design(weights)
        ),
        {"weights": WEIGHTS, "values": TURNS},
    ),
    "adjust": (multiplicity.adjust, {"pvalues": [0.01, 0.04, 0.3, None], "method": "holm"}),
    "omega_total": (omega.omega_total, {"covariance": COVARIANCE}),
    "cluster_design_effect": (power.cluster_design_effect, {"size": 20.0, "icc": 0.05}),
    "detectable_difference": (power.detectable_difference, {"n": 200.0, "power": 0.8, **ALPHA}),
    "margin_of_error": (power.margin_of_error, {"n": 385.0, "p": 0.5, "design_effect": 1.5, **LEVEL}),
    "n_anova": (power.n_anova, {"groups": 5, "f": 0.1, "power": 0.8, **ALPHA}),
    "n_chi_squared": (power.n_chi_squared, {"w": 0.1, "df": 4.0, "power": 0.8, **ALPHA}),
    "n_did": (power.n_did, {"effect": 5.0, "sd": 20.0, "power": 0.8, **ALPHA}),
    "n_equivalence_proportions": (power.n_equivalence_proportions, {"p": 0.5, "margin": 0.03, "power": 0.8, **ALPHA}),
    "n_margin": (
        power.n_margin, {"margin": 0.03, "p": 0.5, "population": 8000.0, "design_effect": 1.5, **LEVEL},
    ),
    "n_two_means": (power.n_two_means, {"d": 0.2, "power": 0.8, **ALPHA}),
    "n_two_proportions": (power.n_two_proportions, {"p1": 0.7, "p2": 0.75, "power": 0.8, **ALPHA}),
    "n_two_proportions_arcsine": (power.n_two_proportions_arcsine, {"p1": 0.7, "p2": 0.75, "power": 0.8, **ALPHA}),
    "power_two_means": (power.power_two_means, {"d": 0.2, "n": 200.0, **ALPHA}),
    "power_two_proportions": (power.power_two_proportions, {"p1": 0.7, "p2": 0.75, "n": 400.0, **ALPHA}),
    "power_two_proportions_arcsine": (
        power.power_two_proportions_arcsine, {"p1": 0.7, "p2": 0.75, "n1": 400.0, "n2": 800.0, **ALPHA},
    ),
    **{name: (getattr(proportions, name), SHARE) for name in (
        "agresti_coull", "clopper_pearson", "jeffreys", "wald", "wilson", "wilson_continuity")},
    "finite_proportion": (proportions.finite_proportion, {**SHARE, "population": 200.0}),
    "goodman": (proportions.goodman, {"counts": COUNTS, **LEVEL}),
    "alpha_of": (reliability.alpha_of, {"covariance": COVARIANCE, "n": 50.0, **LEVEL}),
    "cronbach_alpha": (_of_rows(reliability.cronbach_alpha), {"rows": ROWS, **LEVEL}),
    "kr20": (reliability.kr20, {"difficulty": [0.6, 0.7, 0.4], "variance_of_total": 1.2}),
    "kr21": (reliability.kr21, {"items": 5, "mean_total": 3.0, "variance_of_total": 1.5}),
    "spearman_brown": (reliability.spearman_brown, {"reliability": 0.7, "factor": 2.0}),
    "shrink_means": (shrinkage.shrink_means, {"mean": [60.0, 70.0, 65.0, 50.0], "se": [2.0, 3.0, 1.0, 2.5], **LEVEL}),
    "shrink_shares": (shrinkage.shrink_shares, {**SHARES, **LEVEL}),
    "kish": (weighting.kish, {"weights": WEIGHTS}),
    "post_stratify": (weighting.post_stratify, {"weights": WEIGHTS, "cell": CODES, "population": [50.0, 70.0]}),
    "rake": (
        lambda weights, codes, totals: weighting.rake(
            weights, [(codes, totals), (np.array(TURNS, int), [60.0, 60.0])], iterations=100
        ),
        {"weights": WEIGHTS, "codes": CODES, "totals": [50.0, 70.0]},
    ),
    "trim": (weighting.trim, {"weights": WEIGHTS, "largest_ratio": 2.0}),
    "column_letters": (column_letters.column_letters, {}),
    "Counts.of": (Counts.of, {"table": TWO}),
    "Counts.tabulate": (Counts.tabulate, {"codes": UNITS, "levels": 4, "groups": 2, "group": HALVES}),
    "Moments.of": (Moments.of, {"values": VALUES}),
    "Moments.from_counts": (Moments.from_counts, {"counts": COUNTS, "scores": SCORES}),
    "CrossProducts.of": (CrossProducts.of, {"rows": ROWS}),
}  # fmt: skip

_TABLE: dict[str, Any] = {"table": FOUR}
_SCORED: dict[str, Any] = {"table": FOUR, "scores": SCORES}
_PAIR: dict[str, Any] = {"table": TWO}
_SPLIT: dict[str, Any] = {**SAMPLE, "group": TURNS}
TEST_ARGUMENTS: dict[str, dict[str, Any]] = {
    "one_proportion": {"successes": 30.0, "n": 50.0, "target": 0.5},
    "one_mean": {"counts": COUNTS, "scores": SCORES, "target": 60.0},
    "one_net_promoter": {"promoters": 30.0, "passives": 20.0, "detractors": 10.0, "target": 10.0},
    "goodness_of_fit": {"counts": COUNTS, "probabilities": [0.1, 0.15, 0.4, 0.25, 0.1], "draws": 99},
    "mann_whitney": _PAIR,
    "welch": {**_PAIR, "scores": SCORES},
    "two_proportions": {"successes": X, "n": N},
    "brunner_munzel": _PAIR,
    "student": {**_PAIR, "scores": SCORES},
    "two_net_promoters": {"first": [10.0, 20.0, 30.0], "second": [15.0, 15.0, 15.0]},
    "chi_squared": _TABLE,
    "fisher_exact": {"table": SQUARE, "draws": 99},
    "fisher_two_by_two": {"table": [[8.0, 2.0], [1.0, 5.0]]},
    "proportional_odds": _TABLE,
    "mcnemar": {"table": [[8.0, 5.0], [1.0, 5.0]]},
    "paired_t": {"table": SQUARE, "scores": SCORES[:3]},
    "signed_rank": {"table": SQUARE, "scores": SCORES[:3]},
    "marginal_homogeneity": {"table": SQUARE},
    "friedman": {"rows": ROWS},
    "cochran_q": {"rows": RIGHT},
    "kruskal_wallis": _TABLE,
    "anova": _SCORED,
    "welch_anova": _SCORED,
    "dunn": _TABLE,
    "pairwise_mann_whitney": _TABLE,
    "games_howell": _SCORED,
    "pairwise_proportions": SHARES,
    "cochran_mantel_haenszel": {"tables": STRATA},
    "cochran_armitage": {**SHARES, "scores": [1.0, 2.0, 3.0, 4.0]},
    "jonckheere": _TABLE,
    "linear_by_linear": {**_TABLE, "row_scores": [1.0, 2.0, 3.0, 4.0], "column_scores": SCORES},
    "trend_slope": {**_SCORED, "times": [2021.0, 2022.0, 2023.0, 2024.0]},
    "mann_kendall": {"values": [1.0, 3.0, 2.0, 5.0, 6.0], "times": [1.0, 2.0, 3.0, 4.0, 5.0]},
    "one_rate": {"events": 45.0, "exposure": 12000.0, "target": 0.003},
    "two_rates": {"events": [45.0, 31.0], "exposure": [12000.0, 14500.0]},
    "quasi_poisson_rates": {"events": UNITS, "exposure": WEIGHTS, "group": TURNS},
    "negative_binomial_rates": {"events": UNITS, "exposure": WEIGHTS, "group": TURNS},
    "did_means": _SCORED,
    "did_proportions": SHARES,
    "did_net_promoter": {"cells": [[10.0, 20.0, 30.0], [15.0, 15.0, 15.0], [9.0, 20.0, 8.0], [3.0, 4.0, 30.0]]},
    "did_panel": {"before": VALUES, "after": WEIGHTS, "treated": TURNS},
    "did_clusters": {"before": [*FOUR, *FOUR[::-1]], "after": [*FOUR[::-1], *FOUR],
                     "treated": HALVES, "scores": SCORES},
    "parallel_trends": {"control": TWO, "pilot": TWO[::-1], "scores": SCORES, "times": [1.0, 2.0]},
    "rao_scott": {"weights": WEIGHTS, "psu": UNITS, "rows": TURNS, "columns": HALVES},
    "weighted_welch": _SPLIT,
    "weighted_two_shares": {"weights": WEIGHTS, "psu": UNITS, "hits": HALVES, "group": TURNS},
    "weighted_rank": _SPLIT,
    "weighted_did": {**SAMPLE, "pilot": TURNS, "after": HALVES},
    "weighted_anova": _SPLIT,
    "weighted_pairs": _SPLIT,
    "weighted_one_mean": {**SAMPLE, "target": 3.0},
    "weighted_one_share": {"weights": WEIGHTS, "psu": UNITS, "hits": HALVES, "target": 0.5},
    "weighted_trend": {**SAMPLE, "times": UNITS},
}  # fmt: skip


def test_call(name: str) -> Call:
    function = TESTS[name].function
    arguments = TEST_ARGUMENTS[name]
    return (_weighted(function) if "weights" in arguments else function), arguments


test_call.__test__ = False  # type: ignore[attr-defined]
CALLS: dict[str, Call] = {
    **{name: call for name, call in ESTIMATORS.items() if call[1]},
    **{name: test_call(name) for name in TEST_ARGUMENTS},
}
