"""Pilot and control, before and after: did the pilot change more? Order: control before/after, pilot before/after."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, as_ns, counts_of, in_open_unit, scores_for, table_of
from survey.analysis.distributions import critical_t, critical_z, t_pvalue, z_pvalue
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments

SIGNS = (1.0, -1.0, -1.0, 1.0)


@significance_test(level="score", design="did")
def did_means(table: ArrayLike, scores: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Difference in differences of four means, independent samples, robust standard error.

    :math:`(\bar y_{11}-\bar y_{10})-(\bar y_{01}-\bar y_{00})`; HC1
    :math:`=\sum\frac{(n_c-1)s_c^2}{n_c^2}\frac{N}{N-4}`, HC2 when a cell has fewer than 50 answers.

    Parameters
    ----------
    table
        Counts, 4 cells x levels: control before, control after, pilot before, pilot after.

    Notes
    -----
    Assumes independent respondents and that pilot and control would have moved in parallel.

    References
    ----------
    Angrist, J. D. & Pischke, J.-S. (2009). Mostly Harmless Econometrics, chapter 5. MacKinnon, J. G. & White, H.
    (1985). Journal of Econometrics 29, 305-325.

    Examples
    --------
    >>> cells = [[9, 60, 31], [8, 60, 32], [10, 60, 30], [4, 40, 56]]
    >>> result = did_means(cells, [0, 50, 100])
    >>> result.difference.value, round(result.pvalue, 5)
    (15.0, 0.01154)
    """
    counts = table_of(table, rows=4)
    s = scores_for(scores, counts.shape[1])
    return did_of([Moments.from_counts(row, s) for row in counts], confidence_level=confidence_level)


def did_of(cells: Sequence[Moments], *, confidence_level: float = 0.95) -> TestResult:
    """`did_means` from the moments of the four cells."""
    in_open_unit(confidence_level, "confidence_level")
    if len(cells) != 4:
        raise BadData("cells", "must be four: control before, control after, pilot before, pilot after")
    sizes = as_ns(c.n for c in cells)
    effect = sum(sign * c.mean for sign, c in zip(SIGNS, cells, strict=True))
    n, ss = np.array([c.n for c in cells]), np.array([c.ss for c in cells])
    if n.min() < 2 or ss.sum() == 0:
        code = "empty-group" if n.min() == 0 else "too-few" if n.min() < 2 else "no-variance"
        gap = None if n.min() == 0 else Difference(effect)
        return TestResult(
            test="did_means", difference=gap, n=sizes, cautions=(Caution(code),),
            reason="a cell has fewer than two answers" if n.min() < 2 else "no cell varies",
        )  # fmt: skip
    total, hc0 = float(n.sum()), float((ss / n**2).sum())
    pooled = float(ss.sum()) / (total - 4.0)
    errors = {
        "se_ols": math.sqrt(pooled * float((1.0 / n).sum())),
        "se_hc0": math.sqrt(hc0),
        "se_hc1": math.sqrt(hc0 * total / (total - 4.0)),
        "se_hc2": math.sqrt(float((ss / (n - 1.0) / n).sum())),
        "se_hc3": math.sqrt(float((ss / (n - 1.0) ** 2).sum())),
    }
    kind = "se_hc1" if n.min() >= 50 else "se_hc2"
    se, df = errors[kind], total - 4.0
    half = critical_t(confidence_level, df) * se
    return TestResult(
        test="did_means",
        statistic=effect / se,
        pvalue=t_pvalue(effect / se, df),
        df=df,
        effect_size=EffectSize("difference over pooled SD", effect / math.sqrt(pooled)),
        difference=Difference(effect, ConfInt(effect - half, effect + half, confidence_level, kind[3:].upper())),
        n=sizes,
        rule={"variance": kind[3:].upper()},
        details=errors | {"mean": [c.mean for c in cells], "variance": [c.variance for c in cells]},
    )


@significance_test(level="binary", design="did")
def did_proportions(successes: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Difference in differences of four shares (linear probability): :math:`z=\mathrm{did}/\sqrt{\sum p_cq_c/n_c}`.

    The logit version (ratio of odds ratios) is in the details unless a cell has all or no successes.

    References
    ----------
    Ai, C. & Norton, E. C. (2003). Economics Letters 80, 123-129.

    Examples
    --------
    >>> result = did_proportions([72, 115, 891, 1042], [139, 233, 1299, 1630])
    >>> round(result.difference.value, 7), round(result.pvalue, 6)
    (-0.0222251, 0.693324)
    """
    in_open_unit(confidence_level, "confidence_level")
    x, size = counts_of(successes, "successes"), counts_of(n, "n")
    if x.size != 4 or size.size != 4 or (x > size).any():
        raise BadData("successes", "must be four, none above n")
    if size.min() == 0:
        return TestResult(
            test="did_proportions", n=as_ns(size), cautions=(Caution("empty-group"),), reason="a cell has no answers"
        )
    signs, p = np.array(SIGNS), x / size
    effect, se = float(signs @ p), math.sqrt(float((p * (1.0 - p) / size).sum()))
    difference = Difference(effect, unit="proportion")
    logit, cautions = _logit_did(x, size - x, signs)
    if se == 0:
        return TestResult(
            test="did_proportions", difference=difference, n=as_ns(size), cautions=(Caution("no-variance"),),
            reason="no cell varies",
        )  # fmt: skip
    half, total = critical_z(confidence_level) * se, float(size.sum())
    return TestResult(
        test="did_proportions",
        statistic=effect / se,
        pvalue=z_pvalue(effect / se),
        difference=Difference(effect, ConfInt(effect - half, effect + half, confidence_level, "wald"), "proportion"),
        n=as_ns(size),
        rule={"model": "linear probability", "variance": "not pooled"},
        details={"se": se, "se_hc1": se * math.sqrt(total / (total - 4.0)) if total > 4 else None} | logit,
        cautions=cautions,
    )


def _logit_did(x: np.ndarray, y: np.ndarray, signs: np.ndarray) -> tuple[dict[str, float], tuple[Caution, ...]]:
    if min(x.min(), y.min()) == 0:
        return {}, (Caution("linear-probability-only"),)
    effect = float(signs @ np.log(x / y))
    se = math.sqrt(float((1.0 / x + 1.0 / y).sum()))
    z = effect / se
    return {
        "logit_did": effect,
        "logit_se": se,
        "logit_z": z,
        "logit_pvalue": z_pvalue(z),
        "odds_ratio_of_ratios": math.exp(effect),
    }, ()


@significance_test(level="nps", design="did")
def did_net_promoter(cells: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    """Difference in differences of four net promoter scores: z with trinomial variances.

    Parameters
    ----------
    cells
        4 cells x (detractors, passives, promoters).

    References
    ----------
    Rocks, B. (2016). The American Statistician 70(4), 365-372.

    Examples
    --------
    >>> cells = [[40, 50, 110], [40, 50, 110], [60, 60, 80], [40, 50, 110]]
    >>> round(did_net_promoter(cells).difference.value, 9)
    25.0
    """
    in_open_unit(confidence_level, "confidence_level")
    counts = table_of(cells, "cells", rows=4, cols=3)
    size = counts.sum(axis=1)
    if size.min() == 0:
        return TestResult(
            test="did_net_promoter", n=as_ns(size), cautions=(Caution("empty-group"),), reason="a cell has no answers"
        )
    up, down = counts[:, 2] / size, counts[:, 0] / size
    effect = 100.0 * float(np.array(SIGNS) @ (up - down))
    se = 100.0 * math.sqrt(float(((up + down - (up - down) ** 2) / size).sum()))
    if se == 0:
        return TestResult(
            test="did_net_promoter", difference=Difference(effect, unit="points"), n=as_ns(size),
            cautions=(Caution("no-variance"),), reason="no cell varies",
        )  # fmt: skip
    half = critical_z(confidence_level) * se
    return TestResult(
        test="did_net_promoter",
        statistic=effect / se,
        pvalue=z_pvalue(effect / se),
        difference=Difference(effect, ConfInt(effect - half, effect + half, confidence_level, "wald"), "points"),
        n=as_ns(size),
        rule={"variance": "trinomial, not pooled"},
        cautions=(Caution("small-base", {"n": float(size.min())}),) if size.min() < 30 else (),
    )
