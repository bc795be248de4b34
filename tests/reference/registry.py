"""Which function answers which reference method: by method, never by case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def limits(interval: Any) -> dict[str, Any]:
    """An interval as the cases write it."""
    return {"lower": None, "upper": None} if interval is None else {"lower": interval.low, "upper": interval.high}


def uncut(interval: Any, centre: float) -> dict[str, Any]:
    """A symmetric interval before it is cut at the ends of its scale, which R does not do."""
    if interval is None:
        return limits(None)
    reach = max(centre - interval.low, interval.high - centre)
    return {"lower": centre - reach, "upper": centre + reach}
