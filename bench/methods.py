"""How long a result takes from counts, and how long scipy takes from the ten million answers behind them."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bench.answers import Twin, twins
from bench.calls import CLUSTERS, PERSONS, calls

ANSWERS = 10_000_000
ROUNDS = 3
CALLS = 50  # a round, if there is time
SECONDS = 0.1  # a round
GOAL = 5.0
GOALS = {"bootstrap_difference": 10.0}
SAME = 1e-9
NOTES = {
    "did_panel": f"{PERSONS:,} persons: takes persons, not counts",
    "did_clusters": f"{CLUSTERS} clusters",
    "fisher_exact": "Monte Carlo, 19,999 tables drawn",
    "mann_kendall": "6 means",
    "bootstrap_difference": "not run on the answers: 9,999 samples as large",
}


class Timing(NamedTuple):
    """Milliseconds of a method; and of scipy for the same p-value, where scipy has the method."""

    milliseconds: list[float]
    goal: float
    scipy: str | None = None
    scipy_milliseconds: float | None = None
    gap: float | None = None  # of the p-values, relative

    @property
    def p50(self) -> float:
        """The middle call."""
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        """The call that 99 of 100 beat."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.99)]


class Timings(NamedTuple):
    """All methods by name, on so many answers, and the milliseconds it takes to count that many."""

    answers: int
    tabulating: float
    methods: dict[str, Timing]


def measure(answers: int = ANSWERS) -> Timings:
    """All timings, round by round, each method beside its twin."""
    from_counts = calls(answers)
    from_answers, tabulate = twins(answers)
    counted: dict[str, list[float]] = {name: [] for name in from_counts}
    raw: dict[str, list[float]] = {name: [] for name in from_answers}
    tabulating: list[float] = []
    for _ in range(ROUNDS):
        tabulating.append(spent(tabulate))
        for name, call in from_counts.items():
            counted[name].extend(repeatedly(call))
            if name in from_answers:
                raw[name].append(spent(from_answers[name].pvalue))
    methods = {}
    for name, milliseconds in counted.items():
        goal, twin = GOALS.get(name, GOAL), from_answers.get(name)
        beside = () if twin is None else (twin.name, statistics.median(raw[name]), gap(from_counts[name], twin))
        methods[name] = Timing(milliseconds, goal, *beside)
    return Timings(answers, statistics.median(tabulating), methods)


def spent(call: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    call()
    return 1000.0 * (time.perf_counter() - began)


def repeatedly(call: Callable[[], object]) -> Iterator[float]:
    """Milliseconds of one call after the other, at least one."""
    until = time.perf_counter() + SECONDS
    for _ in range(CALLS):
        yield spent(call)
        if time.perf_counter() >= until:
            return


def gap(call: Callable[[], Any], twin: Twin) -> float:
    """Relative difference of two p-values for the same hypothesis and data."""
    ours, theirs = float(call().pvalue), float(twin.pvalue())
    return abs(ours - theirs) / max(abs(ours), abs(theirs))


def figures(timings: Timings) -> dict[str, dict[str, Any]]:
    """The timings for programs."""
    found: dict[str, dict[str, Any]] = {}
    for name, timing in timings.methods.items():
        found[name] = {
            "per_second": 1000.0 / timing.p50,
            "p50_ms": timing.p50,
            "p99_ms": timing.p99,
            "goal_ms": timing.goal,
            "met": timing.p50 <= timing.goal,
        }
        if timing.scipy is not None and timing.scipy_milliseconds is not None and timing.gap is not None:
            found[name] |= {
                "scipy": timing.scipy,
                "scipy_ms": timing.scipy_milliseconds,
                "ratio": timing.scipy_milliseconds / timing.p50,
                "ratio_with_tabulating": timing.scipy_milliseconds / (timing.p50 + timings.tabulating),
                "pvalue_gap": timing.gap,
                "same_pvalue": timing.gap <= SAME,
            }
    return found


def summary(timings: Timings) -> dict[str, Any]:
    """All there is to keep of a run."""
    return {"answers": timings.answers, "tabulating_ms": timings.tabulating, "figures": figures(timings)}


def rows(timings: Timings) -> Iterator[tuple[str, str, str, str, str, str]]:
    """The timings for people: name, calls a second, ratio, p50, p99, remarks."""
    for name, figure in figures(timings).items():
        remark = f"{'within' if figure['met'] else 'BEYOND'} {figure['goal_ms']:g} ms"
        ratio = ""
        if "scipy" in figure:
            ratio = f"{figure['ratio']:,.0f} ({figure['ratio_with_tabulating']:,.1f})"
            same = "same p" if figure["same_pvalue"] else "ANOTHER p"
            remark += f"; {figure['scipy']} {figure['scipy_ms']:,.0f} ms, {same} (gap {figure['pvalue_gap']:.1e})"
        if name in NOTES:
            remark += f"; {NOTES[name]}"
        yield name, f"{figure['per_second']:,.0f}", ratio, f"{figure['p50_ms']:.3f}", f"{figure['p99_ms']:.3f}", remark
    yield (
        "tabulating",
        f"{1000.0 / timings.tabulating:,.0f}",
        "",
        f"{timings.tabulating:.1f}",
        "",
        f"numpy.bincount of {timings.answers:,}",
    )
