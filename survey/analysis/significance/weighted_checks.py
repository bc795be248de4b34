"""What the weighted tests ask of their rows before they compute, and what they say when they cannot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from survey.analysis.checks import BadData, Floats, as_n, as_ns
from survey.analysis.design import SurveyDesign, values_for, without_empty
from survey.analysis.results import Caution, Difference, TestResult
from survey.analysis.stages import Codes, codes_of

REASONS = {
    "single-level": "fewer than two rows or columns have answers",
    "empty-group": "a group has no answers",
    "no-degrees-of-freedom": "too few sampling units",
    "no-variance": "the answers do not vary between sampling units",
    "too-few": "fewer than two times have answers",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouped:
    """Rows that stand for somebody; `group` numbers the groups that have weight, `weighs` says which these are."""

    design: SurveyDesign
    y: Floats
    group: Codes
    weighs: tuple[int, ...]
    sizes: Floats

    @property
    def groups(self) -> int:
        """Groups that can be compared."""
        return len(self.weighs)

    def cautions(self) -> tuple[Caution, ...]:
        """Groups left out, and what the design warns of."""
        lost = self.sizes.size - self.groups
        left_out = (Caution("empty-group", {"groups": lost}),) if lost else ()
        return (*left_out, *self.design.cautions())

    def lacks(self, least: int = 2) -> str | None:
        """Why these groups cannot be compared, if they cannot."""
        if self.groups < least:
            return "empty-group"
        return "no-degrees-of-freedom" if self.design.df <= self.groups - 1 else None


def grouped(design: SurveyDesign, values: ArrayLike, group: ArrayLike, name: str = "group") -> Grouped:
    """Values and group of every row, groups numbered in sorted order of their labels."""
    every = codes_of(group, design.weights.size, name)
    design, columns = without_empty(design, values=values, group=every)
    codes, size = columns["group"], int(every.max(initial=0)) + 1
    weight = np.bincount(codes, weights=design.weights * design.count, minlength=size)
    number = np.cumsum(weight > 0) - 1
    return Grouped(
        design=design,
        y=values_for(design, columns["values"]),
        # rows without weight count in no mean: any number of a group will do
        group=np.maximum(number[codes], 0),
        weighs=tuple(int(g) for g in np.flatnonzero(weight > 0)),
        sizes=np.bincount(codes, weights=design.count, minlength=size).astype(np.float64),
    )


def two_groups(design: SurveyDesign, values: ArrayLike, group: ArrayLike, name: str = "group") -> Grouped:
    """`grouped`, of two labels at most."""
    g = grouped(design, values, group, name)
    if g.sizes.size > 2:
        raise BadData(name, f"must be two groups, not {g.sizes.size}")
    return g


def hits_of(hits: ArrayLike) -> Floats:
    """1 where the answer counts, else 0."""
    array = np.asarray(hits)
    if array.ndim != 1 or not np.isin(array, (0, 1)).all():
        raise BadData("hits", "must be 0 or 1, one per row")
    return array.astype(np.float64)


def cannot(
    test: str, design: SurveyDesign, code: str, sizes: Floats | None = None, difference: Difference | None = None
) -> TestResult:
    """No statistic, and why."""
    return TestResult(
        test=test,
        difference=difference,
        n=(as_n(design.n),) if sizes is None else as_ns(sizes),
        cautions=(Caution(code), *(c for c in design.cautions() if c.code != code)),
        reason=REASONS[code],
    )
