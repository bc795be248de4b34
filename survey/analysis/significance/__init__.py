"""Significance tests: `TESTS` lists every one of them, by name.

To add one: write a decorated function in the module of its family. A test fails until docs/methods.md has a heading for
it and tests/reference a value.
"""

from survey.analysis.significance import (
    did,
    did_clusters,
    did_panel,
    exact_tables,
    k_means,
    k_samples,
    one_sample,
    ordinal_pairs,
    paired,
    paired_tables,
    post_hoc,
    proportional_odds,
    rates,
    signed_ranks,
    stratified,
    tables,
    trend,
    two_samples,
    waves,
    weighted,
    weighted_k_means,
    weighted_one_sample,
    weighted_tables,
    weighted_trends,
)
from survey.analysis.significance.registry import TESTS, SignificanceTest, significance_test

__all__ = [
    "TESTS",
    "SignificanceTest",
    "did",
    "did_clusters",
    "did_panel",
    "exact_tables",
    "k_means",
    "k_samples",
    "one_sample",
    "ordinal_pairs",
    "paired",
    "paired_tables",
    "post_hoc",
    "proportional_odds",
    "rates",
    "signed_ranks",
    "significance_test",
    "stratified",
    "tables",
    "trend",
    "two_samples",
    "waves",
    "weighted",
    "weighted_k_means",
    "weighted_one_sample",
    "weighted_tables",
    "weighted_trends",
]
