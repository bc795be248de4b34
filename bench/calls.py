"""Every registered test, and the main estimates, called on counts that add up to so many answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.analysis import estimation
from survey.analysis.bootstrap import bootstrap_difference
from survey.analysis.checks import Floats
from survey.analysis.disclosure import suppress
from survey.analysis.drivers import key_drivers
from survey.analysis.linearised import SurveyDesign, survey_design
from survey.analysis.reliability import cronbach_alpha
from survey.analysis.significance import TESTS
from survey.analysis.sufficient import CrossProducts
from survey.analysis.weighting import post_stratify, rake

LEVELS = 5
SCORES = np.array([0.0, 25.0, 50.0, 75.0, 100.0])
SHARES = np.array([0.1, 0.15, 0.4, 0.25, 0.1])
YEARS = np.arange(2021.0, 2027.0)
PERSONS = 10_000  # of a panel whose test takes persons, not counts
CLUSTERS = 12  # so few that whole clusters are permuted

Ints = NDArray[np.int64]
Call = Callable[[], Any]

UNITS = (np.arange(100) * 37 % 61 + 20.0, 1000.0 + np.arange(100) % 7 * 100.0, np.arange(100) % 2)
"""Events, exposure and group of a hundred halls."""


def table(groups: int, answers: int) -> Floats:
    """Counts, groups x 5 levels, of answers that do not depend on the group: p-values between 0 and 1.

    >>> table(6, 10_000_000).shape, table(6, 10_000_000).sum()
    ((6, 5), np.float64(10000000.0))
    """
    draw = np.random.default_rng(groups).multinomial(answers, np.tile(SHARES / groups, groups))
    return draw.reshape(groups, LEVELS).astype(np.float64)


def pairs(answers: int) -> Floats:
    """Counts, first wave x second wave, of people of whom half give their first answer again."""
    again = (np.outer(SHARES, SHARES) + np.diag(SHARES)) / 2.0
    return np.random.default_rng(1).multinomial(answers, again.ravel()).reshape(LEVELS, LEVELS).astype(np.float64)


def top_two(counts: Floats) -> tuple[Floats, Floats]:
    """Answers on the two highest levels, and all answers, of each group."""
    return counts[:, 3:].sum(axis=1), counts.sum(axis=1)


def two_by_two(counts: Floats) -> Floats:
    """Top two or not, of the groups by twos: strata x 2 x 2."""
    x, n = top_two(counts)
    return np.column_stack([x, n - x]).reshape(-1, 2, 2)


def net(counts: Floats) -> Floats:
    """Detractors, passives, promoters of each group."""
    return np.column_stack([counts[:, :2].sum(axis=1), counts[:, 2], counts[:, 3:].sum(axis=1)])


def patterns(levels: int, occasions: int, answers: int) -> tuple[Floats, Floats]:
    """All ways to answer on several occasions, and how many persons have each."""
    rows = np.indices((levels,) * occasions).reshape(occasions, -1).T.astype(np.float64)
    persons = np.random.default_rng(1).multinomial(answers // occasions, np.full(len(rows), 1.0 / len(rows)))
    return rows, persons.astype(np.float64)


def cells(counts: Floats) -> tuple[SurveyDesign, Ints, Ints]:
    """A design of one row a cell, with weights that differ by level; the group and the level of each row."""
    group, level = (index.ravel() for index in np.indices(counts.shape))
    return survey_design(1.0 + level % 3, count=counts.ravel()), group, level


def items(size: int, answers: int) -> CrossProducts:
    """Cross-products of items that all correlate by a half, each answered by everybody."""
    covariance = np.where(np.eye(size, dtype=bool), 1.0, 0.5) + 0.01 * np.diag(np.arange(size))
    products = covariance * (answers - 1.0)
    return CrossProducts(float(answers), (2.0,) * size, tuple(tuple(row) for row in products.tolist()))


def sample(answers: int) -> tuple[Floats, list[Ints]]:
    """Answers in each cell of region x sex x age x level; the four codes of each cell."""
    codes = np.indices((6, 2, 6, LEVELS)).reshape(4, -1)
    draw = np.random.default_rng(1).multinomial(answers, np.full(codes.shape[1], 1.0 / codes.shape[1]))
    return draw.astype(np.float64), list(codes)


def _estimates(answers: int) -> dict[str, Call]:
    one, two, six = table(1, answers)[0], table(2, answers), table(6, answers)
    counted, (region, sex, age, _) = sample(answers)
    regions, sexes, ages = 100.0 * np.arange(5.0, 11.0), 100.0 * np.array([22.0, 23.0]), np.full(6, 750.0)
    alpha, drivers, small = items(8, answers), items(9, answers), six.copy()
    small[[0, 3], 0] = (3.0, 7.0)
    return {
        "mean": lambda: estimation.mean(one, SCORES),
        "proportion": lambda: estimation.proportion(one[3:].sum(), one.sum()),
        "net_promoter": lambda: estimation.net_promoter(*net(two)[0, ::-1]),
        "quantile": lambda: estimation.quantile(one, SCORES, 0.25),
        "median": lambda: estimation.median(one, SCORES),
        "trimmed_mean": lambda: estimation.trimmed_mean(one, SCORES),
        "cronbach_alpha": lambda: cronbach_alpha(alpha),
        "key_drivers": lambda: key_drivers(drivers),
        "post_stratify": lambda: post_stratify(counted, region, regions),
        "rake": lambda: rake(counted, [(region, regions), (sex, sexes), (age, ages)]),
        "suppress": lambda: suppress(small, 10),
        "bootstrap_difference": lambda: bootstrap_difference(two, SCORES),
    }


def _few_groups(answers: int) -> dict[str, Call]:
    one, two, square = table(1, answers)[0], table(2, answers), pairs(answers)
    changed = np.add.reduceat(np.add.reduceat(square, [0, 3], axis=0), [0, 3], axis=1)
    thrice, yes_no = patterns(LEVELS, 3, answers), patterns(2, 3, answers)
    persons = np.random.default_rng(1).integers(0, LEVELS, (2, PERSONS)).astype(np.float64)
    return {
        "one_proportion": lambda: run("one_proportion", one[3:].sum(), one.sum(), 0.35),
        "one_mean": lambda: run("one_mean", one, SCORES, 52.5),
        "bounded_mean": lambda: run("bounded_mean", one, SCORES, 52.5, (0.0, 100.0)),
        "one_net_promoter": lambda: run("one_net_promoter", *net(one[None])[0, ::-1], 10.0),
        "goodness_of_fit": lambda: run("goodness_of_fit", one, SHARES),
        "mann_whitney": lambda: run("mann_whitney", two),
        "welch": lambda: run("welch", two, SCORES),
        "two_proportions": lambda: run("two_proportions", *top_two(two)),
        "brunner_munzel": lambda: run("brunner_munzel", two),
        "student": lambda: run("student", two, SCORES),
        "two_net_promoters": lambda: run("two_net_promoters", *net(two)),
        "fisher_two_by_two": lambda: run("fisher_two_by_two", two_by_two(two)[0]),
        "two_rates": lambda: run("two_rates", (float(two[0, 0]), float(two[1, 0])), (two[0].sum(), two[1].sum())),
        "mcnemar": lambda: run("mcnemar", changed),
        "paired_t": lambda: run("paired_t", square, SCORES),
        "signed_rank": lambda: run("signed_rank", square, SCORES),
        "marginal_homogeneity": lambda: run("marginal_homogeneity", square),
        "friedman": lambda: run("friedman", *thrice),
        "cochran_q": lambda: run("cochran_q", *yes_no),
        "did_panel": lambda: run("did_panel", *persons, np.arange(PERSONS) % 2),
    }


def _several_groups(answers: int) -> dict[str, Call]:
    four, six, clusters = table(4, answers), table(6, answers), table(2 * CLUSTERS, answers)
    before, after, pilots = clusters[:CLUSTERS], clusters[CLUSTERS:], np.arange(CLUSTERS) % 2
    return {
        "chi_squared": lambda: run("chi_squared", six),
        "fisher_exact": lambda: run("fisher_exact", six),
        "proportional_odds": lambda: run("proportional_odds", six),
        "kruskal_wallis": lambda: run("kruskal_wallis", six),
        "anova": lambda: run("anova", six, SCORES),
        "welch_anova": lambda: run("welch_anova", six, SCORES),
        "dunn": lambda: run("dunn", six),
        "pairwise_mann_whitney": lambda: run("pairwise_mann_whitney", six),
        "games_howell": lambda: run("games_howell", six, SCORES),
        "pairwise_proportions": lambda: run("pairwise_proportions", *top_two(six)),
        "cochran_mantel_haenszel": lambda: run("cochran_mantel_haenszel", two_by_two(six)),
        "cochran_armitage": lambda: run("cochran_armitage", *top_two(six), YEARS),
        "jonckheere": lambda: run("jonckheere", six),
        "linear_by_linear": lambda: run("linear_by_linear", six),
        "trend_slope": lambda: run("trend_slope", six, SCORES, YEARS),
        "mann_kendall": lambda: run("mann_kendall", six @ SCORES / six.sum(axis=1), YEARS),
        "did_means": lambda: run("did_means", four, SCORES),
        "did_proportions": lambda: run("did_proportions", *top_two(four)),
        "did_net_promoter": lambda: run("did_net_promoter", net(four)),
        "did_clusters": lambda: run("did_clusters", before, after, pilots, SCORES),
        "parallel_trends": lambda: run("parallel_trends", six[:3], six[3:], SCORES),
        "one_rate": lambda: run("one_rate", float(four[0, 0]), four[0].sum(), 0.03),
        "k_rates": lambda: run("k_rates", six[:, 0], six.sum(axis=1)),
        "quasi_poisson_k_rates": lambda: run("quasi_poisson_k_rates", *UNITS[:2], np.arange(100) % 4),
        "quasi_poisson_rates": lambda: run("quasi_poisson_rates", *UNITS),
        "negative_binomial_rates": lambda: run("negative_binomial_rates", *UNITS),
    }


def _weighted(answers: int) -> dict[str, Call]:
    two, four, six = cells(table(2, answers)), cells(table(4, answers)), cells(table(6, answers))
    design, group, level = six
    return {
        "rao_scott": lambda: run("rao_scott", design, group, level),
        "weighted_welch": lambda: run("weighted_welch", two[0], SCORES[two[2]], two[1]),
        "weighted_two_shares": lambda: run("weighted_two_shares", two[0], two[2] >= 3, two[1]),
        "weighted_rank": lambda: run("weighted_rank", design, SCORES[level], group),
        "weighted_did": lambda: run("weighted_did", four[0], SCORES[four[2]], four[1] // 2, four[1] % 2),
        "weighted_one_mean": lambda: run("weighted_one_mean", design, SCORES[level], 52.5),
        "weighted_one_share": lambda: run("weighted_one_share", design, level >= 3, 0.35),
        "weighted_anova": lambda: run("weighted_anova", design, SCORES[level], group),
        "weighted_pairs": lambda: run("weighted_pairs", design, SCORES[level], group),
        "weighted_trend": lambda: run("weighted_trend", design, SCORES[level], YEARS[group]),
    }


def run(name: str, *args: Any) -> Any:
    """A registered test by its name."""
    return TESTS[name].function(*args)


def calls(answers: int) -> dict[str, Call]:
    """All calls by the name of the method, on counts that add up to `answers`."""
    return _estimates(answers) | _few_groups(answers) | _several_groups(answers) | _weighted(answers)
