"""The same people twice: differences within persons. Rows = first wave, columns = second; difference = row - column."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.binomial import binomial_pmf, binomial_test
from survey.analysis.checks import BadData, Floats, as_ns, in_open_unit, scores_for, table_of
from survey.analysis.distributions import chi2_sf, critical_t, critical_z, t_pvalue
from survey.analysis.effects import hedges_correction
from survey.analysis.proportions import clopper_pearson
from survey.analysis.results import Caution, ConfInt, Difference, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test
from survey.analysis.sufficient import Moments


@significance_test(level="binary", design="two-paired")
def mcnemar(table: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""McNemar's test that a share did not change: :math:`\chi^2=(b-c)^2/(b+c)`, exact binomial when b + c < 25.

    Parameters
    ----------
    table
        2 x 2 counts: first wave (rows) by second wave (columns), the level of interest first.

    Notes
    -----
    Assumes independent persons. The difference has Bonett and Price's interval.

    References
    ----------
    McNemar, Q. (1947). Psychometrika 12, 153-157. Bonett, D. G. & Price, R. M. (2012). Statistical Methods in Medical
    Research 21, 479-492.

    Examples
    --------
    >>> round(mcnemar([[10, 9], [2, 14]]).pvalue, 7)
    0.0654297
    """
    counts = table_of(table, rows=2, cols=2)
    in_open_unit(confidence_level, "confidence_level")
    b, c, n = float(counts[0, 1]), float(counts[1, 0]), float(counts.sum())
    if b + c == 0:
        return TestResult(
            test="mcnemar", n=as_ns((n,)), difference=Difference(0.0 if n else None, unit="proportion"),
            cautions=(Caution("no-discordant-pairs" if n else "empty-group"),), reason="nobody changed",
        )  # fmt: skip
    statistic = (b - c) ** 2 / (b + c)
    corrected = max(0.0, abs(b - c) - 1.0) ** 2 / (b + c)
    whole = b.is_integer() and c.is_integer()
    exact = binomial_test(b, b + c, 0.5) if whole else None
    mid = None if exact is None else exact - float(binomial_pmf(np.array([b]), b + c, 0.5)[0])
    use_exact = exact is not None and b + c < 25
    odds = clopper_pearson(b, b + c, confidence_level=confidence_level)
    low = odds.low / (1.0 - odds.low)
    high = odds.high / (1.0 - odds.high) if c else None
    ratio = None if high is None else ConfInt(low, high, confidence_level, "exact-conditional")
    return TestResult(
        test="mcnemar",
        statistic=statistic,
        pvalue=exact if use_exact else chi2_sf(statistic, 1.0),
        df=1.0,
        effect_size=EffectSize("odds ratio (conditional)", b / c if c else None, ratio),
        effect_sizes=(EffectSize("Cohen's g", b / (b + c) - 0.5),),
        difference=Difference((b - c) / n, bonett_price(b, c, n, confidence_level), "proportion"),
        n=as_ns((n,)),
        rule={"pvalue": "exact binomial" if use_exact else "chi-squared", "continuity": "none"},
        details={
            "pvalue_chi2": chi2_sf(statistic, 1.0),
            "chi2_continuity": corrected,
            "pvalue_continuity": chi2_sf(corrected, 1.0),
            "pvalue_exact": exact,
            "pvalue_mid": mid,
            "odds_ratio_low": low,
            "se": math.sqrt(b + c - (b - c) ** 2 / n) / n,
        },
    )


def bonett_price(b: float, c: float, n: float, confidence_level: float) -> ConfInt:
    """Difference of paired shares: adjusted Wald, one answer added to each discordant cell."""
    p, q = (b + 1.0) / (n + 2.0), (c + 1.0) / (n + 2.0)
    half = critical_z(confidence_level) * math.sqrt(max(0.0, p + q - (p - q) ** 2) / (n + 2.0))
    return ConfInt(max(-1.0, p - q - half), min(1.0, p - q + half), confidence_level, "bonett-price")


@significance_test(level="score", design="two-paired")
def paired_t(table: ArrayLike, scores: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Paired t test of the mean change: :math:`t=\bar d\sqrt n/s_d`.

    Parameters
    ----------
    table
        Levels x levels counts: first wave (rows) by second wave (columns).

    Notes
    -----
    Assumes independent persons.

    References
    ----------
    Student (1908). Biometrika 6(1), 1-25.

    Examples
    --------
    >>> round(paired_t([[5, 2], [6, 7]], [0, 100]).statistic, 4)
    1.453
    """
    counts, s = square_of(table, scores)
    gaps, weights = differences(counts, s)
    change = Moments.from_counts(weights, gaps)
    first, second = (Moments.from_counts(m, s) for m in (counts.sum(axis=1), counts.sum(axis=0)))
    return paired_t_of(change, first, second, confidence_level=confidence_level)


def paired_t_of(change: Moments, first: Moments, second: Moments, *, confidence_level: float = 0.95) -> TestResult:
    """`paired_t` from the moments of the change and of both waves."""
    in_open_unit(confidence_level, "confidence_level")
    n = as_ns((change.n,))
    if change.variance is None or change.variance == 0:
        code = "empty-group" if change.n == 0 else "too-few" if change.n < 2 else "no-variance"
        return TestResult(
            test="paired_t", n=n, difference=Difference(change.mean if change.n else None),
            cautions=(Caution(code),), reason="fewer than two pairs" if change.n < 2 else "all changes are equal",
        )  # fmt: skip
    sd, df = math.sqrt(change.variance), change.n - 1.0
    se = sd / math.sqrt(change.n)
    half = critical_t(confidence_level, df) * se
    both = (math.sqrt(first.variance or 0.0) + math.sqrt(second.variance or 0.0)) / 2.0
    dz = change.mean / sd
    return TestResult(
        test="paired_t",
        statistic=change.mean / se,
        pvalue=t_pvalue(change.mean / se, df),
        df=df,
        effect_size=EffectSize("Cohen's d_z", dz),
        effect_sizes=(
            EffectSize("Cohen's d_av", change.mean / both if both > 0 else None),
            EffectSize("Hedges' g_z", dz * hedges_correction(df)),
        ),
        difference=Difference(change.mean, ConfInt(change.mean - half, change.mean + half, confidence_level, "t")),
        n=n,
        rule={"missing": "complete pairs"},
        details={"sd": sd, "se": se, "pearson_r": _correlation(change, first, second)},
    )


def _correlation(change: Moments, first: Moments, second: Moments) -> float | None:
    scale = math.sqrt(first.ss * second.ss)
    return (first.ss + second.ss - change.ss) / (2.0 * scale) if scale > 0 else None


def differences(table: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Distinct differences row score - column score, and how many pairs have each."""
    gaps, place = np.unique(np.round(scores[:, None] - scores[None, :], 10), return_inverse=True)
    return gaps, np.bincount(place.ravel(), weights=table.ravel(), minlength=gaps.size).astype(np.float64)


def net_shift(table: ArrayLike, *, confidence_level: float = 0.95) -> Difference:
    """Share of pairs above the diagonal minus below: who went up minus who went down (Bonett-Price interval)."""
    counts = table_of(table)
    up, down, n = float(np.triu(counts, 1).sum()), float(np.tril(counts, -1).sum()), float(counts.sum())
    if n == 0:
        return Difference(None, unit="proportion")
    return Difference((up - down) / n, bonett_price(up, down, n, confidence_level), "proportion")


def wald_paired(table: ArrayLike, *, confidence_level: float = 0.95) -> ConfInt:
    """Textbook interval of a difference of paired shares, for comparison only."""
    counts = table_of(table, rows=2, cols=2)
    b, c, n = float(counts[0, 1]), float(counts[1, 0]), float(counts.sum())
    half = critical_z(confidence_level) * math.sqrt(b + c - (b - c) ** 2 / n) / n
    return ConfInt((b - c) / n - half, (b - c) / n + half, confidence_level, "wald")


def square_of(table: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    counts = table_of(table)
    if counts.shape[0] != counts.shape[1]:
        raise BadData("table", "must be square: the same levels in both waves")
    return counts, scores_for(scores, counts.shape[0])
