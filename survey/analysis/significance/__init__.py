"""Significance tests: `TESTS` lists every one of them, by name.

To add one: write a decorated function in the module of its family. A test fails until docs/methods.md has a heading for
it and tests/reference a value.
"""

from survey.analysis.significance import k_samples, tables, trend, two_samples
from survey.analysis.significance.registry import TESTS, SignificanceTest, significance_test

__all__ = ["TESTS", "SignificanceTest", "k_samples", "significance_test", "tables", "trend", "two_samples"]
