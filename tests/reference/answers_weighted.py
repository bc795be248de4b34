"""Weights and designs, from rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from survey.analysis import calibrated, linearised
from survey.analysis.clusters import cluster_effect
from survey.analysis.linearised import SurveyDesign, survey_design, weighted_mean
from survey.analysis.significance import tables, weighted, weighted_tables
from survey.analysis.weighting import kish, post_stratify, rake
from tests.reference.designs import parsed_design
from tests.reference.registry import Case, answers, facts, limits, value
from tests.reference.source import Rows, sorted_levels


@answers("svy_mean")
def svy_mean(c: Case) -> dict[str, Any]:
    rows, y = c.data, c.data.numbers(c["y"])
    design = parsed_design(c, rows)
    m, total = weighted_mean(design, y), linearised.weighted_total(design, y)
    half = linearised.critical_t(0.95, np.inf) * m.se
    result = {
        "n": m.n,
        "mean": m.value,
        "se": m.se,
        "degf": design.df,
        "ci_t": limits(m),
        "ci_z": {"lower": m.value - half, "upper": m.value + half},
        "deff": linearised.design_effect(design, y),
        "deff_replace": linearised.design_effect(design, y, replacement=True),
        "total": total.value,
        "total_se": total.se,
    }
    if c.inputs.get("by"):
        column = rows.columns[c["by"]]
        levels = sorted_levels(column)
        parts = [weighted_mean(design, y, within=[float(v == level) for v in column]) for level in levels]
        result |= {"domains": levels, "domain_mean": [p.value for p in parts], "domain_se": [p.se for p in parts]}
    return result


@answers("svy_proportion_ci")
def svy_proportion(c: Case) -> dict[str, Any]:
    event = c.data.evaluate(c["event"]).astype(float)
    design = parsed_design(c, c.data)
    share = weighted_mean(design, event)
    intervals = {name: limits(i) for name, i in calibrated.proportion_intervals(share, design).items()}
    return {
        "n": share.n,
        "p": share.value,
        "se": share.se,
        "deff": linearised.design_effect(design, event),
        "degf": design.df,
        "logit": intervals.get("logit"),
        "xlogit": intervals.get("logit"),
        "beta_korn_graubard": intervals.get("korn-graubard"),
        "asin": intervals.get("arcsine"),
        "wald_t": intervals.get("wald"),
    }


def _labels(rows: Rows, names: list[str]) -> list[str]:
    return ["|".join(str(rows.columns[n][i]) for n in names) for i in range(rows.size)]


def _population(c: Case, names: list[str]) -> dict[str, float]:
    margins = Rows.read(c.folder / "data" / c["population_csv"])
    result: dict[str, float] = {}
    for label, n in zip(_labels(margins, names), margins.numbers("n"), strict=True):
        result[label] = result.get(label, 0.0) + float(n)
    return result


def _with_weights(design: SurveyDesign, weights: np.ndarray) -> SurveyDesign:
    return replace(design, weights=weights)


def _kish(weights: np.ndarray) -> dict[str, Any]:
    k = kish(weights)
    return {"n": k.n, "sum_w": k.sum_of_weights, "n_eff": k.effective_n, "deff_kish": k.design_effect, "cv2": k.cv2}


def _first(labels: list[str], levels: list[str], values: np.ndarray) -> list[float]:
    return [float(values[labels.index(level)]) for level in levels]


@answers("post_stratification")
def poststratification(c: Case) -> dict[str, Any]:
    names = [c["cells"]] if isinstance(c["cells"], str) else c["cells"]
    rows, y, population = c.data, c.data.numbers(c["y"]), _population(c, names)
    design, labels = parsed_design(c, rows), _labels(c.data, names)
    levels = sorted(set(labels))
    g = np.array([levels.index(v) for v in labels])
    target = np.array([population[v] for v in levels])
    final = _with_weights(design, post_stratify(design.weights, g, target))
    m = calibrated.calibrated_mean(final, design.weights, y, [(g, target.size)])
    total = calibrated.calibrated_total(final, design.weights, y, [(g, target.size)])
    before = weighted_mean(design, y)
    return {
        "cells": levels,
        "population": target.tolist(),
        "cell_n": np.bincount(g).tolist(),
        "cell_weight": _first(labels, levels, final.weights),
        "mean_unadjusted": before.value,
        "se_unadjusted": before.se,
        "mean": m.value,
        "se": m.se,
        "total": total.value,
        "total_se": total.se,
        "kish": _kish(final.weights),
    }


@answers("raking")
def raking(c: Case) -> dict[str, Any]:
    rows, design = c.data, parsed_design(c, c.data)
    margins, cells = [], []
    for name in c["vars"]:
        population = _population(c, [name])
        levels = sorted(population)
        codes = np.array([levels.index(str(v)) for v in rows.columns[name]])
        margins.append((codes, [population[v] for v in levels]))
        cells.append((codes, len(levels)))
    final = _with_weights(design, rake(design.weights, margins))
    labels = _labels(rows, c["vars"])
    seen = sorted(set(labels))
    result: dict[str, Any] = {
        "sum_w": float(final.weights.sum()),
        "min_w": float(final.weights.min()),
        "max_w": float(final.weights.max()),
        "kish": _kish(final.weights),
        "cells": seen,
        "cell_weight": _first(labels, seen, final.weights),
    }
    for name in [c["y"]] if isinstance(c["y"], str) else c["y"]:
        y = rows.numbers(name)
        m = calibrated.calibrated_mean(final, design.weights, y, cells)
        result[name] = {"mean": m.value, "se": m.se, "unadjusted": weighted_mean(design, y).value}
    return result


@answers("rao_scott")
def rao_scott(c: Case) -> dict[str, Any]:
    rows = c.data.complete([c["row"], c["col"]])
    row, col = (sorted_levels(rows.columns[c[k]]) for k in ("row", "col"))
    a = np.array([row.index(v) for v in rows.columns[c["row"]]])
    b = np.array([col.index(v) for v in rows.columns[c["col"]]])
    counts = np.zeros((len(row), len(col)))
    np.add.at(counts, (a, b), 1.0)
    plain, r = tables.chi_squared(counts), weighted_tables.rao_scott(parsed_design(c, rows), a, b)
    return {
        "n": c.data.size,
        "naive_unweighted_chi2": plain.statistic,
        "naive_p": plain.pvalue,
        "weighted_pearson_chi2": facts(r)["chi2_weighted"],
        "F": r.statistic,
        "ndf": r.df[0],
        "ddf": r.df[1],
        "p": r.pvalue,
        "chisq_first_order_p": facts(r)["pvalue_first_order"],
        "mean_generalised_deff": facts(r)["design_effect"],
        "weighted_proportions": facts(r)["proportions"],
    }


@answers("svy_two_group")
def svy_two_group(c: Case) -> dict[str, Any]:
    rows = c.data.complete([c["y"], c["group"]])
    y, levels = rows.numbers(c["y"]), sorted_levels(rows.columns[c["group"]])
    g = np.array([levels.index(v) for v in rows.columns[c["group"]]])
    design = parsed_design(c, rows)
    m, r = weighted.weighted_welch(design, y, g), weighted.weighted_rank(design, y, g, ties="row-order")
    return {
        "n": c.data.size,
        "group_levels": levels,
        "mean": facts(m)["mean"],
        "se": facts(m)["se_mean"],
        "diff": value(m.difference),
        "se_diff": facts(m)["se"],
        "t": m.statistic,
        "df": m.df,
        "p": m.pvalue,
        "rank_t": r.statistic,
        "rank_df": r.df,
        "rank_p": r.pvalue,
        "rank_diff": value(r.effect_size),
    }


@answers("svy_kruskal_wallis")
def svy_kruskal_wallis(c: Case) -> dict[str, Any]:
    rows = c.data.complete([c["y"], c["group"]])
    levels = sorted_levels(rows.columns[c["group"]])
    g = [levels.index(v) for v in rows.columns[c["group"]]]
    r = weighted.weighted_rank(parsed_design(c, rows), rows.numbers(c["y"]), g, ties="row-order")
    chi2 = facts(r)["chi2"]
    two = len(levels) == 2
    ddf = r.df if two else r.df[1]
    df = len(levels) - 1.0
    return {"statistic": chi2, "df": df, "ddf": ddf, "F": chi2 / df, "p": r.pvalue}


@answers("kish_effective_n")
def kish_effective_n(c: Case) -> dict[str, Any]:
    return _kish(np.array(c["weights"]))


@answers("cluster_design_effect")
def cluster_design_effect(c: Case) -> dict[str, Any]:
    rows, y = c.data, c.data.numbers(c["y"])
    units = rows.text(c["cluster"]).astype(str)
    r = cluster_effect(y, units)
    design = survey_design(np.ones(rows.size), psu=units)
    return {
        "n": r.n,
        "clusters": r.clusters,
        "msb": r.msb,
        "msw": r.msw,
        "n0": r.n0,
        "icc1": r.icc,
        "icc1_mean_n": r.icc_mean_size,
        "deff_equal_size": r.design_effect_equal,
        "deff_kish_unequal": r.design_effect_unequal,
        "se_srs": r.se_independent,
        "se_cluster": weighted_mean(design, y).se,
        "deff_linearised": linearised.design_effect(design, y, replacement=True),
    }


@answers("did_weighted")
def did_weighted(c: Case) -> dict[str, Any]:
    rows = c.data.complete([c["y"], c["group"], c["time"]])
    w = rows.evaluate(c["weight_expression"]).astype(float)
    group, time = ([sorted_levels(rows.columns[c[k]]).index(v) for v in rows.columns[c[k]]] for k in ("group", "time"))
    r = weighted.weighted_did(survey_design(w), rows.numbers(c["y"]), group, time)
    return {
        "n": sum(r.n),
        "sum_w": float(w.sum()),
        "did": value(r.difference),
        "se_linearised": facts(r)["se"],
        "t": r.statistic,
        "p": r.pvalue,
        "df": r.df,
        "se_wls_hc1": facts(r)["se_wls_hc1"],
        "se_wls_naive": facts(r)["se_wls_naive"],
    }
