"""Small tables: exact tests."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.binomial import RELATIVE
from survey.analysis.checks import Floats, as_ns, require_integers, table_of
from survey.analysis.fisher import conditional_odds_ratio
from survey.analysis.results import Alternative, Caution, ConfInt, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.tables import chi_squared, expected_counts, two_by_two

BUDGET = 20_000  # partial tables held at once, a tenth of a second; beyond, Monte Carlo, which takes no longer


@significance_test(level="nominal", design="k-independent")
def fisher_exact(
    table: ArrayLike, *, draws: int = 19_999, seed: int = 1, exact: bool | None = None, budget: int = BUDGET
) -> TestResult:
    r"""Fisher's (Fisher-Freeman-Halton) exact test of an r x c table: all tables as unlikely as the observed one.

    Exact as long as the partial tables fit in memory; else Monte Carlo with fixed margins, its seed in the result.

    Parameters
    ----------
    budget
        Partial tables held at once; more makes larger tables exact, and slower.

    Notes
    -----
    Conditions on both margins. For small expected counts, where chi-squared is not to be trusted.

    References
    ----------
    Freeman, G. H. & Halton, J. H. (1951). Biometrika 38, 141-149.

    Examples
    --------
    >>> round(fisher_exact([[3, 1, 0], [0, 2, 4]]).pvalue, 6)
    0.033333
    """
    full = table_of(table)
    require_integers(full, "table")
    counts = full[full.sum(axis=1) > 0][:, full.sum(axis=0) > 0]
    n = as_ns(full.sum(axis=1))
    if min(counts.shape) < 2:
        return TestResult(
            test="fisher_exact", n=n, cautions=(Caution("single-level"),),
            reason="fewer than two rows or columns have answers",
        )  # fmt: skip
    pvalue = None if exact is False else _exact(counts, budget)
    rule = "exact" if pvalue is not None else f"Monte Carlo, {draws} draws, seed {seed}"
    cautions: tuple[Caution, ...] = ()
    if pvalue is None:
        pvalue = _simulated(counts, draws, seed)
        error = math.sqrt(pvalue * (1.0 - pvalue) / draws)
        cautions = (Caution("monte-carlo", {"draws": draws, "seed": seed, "standard_error": error}),)
    return TestResult(
        test="fisher_exact",
        pvalue=pvalue,
        effect_size=chi_squared(full).effect_size,
        n=n,
        rule={"pvalue": rule, "margins": "both fixed"},
        details={"min_expected": float(expected_counts(counts).min())},
        cautions=cautions,
    )


@significance_test(level="binary", design="two-independent")
def fisher_two_by_two(
    table: ArrayLike, *, alternative: Alternative = "two-sided", confidence_level: float = 0.95
) -> TestResult:
    """Fisher's exact test of a 2 x 2 table, with the conditional odds ratio and its exact interval.

    References
    ----------
    Fisher, R. A. (1935). Journal of the Royal Statistical Society 98, 39-82.

    Examples
    --------
    >>> round(fisher_two_by_two([[8, 2], [1, 5]]).effect_size.value, 4)
    15.4658
    """
    plain = two_by_two(table, alternative=alternative)
    (a, b), (c, d) = table_of(table).tolist()
    value, low, high = conditional_odds_ratio(a, b, c, d, confidence_level=confidence_level)
    interval = None if low is None or high is None else ConfInt(low, high, confidence_level, "exact-conditional")
    return TestResult(
        test="fisher_two_by_two",
        pvalue=plain.details.get("pvalue_fisher"),
        alternative=alternative,
        effect_size=EffectSize("odds ratio (conditional)", value, interval),
        n=plain.n,
        rule={"pvalue": "exact", "margins": "both fixed"},
        cautions=plain.cautions,
        reason=plain.reason,
    )


def _exact(counts: Floats, budget: int) -> float | None:
    """Sum of probabilities up to the observed one, dealing out one column at a time; None when too many."""
    counts = counts if counts.shape[0] <= counts.shape[1] else counts.T
    counts = counts[:, np.argsort(counts.sum(axis=0))]
    rows, cols = counts.sum(axis=1), counts.sum(axis=0)
    if _log_ways(cols[-2], rows.size) > math.log(3e5):
        return None
    forward = _partial(rows, cols[:-2], budget)
    fills = _compositions(int(cols[-2]), rows).astype(np.int64)
    if forward is None or len(forward) * fills.shape[0] > 50 * budget:
        return None
    log_factorial = special.gammaln(np.arange(counts.sum() + 1.0) + 1.0)
    limit = -float(log_factorial[counts.astype(int)].sum()) + math.log(RELATIVE)
    last_but_one, total = log_factorial[fills].sum(axis=1), 0.0
    for used, (logs, ways) in forward.items():
        left = rows.astype(np.int64) - np.asarray(used)
        room = (fills <= left).all(axis=1)
        ends = -last_but_one[room] - log_factorial[left - fills[room]].sum(axis=1)  # the last column is forced
        ends.sort()
        cumulative = np.concatenate([[0.0], np.cumsum(np.exp(ends))])
        total += float(ways @ cumulative[np.searchsorted(ends, limit - logs, side="right")])
    constant = log_factorial[rows.astype(int)].sum() + log_factorial[cols.astype(int)].sum() - log_factorial[-1]
    return min(1.0, total * math.exp(float(constant)))


Node = tuple[Floats, Floats]  # log weights of partial tables in ascending order, and their summed weights


def _partial(rows: Floats, cols: Floats, budget: int) -> dict[tuple[int, ...], Node] | None:
    """Per vector of row totals used by these columns: the weights prod 1/o! of all ways to fill them."""
    nodes: dict[tuple[int, ...], Node] = {tuple([0] * rows.size): (np.zeros(1), np.ones(1))}
    for size in cols.tolist():
        fills = _compositions(int(size), rows)
        weights = -special.gammaln(fills + 1.0).sum(axis=1)
        grown: dict[tuple[int, ...], list[Node]] = {}
        held = 0
        for used, (logs, ways) in nodes.items():
            room = (fills + np.asarray(used) <= rows).all(axis=1)
            for fill, weight in zip((fills[room] + np.asarray(used)).astype(int).tolist(), weights[room], strict=True):
                grown.setdefault(tuple(fill), []).append((logs + weight, ways * math.exp(weight)))
                held += logs.size
            if held > budget:
                return None
        nodes = {key: _merged(parts) for key, parts in grown.items()}
    return nodes


def _merged(parts: list[Node]) -> Node:
    logs, ways = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    order = np.argsort(logs)
    logs, ways = logs[order], ways[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(logs) > 1e-10]))
    return logs[starts], np.add.reduceat(ways, starts)


def _log_ways(size: float, parts: int) -> float:
    return float(special.gammaln(size + parts) - special.gammaln(size + 1.0) - special.gammaln(parts))


def _compositions(size: int, limits: Floats) -> Floats:
    """All ways to write `size` as a sum within limits, one row each."""
    partial, left = np.zeros((1, 0)), np.array([float(size)])
    for i, limit in enumerate(limits.tolist()):
        rest = float(limits[i + 1 :].sum())
        take = np.arange(min(limit, size) + 1.0)
        ok = (take[None, :] <= left[:, None]) & (left[:, None] - take[None, :] <= rest)
        where, which = np.nonzero(ok)
        partial = np.column_stack([partial[where], take[which]])
        left = left[where] - take[which]
    return partial


def _simulated(counts: Floats, draws: int, seed: int) -> float:
    """Tables with the observed margins (Patefield's algorithm)."""
    from scipy.stats import random_table

    sampler = random_table(counts.sum(axis=1).astype(int), counts.sum(axis=0).astype(int), seed=seed)
    observed, hits, left = -float(special.gammaln(counts + 1.0).sum()), 0, draws
    while left > 0:
        size = min(left, 10_000)
        tables = np.asarray(sampler.rvs(size=size))
        hits += int((-special.gammaln(tables + 1.0).sum(axis=(1, 2)) <= observed + math.log(RELATIVE)).sum())
        left -= size
    return (hits + 1.0) / (draws + 1.0)
