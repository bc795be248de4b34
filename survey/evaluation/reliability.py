"""How well the items of a scale hang together, from what their complete answers add up to."""

import msgspec

from survey.analysis.reliability import cronbach_alpha
from survey.analysis.results import ConfInt
from survey.analysis.sufficient import CrossProducts
from survey.evaluation.chunks import complete_products
from survey.evaluation.consistency import omega_of, why_not
from survey.evaluation.disclosure import too_few
from survey.evaluation.sample import Sample
from survey.evaluation.scales import item_scores
from survey.forms.scales import CompositeScale, Scale


class ReliabilityValue(msgspec.Struct, frozen=True, kw_only=True):
    """Cronbach's alpha over the persons who were given every item, and McDonald's omega beside it.

    Null with a reason where there is none. Omega is that of one factor by maximum likelihood, and has no interval.
    """

    method: str = "alpha"
    value: float | None
    confint: ConfInt | None = None
    n: int = 0
    items: int = 0
    reason: str | None = None
    omega: float | None = None
    omega_reason: str | None = None


def reliability(scale: Scale, sample: Sample) -> ReliabilityValue:
    """How well the items of a scale hang together; held back where too few gave every answer, who could be told."""
    if isinstance(scale, CompositeScale):
        why = "a composite is formed by its parts; they need not hang together"
        return ReliabilityValue(value=None, reason=why, omega_reason=why)
    if len(scale.items) < 3:
        why = "fewer than three items"
        return ReliabilityValue(value=None, items=len(scale.items), reason=why, omega_reason=why)
    products = complete_products(sample, lambda part: item_scores(scale, part))
    held_back = too_few(int(products.n))
    if held_back is not None:
        return ReliabilityValue(value=None, items=len(scale.items), reason=held_back, omega_reason=held_back)
    return reliability_of(products)


def reliability_of(items: CrossProducts) -> ReliabilityValue:
    """Alpha and omega of three items or more from what their complete answers add up to.

    >>> rows = [[5, 4, 5, 4], [4, 4, 4, 3], [3, 3, 2, 3], [5, 5, 4, 5], [2, 2, 3, 2], [4, 3, 4, 4]]
    >>> found = reliability_of(CrossProducts.of(rows))
    >>> found.n, round(found.value, 5)
    (6, 0.92421)
    """
    n, k, why = int(items.n), len(items.means), why_not(items)
    if why is not None:
        return ReliabilityValue(value=None, n=n, items=k, reason=why, omega_reason=why)
    alpha = cronbach_alpha(items)
    omega, why = omega_of(items)
    return ReliabilityValue(
        value=alpha.value,
        confint=alpha.confint,
        n=n,
        items=k,
        reason=alpha.reason,
        omega=omega,
        omega_reason=why,
    )
