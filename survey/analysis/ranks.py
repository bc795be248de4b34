"""Rank sums from counts: midranks, tie terms, and the exact permutation distribution with ties."""

import math

import numpy as np
from scipy import special

from survey.analysis.checks import Floats
from survey.analysis.results import Alternative

BUDGET = 2_000_000  # states of the exact distribution: beyond, the normal approximation is both good and fast


def midranks(totals: Floats) -> Floats:
    """Average rank of each level when all answers are pooled."""
    return np.asarray(np.cumsum(totals) - totals + (totals + 1.0) / 2.0, dtype=np.float64)


def tie_sum(totals: Floats) -> float:
    """Sum of t^3 - t over tied groups, in float64 (int64 overflows from 2,097,151 answers)."""
    return float((totals * (totals - 1.0) * (totals + 1.0)).sum())


def u_statistic(a: Floats, b: Floats) -> float:
    """Pairs in which a exceeds b, ties counting half."""
    return float(a @ (np.cumsum(b) - b / 2.0))


def u_variance(a: Floats, b: Floats) -> float:
    """Variance of U under the null hypothesis, corrected for ties."""
    m, n = float(a.sum()), float(b.sum())
    total = m + n
    if total < 2:
        return 0.0
    return m * n / 12.0 * (total + 1.0 - tie_sum(a + b) / (total * (total - 1.0)))


def exact_tails(a: Floats, b: Floats) -> tuple[float, float, float] | None:
    """P(U <= u), P(U >= u) and P(|U - EU| >= |u - EU|) under permutation with ties; None when too many states.

    The smaller group is dealt out over the levels: multivariate hypergeometric, one level at a time.
    """
    small, swap = (a, False) if a.sum() <= b.sum() else (b, True)
    totals = a + b
    n_small, total = float(small.sum()), float(totals.sum())
    doubled = 2.0 * midranks(totals)
    states = _distribution(totals, doubled, int(n_small))
    if states is None:
        return None
    sums, logs = states
    probability = np.exp(logs - _log_choose(np.array(total), np.array(n_small)))
    center, observed = n_small * (total + 1.0), float(small @ doubled)
    below = float(probability[sums <= observed].sum())
    above = float(probability[sums >= observed].sum())
    extreme = float(probability[np.abs(sums - center) >= abs(observed - center)].sum())
    lower, upper = (above, below) if swap else (below, above)
    return min(1.0, lower), min(1.0, upper), min(1.0, extreme)


def _distribution(totals: Floats, doubled: Floats, size: int) -> tuple[Floats, Floats] | None:
    """All reachable doubled rank sums of a group of `size`, with log numbers of ways."""
    used, sums, logs = np.zeros(1), np.zeros(1), np.zeros(1)
    left = float(totals.sum())
    for count, rank in zip(totals.tolist(), doubled.tolist(), strict=True):
        left -= count
        take = np.arange(min(count, size) + 1.0)
        if used.size * take.size > BUDGET:
            return None
        new_used = (used[:, None] + take).ravel()
        new_sums = (sums[:, None] + take * rank).ravel()
        new_logs = (logs[:, None] + _log_choose(np.full_like(take, count), take)).ravel()
        possible = (new_used <= size) & (new_used + left >= size)
        used, sums, logs = _merged(new_used[possible], new_sums[possible], new_logs[possible])
    return sums, logs


def _merged(used: Floats, sums: Floats, logs: Floats) -> tuple[Floats, Floats, Floats]:
    order = np.lexsort((sums, used))
    used, sums, logs = used[order], sums[order], logs[order]
    new = np.ones(used.size, dtype=bool)
    new[1:] = (used[1:] != used[:-1]) | (sums[1:] != sums[:-1])
    starts = np.flatnonzero(new)
    highest = np.maximum.reduceat(logs, starts)
    spread = np.exp(logs - np.repeat(highest, np.diff(np.append(starts, logs.size))))
    return used[starts], sums[starts], highest + np.log(np.add.reduceat(spread, starts))


def _log_choose(n: Floats, k: Floats) -> Floats:
    return np.asarray(special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0))


def normal_z(statistic: float, center: float, variance: float, *, continuity: bool = False) -> float | None:
    """Standardised statistic; None when nothing varies."""
    if variance <= 0:
        return None
    shift = math.copysign(min(0.5, abs(statistic - center)), statistic - center) if continuity else 0.0
    return (statistic - center - shift) / math.sqrt(variance)


def signed_tails(pairs: Floats, ranks: Floats, observed: float) -> dict[Alternative, float] | None:
    """Exact tail probabilities of a signed rank sum: each change is up or down by the toss of a coin.

    Examples
    --------
    >>> round(signed_tails(np.array([1.0, 2.0]), np.array([1.0, 2.5]), 6.0)["two-sided"], 9)
    0.25
    """
    sums, logs = np.zeros(1), np.zeros(1)
    for count, rank in zip(pairs.tolist(), ranks.tolist(), strict=True):
        up = np.arange(count + 1.0)
        if sums.size * up.size > BUDGET:
            return None
        new_logs = logs[:, None] + _log_choose(np.full_like(up, count), up) - count * math.log(2.0)
        _, sums, logs = _merged(np.zeros(sums.size * up.size), (sums[:, None] + up * rank).ravel(), new_logs.ravel())
    probability = np.exp(logs)
    center = float(pairs @ ranks) / 2.0
    return {
        "less": min(1.0, float(probability[sums <= observed].sum())),
        "greater": min(1.0, float(probability[sums >= observed].sum())),
        "two-sided": min(1.0, float(probability[np.abs(sums - center) >= abs(observed - center)].sum())),
    }
