"""Tests of pilot and control before and after."""

import numpy as np

from survey.analysis.significance import TESTS
from validity.answers import ALTERED, LEVELS, SCORES, SHAPES, TYPICAL, Draw, Floats, halls, percent, successes, tables
from validity.errors import Arguments, errs, finds
from validity.means import persons
from validity.report import NAIVE
from validity.scenarios import Part, Samples, Scenario
from validity.two_groups import SHORT, with_scores
from validity.two_shares import NET

CELLS = 4
HALL = 30
SHIFT = -0.8


def _means() -> list[Scenario]:
    null = [
        errs("did_means", shape, f"{CELLS} x {n}", tables(*[(n, SHAPES[shape])] * CELLS), with_scores)
        for shape in SHORT for n in (30, 300)
    ]  # fmt: skip
    other = [
        finds(
            "did_means",
            f"{shape}, the pilot worse",
            f"{CELLS} x 300",
            _last(300, SHAPES[shape], ALTERED[shape]),
            with_scores,
        )
        for shape in SHORT
    ]
    return null + other


def _nets() -> list[Scenario]:
    null = [
        errs("did_net_promoter", shape, f"{CELLS} x {n}", tables(*[(n, NET[shape])] * CELLS))
        for shape in NET for n in (30, 300)
    ]  # fmt: skip
    worse = _last(300, NET["typical"], (0.20, 0.20, 0.60))
    return [*null, finds("did_net_promoter", "typical, the pilot worse", f"{CELLS} x 300", worse)]


def _shares() -> list[Scenario]:
    def call(n: int) -> Arguments:
        return lambda x: (x, [n] * CELLS)

    null = [
        errs("did_proportions", percent(share), f"{CELLS} x {n}", successes(*[(n, share)] * CELLS), call(n))
        for share in (0.5, 0.9, 0.97) for n in (30, 300)
    ]  # fmt: skip
    worse = successes(*[(300, 0.9)] * 3, (300, 0.75))
    return [*null, finds("did_proportions", "90 %, the pilot 75 %", f"{CELLS} x 300", worse, call(300))]


def _last(n: int, shares: tuple[float, ...], last: tuple[float, ...]) -> Draw:
    return tables(*[(n, shares)] * 3, (n, last))


def _panel(n: int) -> list[Scenario]:
    """Everyone for himself: change scores of n pilots and n others."""
    pilot = np.arange(2 * n) % 2

    def call(x: Samples) -> tuple[object, ...]:
        return x[0], x[1], pilot

    def changed(rng: np.random.Generator, runs: int) -> Floats:
        sample = persons(2 * n, 1)(rng, runs)
        sample[:, 1, pilot == 1] += 0.8
        return sample

    label = f"{n} + {n}"
    return [
        errs("did_panel", "typical, independent", label, persons(2 * n, 1), call, 2000),
        finds("did_panel", "typical, the pilot better", label, changed, call),
    ]


def _clustered_panel(clusters: int) -> list[Scenario]:
    """Half the clusters are pilots, 20 people each."""
    cluster = np.repeat(np.arange(clusters), 20)
    function = TESTS["did_panel"].function

    def told(x: Samples) -> float | None:
        return function(x[0], x[1], cluster % 2, cluster=cluster).pvalue

    draw, label = persons(clusters, 20), f"{clusters} x 20"
    ignored = errs(
        "did_panel", f"changes alike within {clusters} clusters, {NAIVE}", label, draw,
        lambda x: (x[0], x[1], cluster % 2), 1000,
    )  # fmt: skip
    known = Scenario(
        name="did_panel", answers=f"changes alike within {clusters} clusters", n=label, what="type I error", draw=draw,
        measure=told, runs=1000,
    )  # fmt: skip
    return [ignored, known]


def _halls(each: int) -> list[Scenario]:
    """Halls that differ from wave to wave, half of them pilots, other people each time."""
    size = 2 * each
    pilot = np.repeat([0, 1], each)
    label, answers = f"{HALL} a hall and wave", f"typical, {each} + {each} halls"
    shifts = np.concatenate([np.zeros(size), SHIFT * pilot])

    def told(x: Samples) -> tuple[object, ...]:
        return x[:size], x[size:], pilot, SCORES

    def ignored(x: Samples) -> tuple[object, ...]:
        return x.reshape(2, 2, each, LEVELS).sum(axis=2).transpose(1, 0, 2).reshape(CELLS, LEVELS), SCORES

    draw = halls([HALL] * (2 * size), TYPICAL)
    return [
        errs("did_means", f"{answers}, {NAIVE}", label, draw, ignored, 2000),
        errs("did_clusters", answers, label, draw, told, 2000),
        finds(
            "did_clusters",
            f"{answers}, the pilots worse",
            label,
            halls([HALL] * (2 * size), TYPICAL, shifts=shifts),
            told,
        ),
    ]


SCENARIOS = (
    *_means(),
    *_shares(),
    *_nets(),
    *(scenario for n in (30, 300) for scenario in _panel(n)),
    *(scenario for clusters in (6, 12, 24, 40) for scenario in _clustered_panel(clusters)),
    *(scenario for each in (4, 6, 12, 20) for scenario in _halls(each)),
)
PART = Part(
    "Tests of pilot and control, before and after",
    "Difference in differences. Where whole halls are pilots the halls must be told; below 20 of them the p-value "
    "permutes halls.",
    SCENARIOS,
)
