"""Paired, k groups, trends, tables in strata, multiplicity and power: from counts."""

import math
from typing import Any

import numpy as np

from survey.analysis.agreement import cohen_kappa, ordinal_association
from survey.analysis.multiplicity import adjust
from survey.analysis.significance import (
    did,
    k_means,
    k_samples,
    paired,
    paired_tables,
    post_hoc,
    signed_ranks,
    stratified,
    trend,
    waves,
)
from survey.analysis.significance.one_sample import chi2_sf
from tests.reference.registry import Case, answers, by_score, facts, limits, uncut, value


@answers("mcnemar")
def mcnemar(c: Case) -> dict[str, Any]:
    r = paired.mcnemar(c["table"])
    (_, b), (a, _) = c["table"]
    d, ratio = facts(r), r.effect_size
    return {
        "chi2": r.statistic,
        "p": d["pvalue_chi2"],
        "chi2_cc": d["chi2_continuity"],
        "p_cc": d["pvalue_continuity"],
        "p_exact": d["pvalue_exact"],
        "p_mid": d["pvalue_mid"],
        "diff": value(r.difference),
        "wald": limits(paired.wald_paired(c["table"])),
        "bonett_price": uncut(r.difference.confint, (b - a) / (np.sum(c["table"]) + 2.0)),
        "or_conditional": ratio.value,
        "or_ci_exact": {"lower": d["odds_ratio_low"], "upper": ratio.confint.high if ratio.confint else None},
        "cohen_g": r.effect_sizes[0].value,
    }


@answers("wilcoxon_signed_rank")
def signed_rank(c: Case) -> dict[str, Any]:
    r = signed_ranks.signed_rank(c["table"], c["scores"], exact=False)
    d = facts(r)
    return {
        "n_pairs": r.n[0],
        "n_nonzero": d["n_nonzero"],
        "V": r.statistic,
        "p": r.pvalue,
        "p_cc": d["pvalue_continuity"],
        "pratt_z": d["pratt_z"],
        "pratt_p": d["pratt_pvalue"],
        "matched_rank_biserial": value(r.effect_size),
        "sign_test_p": d["sign_test_pvalue"],
        "n_pos": d["n_positive"],
        "n_neg": d["n_negative"],
    }


@answers("t_paired")
def paired_t(c: Case) -> dict[str, Any]:
    r = paired.paired_t(c["table"], c["scores"])
    return {
        "n": r.n[0],
        "mean_diff": value(r.difference),
        "sd_diff": facts(r)["sd"],
        "t": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "ci": limits(r.difference),
        "cohen_dz": value(r.effect_size),
        "cohen_dav": r.effect_sizes[0].value,
        "pearson_r": facts(r)["pearson_r"],
    }


@answers("marginal_homogeneity")
def marginal_homogeneity(c: Case) -> dict[str, Any]:
    r = paired_tables.marginal_homogeneity(c["table"])
    d = facts(r)
    return {
        "stuart_maxwell": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "bhapkar": d["bhapkar"],
        "bhapkar_p": d["bhapkar_pvalue"],
        "bowker": d["bowker"],
        # R counts every pair of levels, also those never exchanged, and then has no statistic
        "bowker_df": len(c["table"]) * (len(c["table"]) - 1) / 2,
        "bowker_p": d["bowker_pvalue"],
        "coin_mh_statistic": r.statistic,
        "coin_mh_p": r.pvalue,
    }


@answers("friedman")
def friedman(c: Case) -> dict[str, Any]:
    rows = c.data.complete(c["columns"]).matrix(c["columns"])
    r = paired_tables.friedman(rows)
    return {
        "n": r.n[0],
        "k": rows.shape[1],
        "statistic": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "kendall_w": value(r.effect_size),
    }


@answers("cochran_q")
def cochran_q(c: Case) -> dict[str, Any]:
    rows = c.data.complete(c["columns"]).matrix(c["columns"]) >= c["threshold"]
    r = paired_tables.cochran_q(rows.astype(float))
    return {"n": r.n[0], "share": facts(r)["share"], "Q": r.statistic, "df": r.df, "p": r.pvalue}


@answers("cohen_kappa")
def kappa(c: Case) -> dict[str, Any]:
    plain, linear, quadratic = (cohen_kappa(c["table"], weights=w) for w in ("none", "linear", "quadratic"))
    return {
        "kappa": plain.value,
        "kappa_ase": plain.se,
        "kappa_linear": linear.value,
        "kappa_linear_ase": linear.se,
        "kappa_quadratic": quadratic.value,
        "kappa_quadratic_ase": quadratic.se,
        "agreement": float(np.trace(c["table"]) / np.sum(c["table"])),
    }


@answers("kruskal_wallis")
def kruskal_wallis(c: Case) -> dict[str, Any]:
    r = k_samples.kruskal_wallis(by_score(c))
    return {
        "H": r.statistic,
        "df": r.df,
        "p": r.pvalue,
        "epsilon_squared": value(r.effect_size),
        "eta_squared_H": r.effect_sizes[1].value,
        "mean_ranks": facts(r)["mean_ranks"],
    }


def _pairs(result: Any) -> dict[str, Any]:
    known = [p for p in result.comparisons if p.pvalue is not None]  # R lists no other pair
    pvalues = [p.pvalue for p in known]
    return {
        "group1": [p.first + 1 for p in known],
        "group2": [p.second + 1 for p in known],
        "p": pvalues,
        "p_holm": [p.adjusted_pvalue for p in known],
        "p_bh": list(adjust(pvalues, "bh")),
        "p_bonferroni": list(adjust(pvalues, "bonferroni")),
    }


@answers("dunn_posthoc")
def dunn(c: Case) -> dict[str, Any]:
    r = post_hoc.dunn(by_score(c))
    return {"z": [p.statistic for p in r.comparisons], **_pairs(r)}


@answers("pairwise_mann_whitney")
def pairwise_mann_whitney(c: Case) -> dict[str, Any]:
    return _pairs(post_hoc.pairwise_mann_whitney(by_score(c)))


@answers("anova")
def anova(c: Case) -> dict[str, Any]:
    a, w = k_means.anova(c["table"], c["scores"]), k_means.welch_anova(c["table"], c["scores"])
    effects = {e.name: e.value for e in a.effect_sizes}
    return {
        "F": a.statistic,
        "df1": a.df[0],
        "df2": a.df[1],
        "p": a.pvalue,
        "welch_F": w.statistic,
        "welch_df1": len(c["table"]) - 1,
        "welch_df2": w.df[1] if w.df else None,
        "welch_p": w.pvalue,
        "eta_squared": effects["eta squared"],
        "omega_squared": effects["omega squared"],
        "cohen_f": effects["Cohen's f"],
    }


@answers("games_howell")
def games_howell(c: Case) -> dict[str, Any]:
    pairs = post_hoc.games_howell(c["table"], c["scores"]).comparisons
    return {
        "group1": [p.first + 1 for p in pairs],
        "group2": [p.second + 1 for p in pairs],
        "diff_2_minus_1": [value(p.difference) for p in pairs],
        "q": [p.statistic for p in pairs],
        "df": [p.df for p in pairs],
        "p": [p.pvalue for p in pairs],
        "lower": [limits(p.difference)["lower"] for p in pairs],
        "upper": [limits(p.difference)["upper"] for p in pairs],
    }


@answers("pairwise_proportions")
def pairwise_proportions(c: Case) -> dict[str, Any]:
    r = post_hoc.pairwise_proportions(c["x"], c["n"])
    overall = {f"overall_{name}": facts(r)[key] for name, key in (("chi2", "chi2"), ("df", "df"), ("p", "pvalue"))}
    return overall | _pairs(r)


@answers("p_adjust")
def p_adjust(c: Case) -> dict[str, Any]:
    names = ("bonferroni", "holm", "hochberg", "hommel", "bh", "by")
    return {name: list(adjust(c["p"], name)) for name in names}


@answers("cochran_mantel_haenszel")
def cmh(c: Case) -> dict[str, Any]:
    r = stratified.cochran_mantel_haenszel(c["tables"])
    d = facts(r)
    return {
        "chi2": r.statistic,
        "p": r.pvalue,
        "chi2_cc": d["chi2_continuity"],
        "p_cc": d["pvalue_continuity"],
        "or_mh": value(r.effect_size),
        "or_ci": limits(r.effect_size),
        "woolf_chi2": d["woolf_chi2"],
        "woolf_p": d["woolf_pvalue"],
    }


@answers("cochran_armitage")
def cochran_armitage(c: Case) -> dict[str, Any]:
    r = waves.cochran_armitage(c["x"], c["n"], c["scores"])
    d = facts(r)
    return {
        "chi2": d["chi2"],
        "p": r.pvalue,
        "z": r.statistic,
        "chi2_mantel_Nminus1": d["chi2_mantel"],
        "overall_chi2": d["chi2_overall"],
        "departure_chi2": d["chi2_departure"],
        "departure_p": d["pvalue_departure"],
    }


@answers("jonckheere_terpstra")
def jonckheere(c: Case) -> dict[str, Any]:
    r = trend.jonckheere(c["table"])
    d = facts(r)
    return {
        "JT": r.statistic,
        "mean": d["mean"],
        "var": d["variance"],
        "z": d["z"],
        "p": r.pvalue,
        "kendall_z": d["z"],
        "kendall_p": r.pvalue,
    }


@answers("ordinal_association")
def association(c: Case) -> dict[str, Any]:
    a, m = ordinal_association(c["table"]), waves.linear_by_linear(c["table"])
    return {
        "concordant": a.concordant,
        "discordant": a.discordant,
        "gamma": a.gamma,
        "tau_b": a.tau_b,
        "somers_d_col_given_row": a.somers_d,
        "spearman": a.spearman,
        "spearman_p": a.spearman_pvalue,
        "pearson": a.pearson,
        "pearson_p": a.pearson_pvalue,
        "pearson_ci": limits(a.pearson_confint),
        "mantel_m2": facts(m)["m2"],
        "mantel_p": chi2_sf(facts(m)["m2"], 1.0),
        "coin_lbl_z": m.statistic,
    }


@answers("trend_regression")
def trend_regression(c: Case) -> dict[str, Any]:
    r = waves.trend_slope(c["table"], c["scores"], c["times"])
    d = facts(r)
    k = waves.mann_kendall(d["mean"], c["times"])
    return {
        "slope": value(r.difference),
        "se_ols": d["se_ols"],
        "t": d["t_ols"],
        "p": d["pvalue_ols"],
        "se_hc1": d["se_hc1"],
        "wave_means": d["mean"],
        "mann_kendall_tau": value(k.effect_size) if k.effect_size else None,
        "mann_kendall_p": k.pvalue,
    }


@answers("did_means")
def did_means(c: Case) -> dict[str, Any]:
    r = did.did_means(c["table"], c["scores"])
    d = facts(r)
    t, df = value(r.difference) / d["se_hc1"], r.df
    half = did.critical_t(0.95, df) * d["se_hc1"]
    errors = {name: d[name] for name in ("se_ols", "se_hc0", "se_hc1", "se_hc2", "se_hc3")}
    return errors | {
        "cell_n": list(r.n),
        "cell_mean": d["mean"],
        "did": value(r.difference),
        "t_hc1": t,
        "df": df,
        "p_hc1": did.t_pvalue(t, df),
        "ci_hc1": {"lower": value(r.difference) - half, "upper": value(r.difference) + half},
        "did_over_pooled_sd": value(r.effect_size),
    }


@answers("did_proportions")
def did_proportions(c: Case) -> dict[str, Any]:
    r = did.did_proportions(c["x"], c["n"])
    d = facts(r)
    return {
        "did": value(r.difference),
        "se_wald": d["se"],
        "z": r.statistic,
        "p": r.pvalue,
        "se_hc1": d["se_hc1"],
        "logit_did": d.get("logit_did"),
        "logit_se": d.get("logit_se"),
        "logit_z": d.get("logit_z"),
        "logit_p": d.get("logit_pvalue"),
        "odds_ratio_of_ratios": math.exp(d["logit_did"]) if "logit_did" in d else None,
    }
