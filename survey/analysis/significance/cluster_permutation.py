"""Whole clusters dealt anew to pilot and control: a p-value that few clusters do not spoil."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats

MOST_DEALS = 20000
DRAWS = 9999


def permuted_clusters(changes: Floats, pilot: NDArray[np.bool_], seed: int) -> tuple[float, str]:
    """Two-sided p-value of the difference of mean cluster changes, and in words how it was computed.

    All ways to choose the pilots when there are at most 20,000 of them, the actual one included; else 9,999 random
    ones and the actual one.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments, section 21. Phipson, B. & Smyth, G. K. (2010). Statistical
    Applications in Genetics and Molecular Biology 9, article 39.

    Examples
    --------
    >>> permuted_clusters(np.array([1.0, 2.0, 7.0, 9.0]), np.array([False, False, True, True]), seed=1)
    (0.3333333333333333, 'permutation of clusters, all 6 ways')
    """
    clusters, chosen = changes.size, int(pilot.sum())
    centred = changes - changes.mean()
    # centred, so that the sum of the pilots alone orders the differences
    observed = abs(float(centred[pilot].sum())) - 1e-12 * float(np.abs(centred).sum())
    ways = math.comb(clusters, chosen)
    if ways <= MOST_DEALS:
        deals = np.fromiter(
            itertools.chain.from_iterable(itertools.combinations(range(clusters), chosen)), np.int64, ways * chosen
        ).reshape(ways, chosen)
        extreme = np.abs(centred[deals].sum(axis=1)) >= observed
        return float(extreme.mean()), f"permutation of clusters, all {ways} ways"
    rng = np.random.default_rng(seed)
    dealt = np.argsort(rng.random((DRAWS, clusters)), axis=1) < chosen
    extreme = np.abs(dealt @ centred) >= observed
    return float(1.0 + extreme.sum()) / (DRAWS + 1.0), f"permutation of clusters, {DRAWS} draws, seed {seed}"
