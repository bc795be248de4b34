"""As few cells hidden as it takes, and always enough: against every smaller pattern, one by one."""

import itertools
import time

import numpy as np
import pytest

from survey.analysis.checks import BadData
from survey.analysis.disclosure import attacker_bounds, suppress, suppress_linked


def cells_of(table, primary):
    return [c for c in np.ndindex(*table.shape) if table[c] > 0 and c not in primary]


def protects(table, hidden, primary, width):
    """Whether the attacker's programs leave every primary cell the width; a cell alone in its row or column fails."""
    rows, cols = [c[0] for c in hidden], [c[1] for c in hidden]
    if any(rows.count(i) == 1 or cols.count(j) == 1 for i, j in primary):
        return False
    return all(b.width() >= width - 1e-9 for b in attacker_bounds(table, hidden, primary).values())


def best_by_trial(table, primary, width, most):
    """(number, sum) of the smallest safe pattern with at most so many secondary cells, trying them all."""
    for number in range(most + 1):
        sums = [
            sum(table[c] for c in extra)
            for extra in itertools.combinations(cells_of(table, primary), number)
            if protects(table, [*primary, *extra], primary, width)
        ]
        if sums:
            return number, min(sums)
    return None


# Hiding rectangles one after the other, then showing the needless cells again, took one or two cells more here.
GREEDY_TOOK = [
    ([[2, 3, 44], [43, 29, 13], [18, 40, 21], [36, 1, 26]], 5, 4),
    ([[36, 17, 68, 1], [48, 49, 1, 29], [43, 65, 11, 6]], 4, 3),
    ([[16, 16, 22], [39, 1, 35], [27, 15, 9], [2, 9, 47]], 3, 2),
    ([[10, 23, 1], [13, 8, 35], [1, 9, 19]], 3, 2),
    ([[14, 66, 76, 40], [9, 95, 57, 44], [0, 8, 7, 97]], 5, 3),
    ([[103, 4, 24, 58], [45, 16, 48, 19], [53, 69, 30, 29], [7, 0, 27, 4]], 5, 3),
]


@pytest.mark.parametrize(("table", "greedy", "fewest"), GREEDY_TOOK)
def test_fewer_cells_than_rectangle_by_rectangle(table, greedy, fewest):
    counts, plan = np.array(table, float), suppress(table, 10)
    assert plan.safe
    assert len(plan.secondary) == fewest < greedy
    assert (fewest, sum(counts[c] for c in plan.secondary)) == best_by_trial(counts, plan.primary, 10.0, fewest)


@pytest.mark.parametrize("seed", range(12))
def test_no_smaller_pattern_protects(seed):
    rng = np.random.default_rng(seed)
    table = rng.negative_binomial(1.5, 0.06, (3, 4)).astype(float)
    plan = suppress(table, 8, protection_width=11)
    if plan.safe:
        assert protects(table, list(plan.hidden), plan.primary, 11.0) or not plan.primary
        found = len(plan.secondary), sum(table[c] for c in plan.secondary)
        assert found == best_by_trial(table, plan.primary, 11.0, len(plan.secondary))
    else:
        assert not protects(table, [*plan.primary, *cells_of(table, plan.primary)], plan.primary, 11.0)


def test_ties_go_to_the_smallest_sum():
    table = [[4, 50, 30], [50, 70, 80], [30, 80, 20]]
    assert set(suppress(table, 10).secondary) == {(0, 2), (2, 0), (2, 2)}


def linked(seed):
    """A table with margins and total, of which any figure may be hidden, and a row cumulated over two waves."""
    inner = np.random.default_rng(seed).negative_binomial(1.5, 0.05, (2, 3)).astype(float) + 1.0
    rows, cols = inner.sum(axis=1), inner.sum(axis=0)
    earlier = 25.0
    values = [*inner.ravel(), *rows, *cols, inner.sum(), earlier, earlier + rows[0]]
    sums = [(6, [0, 1, 2]), (7, [3, 4, 5]), (8, [0, 3]), (9, [1, 4]), (10, [2, 5]), (11, [6, 7]), (13, [12, 6])]
    relations = [[(whole, 1.0), *((part, -1.0) for part in parts)] for whole, parts in sums]
    return np.array(values), relations


def attack(values, relations, hidden, target):
    """Room for one figure, written out as a program of its own."""
    from scipy.optimize import linprog

    system = np.zeros((len(relations), len(values)))
    for k, relation in enumerate(relations):
        for i, coefficient in relation:
            system[k, i] = coefficient
    ends = [
        linprog(
            [sign * (i == target) for i in range(len(values))],
            A_eq=system,
            b_eq=np.zeros(len(relations)),
            bounds=[(0, None) if i in hidden else (v, v) for i, v in enumerate(values)],
        )
        for sign in (1.0, -1.0)
    ]
    return np.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun


@pytest.mark.parametrize("seed", range(8))
def test_no_fewer_linked_figures_protect(seed):
    values, relations = linked(seed)
    plan = suppress_linked(values, relations, 10)

    def safe(extra):
        hidden = {*plan.primary, *extra}
        return all(attack(values, relations, hidden, p) >= 10 - 1e-6 for p in plan.primary)

    assert plan.safe
    assert safe(plan.secondary)
    others = [i for i in range(len(values)) if i not in plan.primary]
    number, total = len(plan.secondary), values[list(plan.secondary)].sum()
    if plan.primary:
        assert not any(safe(extra) for extra in itertools.combinations(others, number - 1))
    smaller = [e for e in itertools.combinations(others, number) if values[list(e)].sum() < total - 1e-9]
    assert not any(safe(extra) for extra in smaller[:200])


def test_large_tables_are_protected_too():
    table = np.random.default_rng(5).negative_binomial(1.2, 0.03, (20, 10)).astype(float)
    plan = suppress(table, 4)
    assert plan.safe
    assert protects(table, list(plan.hidden), plan.primary, 4.0)


def test_a_usual_table_takes_well_under_a_second():
    table = np.random.default_rng(3).negative_binomial(1.2, 0.02, (12, 6)).astype(float)
    suppress(table, 10)
    start = time.perf_counter()
    assert suppress(table, 10).safe
    assert time.perf_counter() - start < 1.0


def test_counts_of_any_size():
    big = 2.0**40
    plan = suppress([[3, big, 40], [big, big + 5, big], [50, big, 60]], 10)
    assert plan.safe
    assert set(plan.secondary) == {(0, 2), (2, 0), (2, 2)}
    assert plan.bounds["0,0"].low == 0.0
    assert plan.bounds["0,0"].high == 43.0
    assert plan.bounds["0,2"].high == 43.0


@pytest.mark.parametrize("table", [np.zeros((2, 3)), [[0.0]], [[50, 60], [70, 80]]])
def test_nothing_small_hides_nothing(table):
    plan = suppress(table, 10)
    assert (plan.hidden, plan.bounds, plan.safe) == ((), {}, True)


@pytest.mark.parametrize("table", [[[3]], [[3, 4, 0]], [[3], [9]], [[3, 0], [0, 50]], [[1, 0], [2, 50]]])
def test_a_small_margin_is_said_to_betray(table):
    plan = suppress(table, 10)
    assert not plan.safe
    assert plan.reason == "a published margin is too small: merge categories or hide the margin"
    assert plan.secondary == ()


def test_without_margins_small_cells_are_enough():
    plan = suppress([[3, 40], [50, 60]], 10, margins_published=False)
    assert (plan.primary, plan.secondary, plan.safe) == (((0, 0),), (), True)
    assert plan.bounds["0,0"].high is None


def test_figures_without_relations_are_safe_when_hidden():
    plan = suppress_linked([3, 40], [], 10)
    assert (plan.primary, plan.secondary, plan.safe) == ((0,), (), True)
    assert plan.bounds["0"].high is None


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("table", lambda: suppress([[1, -2]], 10)),
        ("table", lambda: suppress([1, 2], 10)),
        ("threshold", lambda: suppress([[1, 2]], 0)),
        ("threshold", lambda: suppress([[1, 2]], float("nan"))),
        ("protection_width", lambda: suppress([[1, 2]], 10, protection_width=-1)),
        ("protection_width", lambda: suppress([[1, 2]], 10, protection_width=float("inf"))),
        ("hidden", lambda: attacker_bounds([[1, 2]], [(0, 2)])),
        ("targets", lambda: attacker_bounds([[1, 2]], [(0, 1)], [(0, 0)])),
        ("values", lambda: suppress_linked([1, -2], [], 10)),
        ("threshold", lambda: suppress_linked([1, 2], [], -1)),
        ("relations", lambda: suppress_linked([5, 2, 3], [[(0, 1), (1, -1), (3, -1)]], 10)),
        ("relations", lambda: suppress_linked([5, 2, 3], [[(0, 1), (1, -1)]], 10)),
        ("relations", lambda: suppress_linked([5, 2, 3], [[(0, float("nan"))]], 10)),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument
