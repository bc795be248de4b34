"""The table of tests: one test = one decorated function."""

from collections.abc import Callable
from typing import Literal, ParamSpec, TypeVar

from msgspec import Struct

from survey.analysis.results import PairwiseResult, TestResult

Level = Literal["binary", "nominal", "ordinal", "score", "nps", "count"]
Design = Literal[
    "one-sample",
    "two-independent",
    "two-paired",
    "k-independent",
    "k-paired",
    "pairwise",
    "ordered",
    "stratified",
    "did",
    "did-panel",
    "equivalence",
    "weighted",
]
P = ParamSpec("P")
R = TypeVar("R", TestResult, PairwiseResult)


class SignificanceTest(Struct, frozen=True):
    """What `compare`, the API and the documentation need to know of a test."""

    id: str
    level: Level
    design: Design
    version: int
    function: Callable[..., TestResult | PairwiseResult]


TESTS: dict[str, SignificanceTest] = {}


def significance_test(*, level: Level, design: Design, version: int = 1) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Enter a function into `TESTS` under its own name."""

    def enter(function: Callable[P, R]) -> Callable[P, R]:
        TESTS[function.__name__] = SignificanceTest(function.__name__, level, design, version, function)
        return function

    return enter
