"""Which rated aspects move the overall rating, and which of those are weak."""

from typing import Literal

import msgspec
import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.composites import correlations
from survey.analysis.drivers import MOST, KeyDrivers, importance_performance, key_drivers_of
from survey.analysis.results import Caution
from survey.analysis.sufficient import CrossProducts
from survey.evaluation.chunks import chunks, complete_products
from survey.evaluation.disclosure import too_few
from survey.evaluation.sample import Sample
from survey.evaluation.scales import linear_scores
from survey.forms.items import Rating
from survey.forms.wording import Text

Place = Literal["keep-up", "improve-first", "low-priority", "possible-overkill"]

PLACES: dict[str, Place] = {
    "keep": "keep-up",
    "improve": "improve-first",
    "watch": "low-priority",
    "maintain": "possible-overkill",
}
PER_ASPECT = 10
"""Fewer complete cases for each aspect give weights that say more about chance than about the service."""


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """One aspect. `performance` is its linear index over everybody who rated it, as in the summary.

    `r` is its correlation with the overall rating, `beta` its standardised coefficient beside the other aspects,
    `shapley` and `relative_weight` its part of R squared in two ways, `share` the first as a percentage of R squared.
    """

    item: str
    title: Text
    performance: float
    r: float
    beta: float
    vif: float
    shapley: float
    relative_weight: float
    share: float | None
    place: Place


class Drivers(msgspec.Struct, frozen=True, kw_only=True):
    """What drives the overall rating, over the persons who rated it and every aspect.

    The places in the importance-performance plane are cut at the means of the aspects. A driver is a candidate for a
    cause, no more: the ratings come from the same people at the same moment.
    """

    outcome: str
    title: Text
    n: int | None
    aspects: tuple[str, ...]
    r2: float | None = None
    adjusted_r2: float | None = None
    drivers: tuple[Driver, ...] = ()
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


def drivers(sample: Sample) -> Drivers | None:
    r"""The weight of each rated aspect in the overall rating; None where the instrument has no such ratings.

    The overall rating is the first that is part of no scale, the aspects are the ratings that are part of one. On
    linear scores, of complete cases: standardised coefficients, Shapley values (the rise of :math:`R^2` that an
    aspect brings, averaged over all orders of entering) and Johnson's relative weights; both add up to :math:`R^2`.
    What was not asked is missing: those who were led past an aspect are not among the complete cases. Below
    :math:`50+8p` cases there is a caution (Green), below ten for each aspect there is nothing.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis.
    Johnson, J. W. (2000). Multivariate Behavioral Research 35(1), 1-19. Green, S. B. (1991). Multivariate Behavioral
    Research 26(3), 499-510. Martilla, J. A. & James, J. C. (1977). Journal of Marketing 41(1), 77-79.
    """
    outcome, aspects = _ratings(sample)
    if outcome is None or len(aspects) < 2:
        return None
    bare = Drivers(outcome=outcome.id, title=outcome.name or outcome.text, n=None, aspects=aspects)
    if len(aspects) > MOST:
        return msgspec.structs.replace(bare, reason=f"more than {MOST} rated aspects")
    names = (outcome.id, *aspects)
    products = complete_products(sample, lambda part: _scores(part, names))
    n = int(products.n)
    why = "nobody rated the whole and every aspect" if n == 0 else too_few(n)
    if why is not None:
        return msgspec.structs.replace(bare, reason=why)
    bare = msgspec.structs.replace(bare, n=n)
    if n < PER_ASPECT * len(aspects):
        return msgspec.structs.replace(bare, reason=f"fewer than {PER_ASPECT} complete responses for each aspect")
    return _explained(bare, sample, products)


def _ratings(sample: Sample) -> tuple[Rating | None, tuple[str, ...]]:
    parts = {item for scale in sample.book.instrument.scales for item in scale.measured_by()}
    ratings = [asked.item for asked in sample.book.instrument.asked if isinstance(asked.item, Rating)]
    overall = next((item for item in ratings if item.id not in parts), None)
    return overall, tuple(item.id for item in ratings if item.id in parts)


def _scores(sample: Sample, names: tuple[str, ...]) -> Floats:
    return np.column_stack([linear_scores(sample, name) for name in names])


def _explained(bare: Drivers, sample: Sample, products: CrossProducts) -> Drivers:
    names = (bare.outcome, *bare.aspects)
    constant = [names[place] for place in np.flatnonzero(np.diag(products.products) == 0)]
    if constant:
        cautions = tuple(Caution("item-without-variance", {"item": name}) for name in constant)
        return msgspec.structs.replace(bare, cautions=cautions, reason="everybody gave the same rating")
    correlation = correlations(products)
    if np.linalg.matrix_rank(correlation[1:, 1:]) < len(bare.aspects):
        return msgspec.structs.replace(bare, reason="an aspect is determined by the others")
    found = key_drivers_of(correlation, products.n)
    few = products.n < 50 + 8 * len(bare.aspects)
    return msgspec.structs.replace(
        bare,
        r2=found.r2,
        adjusted_r2=found.adjusted_r2,
        drivers=_placed(bare.aspects, found, sample),
        cautions=(*found.cautions, *((Caution("small-base", {"n": found.n}),) if few else ())),
    )


def _placed(aspects: tuple[str, ...], found: KeyDrivers, sample: Sample) -> tuple[Driver, ...]:
    performance = [_index(sample, name) for name in aspects]
    plane = importance_performance(found.shapley, performance)
    items = [sample.item(name) for name in aspects]
    return tuple(
        Driver(
            item=item.id,
            title=item.name or item.text,
            performance=performance[place],
            r=found.r[place],
            beta=found.beta[place],
            vif=found.vif[place],
            shapley=found.shapley[place],
            relative_weight=found.relative_weights[place],
            share=100.0 * found.shapley[place] / found.r2 if found.r2 > 0 else None,
            place=PLACES[plane[place].quadrant],
        )
        for place, item in enumerate(items)
    )


def _index(sample: Sample, name: str) -> float:
    n, total = 0, 0.0
    for part in chunks(sample):
        scores = linear_scores(part, name)
        known = ~np.isnan(scores)
        n, total = n + int(known.sum()), total + float(scores[known].sum())
    return total / n
