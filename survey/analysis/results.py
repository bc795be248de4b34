"""What a method returns: everything a reader needs to judge the number, unrounded, never NaN."""

from typing import Any, Literal

from msgspec import Struct

Alternative = Literal["two-sided", "less", "greater"]
Verdict = Literal["different", "equivalent", "inconclusive"]


class ConfInt(Struct, frozen=True):
    """An interval that covers the true value in `level` of all samples."""

    low: float
    high: float
    level: float = 0.95
    method: str = ""


class Caution(Struct, frozen=True):
    """Something the reader must know before trusting the number; `code` is stable, `detail` holds the facts."""

    code: str
    detail: dict[str, float | int | str] = {}


class Estimate(Struct, frozen=True):
    """One number about a population; when there is none, `value` is None and `reason` says why."""

    method: str
    value: float | None
    se: float | None = None
    confint: ConfInt | None = None
    n: int | float = 0
    reason: str | None = None
    cautions: tuple[Caution, ...] = ()


class EffectSize(Struct, frozen=True):
    """How large, in a unit that does not grow with n."""

    name: str
    value: float | None
    confint: ConfInt | None = None


class Difference(Struct, frozen=True):
    """First minus second, in the unit of the outcome."""

    value: float | None
    confint: ConfInt | None = None
    unit: str = ""


class TestResult(Struct, frozen=True, kw_only=True):
    """One test of one hypothesis, with the rules it used and what it could not do."""

    __test__ = False  # not a pytest class

    test: str
    version: int = 1
    statistic: float | None = None
    pvalue: float | None = None
    adjusted_pvalue: float | None = None
    df: float | tuple[float, float] | None = None
    alternative: Alternative = "two-sided"
    effect_size: EffectSize | None = None
    effect_sizes: tuple[EffectSize, ...] = ()
    difference: Difference | None = None
    verdict: Verdict | None = None
    n: tuple[int | float, ...] = ()
    effective_n: float | None = None
    rule: dict[str, str] = {}
    details: dict[str, Any] = {}
    cautions: tuple[Caution, ...] = ()
    reason: str | None = None


class Comparison(Struct, frozen=True, kw_only=True):
    """One pair of groups among several, numbered from 0."""

    first: int
    second: int
    statistic: float | None = None
    df: float | None = None
    pvalue: float | None = None
    adjusted_pvalue: float | None = None
    difference: Difference | None = None
    reason: str | None = None


class PairwiseResult(Struct, frozen=True, kw_only=True):
    """All pairs of groups, with p-values adjusted for there being many."""

    test: str
    version: int = 1
    adjustment: str
    comparisons: tuple[Comparison, ...]
    n: tuple[int | float, ...] = ()
    rule: dict[str, str] = {}
    details: dict[str, Any] = {}
    cautions: tuple[Caution, ...] = ()
