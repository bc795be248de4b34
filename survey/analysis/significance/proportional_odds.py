"""The proportional-odds model of an ordered answer by group, from counts."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from survey.analysis.checks import Floats, as_ns, table_of
from survey.analysis.distributions import chi2_sf, z_pvalue
from survey.analysis.results import Caution, EffectSize, TestResult
from survey.analysis.significance.registry import significance_test


@significance_test(level="ordinal", design="k-independent")
def proportional_odds(table: ArrayLike) -> TestResult:
    r"""Likelihood-ratio test of the cumulative logit model :math:`\mathrm{logit}\,P(Y\le j)=\theta_j-\beta_g`.

    :math:`\exp\beta_g` is the odds ratio of a higher level in group g against the first group, at every cut alike.

    Notes
    -----
    Assumes independent respondents and proportional odds. Fitted by Newton's method with Fisher information.

    References
    ----------
    McCullagh, P. (1980). Journal of the Royal Statistical Society B 42, 109-142.

    Examples
    --------
    >>> result = proportional_odds([[23, 138, 341, 273, 37], [14, 119, 266, 269, 45]])
    >>> round(result.statistic, 4), round(result.details["coefficients"][0], 4)
    (4.5833, 0.2024)
    """
    full = table_of(table)
    counts = full[:, full.sum(axis=0) > 0]
    n, sizes = as_ns(full.sum(axis=1)), counts.sum(axis=1)
    if counts.shape[0] < 2 or counts.shape[1] < 2 or (sizes == 0).any():
        single = counts.shape[1] < 2
        return TestResult(
            test="proportional_odds", n=n, cautions=(Caution("single-level" if single else "empty-group"),),
            reason="every answer has the same level" if single else "a group has no answers",
        )  # fmt: skip
    fitted = _fit(counts)
    if fitted is None:
        return TestResult(
            test="proportional_odds", n=n, cautions=(Caution("not-converged"),), reason="the model did not converge"
        )
    theta, beta, covariance, likelihood = fitted
    shares = counts.sum(axis=0) / counts.sum()
    null = float((counts.sum(axis=0) * np.log(shares)).sum())
    statistic, df = max(0.0, 2.0 * (likelihood - null)), counts.shape[0] - 1.0
    se = np.sqrt(np.diag(covariance))[theta.size :]
    return TestResult(
        test="proportional_odds",
        statistic=statistic,
        pvalue=chi2_sf(statistic, df),
        df=df,
        effect_size=EffectSize("odds ratio (second group)", math.exp(float(beta[0]))),
        n=n,
        rule={"pvalue": "likelihood ratio"},
        details={
            "thresholds": theta.tolist(),
            "coefficients": beta.tolist(),
            "se": se.tolist(),
            "pvalues": [z_pvalue(float(b / s)) for b, s in zip(beta, se, strict=True)],
            "odds_ratios": np.exp(beta).tolist(),
            "log_likelihood": likelihood,
        },
    )


def _fit(counts: Floats) -> tuple[Floats, Floats, Floats, float] | None:
    cuts, groups = counts.shape[1] - 1, counts.shape[0] - 1
    cumulative = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    x = np.concatenate([np.log(cumulative / (1.0 - cumulative)), np.zeros(groups)])
    value, slope, information, observed = _likelihood(x, counts, cuts)
    for _ in range(100):
        try:
            step: Floats = np.asarray(np.linalg.solve(information, slope), dtype=np.float64)
        except np.linalg.LinAlgError:  # groups separate completely: the estimate is at infinity
            return None
        scale = 1.0
        while scale > 1e-8:
            trial = x + scale * step
            if (np.diff(trial[:cuts]) > 0).all():
                new = _likelihood(trial, counts, cuts)
                if new[0] >= value - 1e-12 * abs(value):
                    break
            scale /= 2.0
        else:
            return None
        x, (value, slope, information, observed) = trial, new
        if float(np.abs(slope).max()) < 1e-9 * counts.sum() and float(np.abs(scale * step).max()) < 1e-9:
            return _checked(x[:cuts], x[cuts:], observed, value)
    return None


def _checked(
    theta: Floats, beta: Floats, observed: Floats, value: float
) -> tuple[Floats, Floats, Floats, float] | None:
    """The fit, unless it lies where the likelihood is flat: nearly separate groups have no standard errors."""
    try:
        covariance = np.asarray(np.linalg.inv(observed), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return (theta, beta, covariance, value) if (np.diag(covariance) > 0).all() else None


def _likelihood(x: Floats, counts: Floats, cuts: int) -> tuple[float, Floats, Floats, Floats]:
    """Log-likelihood, score, expected and observed information."""
    size = x.size
    value, slope = 0.0, np.zeros(size)
    expected, observed = np.zeros((size, size)), np.zeros((size, size))
    for g, row in enumerate(counts):
        design = np.zeros((cuts, size))
        design[:, :cuts] = np.eye(cuts)
        if g:
            design[:, cuts + g - 1] = -1.0
        p = special.expit(design @ x)
        density, bend = p * (1.0 - p), p * (1.0 - p) * (1.0 - 2.0 * p)
        shares = np.maximum(np.diff(np.concatenate([[0.0], p, [1.0]])), 1e-100)
        value += float((row * np.log(shares)).sum())
        jac = np.zeros((cuts + 1, size))
        jac[:-1] += density[:, None] * design
        jac[1:] -= density[:, None] * design
        ratio = row / shares
        slope += ratio @ jac
        expected += row.sum() * (jac / shares[:, None]).T @ jac
        curve = bend * (ratio[:-1] - ratio[1:])
        observed += (jac * (ratio / shares)[:, None]).T @ jac - (design * curve[:, None]).T @ design
    return value, slope, expected, observed
