"""Tests of one group against a target and of two groups."""

import functools

import numpy as np

from validity.answers import (
    ALTERED,
    MIDDLING,
    POLARISED,
    SATISFIED,
    SCORES,
    SHAPES,
    TYPICAL,
    Draw,
    events,
    mean_of,
    percent,
    successes,
    tables,
)  # fmt: skip
from validity.errors import Arguments, as_it_is, errs, finds
from validity.scenarios import Part, Samples, Scenario
from validity.two_shares import NET

SIZES = ((10, 10), (30, 30), (100, 100), (30, 300), (1000, 1000))
SHORT = ("typical", "nearly everyone satisfied", "polarised")
UNEQUAL = "few with much variance, many with little"
TARGET = (0.05, 0.05, 0.20, 0.40, 0.30)


def with_scores(x: Samples) -> tuple[object, ...]:
    """A table and the scores of its levels."""
    return x, SCORES


CALLS: dict[str, Arguments] = {
    "mann_whitney": as_it_is,
    "brunner_munzel": as_it_is,
    "welch": with_scores,
    "student": with_scores,
}


def _two(name: str) -> list[Scenario]:
    """Ties in five levels, skew, unequal sizes; and variances that differ where no group is the better one."""
    call = CALLS[name]
    null = [
        errs(name, shape, _sizes(n), tables(*((size, SHAPES[shape]) for size in n)), call)
        for shape in SHORT for n in SIZES
    ]  # fmt: skip
    unequal = [
        errs(name, UNEQUAL, "20 + 200", tables((20, POLARISED), (200, MIDDLING)), call),
        errs(
            name, "few with little variance, many with much", "20 + 200", tables((20, MIDDLING), (200, POLARISED)), call
        ),
    ]
    power = [
        finds(name, f"{shape} and worse", "100 + 100", tables((100, SHAPES[shape]), (100, ALTERED[shape])), call)
        for shape in SHORT
    ]
    return null + unequal + power


def _shares(name: str) -> list[Scenario]:
    def call(n: tuple[int, int]) -> Arguments:
        if name == "two_proportions":
            return lambda x: (x, n)
        return lambda x: (np.column_stack([x, np.array(n) - x]),)

    null = [
        errs(name, percent(share), _sizes(n), successes((n[0], share), (n[1], share)), call(n))
        for share in (0.5, 0.9, 0.97) for n in SIZES
    ]  # fmt: skip
    power = finds(name, "97 % and 85 %", "100 + 100", successes((100, 0.97), (100, 0.85)), call((100, 100)))
    return [*null, power]


def _nets() -> list[Scenario]:
    def call(x: Samples) -> tuple[object, ...]:
        return x[0], x[1]

    null = [
        errs("two_net_promoters", shape, _sizes(n), tables(*((size, NET[shape]) for size in n)), call)
        for shape in NET for n in SIZES[1:]
    ]  # fmt: skip
    other = tables((100, NET["typical"]), (100, (0.20, 0.20, 0.60)))
    return [*null, finds("two_net_promoters", "typical and worse", "100 + 100", other, call)]


def _rates() -> list[Scenario]:
    def call(x: Samples) -> tuple[object, ...]:
        return (float(x[0]), float(x[1])), (1.0, 3.0)

    null = [
        errs("two_rates", f"{mean:g} and {3 * mean:g} events expected", "1 + 3", events(mean, 3.0 * mean), call)
        for mean in (1.0, 10.0, 100.0)
    ]
    return [*null, finds("two_rates", "30 and 45 events expected", "1 + 3", events(30.0, 45.0), call)]


def _one_share() -> list[Scenario]:
    def scenario(share: float, n: int) -> Scenario:
        return errs(
            "one_proportion", percent(share), str(n), successes((n, share)), lambda x: (float(x[0]), float(n), share)
        )

    other = finds(
        "one_proportion", "97 % against 90 %", "100", successes((100, 0.97)), lambda x: (float(x[0]), 100.0, 0.9)
    )
    return [*(scenario(share, n) for share in (0.5, 0.9, 0.97) for n in (10, 30, 100, 1000)), other]


def _one_group() -> list[Scenario]:
    found = []
    for shape, shares in SHAPES.items():
        goal = mean_of(shares)
        for n in (10, 30, 100, 1000):
            draw = tables((n, shares))
            found.append(errs("one_mean", shape, str(n), draw, lambda x, goal=goal: (x[0], SCORES, goal)))
            call = functools.partial(_bounded, goal=goal)
            found.append(errs("bounded_mean", shape, str(n), draw, call, 2000))
            found.append(errs("goodness_of_fit", shape, str(n), draw, lambda x, p=shares: (x[0], p), 1000))
    worse = tables((100, ALTERED["typical"]))
    found.append(finds("one_mean", "worse than typical", "100", worse, lambda x: (x[0], SCORES, mean_of(TYPICAL))))
    bounded = functools.partial(_bounded, goal=mean_of(TYPICAL))
    found.append(finds("bounded_mean", "worse than typical", "100", worse, bounded))
    fewer = functools.partial(_bounded, goal=mean_of(SATISFIED))
    other = tables((100, ALTERED["nearly everyone satisfied"]))
    found.append(finds("bounded_mean", "worse than nearly everyone satisfied", "100", other, fewer))
    found.append(finds("goodness_of_fit", "worse than typical", "100", worse, lambda x: (x[0], TARGET)))
    return found


def _bounded(x: Samples, goal: float) -> tuple[object, ...]:
    return x[0], SCORES, goal, (0.0, 100.0)


def _one_net() -> list[Scenario]:
    def scenario(shape: str, n: int) -> Scenario:
        goal = 100.0 * (NET[shape][2] - NET[shape][0])
        return errs("one_net_promoter", shape, str(n), _net(shape, n), lambda x: (*x[0, ::-1].tolist(), goal))

    other = finds(
        "one_net_promoter", "75 against 60", "100", _net("typical", 100), lambda x: (*x[0, ::-1].tolist(), 60.0)
    )
    return [*(scenario(shape, n) for shape in NET for n in (30, 100, 1000)), other]


def _net(shape: str, n: int) -> Draw:
    return tables((n, NET[shape]))


def _sizes(n: tuple[int, int]) -> str:
    return f"{n[0]} + {n[1]}"


SCENARIOS = (
    *(scenario for name in CALLS for scenario in _two(name)),
    *_shares("two_proportions"),
    *_shares("fisher_two_by_two"),
    *_nets(),
    *_rates(),
    *_one_share(),
    *_one_group(),
    *_one_net(),
)
PART = Part(
    "Tests of one and of two groups",
    "`compare` chooses `mann_whitney` for ordered levels, `brunner_munzel` when the spreads differ, `welch` for scores,"
    " `two_proportions` for shares and `fisher_two_by_two` when expected counts are small.",
    SCENARIOS,
)
