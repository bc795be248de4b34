"""When answers as people give them have no reliability: some items never vary, some say what others say."""

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.omega import omega_total
from survey.analysis.sufficient import CrossProducts

ROUNDING = 1e-12
"""Opposed items that cancel leave this much of their variance in floating point."""


def why_not(items: CrossProducts) -> str | None:
    """Why there is no alpha of three items or more.

    >>> why_not(CrossProducts.of([[1, 5, 2], [2, 4, 2], [4, 2, 2], [3, 3, 2]]))
    'the total does not vary'
    """
    if items.n < 3:
        return "fewer than three complete responses"
    if np.count_nonzero(np.diag(items.covariance)) < 2:
        return "fewer than two items vary"
    return None if varies(items.covariance) else "the total does not vary"


def varies(covariance: Floats) -> bool:
    """Whether the sum of the items does."""
    return float(covariance.sum()) > ROUNDING * float(np.trace(covariance))


def omega_of(items: CrossProducts) -> tuple[float | None, str | None]:
    """Omega of one factor, or why there is none.

    Where some items follow from the others the likelihood has no bound, and so no greatest value.

    >>> warm = [[5, 4, 4], [4, 4, 3], [3, 2, 3], [5, 5, 4], [2, 3, 1], [4, 3, 5], [1, 2, 2], [3, 4, 3]]
    >>> round(omega_of(CrossProducts.of(warm))[0], 4)
    0.9032
    >>> omega_of(CrossProducts.of([[a, a, b] for a, b, _ in warm]))
    (None, 'some items are determined by the others')
    """
    covariance = items.covariance
    varied = np.diag(covariance) > 0
    sd = np.sqrt(np.diag(covariance)[varied])
    correlation = covariance[np.ix_(varied, varied)] / np.outer(sd, sd)
    if np.linalg.matrix_rank(correlation) < sd.size:
        return None, "some items are determined by the others"
    try:
        with np.errstate(all="ignore"):  # on its way to an item that is all factor the search meets 1 / 0
            found = omega_total(covariance)
    except np.linalg.LinAlgError:
        return None, "the one-factor model did not converge"
    return found.value, found.reason
