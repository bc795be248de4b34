"""What must be true of every test, whatever the counts: a number or a reason, never NaN; and the symmetries."""

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from survey.analysis.estimation import mean, net_promoter, proportion
from survey.analysis.linearised import survey_design, weighted_mean
from survey.analysis.significance import TESTS
from survey.analysis.significance.two_samples import mann_whitney, welch
from survey.analysis.significance.weighted import weighted_rank, weighted_welch
from survey.analysis.sufficient import Counts, CrossProducts, Moments
from tests.analysis.calls import CALLS, SCORES

TABLES = arrays(np.float64, (4, 5), elements=st.integers(0, 30).map(float))
FULL = arrays(np.float64, (4, 5), elements=st.integers(1, 60).map(float))
FEW = settings(max_examples=8, deadline=None, derandomize=True)
HUGE = 2.0**40 * np.array([[1, 2, 3, 4, 5], [2, 2, 3, 4, 4], [3, 1, 3, 4, 4], [1, 1, 2, 5, 6]]) / 15.0 // 1
EMPTY = np.array([[0, 0, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 1, 0, 0], [2, 2, 2, 2, 2]], float)
EDGES = {
    "an empty group": EMPTY,
    "nobody": np.zeros((4, 5)),
    "one level": np.tile([0.0, 0, 9, 0, 0], (4, 1)),
    "one answer each": np.eye(4, 5),
    "complete separation": np.array([[9, 0, 0, 0, 0], [0, 0, 0, 0, 9], [9, 0, 0, 0, 0], [0, 0, 0, 0, 9]], float),
    "2^40 answers": HUGE,
}


def numbers(value: Any) -> Iterator[float]:
    """Every number anywhere in a result."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from numbers(getattr(value, name))


def assert_sound(name: str, result: Any) -> None:
    """Finite numbers, a p-value in [0, 1] or a reason, JSON."""
    assert all(math.isfinite(v) for v in numbers(result)), result
    msgspec.json.encode(result)
    assert result.test == name
    assert result.version == TESTS[name].version
    for part in getattr(result, "comparisons", (result,)):
        assert (part.pvalue is None) == (part.reason is not None), part
        assert part.pvalue is None or 0.0 <= part.pvalue <= 1.0


def test_every_test_is_called_here():
    assert CALLS.keys() == TESTS.keys()


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("edge", EDGES)
def test_bad_luck_is_a_reason_not_an_exception(name, edge):
    if edge == "2^40 answers" and name in {"fisher_exact", "fisher_two_by_two"}:
        pytest.skip("exact tests are for small tables")
    assert_sound(name, CALLS[name](EDGES[edge]))


@pytest.mark.parametrize("name", TESTS)
def test_any_counts_give_a_number_or_a_reason(name):
    @FEW
    @given(TABLES)
    def check(table):
        assert_sound(name, CALLS[name](table))

    check()


@pytest.mark.parametrize("name", ["mann_whitney", "welch", "student", "two_proportions", "two_net_promoters"])
def test_swapping_groups_flips_the_sign(name):
    @FEW
    @given(FULL)
    def check(table):
        one, other = CALLS[name](table), CALLS[name](table[[1, 0, 2, 3]])
        assert one.pvalue == pytest.approx(other.pvalue, rel=1e-9)
        if one.effect_size is not None:
            assert one.effect_size.value == pytest.approx(-other.effect_size.value, abs=1e-12)

    check()


@pytest.mark.parametrize("name", ["kruskal_wallis", "chi_squared", "anova", "welch_anova", "proportional_odds"])
def test_order_of_groups_does_not_matter(name):
    @FEW
    @given(FULL, st.permutations(range(4)))
    def check(table, order):
        assert CALLS[name](table).pvalue == pytest.approx(CALLS[name](table[list(order)]).pvalue, rel=1e-6, abs=1e-12)

    check()


@FEW
@given(FULL, st.integers(2, 9))
def test_ranks_see_only_the_order_of_levels(table, factor):
    wide = np.zeros((2, 5 * factor))
    wide[:, ::factor] = table[:2]
    assert mann_whitney(wide).pvalue == pytest.approx(mann_whitney(table[:2]).pvalue, rel=1e-12)
    assert welch(table[:2], SCORES * factor + 7).statistic == pytest.approx(
        welch(table[:2], SCORES).statistic, abs=1e-9
    )


@FEW
@given(TABLES, TABLES)
def test_chunks_add_up_to_the_whole(first, second):
    assert (Counts.of(first) + Counts.of(second)).table.tolist() == (first + second).tolist()
    merged = Moments.from_counts(first[0], SCORES) + Moments.from_counts(second[0], SCORES)
    whole = Moments.from_counts(first[0] + second[0], SCORES)
    assert (merged.n, merged.mean, merged.ss) == pytest.approx((whole.n, whole.mean, whole.ss), rel=1e-9, abs=1e-9)
    parts, both = CrossProducts.of(first) + CrossProducts.of(second), CrossProducts.of(np.vstack([first, second]))
    assert np.allclose(parts.products, both.products, rtol=1e-9, atol=1e-9)


@FEW
@given(FULL)
def test_unit_weights_change_nothing(table):
    counts = table[:2]
    group, level = (v.ravel() for v in np.meshgrid(np.arange(2), np.arange(5), indexing="ij"))
    design = survey_design(np.ones(10), count=counts.ravel())
    plain = mean(counts.sum(axis=0), SCORES)
    weighted = weighted_mean(design, SCORES[level])
    assert (weighted.value, weighted.se) == pytest.approx((plain.value, plain.se), rel=1e-9)
    one, two = weighted_welch(design, SCORES[level], group), welch(counts, SCORES)
    assert one.difference.value == pytest.approx(-two.difference.value, abs=1e-9)
    ranks = weighted_rank(design, level.astype(float), group)
    assert ranks.effect_size.value == pytest.approx(-mann_whitney(counts).effect_size.value / 2.0, abs=1e-9)


@FEW
@given(FULL)
def test_a_count_table_and_its_rows_have_one_variance(table):
    level = np.repeat(np.tile(np.arange(5), 4), table.ravel().astype(int))
    weight = 1.0 + level % 2
    rows = weighted_mean(survey_design(weight), SCORES[level])
    cells = weighted_mean(survey_design(1.0 + np.arange(5) % 2, count=table.sum(axis=0)), SCORES)
    assert (rows.value, rows.se, rows.n) == pytest.approx((cells.value, cells.se, cells.n), rel=1e-9)


@FEW
@given(st.integers(0, 60), st.integers(1, 60))
def test_share_lies_in_its_interval(successes, extra):
    for method in ("wilson", "exact", "jeffreys"):
        share = proportion(successes, successes + extra, method=method)
        assert share.confint.low <= share.value <= share.confint.high
        assert 0.0 <= share.confint.low <= share.confint.high <= 1.0
    assert -100 <= net_promoter(successes, 1, extra).value <= 100
