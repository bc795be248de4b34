"""The decision table: which test for which outcome and design, why, and what stands in when its conditions fail.

The first of a plan is chosen; the others look at the same difference in other ways and stand beside it. A test that is
in no plan can be asked for by name, as long as it is made for the design: it needs no entry here.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from survey.analysis.bounded import FEW_AWAY, leans
from survey.analysis.significance import TESTS
from survey.analysis.significance.tables import expected_counts
from survey.analysis.sufficient import Moments
from survey.errors import Refused
from survey.evaluation.evidence import Design, Evidence, can_run
from survey.evaluation.outcomes import Level

Plan = tuple[str, ...]
PLANS: dict[Design, dict[Level, Plan]] = {
    "one-sample": {
        "ordinal": ("one_mean",),
        "score": ("one_mean",),
        "binary": ("one_proportion",),
        "nps": ("one_net_promoter", "one_mean"),
    },
    "two-independent": {
        "ordinal": ("mann_whitney", "welch", "chi_squared"),
        "score": ("welch", "mann_whitney"),
        "binary": ("two_proportions", "chi_squared"),
        "nominal": ("chi_squared",),
        "nps": ("two_net_promoters", "welch"),
    },
    "two-paired": {
        "ordinal": ("signed_rank", "paired_t", "marginal_homogeneity"),
        "score": ("paired_t", "signed_rank"),
        "binary": ("mcnemar",),
        "nominal": ("marginal_homogeneity",),
        "nps": ("paired_t", "signed_rank"),
    },
    "k-independent": {
        "ordinal": ("kruskal_wallis", "welch_anova", "chi_squared"),
        "score": ("welch_anova", "kruskal_wallis"),
        "binary": ("chi_squared",),
        "nominal": ("chi_squared",),
        "nps": ("welch_anova",),
    },
    "ordered": {
        "ordinal": ("jonckheere", "kruskal_wallis", "chi_squared"),
        "score": ("jonckheere", "welch_anova", "kruskal_wallis"),
        "binary": ("cochran_armitage", "chi_squared"),
        "nominal": ("chi_squared",),
        "nps": ("jonckheere", "welch_anova"),
    },
    "waves": {
        "ordinal": ("trend_slope", "jonckheere", "kruskal_wallis"),
        "score": ("trend_slope", "jonckheere", "welch_anova"),
        "binary": ("cochran_armitage", "trend_slope", "chi_squared"),
        "nominal": ("chi_squared",),
        "nps": ("trend_slope", "welch_anova"),
    },
    "did": {
        "ordinal": ("did_means",),
        "score": ("did_means",),
        "binary": ("did_proportions",),
        "nps": ("did_net_promoter",),
    },
    "did-panel": {level: ("did_panel",) for level in ("ordinal", "score", "binary", "nps")},
    "did-clusters": {level: ("did_clusters",) for level in ("ordinal", "score", "binary", "nps")},
}  # fmt: skip

WEIGHTED: dict[Design, dict[Level, Plan]] = {
    "one-sample": {
        "ordinal": ("weighted_one_mean",),
        "score": ("weighted_one_mean",),
        "binary": ("weighted_one_share",),
        "nps": ("weighted_one_mean",),
    },
    "two-independent": {
        "ordinal": ("weighted_rank", "weighted_welch", "rao_scott"),
        "score": ("weighted_welch", "weighted_rank"),
        "binary": ("weighted_two_shares", "rao_scott"),
        "nominal": ("rao_scott",),
        "nps": ("weighted_welch",),
    },
    "two-paired": {level: ("weighted_one_mean",) for level in ("ordinal", "score", "binary", "nps")},
    "k-independent": {
        "ordinal": ("weighted_rank", "weighted_anova", "rao_scott"),
        "score": ("weighted_anova", "weighted_rank"),
        "binary": ("rao_scott",),
        "nominal": ("rao_scott",),
        "nps": ("weighted_anova",),
    },
    "ordered": {
        "ordinal": ("weighted_trend", "weighted_rank", "rao_scott"),
        "score": ("weighted_trend", "weighted_anova"),
        "binary": ("weighted_trend", "rao_scott"),
        "nominal": ("rao_scott",),
        "nps": ("weighted_trend", "weighted_anova"),
    },
    "waves": {
        "ordinal": ("weighted_trend", "weighted_rank"),
        "score": ("weighted_trend", "weighted_anova"),
        "binary": ("weighted_trend", "rao_scott"),
        "nominal": ("rao_scott",),
        "nps": ("weighted_trend", "weighted_anova"),
    },
    "did": {level: ("weighted_did",) for level in ("ordinal", "score", "binary", "nps")},
    "did-panel": {level: ("weighted_welch",) for level in ("ordinal", "score", "binary", "nps")},
}  # fmt: skip

POST_HOC: dict[Level, str] = {
    "ordinal": "dunn", "score": "games_howell", "binary": "pairwise_proportions", "nps": "games_howell",
}  # fmt: skip
"""Which pairs of several groups differ; under weights or clusters `weighted_pairs`."""

_MEANS = frozenset({"score", "nps"})
_MANY_LEVELS = 500
"""Beyond, the ranks of a score are not computed beside its mean: they would take long and add nothing."""
SPREADS_DIFFER = 2.0
"""From this ratio of variances of the ranks on, tests that shift one distribution err: others stand in."""
SHARE_AWAY = 0.2
"""Where fewer than this share of a group, or than `FEW_AWAY`, gave another answer than most of it, its spread is not
known well enough to use."""


class Fallback(NamedTuple):
    """What stands in for a test when `when` holds."""

    when: Callable[[Evidence], bool]
    test: str


def _small_expected(evidence: Evidence) -> bool:
    table = evidence.table[:, evidence.table.sum(axis=0) > 0]
    table = table[table.sum(axis=1) > 0]
    return min(table.shape) > 1 and bool(expected_counts(table).min() < 5.0)


def _spreads_differ(evidence: Evidence) -> bool:
    if _few_away(evidence):
        return False
    ranks = np.arange(evidence.table.shape[1], dtype=np.float64)
    variances = [Moments.from_counts(row, ranks).variance or 0.0 for row in evidence.table]
    return max(variances) > SPREADS_DIFFER * min(variances)


def _few_away(evidence: Evidence) -> bool:
    """A group of whom all but a few gave one answer."""
    away = evidence.sizes - evidence.table.max(axis=1)
    return bool((away < np.minimum(FEW_AWAY, SHARE_AWAY * evidence.sizes)).any())


def _few_and_skewed(evidence: Evidence) -> bool:
    """A group of few, or of whom all but a few gave one answer, whose scores lean to one side: no normal mean."""
    worth = evidence.worth
    return worth is not None and any(leans(row, worth) for row in evidence.table)


FALLBACKS: dict[tuple[Design, str], Fallback] = {
    ("one-sample", "one_mean"): Fallback(_few_and_skewed, "bounded_mean"),
    ("two-independent", "mann_whitney"): Fallback(_spreads_differ, "brunner_munzel"),
    ("two-independent", "welch"): Fallback(_few_and_skewed, "mann_whitney"),
    ("two-independent", "two_net_promoters"): Fallback(_few_and_skewed, "mann_whitney"),
    ("two-independent", "two_proportions"): Fallback(_small_expected, "fisher_two_by_two"),
    ("two-independent", "chi_squared"): Fallback(_small_expected, "fisher_exact"),
    ("k-independent", "kruskal_wallis"): Fallback(_spreads_differ, "welch_anova"),
    ("ordered", "jonckheere"): Fallback(_spreads_differ, "trend_slope"),
    ("k-independent", "chi_squared"): Fallback(_small_expected, "fisher_exact"),
    ("ordered", "chi_squared"): Fallback(_small_expected, "fisher_exact"),
    ("waves", "chi_squared"): Fallback(_small_expected, "fisher_exact"),
}


def plan(evidence: Evidence, *, test: str | None) -> Plan:
    """The tests to make, the chosen one first; raises Refused for a test that does not fit."""
    outcome, design = evidence.outcome, evidence.design
    table = PLANS if evidence.rows is None or design == "did-clusters" else WEIGHTED
    names = [name for name in table.get(design, {}).get(outcome.level, ()) if can_run(name, evidence)]
    if len(outcome.codes) > _MANY_LEVELS:
        names = [name for name in names if TESTS[name].level != "ordinal" or name == names[0]]
    if not names and test is None:
        raise Refused(
            "%(measure)s has no order and no worth in points: by this design it cannot be compared;"
            " compare its groups by an item, or choose another measure",
            measure=outcome.measure,
        )
    chosen = _fallback(names[0], evidence) if test is None else test
    if test is not None and test not in possible(evidence):
        raise Refused(
            "'%(test)s' does not fit %(measure)s here; choose one of %(tests)s",
            test=test,
            measure=outcome.measure,
            tests=", ".join(possible(evidence)),
        )
    return (chosen, *(name for name in names if name != chosen))


def _fallback(name: str, evidence: Evidence) -> str:
    fallback = None if evidence.rows is not None else FALLBACKS.get((evidence.design, name))
    if fallback is None or not can_run(fallback.test, evidence):
        return name
    return fallback.test if fallback.when(evidence) else name


def pairs_test(evidence: Evidence) -> str | None:
    """The test that says which pairs of several groups differ; None where there is none."""
    if evidence.rows is not None:
        return None if evidence.worth is None else "weighted_pairs"
    name = POST_HOC.get(evidence.outcome.level)
    if name == "dunn" and evidence.worth is not None and _spreads_differ(evidence):
        return POST_HOC["score"]
    return name


def possible(evidence: Evidence) -> tuple[str, ...]:
    """Every test that may be asked for by name: those of the plan, and all that are made for this design."""
    design, level = evidence.design, evidence.outcome.level
    if evidence.rows is not None and design != "did-clusters":
        return tuple(name for name in WEIGHTED.get(design, {}).get(level, ()) if can_run(name, evidence))
    made_for = {"waves": "ordered", "did-clusters": "did-panel"}.get(design, design)
    several = ("k-independent",) if design in ("two-independent", "ordered", "waves") else ()
    planned = PLANS.get(design, {}).get(level, ())
    others = [
        name
        for name, test in TESTS.items()
        if test.design in (made_for, *several) and _suits(test.level, evidence) and can_run(name, evidence)
    ]
    return tuple(dict.fromkeys([name for name in planned if can_run(name, evidence)] + others))


def _suits(level: str, evidence: Evidence) -> bool:
    """Whether a test of this level says something about the outcome."""
    own = evidence.outcome.level
    match level:
        case "nominal":
            return own in ("nominal", "ordinal", "binary")
        case "ordinal":
            return own in ("ordinal", *_MEANS)
        case "score":
            return evidence.worth is not None
        case _:
            return own == level
