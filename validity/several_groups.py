"""Tests of several groups, of pairs of them, of ordered groups and of waves."""

import numpy as np

from validity.answers import (
    ALTERED,
    MIDDLING,
    POLARISED,
    SCORES,
    SHAPES,
    TYPICAL,
    WORSE,
    Draw,
    Floats,
    mean_of,
    percent,
    successes,
    tables,
)
from validity.errors import Arguments, as_it_is, errs, finds
from validity.scenarios import Part, Samples, Scenario
from validity.two_groups import SHORT, UNEQUAL, with_scores

GROUPS = 4
WAVES = 6
YEARS = np.arange(2021.0, 2021.0 + WAVES)
CALLS: dict[str, Arguments] = {
    "kruskal_wallis": as_it_is,
    "chi_squared": as_it_is,
    "proportional_odds": as_it_is,
    "welch_anova": with_scores,
    "anova": with_scores,
    "dunn": as_it_is,
    "pairwise_mann_whitney": as_it_is,
}
"""Tests of four groups that are quick; `games_howell` and `fisher_exact` follow with fewer samples."""
ORDERED: dict[str, Arguments] = {
    "jonckheere": as_it_is,
    "linear_by_linear": as_it_is,
    "trend_slope": lambda x: (x, SCORES, YEARS),
}


def _groups(name: str, call: Arguments, sizes: tuple[int, ...], runs: int) -> list[Scenario]:
    null = [
        errs(name, shape, f"{GROUPS} x {n}", tables(*[(n, SHAPES[shape])] * GROUPS), call, runs)
        for shape in SHORT for n in sizes
    ]  # fmt: skip
    n = sizes[-1]
    draws = [(shape, tables(*[(n, SHAPES[shape])] * 3, (n, ALTERED[shape]))) for shape in SHORT[:2]]
    return null + [
        finds(name, f"{shape}, one worse", f"{GROUPS} x {n}", draw, call, runs // 4) for shape, draw in draws
    ]


def _unequal(name: str) -> Scenario:
    draw = tables((20, POLARISED), *[(200, MIDDLING)] * 3)
    return errs(name, UNEQUAL, "20 + 3 x 200", draw, CALLS[name])


def _shares(sizes: tuple[int, ...]) -> list[Scenario]:
    def call(n: int) -> Arguments:
        return lambda x: (x, [n] * GROUPS)

    null = [
        errs("pairwise_proportions", percent(share), f"{GROUPS} x {n}", successes(*[(n, share)] * GROUPS), call(n))
        for share in (0.5, 0.9, 0.97) for n in sizes
    ]  # fmt: skip
    other = successes(*[(100, 0.97)] * 3, (100, 0.85))
    return [*null, finds("pairwise_proportions", "97 %, one 85 %", f"{GROUPS} x 100", other, call(100))]


def _strata(n: int) -> list[Scenario]:
    """Three strata whose shares differ, two groups whose shares do not."""

    def call(x: Samples) -> tuple[object, ...]:
        return (np.stack([x, n - x], axis=1).reshape(3, 2, 2),)

    def draw(*gaps: float) -> Draw:
        return successes(*((n, share - gap) for share in (0.5, 0.8, 0.95) for gap in gaps))

    label, name = f"3 x ({n} + {n})", "cochran_mantel_haenszel"
    null = errs(name, "50 %, 80 %, 95 %", label, draw(0.0, 0.0), call)
    return [null, finds(name, "each stratum 15 points apart", label, draw(0.0, 0.15), call)]


def _steps(first: tuple[float, ...], last: tuple[float, ...]) -> list[tuple[float, ...]]:
    """From one distribution to another in as many steps as there are waves."""
    ways = np.linspace(0.0, 1.0, WAVES)[:, None]
    return [tuple(row) for row in (1.0 - ways) * np.array(first) + ways * np.array(last)]


def _ordered(name: str) -> list[Scenario]:
    call = ORDERED[name]
    null = [
        errs(name, shape, f"{WAVES} x {n}", tables(*[(n, SHAPES[shape])] * WAVES), call)
        for shape in SHORT for n in (10, 30, 100)
    ]  # fmt: skip
    spreads = tables(*[(20, POLARISED)] * 2, *[(200, MIDDLING)] * (WAVES - 2))
    worse = tables(*((30, p) for p in _steps(TYPICAL, WORSE)))
    return [
        *null,
        errs(name, UNEQUAL, "2 x 20 + 4 x 200", spreads, call),
        finds(name, "typical, worse from wave to wave", f"{WAVES} x 30", worse, call),
    ]


def _steady_shares() -> list[Scenario]:
    def call(n: int) -> Arguments:
        return lambda x: (x, [n] * WAVES, YEARS)

    null = [
        errs("cochran_armitage", percent(share), f"{WAVES} x {n}", successes(*[(n, share)] * WAVES), call(n))
        for share in (0.5, 0.9, 0.97) for n in (10, 30, 100)
    ]  # fmt: skip
    falling = successes(*((30, share) for share in np.linspace(0.97, 0.75, WAVES)))
    return [*null, finds("cochran_armitage", "from 97 % to 75 %", f"{WAVES} x 30", falling, call(30))]


def _series(waves: int) -> list[Scenario]:
    """A series of means of waves of 100 answers."""
    times = np.arange(1.0, waves + 1.0)

    def draw(fall: float) -> Draw:
        def sample(rng: np.random.Generator, runs: int) -> Floats:
            means = rng.multinomial(100, TYPICAL, size=(runs, waves)) @ SCORES / 100.0
            return np.asarray(means - fall * times)

        return sample

    def call(x: Samples) -> tuple[object, ...]:
        return x, times

    return [
        errs("mann_kendall", f"means of 100, each {mean_of(TYPICAL):g}", f"{waves} waves", draw(0.0), call),
        finds("mann_kendall", "means of 100, a point less each wave", f"{waves} waves", draw(1.0), call),
    ]


SCENARIOS = (
    *(scenario for name, call in CALLS.items() for scenario in _groups(name, call, (10, 30, 100), 4000)),
    *(_unequal(name) for name in ("kruskal_wallis", "welch_anova", "anova")),
    *_groups("games_howell", with_scores, (10, 30, 100), 1000),
    *_groups("fisher_exact", lambda x: (x,), (10, 30), 400),
    *_shares((10, 30, 100)),
    *(scenario for n in (10, 30, 100) for scenario in _strata(n)),
    *(scenario for name in ORDERED for scenario in _ordered(name)),
    *_steady_shares(),
    *(scenario for waves in (4, 6, 12) for scenario in _series(waves)),
)
PART = Part(
    "Tests of several groups, of pairs of groups, of ordered groups and of waves",
    "Four groups or six waves. Of tests of every pair the error is that of saying of any pair that it differs.",
    SCENARIOS,
)
