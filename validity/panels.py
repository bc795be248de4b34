"""Tests of the same people on two or more occasions."""

import numpy as np

from validity.answers import LEVELS, SATISFIED, TYPICAL, WORSE, Draw, Floats, pairs, percent
from validity.errors import Arguments, as_it_is, errs, finds
from validity.scenarios import Part, Scenario
from validity.two_groups import with_scores

OCCASIONS = 3
MANY_ZEROS = "typical, nine of ten without change"
PANELS: dict[str, tuple[tuple[float, ...], float]] = {
    "typical, half without change": (TYPICAL, 0.5),
    MANY_ZEROS: (TYPICAL, 0.9),
    "nearly everyone satisfied": (SATISFIED, 0.5),
}
CALLS: dict[str, Arguments] = {
    "paired_t": with_scores,
    "signed_rank": with_scores,
    "marginal_homogeneity": as_it_is,
}


def _two_waves(name: str) -> list[Scenario]:
    call = CALLS[name]
    null = [
        errs(name, answers, str(n), pairs(n, shares, shares, again), call)
        for answers, (shares, again) in PANELS.items() for n in (10, 30, 100, 1000)
    ]  # fmt: skip
    return [*null, finds(name, "typical, half grow worse", "100", pairs(100, TYPICAL, WORSE), call)]


def _mcnemar() -> list[Scenario]:
    again = {"half without change": 0.5, "nine of ten without change": 0.9}
    null = [
        errs("mcnemar", f"{percent(p)}, {said}", str(n), pairs(n, (p, 1 - p), (p, 1 - p), again[said]))
        for p in (0.5, 0.9, 0.97) for said in again for n in (30, 100, 1000)
    ]  # fmt: skip
    return [*null, finds("mcnemar", "90 % and 70 %", "100", pairs(100, (0.9, 0.1), (0.7, 0.3)))]


def occasions(n: int, shares: tuple[float, ...], last: tuple[float, ...]) -> Draw:
    """Levels of n persons on three occasions, half of them as the person always answers: samples x n x occasions."""

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        levels = np.arange(len(shares))
        always = rng.choice(levels, p=shares, size=(runs, n, 1))
        own = rng.choice(levels, p=shares, size=(runs, n, OCCASIONS))
        own[:, :, -1] = rng.choice(levels, p=last, size=(runs, n))
        return np.where(rng.random((runs, n, OCCASIONS)) < 0.5, always, own).astype(np.float64)

    return draw


def _occasions(name: str) -> list[Scenario]:
    if name == "friedman":
        shapes: dict[str, tuple[float, ...]] = {"typical": TYPICAL, "nearly everyone satisfied": SATISFIED}
        worse = WORSE
    else:
        shapes, worse = {"50 %": (0.5, 0.5), "90 %": (0.1, 0.9), "97 %": (0.03, 0.97)}, (0.5, 0.5)
    null = [
        errs(name, answers, str(n), occasions(n, shares, shares), runs=2000)
        for answers, shares in shapes.items() for n in (10, 30, 100)
    ]  # fmt: skip
    shape = "typical" if name == "friedman" else "90 %"
    return [*null, finds(name, f"{shape}, worse at last", "100", occasions(100, shapes[shape], worse))]


SCENARIOS = (
    *(scenario for name in CALLS for scenario in _two_waves(name)),
    *_mcnemar(),
    *_occasions("friedman"),
    *_occasions("cochran_q"),
)
PART = Part(
    "Tests of the same people on several occasions",
    f"A panel of {LEVELS} levels. Who answers as before tells nothing of a change: with many such pairs few are left, "
    "and exact tests of few pairs err on the safe side.",
    SCENARIOS,
)
