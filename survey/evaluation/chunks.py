"""Ten million responses some at a time: what their scores add up to, without a list of persons."""

from collections.abc import Callable, Iterator

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.sufficient import CrossProducts
from survey.evaluation.sample import BLOCK, Sample

NO_SPREAD = 1e-15
"""A variance below this, in squared points, is rounding: one in 2**40 who differs by a point is well above it."""


def chunks(sample: Sample) -> Iterator[Sample]:
    """The responses, some at a time: scores of all at once would take gigabytes. An empty sample is one empty chunk."""
    for start in range(0, max(1, len(sample)), BLOCK):
        yield Sample(sample.book, sample.codes[start : start + BLOCK], sample.paradata)


def complete_products(sample: Sample, scores: Callable[[Sample], Floats]) -> CrossProducts:
    """What the rows of `scores` without a gap add up to."""
    parts = (scores(part) for part in chunks(sample))
    found = [CrossProducts.of(rows[~np.isnan(rows).any(axis=1)]) for rows in parts]
    return without_noise(sum(found[1:], start=found[0]))


def without_noise(found: CrossProducts) -> CrossProducts:
    """A variable in which all are alike has no spread at all, whatever the rounding of its mean left over.

    >>> products = CrossProducts.of([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]])
    >>> products.products[0][0] > 0.0, without_noise(products).products
    (True, ((0.0, 0.0), (0.0, 2.0)))
    """
    products = np.array(found.products, dtype=np.float64)
    flat = np.diag(products) <= NO_SPREAD * found.n
    products[flat, :] = products[:, flat] = 0.0
    return CrossProducts(found.n, found.means, tuple(tuple(row) for row in products.tolist()))
