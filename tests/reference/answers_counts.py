"""One group and two groups, from counts."""

import math
from typing import Any

import numpy as np

from survey.analysis import contrasts, proportions
from survey.analysis.composites import three_rates
from survey.analysis.effects import cliffs_variance, cohens_d, cohens_h, delong_variance
from survey.analysis.equivalence import tost_means, tost_proportions
from survey.analysis.estimation import mean, median, net_promoter, proportion
from survey.analysis.fisher import conditional_odds_ratio, fisher_pvalue
from survey.analysis.results import EffectSize
from survey.analysis.significance import one_sample, ordinal_pairs, rates, signed_ranks, tables, two_samples
from survey.analysis.significance.exact_tables import fisher_exact
from survey.analysis.significance.proportional_odds import proportional_odds
from survey.analysis.sufficient import Moments
from tests.reference.registry import Case, answers, by_score, facts, limits, uncut, value


@answers("proportion_one_sample")
def one_proportion(c: Case) -> dict[str, Any]:
    x, n, p0, level = c["x"], c["n"], c["p0"], {"confidence_level": c.inputs.get("conf", 0.95)}
    result = one_sample.one_proportion(x, n, p0, **level)
    correction = min(0.5, abs(x - n * p0))
    d = result.details
    return {
        "p": d["p"],
        "wald": limits(proportions.wald(x, n, **level)),
        "wilson": limits(proportions.wilson(x, n, **level)),
        "wilson_cc": limits(proportions.wilson_continuity(x, n, correction=correction, **level)),
        "clopper_pearson": limits(proportions.clopper_pearson(x, n, **level)),
        "agresti_coull": limits(proportions.agresti_coull(x, n, **level)),
        "jeffreys": limits(proportions.jeffreys(x, n, **level)),
        "score_chi2": result.statistic**2,
        "score_p": d["pvalue_score"],
        "score_cc_chi2": d["z_continuity"] ** 2,
        "score_cc_p": d["pvalue_continuity"],
        "binom_p": d["pvalue_exact"],
    }


@answers("ordinal_index_one_sample")
def ordinal_index(c: Case) -> dict[str, Any]:
    counts, scores, top = np.array(c["counts"], float), np.array(c["scores"], float), int(c["top_k"])
    level = {"confidence_level": c.inputs.get("conf", 0.95)}
    points = 100.0 * (scores - scores.min()) / (scores.max() - scores.min())
    n = counts.sum()
    result, index = one_sample.one_mean(counts, scores, c["target"], **level), mean(counts, points, **level)
    ranks = signed_ranks.signed_rank_of(scores - c["target"], counts, exact=False)
    up, down = counts[-top:].sum(), counts[:top].sum()
    share = proportion(up, n, **level)
    net = net_promoter(up, n - up - down, down)
    return {
        "n": n,
        "mean": facts(result)["mean"],
        "var": facts(result)["sd"] ** 2,
        "sd": facts(result)["sd"],
        "median": median(counts, scores).value,
        "index_0_100": index.value,
        "index_se": index.se,
        "index_ci_t": limits(index),
        "top_share": share.value,
        "top_wilson": limits(share),
        "bottom_share": down / n,
        "net_balance": net.value / 100.0,
        "net_balance_se": net.se / 100.0,
        "t": result.statistic,
        "df": result.df,
        "p": result.pvalue,
        "cohen_d": value(result.effect_size),
        "wsr_p": facts(ranks)["pvalue_asymptotic"],
        "wsr_V": ranks.statistic,
    }


def _groups(counts: list[float]) -> tuple[float, float, float]:
    return sum(counts[9:11]), sum(counts[7:9]), sum(counts[:7])


@answers("nps")
def nps(c: Case) -> dict[str, Any]:
    up, middle, down = _groups(c["counts_0_10"])
    n = up + middle + down
    score = net_promoter(up, middle, down)
    half = proportions.critical_z(0.95) * score.se
    return {
        "n": score.n,
        "promoters": up / n,
        "passives": middle / n,
        "detractors": down / n,
        "nps": score.value,
        "se": score.se,
        "se_unbiased": score.se * math.sqrt(n / (n - 1.0)),
        "wald": {"lower": score.value - half, "upper": score.value + half},
        "adj_wald": uncut(score.confint, 100.0 * (up - down) / (n + 3.0)),
    }


@answers("nps_difference")
def nps_difference(c: Case) -> dict[str, Any]:
    a, b = _groups(c["counts_a"])[::-1], _groups(c["counts_b"])[::-1]
    r = ordinal_pairs.two_net_promoters(a, b)
    low, high = facts(r)["welch_confint"]
    return {
        "diff": value(r.difference),
        "se": facts(r)["se"],
        "z": r.statistic,
        "p": r.pvalue,
        "ci_wald": limits(r.difference),
        "welch_t": facts(r)["welch_statistic"],
        "welch_df": facts(r)["welch_df"],
        "welch_p": facts(r)["welch_pvalue"],
        "welch_ci": {"lower": low, "upper": high},
    }


@answers("multinomial_ci_goodman")
def goodman(c: Case) -> dict[str, Any]:
    intervals = proportions.goodman(c["counts"], confidence_level=c.inputs.get("conf", 0.95))
    shares = (np.array(c["counts"]) / np.sum(c["counts"])).tolist()
    return {"p": shares, "lower": [i.low for i in intervals], "upper": [i.high for i in intervals]}


@answers("chi2_goodness_of_fit")
def goodness_of_fit(c: Case) -> dict[str, Any]:
    r = one_sample.goodness_of_fit(c["counts"], c["probs"])
    return {
        "statistic": r.statistic,
        "df": r.df,
        "p": facts(r)["pvalue_chi2"],
        "expected": facts(r)["expected"],
        "std_residuals": facts(r)["std_residuals"],
        "cohen_w": value(r.effect_size),
    }


@answers("proportion_fpc")
def finite(c: Case) -> dict[str, Any]:
    share, wald = proportions.finite_proportion(c["x"], c["n"], c["N"], confidence_level=c.inputs.get("conf", 0.95))
    effective = share.value * (1.0 - share.value) / share.se**2 if share.se else None
    return {
        "p": share.value,
        "se_fpc": share.se,
        "wald": limits(wald),
        "wilson_effective_n": limits(share),
        "n_effective": effective,
    }


@answers("hotline_three_rates")
def hotline(c: Case) -> dict[str, Any]:
    names = ("accepted", "responded", "surveyed", "solved", "satisfied", "weights")
    r = three_rates(**{name: c[name] for name in names})
    return {
        "rates": [r.response.value, r.solved.value, r.satisfied.value],
        "response_wilson": limits(r.response),
        "solved_wilson": limits(r.solved),
        "satisfied_wilson": limits(r.satisfied),
        "composite_0_100": r.composite.value,
        "composite_se_independent": r.composite.se,
        "composite_se_upper_bound": r.se_upper_bound,
    }


@answers("chi2_independence")
def chi2(c: Case) -> dict[str, Any]:
    r = tables.chi_squared(c["table"])
    effects = {e.name: e.value for e in r.effect_sizes}
    return {
        "statistic": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "min_expected": facts(r)["min_expected"],
        "g_statistic": facts(r)["g_statistic"],
        "g_p": facts(r)["g_pvalue"],
        "cramers_v": value(r.effect_size),
        "cramers_v_bias_corrected": effects["Cramer's V (bias-corrected)"],
        "cramers_v_ci_ncp": limits(r.effect_size),
        "tschuprow_t": effects["Tschuprow's T"],
        "cohen_w": effects["Cohen's w"],
        "contingency_c": effects["contingency coefficient"],
        "expected": facts(r)["expected"],
        "std_residuals": facts(r)["std_residuals"],
    }


@answers("table_2x2")
def two_by_two(c: Case) -> dict[str, Any]:
    (a, b), (d, e) = c["table"]
    r = tables.two_by_two(c["table"])
    return {
        "chi2": facts(r)["chi2"],
        "p": facts(r)["pvalue_chi2"],
        "chi2_yates": facts(r)["chi2_yates"],
        "p_yates": facts(r)["pvalue_yates"],
        "fisher_p": facts(r)["pvalue_fisher"],
        "fisher_p_less": fisher_pvalue(a, b, d, e, "less"),
        "fisher_p_greater": fisher_pvalue(a, b, d, e, "greater"),
        "phi": value(r.effect_size),
        "odds_ratio_sample": facts(r)["odds_ratio_sample"],
    }


@answers("fisher_conditional_or")
def conditional(c: Case) -> dict[str, Any]:
    (a, b), (d, e) = c["table"]
    value, low, high = conditional_odds_ratio(a, b, d, e, confidence_level=c.inputs.get("conf", 0.95))
    return {"or_conditional_mle": value, "ci_exact": {"lower": low, "upper": high}}


@answers("fisher_rxc")
def exact_table(c: Case) -> dict[str, Any]:
    r, plain = fisher_exact(c["table"], budget=100_000_000), tables.chi_squared(c["table"])
    return {"p": r.pvalue, "chi2_p": plain.pvalue, "min_expected": facts(plain)["min_expected"]}


@answers("proportions_two_independent")
def two_shares(c: Case) -> dict[str, Any]:
    x, n, level = (c["x1"], c["x2"]), (c["n1"], c["n2"]), {"confidence_level": c.inputs.get("conf", 0.95)}
    r = two_samples.two_proportions(x, n, **level)
    ratios = {e.name: _ratio(e) for e in r.effect_sizes[1:]}
    table = [[x[0], n[0] - x[0]], [x[1], n[1] - x[1]]]
    return {
        "p1": x[0] / n[0],
        "p2": x[1] / n[1],
        "diff": x[0] / n[0] - x[1] / n[1],
        "z_pooled": r.statistic,
        "p": facts(r)["pvalue_z"],
        "p_cc": tables.two_by_two(table).details.get("pvalue_yates"),
        "wald": limits(contrasts.wald_difference(x, n, **level)),
        "wald_cc": limits(contrasts.wald_difference(x, n, continuity=True, **level)),
        "newcombe": limits(contrasts.newcombe(x, n, **level)),
        "agresti_caffo": limits(contrasts.agresti_caffo(x, n, **level)),
        "miettinen_nurminen": limits(contrasts.miettinen_nurminen(x, n, **level)),
        "risk_ratio": ratios.get("risk ratio"),
        "odds_ratio": ratios.get("odds ratio"),
        "cohen_h": cohens_h(x[0] / n[0], x[1] / n[1]),
    }


def _ratio(effect: EffectSize) -> dict[str, Any]:
    """A ratio of 0 has no interval on the log scale; R's runs from 0 to what is not a number."""
    given = {"estimate": effect.value, **limits(effect)}
    return given | {"lower": 0.0} if effect.value == 0 else given


@answers("mann_whitney")
def mann_whitney(c: Case) -> dict[str, Any]:
    table = by_score(c)
    r = two_samples.mann_whitney(table, continuity=False, exact=False)
    corrected = two_samples.mann_whitney(table, exact=False)
    a, b = table
    area = r.effect_sizes[1]
    return {
        "U1": r.statistic,
        "mean": facts(r)["mean"],
        "var_tie_corrected": facts(r)["variance"],
        "z": facts(r)["z"],
        "p": r.pvalue,
        "p_cc": corrected.pvalue,
        "auc_a_gt_b": area.value,
        "cliffs_delta": value(r.effect_size),
        "auc_delong_var": delong_variance(a, b)[1],
        "auc_delong_ci": limits(area),
        "cliff_var_unbiased": cliffs_variance(a, b)[1],
        "cliff_ci": limits(r.effect_size),
        "rank_biserial": value(r.effect_size),
    }


@answers("mann_whitney_exact_ties")
def mann_whitney_exact(c: Case) -> dict[str, Any]:
    r = two_samples.mann_whitney(by_score(c), exact=True)
    return {"U1": r.statistic, "p_exact_two_sided": r.pvalue, "p_exact_coin": r.pvalue}


@answers("brunner_munzel")
def brunner_munzel(c: Case) -> dict[str, Any]:
    r = ordinal_pairs.brunner_munzel(c["table"])
    return {
        "statistic": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "prob_b_gt_a": value(r.effect_size),
        "ci": limits(r.effect_size),
    }


@answers("t_two_independent")
def two_means(c: Case) -> dict[str, Any]:
    scores = np.array(c["scores"], float)
    w, s = two_samples.welch(c["table"], scores), ordinal_pairs.student(c["table"], scores)
    unit = 100.0 / (scores.max() - scores.min())
    interval = limits(w.difference)
    effects = {e.name: e.value for e in s.effect_sizes}
    return {
        "n": list(w.n),
        "mean": facts(w)["mean"],
        "var": facts(w)["variance"],
        "diff": value(w.difference),
        "diff_index_0_100": unit * value(w.difference),
        "welch_t": w.statistic,
        "welch_df": w.df,
        "welch_p": w.pvalue,
        "welch_ci": interval,
        "welch_ci_index": {name: None if limit is None else unit * limit for name, limit in interval.items()},
        "student_t": s.statistic,
        "student_p": s.pvalue,
        "cohen_d": effects["Cohen's d"],
        "hedges_g": effects["Hedges' g"],
        "glass_delta": effects["Glass's delta"],
        "cohen_d_effectsize": effects["Cohen's d"],
        "hedges_g_effectsize": effects["Hedges' g"],
    }


@answers("cohen_d_ci")
def cohen(c: Case) -> dict[str, Any]:
    a, b = (Moments.from_counts(row, c["scores"]) for row in c["table"])
    d = cohens_d(a, b)[0]
    se = math.sqrt((a.n + b.n) / (a.n * b.n) + d.value**2 / (2.0 * (a.n + b.n)))
    return {"ci_noncentral_t": limits(d), "se_approx": se}


@answers("tost_means_welch")
def equivalence_of_means(c: Case) -> dict[str, Any]:
    r = tost_means(c["table"], c["scores"], c["margin"])
    return {
        "p_lower": r.pvalue_lower,
        "p_upper": r.pvalue_upper,
        "p": r.pvalue,
        "ci90": limits(r),
        "equivalent_5pct": r.equivalent,
    }


@answers("tost_proportions")
def equivalence_of_shares(c: Case) -> dict[str, Any]:
    r = tost_proportions((c["x1"], c["x2"]), (c["n1"], c["n2"]), c["margin"])
    return {
        "diff": r.difference,
        "se_unpooled": 2.0 * r.margin / (r.statistic_lower - r.statistic_upper) if r.statistic_lower else math.nan,
        "z_lower": r.statistic_lower,
        "z_upper": r.statistic_upper,
        "p_lower": r.pvalue_lower,
        "p_upper": r.pvalue_upper,
        "p": r.pvalue,
        "ci90_newcombe": limits(r),
    }


@answers("proportional_odds")
def odds_model(c: Case) -> dict[str, Any]:
    r = proportional_odds(c["table"])
    return {
        "thresholds": facts(r)["thresholds"],
        "beta": facts(r)["coefficients"],
        "se": facts(r)["se"],
        "p": facts(r)["pvalues"],
        "odds_ratio": facts(r)["odds_ratios"],
        "loglik": facts(r)["log_likelihood"],
        "lr_chi2": r.statistic,
    }


@answers("poisson_rates")
def poisson(c: Case) -> dict[str, Any]:
    first, second = (rates.rate(c[f"x{i}"], c[f"t{i}"], per=c["per"]) for i in (1, 2))
    r = rates.two_rates((c["x1"], c["x2"]), (c["t1"], c["t2"]), per=c["per"])
    return {
        "rate1": first.value,
        "rate1_ci_exact": limits(first),
        "rate2": second.value,
        "rate2_ci_exact": limits(second),
        "rate_ratio": value(r.effect_size),
        "rate_ratio_ci": limits(r.effect_size) if r.effect_size and r.effect_size.confint else _from_infinity(c),
        "p_exact": r.pvalue,
        "z_wald_log": facts(r)["z_log_wald"],
    }


def _from_infinity(c: Case) -> dict[str, Any]:
    """No events in the second group: the ratio has a lower limit only; none at all: from 0 to infinity."""
    if c["x1"] + c["x2"] == 0:
        return {"lower": 0.0, "upper": None}
    share = proportions.clopper_pearson(c["x1"], c["x1"] + c["x2"]).low
    return {"lower": share / (1.0 - share) * c["t2"] / c["t1"], "upper": None}
