"""Two groups compared within strata."""

import math

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_ns, floats, in_open_unit
from survey.analysis.distributions import chi2_sf, critical_z
from survey.analysis.results import Caution, ConfInt, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="binary", design="stratified")
def cochran_mantel_haenszel(tables: ArrayLike, *, confidence_level: float = 0.95) -> TestResult:
    r"""Cochran-Mantel-Haenszel test of a common odds ratio of 1 across strata.

    :math:`\chi^2=(\sum a_h-E_h)^2/\sum V_h`; the Mantel-Haenszel odds ratio has Robins, Breslow and Greenland's
    interval; Woolf's test of equal odds ratios is in the details.

    Parameters
    ----------
    tables
        Strata x 2 groups x 2 outcomes.

    Notes
    -----
    Assumes independent respondents; strata with an empty margin carry no information and are left out.

    References
    ----------
    Mantel, N. & Haenszel, W. (1959). Journal of the National Cancer Institute 22, 719-748. Robins, J., Breslow, N. &
    Greenland, S. (1986). Biometrics 42, 311-323.

    Examples
    --------
    >>> result = cochran_mantel_haenszel([[[191, 257], [111, 206]], [[65, 92], [31, 51]]])
    >>> round(result.effect_size.value, 4), round(result.pvalue, 4)
    (1.3267, 0.0338)
    """
    in_open_unit(confidence_level, "confidence_level")
    full = strata_of(tables)
    used = (full.sum(axis=1) > 0).all(axis=1) & (full.sum(axis=2) > 0).all(axis=1)
    t, n = full[used], as_ns(full.sum(axis=(1, 2)))
    cautions = () if used.all() else (Caution("empty-stratum", {"strata": int((~used).sum())}),)
    if t.shape[0] == 0:
        return TestResult(
            test="cochran_mantel_haenszel",
            n=n,
            cautions=cautions,
            reason="no stratum has both groups and both outcomes",
        )
    size, rows, cols = t.sum(axis=(1, 2)), t.sum(axis=2), t.sum(axis=1)
    gap = float((t[:, 0, 0] - rows[:, 0] * cols[:, 0] / size).sum())
    variance = float((rows.prod(axis=1) / size**2 * cols.prod(axis=1) / (size - 1.0)).sum())
    statistic = gap * gap / variance
    corrected = (abs(gap) - (0.5 if abs(gap) >= 0.5 else 0.0)) ** 2 / variance
    heterogeneity, df = _woolf(t)
    return TestResult(
        test="cochran_mantel_haenszel",
        statistic=statistic,
        pvalue=chi2_sf(statistic, 1.0),
        df=1.0,
        effect_size=mantel_haenszel_odds(t, confidence_level),
        n=n,
        rule={"continuity": "none"},
        details={
            "chi2_continuity": corrected,
            "pvalue_continuity": chi2_sf(corrected, 1.0),
            "woolf_chi2": heterogeneity,
            "woolf_df": df,
            "woolf_pvalue": chi2_sf(heterogeneity, df) if df > 0 else None,
        },
        cautions=cautions,
    )


def strata_of(tables: ArrayLike) -> Floats:
    """Strata x 2 x 2 non-negative counts."""
    t = floats(tables, "tables", ndim=3)
    if t.shape[1:] != (2, 2) or (t < 0).any():
        raise BadData("tables", "must be 2 x 2 per stratum and not negative")
    return t


WIDEST = 300.0
"""The logarithm beyond which the limits of a ratio say nothing more."""


def mantel_haenszel_odds(t: Floats, confidence_level: float) -> EffectSize:
    """Common odds ratio of strata x 2 x 2 counts."""
    size = t.sum(axis=(1, 2))
    p, q = (t[:, 0, 0] + t[:, 1, 1]) / size, (t[:, 0, 1] + t[:, 1, 0]) / size
    r, s = t[:, 0, 0] * t[:, 1, 1] / size, t[:, 0, 1] * t[:, 1, 0] / size
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0 or bottom == 0:
        return EffectSize("odds ratio (Mantel-Haenszel)", 0.0 if top == 0 < bottom else None)
    variance = float(p @ r) / (2.0 * top**2) + float(p @ s + q @ r) / (2.0 * top * bottom)
    variance += float(q @ s) / (2.0 * bottom**2)
    factor = math.exp(min(WIDEST, critical_z(confidence_level) * math.sqrt(variance)))
    interval = ConfInt(top / bottom / factor, top / bottom * factor, confidence_level, "robins-breslow-greenland")
    return EffectSize("odds ratio (Mantel-Haenszel)", top / bottom, interval)


def _woolf(t: Floats) -> tuple[float, float]:
    t = t + 0.5 if (t == 0).any() else t
    logs = np.log(t[:, 0, 0]) + np.log(t[:, 1, 1]) - np.log(t[:, 0, 1]) - np.log(t[:, 1, 0])
    weights = 1.0 / (1.0 / t).sum(axis=(1, 2))
    center = float(weights @ logs) / float(weights.sum())
    return float(weights @ (logs - center) ** 2), t.shape[0] - 1.0
