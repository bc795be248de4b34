"""Panels, scales, test items, drivers, power: from rows or covariance matrices."""

import math
from typing import Any

import numpy as np

from survey.analysis import power
from survey.analysis.composites import composite, first_component_weights
from survey.analysis.drivers import KeyDrivers, key_drivers, key_drivers_of, regression
from survey.analysis.items import distractors, item_analysis
from survey.analysis.omega import omega_total
from survey.analysis.reliability import cronbach_alpha
from survey.analysis.significance.did import did_of
from survey.analysis.significance.did_panel import did_panel
from survey.analysis.sufficient import CrossProducts, Moments
from tests.reference.registry import Case, answers, facts, limits, value


@answers("composite_index")
def composite_index(c: Case) -> dict[str, Any]:
    products = CrossProducts.of(c.data.matrix(c["items"]))
    low, high = c["scale_min"], c["scale_max"]
    r = composite(products, c["weights"], low=low, high=high)
    own = first_component_weights(products)
    return {
        "n": r.index.n,
        "item_index": list(r.items),
        "index": r.index.value,
        "se": r.index.se,
        "se_from_cov": r.index.se,
        "ci_t": limits(r.index),
        "pc1_weights": list(own),
        "index_pc1": composite(products, own, low=low, high=high).index.value,
    }


@answers("did_raw")
def did_raw(c: Case) -> dict[str, Any]:
    g, t, y = (c.data.numbers(c[name]) for name in ("group", "time", "y"))
    late, pilot = t == t.max(), g == g.max()
    cells = [Moments.of(y[(pilot == i) & (late == j)]) for i in (False, True) for j in (False, True)]
    r = did_of(cells)
    d = facts(r)
    errors = {name: d[name] for name in ("se_ols", "se_hc0", "se_hc1", "se_hc2", "se_hc3")}
    return errors | {"cell_n": list(r.n), "cell_mean": d["mean"], "cell_var": d["variance"], "did": value(r.difference)}


@answers("did_panel")
def panel(c: Case) -> dict[str, Any]:
    rows = c.data
    before, after = rows.numbers(c["pre"]), rows.numbers(c["post"])
    treated = rows.evaluate(c["treated"]).astype(float)
    cluster = c.inputs.get("cluster")
    r = did_panel(before, after, treated)
    d = facts(r)
    result = {
        "n": before.size,
        "n_treated": float(treated.sum()),
        "did": value(r.difference),
        "se_ols_ignoring_pairs": d["se_ols_ignoring_pairs"],
        "se_hc1_ignoring_pairs": d["se_hc1_ignoring_pairs"],
        "se_cluster_person_cr1": d["se_cluster_person"],
        "change_welch_t": d["change_statistic"],
        "change_welch_df": d["change_df"],
        "change_welch_p": d["change_pvalue"],
        "change_welch_ci": limits(r.difference),
        "change_se": d["change_se"],
        "ancova_effect": d["ancova_effect"],
        "ancova_se_hc1": d["ancova_se_hc1"],
    }
    if cluster:
        units = did_panel(before, after, treated, cluster=rows.text(cluster).astype(str)).details
        result |= {"se_cluster_unit_cr1": units["se_cluster"], "n_clusters": units["clusters"]}
    return result


def _items(c: Case) -> np.ndarray:
    x = c.data.matrix(c["items"])
    reverse = c.inputs.get("reverse") or []
    for name in [reverse] if isinstance(reverse, str) else reverse:
        j = c["items"].index(name)
        x[:, j] = c["scale_min"] + c["scale_max"] - x[:, j]
    return x


def _products(c: Case) -> CrossProducts:
    """Of the rows; of the covariance alone where there are none, which says nothing of means."""
    if c.rows is not None:
        products = CrossProducts.of(_items(c))
        assert "covariance" not in c.inputs or np.allclose(products.covariance, c["covariance"], rtol=1e-9)
        return products
    scatter = np.array(c["covariance"], float) * (c["n"] - 1.0)
    return CrossProducts(float(c["n"]), (math.nan,) * len(scatter), tuple(tuple(row) for row in scatter.tolist()))


@answers("cronbach_alpha")
def alpha(c: Case) -> dict[str, Any]:
    products = _products(c)
    r = cronbach_alpha(products)
    return {
        "n": r.n,
        "k": r.items,
        "alpha": r.value,
        "alpha_std": r.standardized,
        "guttman_lambda6": r.lambda6,
        "lambda2": r.lambda2,
        "mean_r": r.mean_correlation,
        "feldt_ci": limits(r),
        "duhachek_ase": r.se,
        "duhachek_ci": limits(r.confint_normal),
        "item_mean": list(products.means),
        "item_sd": np.sqrt(np.diag(products.covariance)).tolist(),
        "corrected_item_total_r": list(r.item_rest),
        "alpha_if_dropped": list(r.if_dropped),
        "sem_sum_score": r.sem,
    }


@answers("omega_total")
def omega(c: Case) -> dict[str, Any]:
    covariance = _products(c).covariance
    ml, minres = omega_total(covariance), omega_total(covariance, metric="correlation")
    return {
        "omega_total_ml_cov": ml.value,
        "ml_loadings": np.abs(ml.loadings).tolist(),
        "ml_uniqueness": list(ml.uniquenesses),
        "omega_total_minres_cor": minres.value,
        "minres_loadings": np.abs(minres.loadings).tolist(),
    }


def _scored(c: Case) -> tuple[np.ndarray, np.ndarray]:
    chosen = c.data.complete(c["items"]).matrix(c["items"])
    return chosen, (chosen == np.array(c["key"], float)).astype(float) if "key" in c.inputs else chosen


@answers("item_analysis_binary")
def items(c: Case) -> dict[str, Any]:
    x = _scored(c)[1]
    r = item_analysis(x)
    return {
        "n": r.n,
        "k": x.shape[1],
        "mean_total": r.mean_total,
        "sd_total": r.sd_total,
        "difficulty_p": list(r.difficulty),
        "item_total_r": list(r.item_total),
        "corrected_item_total_r": list(r.item_rest),
        "alpha": r.alpha.value,
        "kr20": r.kr20,
        "kr21": r.kr21,
        "alpha_if_dropped": list(r.alpha.if_dropped),
        "sem": r.alpha.sem,
        "upper_cut": r.upper_cut,
        "lower_cut": r.lower_cut,
        "n_upper": r.n_upper,
        "n_lower": r.n_lower,
        "discrimination_D": list(r.discrimination),
        "score_distribution": list(r.score_distribution),
    }


@answers("distractor_analysis")
def distractor(c: Case) -> dict[str, Any]:
    chosen, scored = _scored(c)
    j = c["items"].index(c["item"])
    options = distractors(chosen[:, j], scored.sum(axis=1) - scored[:, j])
    return {
        "options": [o.option for o in options],
        "n": [o.n for o in options],
        "share": [o.share for o in options],
        "rest_mean": [o.rest_mean for o in options],
        "point_biserial_rest": [o.point_biserial for o in options],
    }


@answers("key_drivers")
def drivers(c: Case) -> dict[str, Any]:
    if c.rows is None:
        return _importance(key_drivers_of(c["correlation"], c["n"]))
    names = [c["x"]] if isinstance(c["x"], str) else c["x"]
    x, y = c.data.matrix(names), c.data.numbers(c["y"])
    r, fit = key_drivers(CrossProducts.of(np.column_stack([y, x]))), regression(y, x)
    points = 100.0 * (x.mean(axis=0) - c["scale_min"]) / (c["scale_max"] - c["scale_min"])
    return _importance(r) | {
        "coef": list(fit.coefficients),
        "coef_se": list(fit.se),
        "coef_se_hc1": list(fit.se_hc1),
        "performance_0_100": points.tolist(),
    }


def _importance(r: KeyDrivers) -> dict[str, Any]:
    return {
        "r": list(r.r),
        "beta_std": list(r.beta),
        "r2": r.r2,
        "adj_r2": r.adjusted_r2,
        "F": r.f,
        "vif": list(r.vif),
        "shapley_lmg": list(r.shapley),
        "shapley_share": list(r.shapley_share),
        "relative_weights": list(r.relative_weights),
        "relative_share": list(r.relative_share),
    }


@answers("power_prop")
def power_prop(c: Case) -> dict[str, Any]:
    p, n, level = (c["p1"], c["p2"]), c["n"], {"significance_level": c["alpha"]}
    size = power.n_two_proportions(*p, power=c["power"], **level)
    return {
        "n_per_group": size,
        "n_per_group_ceiling": math.ceil(size),
        "power_at_n": power.power_two_proportions(*p, n, **level),
        "power_at_n_strict": power.power_two_proportions(*p, n, both_tails=True, **level),
        "n_per_group_arcsine": power.n_two_proportions_arcsine(*p, power=c["power"], **level),
        "cohen_h": power.cohens_h(*p),
        "power_unequal_n_arcsine": power.power_two_proportions_arcsine(*p, n, 2 * n, **level),
    }


@answers("power_t")
def power_t(c: Case) -> dict[str, Any]:
    d, n, level = c["d"], c["n"], {"significance_level": c["alpha"]}
    return {
        "n_per_group": power.n_two_means(d, power=c["power"], **level),
        "power_at_n": power.power_two_means(d, n, **level),
        "power_at_n_one_tail": power.power_two_means(d, n, both_tails=False, **level),
        "n_pairs": power.n_two_means(d, power=c["power"], paired=True, **level),
        "mde_at_n": power.detectable_difference(n, power=c["power"], **level),
    }


@answers("power_misc")
def power_misc(c: Case) -> dict[str, Any]:
    effect = power.cluster_design_effect(c["m"], c["icc"])
    with_effect = power.n_margin(c["E"], design_effect=effect)
    return {
        "n_chisq": power.n_chi_squared(c["w"], c["df"]),
        "n_anova_per_group": power.n_anova(c["k"], c["f"]),
        "n_margin_infinite": power.n_margin(c["E"]),
        "n_margin_fpc": power.n_margin(c["E"], population=c["N"]),
        "deff": effect,
        "n_with_deff": with_effect,
        "n_clusters": math.ceil(with_effect / c["m"]),
        "moe_at_n0": power.margin_of_error(c["n0"]),
        "n_tost_prop_per_group": power.n_equivalence_proportions(0.5, 0.03),
    }
