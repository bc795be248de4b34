"""Small tables: exact tests."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from survey.analysis.binomial import RELATIVE
from survey.analysis.checks import Floats, as_ns, require_integers, table_of
from survey.analysis.fisher import conditional_odds_ratio
from survey.analysis.results import Alternative, Caution, ConfInt, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.significance.tables import chi_squared, expected_counts, two_by_two

BUDGET = 20_000  # partial tables held at once, a tenth of a second; beyond, Monte Carlo, which takes no longer

MOST = 1e9  # answers; NumPy draws no hypergeometric numbers from more
TABULATED = 1e6


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
    if counts.sum() > MOST:
        return TestResult(test="fisher_exact", n=n, reason="too many answers for an exact test: chi-squared serves")
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
    """Sum of probabilities up to the observed one, dealing out one column at a time; None when too many.

    Columns are weighed as multinomial draws with the shares of the rows: no product of them overflows.
    """
    counts = counts if counts.shape[0] <= counts.shape[1] else counts.T
    counts = counts[:, np.argsort(counts.sum(axis=0))]
    rows, cols = counts.sum(axis=1), counts.sum(axis=0)
    if _log_ways(cols[-2], rows.size) > math.log(3e5):
        return None
    share, log_factorial = np.log(rows / rows.sum()), _log_factorial(float(counts.sum()))
    forward = _partial(rows, cols[:-2], budget)
    fills = _compositions(int(cols[-2]), rows).astype(np.int64)
    if forward is None or len(forward) * fills.shape[0] > 50 * budget:
        return None
    arranged = special.gammaln(cols + 1.0)
    limit = float(arranged.sum() + rows @ share - log_factorial(counts.astype(int)).sum()) + _slack(counts)
    last_but_one, total = log_factorial(fills).sum(axis=1), 0.0
    for used, (logs, ways) in forward.items():
        left = rows.astype(np.int64) - np.asarray(used)
        room = (fills <= left).all(axis=1)
        ends = -last_but_one[room] - log_factorial(left - fills[room]).sum(axis=1)  # the last column is forced
        ends += float(arranged[-2:].sum() + left @ share)
        ends.sort()
        cumulative = np.concatenate([[0.0], np.cumsum(np.exp(ends))])
        total += float(ways @ cumulative[np.searchsorted(ends, limit - logs, side="right")])
    whole = special.gammaln(counts.sum() + 1.0) + rows @ share - special.gammaln(rows + 1.0).sum()
    return min(1.0, total * math.exp(-float(whole)))


def _slack(counts: Floats) -> float:
    """Logarithms of probabilities this close are of equally likely tables, for all that float64 can tell."""
    return math.log(RELATIVE) + 1e-15 * float(special.gammaln(counts.sum() + 1.0))


def _log_factorial(largest: float) -> Callable[[NDArray[np.int64]], Floats]:
    if largest > TABULATED:
        return lambda k: np.asarray(special.gammaln(k + 1.0))
    table = np.asarray(special.gammaln(np.arange(largest + 1.0) + 1.0))
    return lambda k: table[k]


Node = tuple[Floats, Floats]  # log weights of partial tables in ascending order, and their summed weights


def _partial(rows: Floats, cols: Floats, budget: int) -> dict[tuple[int, ...], Node] | None:
    """Per vector of row totals used by these columns: the weights of all ways to fill them."""
    nodes: dict[tuple[int, ...], Node] = {tuple([0] * rows.size): (np.zeros(1), np.ones(1))}
    share = np.log(rows / rows.sum())
    for size in cols.tolist():
        fills = _compositions(int(size), rows)
        weights = special.gammaln(size + 1.0) + fills @ share - special.gammaln(fills + 1.0).sum(axis=1)
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
    """Tables with the observed margins, dealt out cell by cell."""
    excess = np.zeros(draws)
    drawn = _dealt(counts.astype(np.int64), draws, np.random.default_rng(seed))
    for cell, seen in zip(drawn, counts.ravel(), strict=True):
        excess += special.gammaln(cell + 1.0) - special.gammaln(seen + 1.0)
    hits = int((excess >= -_slack(counts)).sum())
    return (hits + 1.0) / (draws + 1.0)


def _dealt(counts: NDArray[np.int64], draws: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """The cells of random tables, one after the other: hypergeometric within what the cells before have left."""
    left = np.repeat(counts.sum(axis=0)[:, None], draws, axis=1)
    for size in counts.sum(axis=1)[:-1].tolist():
        take = np.full(draws, size)
        rest = left.sum(axis=0)
        for column in left[:-1]:
            rest -= column
            cell = rng.hypergeometric(column, rest, take)
            column -= cell
            take -= cell
            yield cell
        left[-1] -= take
        yield take
    yield from left
