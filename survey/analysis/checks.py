"""What no method accepts: the error names the argument."""

import functools
import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")


class BadData(ValueError):
    """An argument that cannot be what it says it is.

    >>> raise BadData("counts", "must not be negative")
    Traceback (most recent call last):
    survey.analysis.checks.BadData: counts must not be negative
    """

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument} {problem}")
        self.argument = argument
        self.problem = problem


def floats(values: ArrayLike, name: str, *, ndim: int = 1) -> Floats:
    """Finite numbers of the expected shape, as float64: sums of cubes of int64 counts overflow silently."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadData(name, "must be numbers") from error
    if array.ndim != ndim:
        raise BadData(name, f"must have {ndim} dimension(s), not {array.ndim}")
    if not np.isfinite(array).all():
        raise BadData(name, "must be finite")
    return array


def counts_of(values: ArrayLike, name: str = "counts") -> Floats:
    """Non-negative counts of the levels of one group."""
    array = floats(values, name)
    if array.size == 0:
        raise BadData(name, "must not be empty")
    if (array < 0).any():
        raise BadData(name, "must not be negative")
    return array


def table_of(values: ArrayLike, name: str = "table", *, rows: int | None = None, cols: int | None = None) -> Floats:
    """Non-negative counts, rows = groups, columns = levels in ascending order."""
    array = floats(values, name, ndim=2)
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise BadData(name, "must not be empty")
    if rows is not None and array.shape[0] != rows:
        raise BadData(name, f"must have {rows} rows, not {array.shape[0]}")
    if cols is not None and array.shape[1] != cols:
        raise BadData(name, f"must have {cols} columns, not {array.shape[1]}")
    if (array < 0).any():
        raise BadData(name, "must not be negative")
    return array


SMALLEST, LARGEST = 1e-50, 1e50
"""Sizes of scores whose fourth powers are still numbers."""


def scores_of(values: ArrayLike, name: str) -> Floats:
    """Finite numbers that can be squared twice."""
    array = floats(values, name)
    size = np.abs(array[array != 0])
    if size.size and (size.max() > LARGEST or size.min() < SMALLEST):
        raise BadData(name, f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size: choose another unit")
    return array


def scores_for(scores: ArrayLike, levels: int) -> Floats:
    """One score for each level."""
    array = scores_of(scores, "scores")
    if array.size != levels:
        raise BadData("scores", f"must be one per level: {levels}, not {array.size}")
    return array


def in_open_unit(value: float, name: str) -> float:
    """A level or share strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise BadData(name, "must lie between 0 and 1")
    return float(value)


def in_unit(value: float, name: str) -> None:
    """A share."""
    if not 0.0 <= value <= 1.0:
        raise BadData(name, "must lie between 0 and 1, or be one of them")


def finite(value: float, name: str) -> None:
    """A number."""
    if not math.isfinite(value):
        raise BadData(name, "must be finite")


def at_least(least: float) -> Callable[[float, str], None]:
    """A finite number that is not smaller."""

    def rule(value: float, name: str) -> None:
        if not least <= value < math.inf:
            raise BadData(name, f"must be finite and at least {least:g}")

    return rule


def positive(value: float, name: str) -> None:
    """A finite number above 0."""
    if not 0.0 < value < math.inf:
        raise BadData(name, "must be finite and positive")


def two_counts(values: Sequence[float], name: str) -> None:
    """Counts of two groups."""
    if counts_of(values, name).size != 2:
        raise BadData(name, "must be of two groups")


def checked(**rules: Callable[..., object]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A method that refuses arguments that break their rule: by the name of the argument; None is not looked at.

    >>> @checked(p=in_unit)
    ... def odds(p): return p / (1 - p)
    >>> odds(1.2)
    Traceback (most recent call last):
    survey.analysis.checks.BadData: p must lie between 0 and 1, or be one of them
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature.bind(*args, **kwargs).arguments
            for name, rule in rules.items():
                if given.get(name) is not None:
                    rule(given[name], name)
            return function(*args, **kwargs)

        return call

    return wrap


def successes_of(successes: float, n: float) -> tuple[float, float]:
    """Successes out of trials."""
    x, total = floats([successes, n], "successes and n").tolist()
    if total < 0:
        raise BadData("n", "must not be negative")
    if not 0 <= x <= total:
        raise BadData("successes", "must lie between 0 and n")
    return x, total


def require_integers(values: Floats, name: str) -> None:
    """Exact methods count arrangements: whole numbers only."""
    if (values != np.floor(values)).any():
        raise BadData(name, "must be whole numbers for an exact method")


def integers(values: ArrayLike, name: str) -> NDArray[np.int64]:
    """Whole numbers, one for each answer."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.dtype.kind not in "iub" and not np.isfinite(floats(array, name)).all()):
        raise BadData(name, "must be whole numbers, one for each answer")
    if array.dtype.kind == "f":
        require_integers(array, name)
    return array.astype(np.int64)


def as_n(value: float) -> int | float:
    """A sample size: an int when it is whole."""
    return int(value) if float(value).is_integer() else float(value)


def as_ns(values: Iterable[float]) -> tuple[int | float, ...]:
    """Sample sizes, one per group."""
    return tuple(as_n(float(v)) for v in values)


def listed(values: Floats) -> list[float]:
    """Plain Python floats."""
    return [float(v) for v in values.ravel()]


def rows_of(values: Floats) -> list[list[float]]:
    """Plain nested lists of Python floats."""
    return [[float(v) for v in row] for row in values]
