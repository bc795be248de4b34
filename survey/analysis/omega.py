"""Reliability under a one-factor model: McDonald's omega."""

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, listed
from survey.analysis.reliability import correlations_of, covariance_of


class Omega(Struct, frozen=True, kw_only=True):
    """One-factor reliability: loadings, uniquenesses, omega total."""

    method: str
    version: int = 1
    value: float | None
    loadings: tuple[float, ...] = ()
    uniquenesses: tuple[float, ...] = ()
    reason: str | None = None


def omega_total(covariance: ArrayLike, *, metric: str = "covariance") -> Omega:
    r"""McDonald's omega :math:`(\sum l)^2/((\sum l)^2+\sum\theta)` of a one-factor model.

    `covariance`: maximum likelihood; `correlation`: minimum residuals (minres) on the correlations.

    References
    ----------
    McDonald, R. P. (1999). Test Theory: A Unified Treatment. Harman, H. H. & Jones, W. H. (1966). Psychometrika 31,
    351-368.

    Examples
    --------
    >>> c = [[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]]
    >>> round(omega_total(c).value, 6)
    0.75
    """
    c = covariance_of(covariance)
    if metric not in ("covariance", "correlation"):
        raise BadData("metric", "must be covariance or correlation")
    if c.shape[0] < 3 or (np.diag(c) <= 0).any():
        return Omega(method=f"omega-{metric}", value=None, reason="needs three items that vary")
    sd = np.sqrt(np.diag(c))
    r = correlations_of(c)
    try:
        fitted = one_factor(r, likelihood=metric == "covariance")
    except np.linalg.LinAlgError:  # an item is the copy of another
        fitted = None
    if fitted is None:
        return Omega(method=f"omega-{metric}", value=None, reason="the one-factor model did not converge")
    loadings, uniqueness = fitted
    if metric == "covariance":
        loadings, uniqueness = loadings * sd, uniqueness * sd**2
    top = float(loadings.sum()) ** 2
    return Omega(
        method=f"omega-{metric}",
        value=top / (top + float(uniqueness.sum())),
        loadings=tuple(listed(np.abs(loadings))),
        uniquenesses=tuple(listed(uniqueness)),
    )


def one_factor(r: Floats, *, likelihood: bool) -> tuple[Floats, Floats] | None:
    """Loadings and uniquenesses of a correlation matrix by maximum likelihood, or by least squares of the residuals."""
    from scipy.optimize import minimize

    start = np.sqrt(np.clip(1.0 - 1.0 / np.diag(np.linalg.pinv(r)), 0.05, 0.9))
    start = start * np.where(np.linalg.eigh(r)[1][:, -1] * np.linalg.eigh(r)[1][:, -1].sum() >= 0, 1.0, -1.0)
    k = r.shape[0]

    def residual(l: Floats) -> tuple[float, Floats]:  # noqa: E741
        gap = r - np.outer(l, l)
        np.fill_diagonal(gap, 0.0)
        return float((gap**2).sum()) / 2.0, -2.0 * gap @ l

    def deviance(x: Floats) -> tuple[float, Floats]:
        l, theta = x[:k], np.exp(x[k:])  # noqa: E741
        model = np.outer(l, l) + np.diag(theta)
        inverse = np.linalg.inv(model)
        slope = inverse - inverse @ r @ inverse
        value = float(np.linalg.slogdet(model)[1] + np.trace(r @ inverse))
        return value, np.concatenate([2.0 * slope @ l, np.diag(slope) * theta])

    if likelihood:
        x0 = np.concatenate([start, np.log(np.clip(1.0 - start**2, 0.05, None))])
        fit = minimize(deviance, x0, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 1000})
        loadings, uniqueness = fit.x[:k], np.exp(fit.x[k:])
    else:
        fit = minimize(residual, start, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 1000})
        loadings, uniqueness = fit.x, 1.0 - fit.x**2
    if not np.isfinite(loadings).all() or float(np.abs(fit.jac).max()) > 1e-5:
        return None
    return loadings * np.sign(loadings.sum() or 1.0), uniqueness
