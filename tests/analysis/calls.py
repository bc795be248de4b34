"""How to call every registered test on counts, so that properties can be asked of all of them alike."""

from collections.abc import Callable
from typing import Any

import numpy as np

from survey.analysis.linearised import survey_design
from survey.analysis.significance import TESTS

SCORES = np.array([0.0, 25.0, 50.0, 75.0, 100.0])
SHARES = np.array([0.1, 0.15, 0.4, 0.25, 0.1])
Table = np.ndarray


def shares(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Top-two counts and bases of each group."""
    return table[:, 3:].sum(axis=1), table.sum(axis=1)


def halves(table: Table) -> Table:
    """2 x 2 tables of top-two by group, one per pair of rows."""
    x, n = shares(table)
    return np.stack([np.array([[x[i], n[i] - x[i]], [x[i + 1], n[i + 1] - x[i + 1]]]) for i in (0, 2)])


def rows(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Group and score of cells as patterns with frequencies."""
    group, level = np.meshgrid(np.arange(table.shape[0]), np.arange(table.shape[1]), indexing="ij")
    return group.ravel(), level.ravel()


def design(table: Table) -> Any:
    """Independent respondents as cells of a count table, weights by level parity."""
    group, level = rows(table)
    return survey_design(1.0 + (group + level) % 3, count=table.ravel())


def halls(table: Table) -> Any:
    """Respondents in seven halls, each of which has people of several groups."""
    group, level = rows(table)
    return survey_design(1.0 + (group + level) % 3, count=table.ravel(), psu=(2 * group + level) % 7)


def npo(table: Table) -> Table:
    """Detractors, passives, promoters."""
    return np.column_stack([table[:, :2].sum(axis=1), table[:, 2], table[:, 3:].sum(axis=1)])


def square(table: Table) -> Table:
    """5 x 5 counts from 4 x 5."""
    return np.vstack([table, table[0] + table[1]])


def run(name: str, *args: Any, **kwargs: Any) -> Any:
    return TESTS[name].function(*args, **kwargs)


def panel(t: Table) -> Any:
    r = np.random.default_rng(int(t.sum()) % 1000)
    before, after = r.integers(0, 5, 40).astype(float), r.integers(0, 5, 40).astype(float)
    return run("did_panel", before, after, np.arange(40) % 2)


CALLS: dict[str, Callable[[Table], Any]] = {
    "one_proportion": lambda t: run("one_proportion", shares(t)[0][0], shares(t)[1][0], 0.4),
    "one_mean": lambda t: run("one_mean", t[0], SCORES, 60.0),
    "bounded_mean": lambda t: run("bounded_mean", t[0], SCORES, 60.0, (SCORES.min(), SCORES.max())),
    "one_net_promoter": lambda t: run("one_net_promoter", npo(t)[0, 2], npo(t)[0, 1], npo(t)[0, 0], 10.0),
    "goodness_of_fit": lambda t: run("goodness_of_fit", t[0], SHARES, draws=99),
    "mann_whitney": lambda t: run("mann_whitney", t[:2]),
    "welch": lambda t: run("welch", t[:2], SCORES),
    "two_proportions": lambda t: run("two_proportions", shares(t)[0][:2], shares(t)[1][:2]),
    "brunner_munzel": lambda t: run("brunner_munzel", t[:2]),
    "student": lambda t: run("student", t[:2], SCORES),
    "two_net_promoters": lambda t: run("two_net_promoters", *npo(t)[:2]),
    "chi_squared": lambda t: run("chi_squared", t),
    "fisher_exact": lambda t: run("fisher_exact", np.minimum(t, 5.0), draws=199),
    "fisher_two_by_two": lambda t: run("fisher_two_by_two", np.minimum(halves(t)[0], 1e5)),
    "proportional_odds": lambda t: run("proportional_odds", t),
    "mcnemar": lambda t: run("mcnemar", halves(t)[0]),
    "paired_t": lambda t: run("paired_t", square(t), SCORES),
    "signed_rank": lambda t: run("signed_rank", square(t), SCORES),
    "marginal_homogeneity": lambda t: run("marginal_homogeneity", square(t)),
    "friedman": lambda t: run("friedman", [[1, 2, 3], [1, 1, 2], [3, 2, 1], [2, 2, 2]], t[0, :4]),
    "cochran_q": lambda t: run("cochran_q", [[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 1]], t[0, :4]),
    "kruskal_wallis": lambda t: run("kruskal_wallis", t),
    "anova": lambda t: run("anova", t, SCORES),
    "welch_anova": lambda t: run("welch_anova", t, SCORES),
    "dunn": lambda t: run("dunn", t),
    "pairwise_mann_whitney": lambda t: run("pairwise_mann_whitney", t),
    "games_howell": lambda t: run("games_howell", t, SCORES),
    "pairwise_proportions": lambda t: run("pairwise_proportions", *shares(t)),
    "cochran_mantel_haenszel": lambda t: run("cochran_mantel_haenszel", halves(t)),
    "cochran_armitage": lambda t: run("cochran_armitage", *shares(t), [1, 2, 3, 4]),
    "jonckheere": lambda t: run("jonckheere", t),
    "linear_by_linear": lambda t: run("linear_by_linear", t),
    "trend_slope": lambda t: run("trend_slope", t, SCORES, [2021, 2022, 2023, 2024]),
    "mann_kendall": lambda t: run("mann_kendall", t[0], [1, 2, 3, 4, 5]),
    "two_rates": lambda t: run("two_rates", (t[0, 0], t[1, 0]), (t[0].sum(), t[1].sum())),
    "did_means": lambda t: run("did_means", t, SCORES),
    "did_proportions": lambda t: run("did_proportions", *shares(t)),
    "did_net_promoter": lambda t: run("did_net_promoter", npo(t)),
    "did_panel": panel,
    "rao_scott": lambda t: run("rao_scott", design(t), *rows(t)),
    "weighted_welch": lambda t: run("weighted_welch", design(t[:2]), rows(t[:2])[1], rows(t[:2])[0]),
    "weighted_rank": lambda t: run("weighted_rank", design(t), rows(t)[1], rows(t)[0]),
    "weighted_did": lambda t: run("weighted_did", design(t), rows(t)[1], rows(t)[0] // 2, rows(t)[0] % 2),
    "weighted_one_mean": lambda t: run("weighted_one_mean", design(t), SCORES[rows(t)[1]], 60.0),
    "weighted_one_share": lambda t: run("weighted_one_share", design(t), rows(t)[1] >= 3, 0.4),
    "weighted_two_shares": lambda t: run("weighted_two_shares", design(t[:2]), rows(t[:2])[1] >= 3, rows(t[:2])[0]),
    "weighted_anova": lambda t: run("weighted_anova", halls(t), SCORES[rows(t)[1]], rows(t)[0]),
    "weighted_pairs": lambda t: run("weighted_pairs", halls(t), SCORES[rows(t)[1]], rows(t)[0]),
    "weighted_trend": lambda t: run("weighted_trend", design(t), SCORES[rows(t)[1]], rows(t)[0]),
    "one_rate": lambda t: run("one_rate", t[0, 0], t[0].sum(), 0.2),
    "k_rates": lambda t: run("k_rates", np.floor(t[:, 0]), 1.0 + t.sum(axis=1)),
    "quasi_poisson_k_rates": lambda t: run(
        "quasi_poisson_k_rates", np.floor(t.ravel()), 1.0 + np.arange(20.0), np.repeat(np.arange(4), 5)
    ),
    "quasi_poisson_rates": lambda t: run(
        "quasi_poisson_rates", np.floor(t[:2].ravel()), 1.0 + np.arange(10.0), np.repeat([0, 1], 5)
    ),
    "negative_binomial_rates": lambda t: run(
        "negative_binomial_rates", np.floor(t[:2].ravel()), 1.0 + np.arange(10.0), np.repeat([0, 1], 5)
    ),
    "parallel_trends": lambda t: run("parallel_trends", t[:2], t[2:], SCORES),
    "did_clusters": lambda t: run(
        "did_clusters", np.vstack([t, t[::-1]]), np.vstack([t[:, ::-1], t]), np.arange(8) % 2, SCORES
    ),
}
