"""The same results by scipy from the answers themselves, nothing counted before.

One byte an answer: the type that scipy sorts and numpy counts fastest.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench.calls import LEVELS, pairs, table
from survey.analysis.checks import Floats

Codes = NDArray[np.uint8]


class Twin(NamedTuple):
    """What scipy calls a method, and the p-value it finds."""

    name: str
    pvalue: Callable[[], float]


def answers_of(counts: Floats) -> tuple[Codes, Codes]:
    """Row and column of every answer of a table, in no order.

    >>> row, column = answers_of(np.array([[0.0, 2.0], [1.0, 0.0]]))
    >>> sorted(zip(row.tolist(), column.tolist()))
    [(0, 1), (0, 1), (1, 0)]
    """
    code = np.repeat(np.arange(counts.size, dtype=np.uint8), counts.ravel().astype(np.int64))
    np.random.default_rng(1).shuffle(code)
    columns = np.uint8(counts.shape[1])
    return code // columns, code % columns


def tabulated(row: Codes, column: Codes) -> NDArray[np.int64]:
    """Counts of answers again: what a table costs when nobody kept it."""
    return np.bincount(row * np.uint8(LEVELS) + column).reshape(-1, LEVELS)


def twins(answers: int) -> tuple[dict[str, Twin], Callable[[], object]]:
    """By the name of the method, scipy's function on the answers behind the same counts; and the tabulating of them."""
    group, level = answers_of(table(2, answers))
    two = [level[group == i] for i in range(2)]
    groups, levels = answers_of(table(6, answers))
    six = [levels[groups == i] for i in range(6)]
    before, after = (wave.astype(np.int16) for wave in answers_of(pairs(answers)))  # differences have a sign
    return {
        "mann_whitney": Twin("mannwhitneyu", lambda: stats.mannwhitneyu(*two, method="asymptotic").pvalue),
        "welch": Twin("ttest_ind", lambda: stats.ttest_ind(*two, equal_var=False).pvalue),
        "brunner_munzel": Twin("brunnermunzel", lambda: stats.brunnermunzel(*two).pvalue),
        "chi_squared": Twin("chi2_contingency", lambda: stats.chi2_contingency(tabulated(groups, levels)).pvalue),
        "kruskal_wallis": Twin("kruskal", lambda: stats.kruskal(*six).pvalue),
        "jonckheere": Twin("kendalltau", lambda: stats.kendalltau(groups, levels, method="asymptotic").pvalue),
        "signed_rank": Twin("wilcoxon", lambda: stats.wilcoxon(before, after, method="asymptotic").pvalue),
    }, lambda: tabulated(groups, levels)
