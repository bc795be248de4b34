"""Which test for which outcome and design, and why: the first of a plan is chosen, the others stand beside it."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from survey.analysis.results import TestResult
from survey.analysis.significance.k_means import welch_anova
from survey.analysis.significance.k_samples import kruskal_wallis
from survey.analysis.significance.tables import chi_squared
from survey.analysis.significance.trend import jonckheere
from survey.analysis.significance.two_samples import mann_whitney, two_proportions, welch
from survey.errors import Refused
from survey.evaluation.outcomes import Level, Outcome
from survey.forms.wording import Text

Design = Literal["two-independent", "k-independent", "ordered"]

PLANS: dict[tuple[Level, Design], tuple[str, ...]] = {
    ("ordinal", "two-independent"): ("mann_whitney", "welch", "chi_squared"),
    ("score", "two-independent"): ("welch", "mann_whitney"),
    ("binary", "two-independent"): ("two_proportions", "chi_squared"),
    ("nominal", "two-independent"): ("chi_squared",),
    ("ordinal", "k-independent"): ("kruskal_wallis", "welch_anova", "chi_squared"),
    ("score", "k-independent"): ("welch_anova", "kruskal_wallis"),
    ("binary", "k-independent"): ("chi_squared",),
    ("nominal", "k-independent"): ("chi_squared",),
    ("ordinal", "ordered"): ("jonckheere", "kruskal_wallis", "chi_squared"),
    ("score", "ordered"): ("jonckheere", "welch_anova", "kruskal_wallis"),
    ("binary", "ordered"): ("chi_squared",),
    ("nominal", "ordered"): ("chi_squared",),
}

WHY: dict[str, Text] = {
    "mann_whitney": {
        "zh-Hans": "结果是有序等级，比较两组：曼-惠特尼检验只用等级的次序，不假定各级等距。",
        "en": "The outcome has ordered levels, there are two groups: Mann-Whitney uses only the order of levels.",
    },
    "welch": {
        "zh-Hans": "结果是分数，比较两组的平均数：韦尔奇检验不假定两组方差相等。",
        "en": "The outcome is a score and two means are compared: Welch's test does not assume equal variances.",
    },
    "two_proportions": {
        "zh-Hans": "结果是比率，比较两组：两比例检验，差值用 Newcombe 区间。",
        "en": "The outcome is a share and there are two groups: two proportions, with Newcombe's interval.",
    },
    "chi_squared": {
        "zh-Hans": "结果是类别（或只看分布形状）：卡方检验比较各组的整个分布。",
        "en": "The outcome is categories (or the shape alone matters): chi-squared compares whole distributions.",
    },
    "kruskal_wallis": {
        "zh-Hans": "结果是有序等级，有两个以上无次序的组：克鲁斯卡尔-沃利斯检验。",
        "en": "The outcome has ordered levels and there are several groups without an order: Kruskal-Wallis.",
    },
    "welch_anova": {
        "zh-Hans": "结果是分数，有两个以上的组：韦尔奇方差分析不假定方差相等。",
        "en": "The outcome is a score and there are several groups: Welch's analysis of variance, variances free.",
    },
    "jonckheere": {
        "zh-Hans": "各组本身有次序：约翰基尔检验看结果是否随组的次序上升或下降。",
        "en": "The groups are in an order: Jonckheere asks whether the outcome rises or falls with it.",
    },
}

_RUN: dict[str, Callable[[Outcome], TestResult]] = {
    "mann_whitney": lambda o: mann_whitney(o.table),
    "welch": lambda o: welch(o.table, _worth(o)),
    "two_proportions": lambda o: two_proportions(o.table @ (_worth(o) / 100.0), o.table.sum(axis=1)),
    "chi_squared": lambda o: chi_squared(_shares_table(o) if o.level == "binary" else o.table),
    "kruskal_wallis": lambda o: kruskal_wallis(o.table),
    "welch_anova": lambda o: welch_anova(o.table, _worth(o)),
    "jonckheere": lambda o: jonckheere(o.table),
}
_NEED_WORTH = {"welch", "welch_anova"}
_MANY_LEVELS = 500
"""Beyond, the ranks of a score are not computed beside its mean: they would take long and add nothing."""


def plan(outcome: Outcome, design: Design, *, test: str | None) -> tuple[str, ...]:
    """The tests to make, the chosen one first; raises Refused for a test that does not fit."""
    names = [name for name in PLANS[outcome.level, design] if outcome.worth is not None or name not in _NEED_WORTH]
    if len(outcome.codes) > _MANY_LEVELS:
        names = [name for name in names if name in _NEED_WORTH or name == names[0]]
    if test is None:
        return tuple(names)
    if test not in names:
        raise Refused(f"{test!r} does not fit {outcome.measure} here; choose one of {', '.join(names)}")
    return (test, *(name for name in names if name != test))


def run(name: str, outcome: Outcome) -> TestResult:
    """One test of a plan."""
    return _RUN[name](outcome)


def _worth(outcome: Outcome) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(outcome.worth, dtype=np.float64)


def _shares_table(outcome: Outcome) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    hits = outcome.table @ (_worth(outcome) / 100.0)
    return np.column_stack((hits, outcome.table.sum(axis=1) - hits))
