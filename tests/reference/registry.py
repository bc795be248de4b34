"""Which function answers which reference method: by method, never by case."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from tests.reference.source import Rows


class Case(Struct, frozen=True):
    """The inputs of a case, and its rows where it has any."""

    inputs: dict[str, Any]
    folder: Path
    rows: Rows | None = None

    def __getitem__(self, name: str) -> Any:
        return self.inputs[name]

    @property
    def data(self) -> Rows:
        if self.rows is None:
            raise ValueError("this method needs rows")
        return self.rows


Answer = Callable[[Case], dict[str, Any]]
METHODS: dict[str, Answer] = {}


def answers(method: str) -> Callable[[Answer], Answer]:
    """Enter a function as the answer to a reference method."""

    def enter(function: Answer) -> Answer:
        METHODS[method] = function
        return function

    return enter


class Facts(dict[str, Any]):
    """What a result says besides; what it does not say is no number, and so is what follows from it."""

    def __missing__(self, name: str) -> float:
        return math.nan


def facts(result: Any) -> Facts:
    """The details of a result."""
    return Facts({k: math.nan if v is None else v for k, v in result.details.items()})


def value(part: Any) -> float:
    """The number of an estimate, difference or effect size."""
    return math.nan if part is None or part.value is None else float(part.value)


def by_score(c: Case) -> np.ndarray:
    """The table of a case with its levels in the order of their scores, equal scores being one level."""
    table = np.array(c["table"], float)
    if "scores" not in c.inputs:
        return table
    level = np.unique(c["scores"], return_inverse=True)[1]
    return np.stack([np.bincount(level, weights=row) for row in table])


def limits(part: Any) -> dict[str, Any]:
    """An interval as the cases write it, itself or of an estimate."""
    interval = getattr(part, "confint", part)
    return {"lower": None, "upper": None} if interval is None else {"lower": interval.low, "upper": interval.high}


def uncut(interval: Any, centre: float) -> dict[str, Any]:
    """A symmetric interval before it is cut at the ends of its scale, which R does not do."""
    if interval is None:
        return limits(None)
    reach = max(centre - interval.low, interval.high - centre)
    return {"lower": centre - reach, "upper": centre + reach}
