"""What few clusters do to a linearised variance, and how it is mended: less biased, with the degrees of freedom it has.

A mean of few clusters draws their totals towards itself, so that its plain variance is too small, and the variance is
known from as few clusters as the groups compared have, not from all. Both are put right as if answers were equally
variable and independent, which need not be so for the correction to help.
"""

from dataclasses import dataclass

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.design import Calibration, SurveyDesign
from survey.analysis.linearised import fitted_to, whole_influence
from survey.analysis.stages import Codes
from survey.analysis.weighting import calibration_leverage


@dataclass(frozen=True, kw_only=True, eq=False)
class Reduced:
    """Covariance of estimates about k groups, and what its degrees of freedom follow from.

    `working` is each mean's variance, `spread` (k x k) the sums over pairs of units of the products of the covariances
    of their parts, both if answers were independent and of variance 1. `lonely`: a group that has one unit only.
    """

    covariance: Floats
    working: Floats
    spread: Floats
    lonely: bool

    def df(self, contrasts: Floats) -> float:
        r"""Degrees of freedom of the covariance of contrasts (q x k) of the means.

        :math:`\eta=q(q+1)/\sum_{cd}[(\mathrm{tr}\,M_{cd})^2+\mathrm{tr}\,M_{cd}^2]`, :math:`M_{cd}` the covariance of
        the parts of units c and d in the contrasts, made independent; of one contrast, Satterthwaite's.

        References
        ----------
        Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
        """
        b, q = self._free(contrasts), len(np.atleast_2d(contrasts))
        total = float(((np.outer(np.diag(b), np.diag(b)) + b**2) * self.spread).sum())
        return q * (q + 1.0) / total if total > 0.0 else 0.0

    def df_of_sum(self, contrasts: Floats) -> float:
        r"""Satterthwaite's, of the sum of the variances of contrasts: :math:`q^2/\sum\mathrm{tr}M^2`."""
        total = float((self._free(contrasts) ** 2 * self.spread).sum())
        return len(np.atleast_2d(contrasts)) ** 2 / total if total > 0.0 else 0.0

    def _free(self, contrasts: Floats) -> Floats:
        c = np.atleast_2d(contrasts)
        return np.asarray(c.T @ np.linalg.solve((c * self.working) @ c.T, c))


def bias_reduced(design: SurveyDesign, influence: Floats, group: Codes, weight: Floats, each: int = 1) -> Reduced:
    r"""Bias-reduced covariance of means of groups (CR2): :math:`\sum_cA_ct_ct_c'A_c`, :math:`t_c` a unit's influences.

    :math:`A_{cg}=\sqrt{o_{cg}/(o_{cg}-2p_{cg}o_{cg}+p_{cg}^2o_{\cdot g})}`, :math:`o_{cg}=\sum w^2/W_g^2` and
    :math:`p_{cg}=\sum w/W_g` over the answers of unit c in group g: then the variance is right when answers are
    independent. Strata and finite populations are not made use of, which errs on the safe side; of a calibration the
    influences know, each divided by what the margins leave of its standard deviation (HC2).

    Parameters
    ----------
    influence
        Rows x estimates, `each` estimates of the first group, then of the second, and so on; 0 outside the own group.
    weight
        Sum of weights of each group.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    """
    groups = weight.size
    share = np.zeros((group.size, groups))
    share[np.arange(group.size), group] = design.weights / weight[group]
    whole, parts = whole_influence(design, np.column_stack([influence, share, share**2]), influence.shape[1])
    if whole.calibration is not None:
        parts[:, : groups * each] /= _left_by_margins(whole, whole.calibration)[:, None]
    if whole.psu is None:
        times = whole.count
    else:
        parts = np.column_stack([np.bincount(whole.psu, weights=column * whole.count) for column in parts.T])
        times = np.ones(len(parts))
    total, p, own = np.split(parts, (groups * each, groups * each + groups), axis=1)
    s = times @ own
    left = own - 2.0 * p * own + p**2 * s
    known = left > 1e-9 * own
    a = np.sqrt(np.where(known, own / np.where(known, left, 1.0), own <= 0.0))
    scaled = np.repeat(a, each, axis=1) * total
    return Reduced(
        covariance=(scaled * times[:, None]).T @ scaled,
        working=s,
        spread=_spread(a, own, p, s, times),
        lonely=bool((~known & (own > 0.0)).any()),
    )


def _left_by_margins(design: SurveyDesign, fit: Calibration) -> Floats:
    """What the margins leave of the standard deviation of each respondent's own influence (HC2)."""
    left = 1.0 - calibration_leverage(*fitted_to(design, fit), design.count)
    return np.sqrt(np.where(left > 1e-6, left, 1.0))  # who is a whole category has no residual


def _spread(a: Floats, own: Floats, p: Floats, s: Floats, times: Floats) -> Floats:
    """Sums over all pairs of units of h_g h_g', h = a a' (own - own p' - p own' + s p p'): k x k, without any pair."""
    x, y, d = a * own, a * p, a**2 * own
    t = times[:, None]
    xx, xy, yy = (t * x).T @ x, (t * x).T @ y, (t * y).T @ y
    yx, mine, other = xy.T, s[:, None], s[None, :]
    e = -2.0 * x * y + s * y**2
    diagonal = (t * d).T @ d + (t * d).T @ e + (t * e).T @ d
    first = yx * xy + yy * (xx - other * xy)
    return np.asarray(diagonal + first + (xx - mine * yx) * yy + (xy - mine * yy) * (yx - other * yy))
