"""Exact tests of tables: right at every size they take, and a reason beyond."""

import pytest

from survey.analysis.significance.exact_tables import fisher_exact


@pytest.mark.parametrize(
    ("table", "pvalue"),  # stats::fisher.test
    [([[100, 100, 110], [90, 100, 100]], 0.857013767941), ([[9000, 30, 1], [7000, 40, 0]], 0.029234863605)],
)
def test_large_tables_do_not_overflow(table, pvalue):
    assert fisher_exact(table).pvalue == pytest.approx(pvalue, rel=1e-9)


@pytest.mark.parametrize("table", [[[9, 3, 1], [4, 12, 2], [2, 5, 8]], [[10**8, 3, 1], [10**8, 5, 0]]])
def test_drawn_and_counted_agree(table):
    drawn, counted = fisher_exact(table, exact=False, draws=19_999), fisher_exact(table, exact=True)
    assert drawn.pvalue == pytest.approx(counted.pvalue, abs=4 * drawn.cautions[0].detail["standard_error"])


def test_too_many_answers_are_a_reason():
    result = fisher_exact([[2**40, 3, 1], [4, 12, 2]], exact=False)
    assert (result.pvalue, result.reason) == (None, "too many answers for an exact test: chi-squared serves")
