"""Items of a test that are harder for one of two groups than for equally able persons of the other."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import BadData, Floats
from survey.analysis.items import ItemBias, mantel_haenszel_dif
from survey.analysis.results import Caution, ConfInt
from survey.evaluation.chunks import chunks
from survey.evaluation.disclosure import FLOOR
from survey.evaluation.sample import Mask, Sample
from survey.evaluation.scales import item_scores
from survey.forms.scales import PointsScale
from survey.forms.wording import Text

RIGHT = 100.0 - 1e-9


class ItemDif(msgspec.Struct, frozen=True, kw_only=True):
    """One item in two groups of equal ability. `ets_class`: A negligible, B moderate, C large.

    `favours` is the group for which the item is easier than for equally able persons of the other. `n` are the
    persons of each group who were given every item.
    """

    item: str
    title: Text
    n: tuple[int, int] | None
    odds_ratio: float | None = None
    confint: ConfInt | None = None
    delta: float | None = None
    statistic: float | None = None
    pvalue: float | None = None
    ets_class: Literal["A", "B", "C"] | None = None
    favours: Literal["first", "second"] | None = None
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


def dif(scale: PointsScale, sample: Sample, first_mask: Mask, second_mask: Mask) -> tuple[ItemDif, ...]:
    r"""Mantel-Haenszel DIF of every item, :math:`\Delta=-2.35\ln\alpha_{MH}`, the first group being the reference.

    Persons are matched on the total score **with** the studied item in it, as Holland and Thayer advise, in whole
    items: an item that can be half right counts half, and the sum is rounded. Right is an item whose points were all
    won. Only persons who were given every item can be matched. Below 200 of them in a group there is a caution.

    References
    ----------
    Holland, P. W. & Thayer, D. T. (1988). In Test Validity, 129-145. Zieky, M. (1993). In Differential Item
    Functioning, 337-347.
    """
    _checked(sample, first_mask, second_mask)
    counts = _counts(scale, sample, first_mask, second_mask)
    titles = [sample.item(item).name or sample.item(item).text for item in scale.items]
    return tuple(_bias(*each) for each in zip(scale.items, titles, counts, strict=True))


def dif_between(measure: str, sample: Sample, arm: NDArray[np.int16]) -> tuple[ItemDif, ...]:
    """DIF between the arms 0 and 1; nothing where the measure is no test of the instrument."""
    scale = next((scale for scale in sample.book.instrument.scales if scale.id == measure), None)
    return dif(scale, sample, arm == 0, arm == 1) if isinstance(scale, PointsScale) else ()


def _checked(sample: Sample, first_mask: Mask, second_mask: Mask) -> None:
    for name, mask in (("first_mask", first_mask), ("second_mask", second_mask)):
        if mask.dtype != np.bool_ or mask.shape != (len(sample),):
            raise BadData(name, "must say yes or no of every response")
    if (first_mask & second_mask).any():
        raise BadData("second_mask", "must not share responses with first_mask")


def _counts(scale: PointsScale, sample: Sample, first_mask: Mask, second_mask: Mask) -> Floats:
    """Items x total scores x (first, second) x (right, wrong)."""
    k, start = len(scale.items), 0
    counts = np.zeros((k, (k + 1) * 4))
    group = np.full(len(sample), -1, dtype=np.int8)
    group[first_mask], group[second_mask] = 0, 1
    for part in chunks(sample):
        scores, here = item_scores(scale, part), group[start : start + len(part)]
        start += len(part)
        use = (here >= 0) & ~np.isnan(scores).any(axis=1)
        cell = 4 * np.rint(scores[use].sum(axis=1) / 100.0).astype(np.int64) + 2 * here[use]
        for place in range(k):
            counts[place] += np.bincount(cell + (scores[use, place] < RIGHT), minlength=(k + 1) * 4)
    return counts.reshape(k, k + 1, 2, 2)


def _bias(item_id: str, title: Text, strata: Floats) -> ItemDif:
    n = tuple(int(size) for size in strata.sum(axis=(0, 2)))
    if min(n) < FLOOR:
        why = f"fewer than {FLOOR} in a group who were given every item: not shown"
        return ItemDif(item=item_id, title=title, n=None, reason=why)
    found = mantel_haenszel_dif(strata)
    return ItemDif(
        item=item_id,
        title=title,
        n=(n[0], n[1]),
        odds_ratio=found.odds_ratio.value,
        confint=found.odds_ratio.confint,
        delta=found.delta,
        statistic=found.statistic,
        pvalue=found.pvalue,
        ets_class=found.ets_class,
        favours=_favours(found),
        cautions=found.cautions,
        reason=found.reason,
    )


def _favours(found: ItemBias) -> Literal["first", "second"] | None:
    """An odds ratio above 1, and so a delta below 0, speaks for the reference group, which is the first."""
    if found.delta is None or found.delta == 0.0:
        return None
    return "first" if found.delta < 0.0 else "second"
