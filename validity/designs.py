"""Tests under weights and clusters, and what tests do that know of neither."""

from collections.abc import Callable

import numpy as np

from survey.analysis.linearised import Calibration, SurveyDesign, survey_design
from survey.analysis.weighting import rake
from validity.answers import LEVELS, SCORES, TYPICAL, UNIFORM, WORSE, Draw, Floats, halls, mean_of
from validity.errors import Arguments, as_it_is, errs, finds
from validity.report import NAIVE
from validity.scenarios import Part, Samples, Scenario
from validity.two_groups import with_scores

HALL = 50
UNEQUAL = {5: (10, 20, 40, 80, 150), 10: (10, 15, 20, 30, 40, 60, 80, 100, 150, 200)}
"""People of as many halls."""
CLUSTERED = "clustered halls"
RAKED = "raked to two margins"
SHIFT = -0.5
REGIONS, SEXES = (0.5, 0.3, 0.2), (0.48, 0.52)
RESPONSE = np.outer((0.6, 0.3, 0.2), (0.9, 0.6))
BY_REGION = np.array([TYPICAL, WORSE, UNIFORM])
MUCH_WORSE = (0.30, 0.20, 0.20, 0.20, 0.10)
TIMES = np.array([1.0, 2.0, 3.0, 4.0])

Call = Callable[[SurveyDesign, np.ndarray, np.ndarray], tuple[object, ...]]
"""Design, group and level of each row, to what the test takes."""


def _scored(design: SurveyDesign, group: np.ndarray, level: np.ndarray) -> tuple[object, ...]:
    return design, SCORES[level], group


TESTS_OF_TWO: dict[str, Call] = {
    "weighted_welch": _scored,
    "weighted_rank": _scored,
    "weighted_two_shares": lambda design, group, level: (design, level == LEVELS - 1, group),
    "rao_scott": lambda design, group, level: (design, group, level),
}
TESTS_OF_FOUR: dict[str, Call] = {
    "weighted_anova": _scored,
    "weighted_pairs": _scored,
    "weighted_rank": _scored,
    "rao_scott": lambda design, group, level: (design, group, level),
    "weighted_trend": lambda design, group, level: (design, SCORES[level], TIMES[group]),
    "weighted_did": lambda design, group, level: (design, SCORES[level], group // 2, group % 2),
}
TESTS_OF_ONE: dict[str, Call] = {
    "weighted_one_mean": lambda design, _, level: (design, SCORES[level], mean_of(TYPICAL)),
    "weighted_one_share": lambda design, _, level: (design, level == LEVELS - 1, TYPICAL[-1]),
}
IGNORANT: dict[str, Arguments] = {
    "mann_whitney": as_it_is,
    "welch": with_scores,
    "chi_squared": as_it_is,
    "two_proportions": lambda x: (x[:, -1], x.sum(axis=1)),
    "brunner_munzel": as_it_is,
    "student": with_scores,
}


def in_halls(call: Call, groups: int, each: int) -> Arguments:
    """From counts of halls, `each` in every group, to a design that knows of them."""
    hall, level = (index.ravel() for index in np.indices((groups * each, LEVELS)))

    def arguments(x: Samples) -> tuple[object, ...]:
        design = survey_design(np.ones(hall.size), psu=hall, count=x.ravel())
        return call(design, hall // each, level)

    return arguments


def _clustered(name: str, call: Call, groups: int, each: int, *, shift: float = SHIFT) -> list[Scenario]:
    """The last group differs, or none does."""
    sizes = [HALL] * (groups * each)
    shifts = np.where(np.arange(groups * each) // each == groups - 1, shift, 0.0)
    label = f"{groups} x {each} halls x {HALL}"
    told = in_halls(call, groups, each)
    null = errs(name, CLUSTERED, label, halls(sizes, TYPICAL), told, 2000)
    return [null, finds(name, f"{CLUSTERED}, one group worse", label, halls(sizes, TYPICAL, shifts=shifts), told)]


def _reduced(name: str, call: Call, groups: int, each: int) -> list[Scenario]:
    """The same with bias-reduced variances, as `compare` asks for them; and halls of unequal size."""
    halls_of, told = groups * each, in_halls(call, groups, each)
    shifts = np.where(np.arange(halls_of) // each == groups - 1, -0.8, 0.0)
    size = f"{groups} x {each} halls"
    alike, worse = [HALL] * halls_of, halls([HALL] * halls_of, TYPICAL, shifts=shifts)
    found = [
        errs(name, CLUSTERED, f"{size} x {HALL}", halls(alike, TYPICAL), told, 2000, variance="CR2"),
        finds(name, f"{CLUSTERED}, one group worse", f"{size} x {HALL}", worse, told, 500, variance="CR2"),
    ]
    if each in UNEQUAL:
        sizes = UNEQUAL[each] * groups
        label = f"{size} x {min(sizes)} to {max(sizes)}"
        found.append(errs(name, CLUSTERED, label, halls(sizes, TYPICAL), told, 2000, variance="CR2"))
    return found


def _ignorant(name: str) -> Scenario:
    """2 x 20 halls of 50 people, added up as if nobody shared a hall."""
    call = IGNORANT[name]
    draw = halls([HALL] * 40, TYPICAL)
    return errs(
        name, f"{CLUSTERED}, {NAIVE}", f"2 x 20 halls x {HALL}", draw,
        lambda x: call(x.reshape(2, 20, LEVELS).sum(axis=1)), 2000,
    )  # fmt: skip


def respondents(n: int, worse: tuple[float, ...]) -> Draw:
    """Who answers depends on region and sex, what is answered on region: samples x (region, sex, group, level).

    `worse` is the share of each group whose answers are much worse; without it the groups do not differ.
    """
    answer = np.outer(REGIONS, SEXES) * RESPONSE
    mixed = [(1.0 - e) * BY_REGION + e * np.array(MUCH_WORSE) for e in worse]
    shares = answer[:, :, None, None] * np.stack(mixed, axis=1)[:, None, :, :]
    shares = shares / shares.sum()

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return rng.multinomial(n, shares.ravel(), size=runs).reshape(runs, *shares.shape).astype(np.float64)

    return draw


def raked_design(counts: Floats) -> tuple[SurveyDesign, np.ndarray, np.ndarray]:
    """Weights raked to region and sex, and a design that knows of it; the group and level of each row."""
    region, sex, group, level = (index.ravel() for index in np.indices(counts.shape))
    count = counts.ravel()
    base = np.ones(count.size)
    margins = [(region, 1e5 * np.array(REGIONS)), (sex, 1e5 * np.array(SEXES))]
    weights = rake(base, margins, count=count)
    fit = Calibration(base=base, margins=[region, sex])
    return survey_design(weights, count=count, calibration=fit), group, level


def _raked(name: str, call: Call, groups: int, n: int, **options: str) -> list[Scenario]:
    def told(x: Samples) -> tuple[object, ...]:
        return call(*raked_design(x))

    size = f"{n} in {groups} groups" if groups > 2 and name in TESTS_OF_TWO else str(n)
    last = (*(0.0,) * (groups - 1), 0.4)
    null = errs(name, RAKED, size, respondents(n, (0.0,) * groups), told, 2000, **options)
    return [null, finds(name, f"{RAKED}, one group worse", size, respondents(n, last), told, 500, **options)]


def _raked_one(name: str, n: int) -> list[Scenario]:
    target = float(np.array(REGIONS) @ BY_REGION @ SCORES)
    top = float(np.array(REGIONS) @ BY_REGION[:, -1])

    def call(design: SurveyDesign, _: np.ndarray, level: np.ndarray) -> tuple[object, ...]:
        if name == "weighted_one_mean":
            return design, SCORES[level], target
        return design, level == LEVELS - 1, top

    return _raked(name, call, 1, n)


SCENARIOS = (
    *(_ignorant(name) for name in IGNORANT),
    *(s for name, call in TESTS_OF_TWO.items() for each in (5, 10, 20) for s in _clustered(name, call, 2, each)),
    *(
        s
        for name, call in TESTS_OF_FOUR.items()
        for each in (5, 10)
        for s in _clustered(name, call, 4, each, shift=-0.8)
    ),
    *(s for name, call in TESTS_OF_ONE.items() for each in (10, 20, 40) for s in _clustered(name, call, 1, each)),
    *(s for name, call in TESTS_OF_TWO.items() for n in (200, 1000) for s in _raked(name, call, 2, n)),
    *(s for name, call in TESTS_OF_FOUR.items() for n in (200, 1000) for s in _raked(name, call, 4, n)),
    *(s for name in TESTS_OF_ONE for n in (200, 1000) for s in _raked_one(name, n)),
    *(s for name, call in TESTS_OF_TWO.items() for each in (3, 5, 10) for s in _reduced(name, call, 2, each)),
    *(s for name, call in TESTS_OF_FOUR.items() for each in (3, 5, 10) for s in _reduced(name, call, 4, each)),
    *(s for name, call in TESTS_OF_ONE.items() for each in (5, 10) for s in _reduced(name, call, 1, each)),
    *(s for name, call in TESTS_OF_TWO.items() for s in _raked(name, call, 2, 200, variance="CR2")),
    *(s for name, call in TESTS_OF_FOUR.items() for s in _raked(name, call, 4, 200, variance="CR2")),
)
PART = Part(
    "Tests under clusters and weights",
    "Halls in which people are alike: satisfaction has an intraclass correlation of 0.05, so a naive test rejects a "
    "true hypothesis far too often. And answers of people of whom some kinds answer more than others, weighted back "
    "to the population by raking. Without more, variances are linearised, as R's `survey` has them; `CR2` is what "
    "`compare` asks for: bias-reduced, with the degrees of freedom that few clusters leave.",
    SCENARIOS,
)
