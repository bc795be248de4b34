"""Is a scale any good: how reliable it is, what it may be used for, and which of its items are weak.

Everything comes from sums over the code matrix; there is no list of persons. An item's own figures (mean, options)
have everybody whom the item was given to as their base, as in the summary of the item; what relates items to each
other has the persons who were given all of them.
"""

from typing import Literal

import msgspec
import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.reliability import item_rest_correlations, kr20
from survey.analysis.sufficient import CrossProducts
from survey.evaluation.chunks import chunks, complete_products
from survey.evaluation.consistency import varies
from survey.evaluation.disclosure import too_few
from survey.evaluation.distractors import Distractor, distractors
from survey.evaluation.drivers import Drivers, drivers
from survey.evaluation.reliability import ReliabilityValue, reliability, reliability_of
from survey.evaluation.sample import Sample
from survey.evaluation.scales import item_scores, method_of
from survey.forms.items import Multiple
from survey.forms.items.choice import ChoiceItem
from survey.forms.scales import CompositeScale, PointsScale, Scale
from survey.forms.wording import Text

Use = Literal["none", "groups", "groups-well", "individuals"]
ItemFlag = Literal["too-easy", "too-hard", "low-discrimination", "negative-discrimination"]

FOR_GROUPS, FOR_GROUPS_WELL, FOR_INDIVIDUALS = 0.70, 0.80, 0.90
"""The least reliability for statements about groups, for good ones, and before a score has consequences for a person.

Nunnally, J. C. & Bernstein, I. H. (1994). Psychometric Theory, 3rd ed., 264-265.
"""
HARDEST, EASIEST = 0.20, 0.90
"""Shares of the points won outside of which an item tells too few persons apart."""
LEAST_DISCRIMINATION = 0.20
"""Below this correlation with the other items, an item measures something else, or nothing (Ebel 1979)."""
ROUNDING = 1e-9
"""Rounding at a limit must not decide."""


class ItemDiagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a scale. `difficulty` is the share of its points that were won: the higher, the easier."""

    item: str
    title: Text
    n: int
    mean: float
    difficulty: float | None = None
    discrimination: float | None
    """Its correlation with the sum of the other items."""
    if_dropped: float | None
    """Alpha of the scale without it."""
    flags: tuple[ItemFlag, ...] = ()
    distractors: tuple[Distractor, ...] = ()
    reason: str | None = None


class ScaleDiagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """How well a scale measures. `n` are the persons who were given every item; None where nothing is shown.

    `use` is what the scores may be used for at this reliability; None where the reliability is not known.
    """

    scale: str
    title: Text
    method: str
    n: int | None
    reliability: ReliabilityValue
    kr20: float | None = None
    kr20_reason: str | None = None
    use: Use | None = None
    items: tuple[ItemDiagnostic, ...] = ()
    reason: str | None = None


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """How well each scale of the instrument measures, and what drives the overall rating where there is one."""

    scales: tuple[ScaleDiagnostics, ...] = ()
    drivers: Drivers | None = None


def diagnose(sample: Sample) -> Diagnostics:
    """The diagnostics of a whole wave."""
    scales = tuple(scale_diagnostics(scale, sample) for scale in sample.book.instrument.scales)
    return Diagnostics(scales=scales, drivers=drivers(sample))


def scale_diagnostics(scale: Scale, sample: Sample) -> ScaleDiagnostics:
    """Reliability of a scale and what is known of each of its items."""
    if isinstance(scale, CompositeScale):
        return _nothing(scale, reliability(scale, sample))
    products = complete_products(sample, lambda part: item_scores(scale, part))
    n = int(products.n)
    why = "no complete responses" if n == 0 else too_few(n)
    if why is not None:
        return _nothing(scale, ReliabilityValue(value=None, reason=why, omega_reason=why))
    found = reliability_of(products) if len(scale.items) > 2 else reliability(scale, sample)
    low = None if found.confint is None else found.confint.low
    kr, why = (None, found.reason) if found.value is None else _kr20(scale, sample, products)
    return ScaleDiagnostics(
        scale=scale.id,
        title=scale.title,
        method=method_of(scale),
        n=n,
        reliability=found,
        kr20=kr,
        kr20_reason=why,
        use=None if found.value is None or low is None else use_of(found.value, low),
        items=_items(scale, sample, products),
    )


def use_of(alpha: float, low: float) -> Use:
    """What scores of this reliability may be used for; `low` is the lower end of its interval.

    Groups are spoken of from .70, well from .80. Consequences for a person take .90, and take it for certain: the
    whole interval must lie there.

    >>> use_of(0.65, 0.6), use_of(0.72, 0.68), use_of(0.93, 0.88), use_of(0.93, 0.91)
    ('none', 'groups', 'groups-well', 'individuals')
    """
    if low >= FOR_INDIVIDUALS:
        return "individuals"
    if alpha >= FOR_GROUPS_WELL:
        return "groups-well"
    return "groups" if alpha >= FOR_GROUPS else "none"


def flags_of(difficulty: float | None, discrimination: float | None) -> tuple[ItemFlag, ...]:
    """What is wrong with an item, if anything.

    >>> flags_of(0.95, -0.1), flags_of(0.2, 0.2), flags_of(None, 0.1)
    (('too-easy', 'negative-discrimination'), (), ('low-discrimination',))
    """
    flags: list[ItemFlag] = []
    if difficulty is not None and difficulty > EASIEST + ROUNDING:
        flags.append("too-easy")
    if difficulty is not None and difficulty < HARDEST - ROUNDING:
        flags.append("too-hard")
    if discrimination is not None and discrimination < -ROUNDING:
        flags.append("negative-discrimination")
    elif discrimination is not None and discrimination < LEAST_DISCRIMINATION - ROUNDING:
        flags.append("low-discrimination")
    return tuple(flags)


def _nothing(scale: Scale, found: ReliabilityValue) -> ScaleDiagnostics:
    return ScaleDiagnostics(
        scale=scale.id,
        title=scale.title,
        method=method_of(scale),
        n=None,
        reliability=found,
        kr20_reason=found.reason,
        reason=found.reason,
    )


def _items(scale: Scale, sample: Sample, products: CrossProducts) -> tuple[ItemDiagnostic, ...]:
    n, means = _own_means(scale, sample)
    points = isinstance(scale, PointsScale)
    options = distractors(scale, sample) if isinstance(scale, PointsScale) else {}
    rest, dropped = _related(products)
    items = []
    for place, item_id in enumerate(scale.measured_by()):
        item = sample.item(item_id)
        difficulty = float(means[place]) / 100.0 if points else None
        items.append(
            ItemDiagnostic(
                item=item_id,
                title=item.name or item.text,
                n=int(n[place]),
                mean=float(means[place]),
                difficulty=difficulty,
                discrimination=rest[place],
                if_dropped=dropped[place],
                flags=flags_of(difficulty, rest[place]),
                distractors=options.get(item_id, ()),
                reason=_why_not(products, place) if rest[place] is None or dropped[place] is None else None,
            )
        )
    return tuple(items)


def _own_means(scale: Scale, sample: Sample) -> tuple[Floats, Floats]:
    n, total = np.zeros(len(scale.measured_by())), np.zeros(len(scale.measured_by()))
    for part in chunks(sample):
        scores = item_scores(scale, part)
        known = ~np.isnan(scores)
        n += known.sum(axis=0)
        total += np.where(known, scores, 0.0).sum(axis=0)
    return n, total / n


def _related(products: CrossProducts) -> tuple[list[float | None], list[float | None]]:
    """Of each item the correlation with the sum of the others, and alpha without it."""
    k, covariance = len(products.means), products.covariance
    others = [np.delete(np.delete(covariance, place, axis=0), place, axis=1) for place in range(k)]
    usable = [k > 1 and varies(rest) for rest in others]
    values = item_rest_correlations(covariance)
    rest = [value if ok else None for value, ok in zip(values, usable, strict=True)]
    return rest, [_alpha(rest) if ok and k > 2 else None for rest, ok in zip(others, usable, strict=True)]


def _alpha(covariance: Floats) -> float:
    k = len(covariance)
    return k / (k - 1.0) * (1.0 - float(np.trace(covariance)) / float(covariance.sum()))


def _why_not(products: CrossProducts, place: int) -> str:
    if len(products.means) < 3:
        return "there are not two other items"
    return "everybody has the same score" if products.products[place][place] == 0 else "the others do not vary"


def _kr20(scale: Scale, sample: Sample, products: CrossProducts) -> tuple[float | None, str | None]:
    """KR-20 is alpha under its older name; it exists where every item is right or wrong."""
    if not isinstance(scale, PointsScale) or not all(_right_or_wrong(sample, item) for item in scale.items):
        return None, "not every item is either right or wrong"
    return kr20(np.asarray(products.means) / 100.0, float(np.sum(products.products)) / products.n / 100.0**2), None


def _right_or_wrong(sample: Sample, item_id: str) -> bool:
    item = sample.item(item_id)
    if not isinstance(item, ChoiceItem) or isinstance(item, Multiple):
        return False
    return len({max(0.0, option.points or 0.0) for option in item.substantive} - {0.0}) == 1
