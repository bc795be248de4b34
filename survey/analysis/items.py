"""Test items: difficulty, discrimination, distractors, and items that treat groups differently."""

import math
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, checked, floats, in_open_unit, listed
from survey.analysis.distributions import chi2_sf, critical_z, normal_quantile
from survey.analysis.reliability import Reliability, cronbach_alpha, item_rest_correlations, kr20, kr21
from survey.analysis.results import Caution, EffectSize
from survey.analysis.significance.stratified import mantel_haenszel_odds, strata_of
from survey.analysis.sufficient import CrossProducts


class ItemAnalysis(Struct, frozen=True, kw_only=True):
    """A scored test and its items, in the order given."""

    n: int
    mean_total: float
    sd_total: float | None
    difficulty: tuple[float, ...]
    item_total: tuple[float | None, ...]
    item_rest: tuple[float | None, ...]
    discrimination: tuple[float, ...]
    upper_cut: float
    lower_cut: float
    n_upper: int
    n_lower: int
    score_distribution: tuple[int, ...]
    alpha: Reliability
    kr20: float | None
    kr21: float | None
    cautions: tuple[Caution, ...] = ()


class Distractor(Struct, frozen=True, kw_only=True):
    """One option of an item: who chose it, and how they did on the rest of the test."""

    option: float
    n: int
    share: float
    rest_mean: float
    point_biserial: float | None


class ItemBias(Struct, frozen=True, kw_only=True):
    """Differential item functioning of one item."""

    odds_ratio: EffectSize
    delta: float | None
    statistic: float | None
    pvalue: float | None
    ets_class: Literal["A", "B", "C"] | None
    n: tuple[float, float]
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


def item_analysis(scored: ArrayLike, *, tail: float = 0.27) -> ItemAnalysis:
    r"""Classical analysis of 0/1 items: difficulty, corrected item-rest correlation, upper-lower discrimination.

    Discrimination is the difference in shares correct between everyone at or above the score of rank :math:`0.27n`
    from the top and everyone at or below that from the bottom (ties included).

    Parameters
    ----------
    scored
        Respondents x items of 0/1, complete rows.

    References
    ----------
    Kelley, T. L. (1939). Journal of Educational Psychology 30, 17-24. Crocker, L. & Algina, J. (1986). Introduction to
    Classical and Modern Test Theory.

    Examples
    --------
    >>> result = item_analysis([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> result.difficulty, result.score_distribution
    ((0.75, 0.5, 0.25), (1, 1, 1, 1))
    """
    in_open_unit(tail, "tail")
    x = floats(scored, "scored", ndim=2)
    n, k = x.shape
    if n < 2 or k < 2:
        raise BadData("scored", "must have two or more respondents and items")
    if ((x != 0) & (x != 1)).any():
        raise BadData("scored", "must be 0 or 1")
    total = x.sum(axis=1)
    products = CrossProducts.of(x)
    c = products.covariance
    rank = max(1, round(tail * n))
    ordered = np.sort(total)
    upper_cut, lower_cut = float(ordered[n - rank]), float(ordered[rank - 1])
    upper, lower = total >= upper_cut, total <= lower_cut
    difficulty = x.mean(axis=0)
    spread = float(total.var())
    constant = np.flatnonzero(np.diag(c) <= 0)
    return ItemAnalysis(
        n=n,
        mean_total=float(total.mean()),
        sd_total=float(total.std(ddof=1)),
        difficulty=tuple(listed(difficulty)),
        item_total=tuple(_item_total(c)),
        item_rest=tuple(item_rest_correlations(c)),
        discrimination=tuple(listed(x[upper].mean(axis=0) - x[lower].mean(axis=0))),
        upper_cut=upper_cut,
        lower_cut=lower_cut,
        n_upper=int(upper.sum()),
        n_lower=int(lower.sum()),
        score_distribution=tuple(int(v) for v in np.bincount(total.astype(np.int64), minlength=k + 1)),
        alpha=cronbach_alpha(products),
        kr20=kr20(difficulty, spread),
        kr21=kr21(k, float(total.mean()), spread),
        cautions=tuple(Caution("item-without-variance", {"item": int(i)}) for i in constant),
    )


def distractors(chosen: ArrayLike, rest: ArrayLike) -> tuple[Distractor, ...]:
    """Each option of one item: how many chose it, and its point-biserial correlation with the score on the other items.

    A good key correlates positively, a good distractor negatively.

    References
    ----------
    Haladyna, T. M. (2004). Developing and Validating Multiple-Choice Test Items, 3rd ed.

    Examples
    --------
    >>> [d.rest_mean for d in distractors([1, 1, 2, 2], [4, 5, 1, 2])]
    [4.5, 1.5]
    """
    options, score = floats(chosen, "chosen"), floats(rest, "rest")
    if options.size != score.size:
        raise BadData("rest", "must be one per respondent")
    result = []
    for option in np.unique(options):
        here = options == option
        share, sd = float(here.mean()), float(score.std())
        correlation = None
        if sd > 0 and share < 1.0:
            gap = float(score[here].mean() - score[~here].mean())
            correlation = gap * math.sqrt(share * (1.0 - share)) / sd
        result.append(
            Distractor(
                option=float(option), n=int(here.sum()), share=share, rest_mean=float(score[here].mean()),
                point_biserial=correlation,
            )
        )  # fmt: skip
    return tuple(result)


@checked(confidence_level=in_open_unit)
def mantel_haenszel_dif(
    strata: ArrayLike, *, significance_level: float = 0.05, confidence_level: float = 0.95
) -> ItemBias:
    r"""Does an item favour one of two groups of equal ability? Mantel-Haenszel odds ratio by score level, ETS class.

    :math:`\Delta=-2.35\ln\alpha_{MH}`. A: :math:`|\Delta|<1` or not significant; C: :math:`|\Delta|\ge1.5` and
    significantly above 1; else B. The statistic carries the continuity correction customary here.

    Parameters
    ----------
    strata
        Score levels x (reference, focal) x (right, wrong).

    References
    ----------
    Holland, P. W. & Thayer, D. T. (1988). In Test Validity, 129-145. Zieky, M. (1993). In Differential Item
    Functioning.

    Examples
    --------
    >>> bias = mantel_haenszel_dif([[[20, 30], [10, 40]], [[35, 15], [25, 25]], [[45, 5], [38, 12]]])
    >>> round(bias.odds_ratio.value, 4), round(bias.delta, 4), bias.ets_class
    (2.5607, -2.2097, 'C')
    """
    t = strata_of(strata)
    used = (t.sum(axis=1) > 0).all(axis=1) & (t.sum(axis=2) > 0).all(axis=1)
    n = (float(t[:, 0].sum()), float(t[:, 1].sum()))
    cautions = (Caution("small-groups", {"n": min(n)}),) if min(n) < 200 else ()
    odds = mantel_haenszel_odds(t[used], confidence_level) if used.any() else EffectSize("odds ratio", None)
    if not odds.value or odds.confint is None:
        return ItemBias(
            odds_ratio=odds, delta=None, statistic=None, pvalue=None, ets_class=None, n=n, cautions=cautions,
            reason="no score level has both groups and both outcomes",
        )  # fmt: skip
    s = t[used]
    size, rows, cols = s.sum(axis=(1, 2)), s.sum(axis=2), s.sum(axis=1)
    gap = abs(float((s[:, 0, 0] - rows[:, 0] * cols[:, 0] / size).sum()))
    variance = float((rows.prod(axis=1) / size**2 * cols.prod(axis=1) / (size - 1.0)).sum())
    statistic = max(0.0, gap - 0.5) ** 2 / variance
    pvalue = chi2_sf(statistic, 1.0)
    delta = -2.35 * math.log(odds.value)
    se = 2.35 * (math.log(odds.confint.high) - math.log(odds.confint.low)) / 2.0 / critical_z(confidence_level)
    beyond_one = (abs(delta) - 1.0) / se > normal_quantile(1.0 - significance_level)
    letter: Literal["A", "B", "C"] = "B"
    if abs(delta) < 1.0 or pvalue >= significance_level:
        letter = "A"
    elif abs(delta) >= 1.5 and beyond_one:
        letter = "C"
    return ItemBias(
        odds_ratio=odds, delta=delta, statistic=statistic, pvalue=pvalue, ets_class=letter, n=n, cautions=cautions
    )


def _item_total(c: Floats) -> list[float | None]:
    total, rows, own = float(c.sum()), c.sum(axis=1), np.diag(c)
    return [float(r / math.sqrt(v * total)) if v > 0 and total > 0 else None for r, v in zip(rows, own, strict=True)]
