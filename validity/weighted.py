"""Intervals of means and shares under weights, strata and clusters."""

import numpy as np

from survey.analysis.calibrated import calibrated_mean, proportion_intervals
from survey.analysis.group_means import reduced_mean
from survey.analysis.linearised import survey_design, weighted_mean
from survey.analysis.significance import TESTS
from survey.analysis.weighting import post_stratify
from validity.answers import LEVELS, SCORES, TYPICAL, WORSE, Draw, Floats, halls, mean_of, percent
from validity.designs import (
    BY_REGION,
    CLUSTERED,
    HALL,
    RAKED,
    REGIONS,
    SEXES,
    UNEQUAL,
    in_halls,
    raked_design,
    respondents,
)
from validity.scenarios import Measured, Part, Samples, Scenario
from validity.two_shares import coverage

RUNS = 2000
LABELS = {"logit": "logit", "korn-graubard": "Korn-Graubard", "arcsine": "arcsine", "wald": "Wald"}
STRATUM = (0.6, 0.3, 0.1)
TRUTH = float(np.array(REGIONS) @ BY_REGION @ SCORES)


def _in_halls(each: int) -> Scenario:
    """A mean of clusters."""
    hall, level = (index.ravel() for index in np.indices((each, LEVELS)))

    def measure(x: Samples) -> Measured:
        design = survey_design(np.ones(hall.size), psu=hall, count=x.ravel())
        return weighted_mean(design, SCORES[level]).confint

    draw = halls([HALL] * each, TYPICAL)
    return coverage("weighted_mean", CLUSTERED, f"{each} halls x {HALL}", draw, measure, mean_of(TYPICAL), RUNS)


def _reduced(sizes: tuple[int, ...], label: str) -> Scenario:
    """The bias-reduced mean that is shown, of clusters of any size."""
    hall, level = (index.ravel() for index in np.indices((len(sizes), LEVELS)))

    def measure(x: Samples) -> Measured:
        design = survey_design(np.ones(hall.size), psu=hall, count=x.ravel())
        return reduced_mean(design, SCORES[level])[0].confint

    return coverage("reduced_mean", CLUSTERED, label, halls(sizes, TYPICAL), measure, mean_of(TYPICAL), RUNS)


def _strata(n: int) -> Scenario:
    """As many of each of three strata, whatever their size."""
    stratum, level = (index.ravel() for index in np.indices((len(STRATUM), LEVELS)))

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return rng.multinomial(n, BY_REGION, size=(runs, len(STRATUM))).astype(np.float64)

    def measure(x: Samples) -> Measured:
        design = survey_design(np.array(STRATUM)[stratum], stratum=stratum, count=x.ravel())
        return weighted_mean(design, SCORES[level]).confint

    truth = float(np.array(STRATUM) @ BY_REGION @ SCORES)
    return coverage("weighted_mean", "three strata of unequal size", f"3 x {n}", draw, measure, truth, RUNS)


def _chances(n: int, *, reduced: bool = False) -> Scenario:
    """Each region answers by a known chance, and its answers weigh by the inverse."""
    chance = np.array((0.8, 0.4, 0.1))
    region, level = (index.ravel() for index in np.indices((len(REGIONS), LEVELS)))
    shares = (np.array(REGIONS) * chance)[:, None] * BY_REGION
    shares = shares / shares.sum()

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return rng.multinomial(n, shares.ravel(), size=runs).astype(np.float64)

    def measure(x: Samples) -> Measured:
        design = survey_design(1.0 / chance[region], count=x)
        return (reduced_mean(design, SCORES[level])[0] if reduced else weighted_mean(design, SCORES[level])).confint

    name = "reduced_mean" if reduced else "weighted_mean"
    return coverage(name, "known chances from 0.1 to 0.8", str(n), draw, measure, TRUTH, RUNS)


def _raked(n: int, *, reduced: bool = False) -> Scenario:
    def measure(x: Samples) -> Measured:
        design, _, level = raked_design(x)
        return (reduced_mean(design, SCORES[level])[0] if reduced else weighted_mean(design, SCORES[level])).confint

    return coverage(
        "reduced_mean" if reduced else "weighted_mean", RAKED, str(n), respondents(n, (0.0,)), measure, TRUTH, RUNS
    )


def _calibrated(n: int) -> Scenario:
    """Post-stratified to region by sex."""
    population = 1e5 * np.outer(REGIONS, SEXES).ravel()

    def measure(x: Samples) -> Measured:
        region, sex, _, level = (index.ravel() for index in np.indices(x.shape))
        cell, count, base = region * 2 + sex, x.ravel(), np.ones(x.size)
        design = survey_design(post_stratify(base, cell, population, count), count=count)
        return calibrated_mean(design, base, SCORES[level], [(cell, population.size)]).confint

    return coverage(
        "calibrated_mean", "post-stratified by six cells", str(n), respondents(n, (0.0,)), measure, TRUTH, RUNS
    )


def two_levels(each: int, share: float) -> Draw:
    """Halls in which people are alike in whether they are satisfied: samples x halls x (not, yes)."""
    return halls([HALL] * each, (1.0 - share, share))


def _share(way: str, share: float, each: int) -> Scenario:
    hall, hit = (index.ravel() for index in np.indices((each, 2)))

    def measure(x: Samples) -> Measured:
        design = survey_design(np.ones(hall.size), psu=hall, count=x.ravel())
        return proportion_intervals(weighted_mean(design, hit), design).get(way)

    return coverage(
        f"proportion_intervals, {LABELS[way]}", f"{percent(share)}, {CLUSTERED}", f"{each} halls x {HALL}",
        two_levels(each, share), measure, share, RUNS,
    )  # fmt: skip


def _shown(share: float, n: int, **options: str) -> Scenario:
    """The interval that is shown: Korn and Graubard's or, where everyone answers alike, an exact one."""
    weights, target = np.repeat([1.0, 3.0], 2), 0.5
    hit = np.array([0.0, 1.0, 0.0, 1.0])

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        shares = np.outer((0.5, 0.5), (1.0 - share, share)).ravel()
        return rng.multinomial(n, shares, size=runs).astype(np.float64)

    def measure(x: Samples) -> Measured:
        difference = (
            TESTS["weighted_one_share"].function(survey_design(weights, count=x), hit, target, **options).difference
        )
        return difference.confint if difference else None

    name = ", ".join(("weighted_one_share", *options.values()))
    return coverage(name, f"{percent(share)}, weights 1 and 3", str(n), draw, measure, share - target)


def _difference(each: int) -> Scenario:
    """Second group minus first, of halls."""
    told = in_halls(lambda design, group, level: (design, SCORES[level], group), 2, each)

    def measure(x: Samples) -> Measured:
        difference = TESTS["weighted_welch"].function(*told(x)).difference
        return difference.confint if difference else None

    first, second = halls([HALL] * each, TYPICAL), halls([HALL] * each, WORSE)

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return np.concatenate([first(rng, runs), second(rng, runs)], axis=1)

    truth = mean_of(WORSE) - mean_of(TYPICAL)
    label = f"2 x {each} halls x {HALL}"
    return coverage("weighted_welch", f"{CLUSTERED}, typical and worse", label, draw, measure, truth, RUNS)


SCENARIOS = (
    *(_in_halls(each) for each in (5, 10, 20, 40)),
    *(_strata(n) for n in (10, 30, 100)),
    *(_chances(n) for n in (100, 300, 1000)),
    *(_raked(n) for n in (200, 1000)),
    *(_calibrated(n) for n in (200, 1000)),
    *(_share(way, share, each) for way in LABELS for share in (0.5, 0.9, 0.97) for each in (10, 40)),
    *(_shown(share, n) for share in (0.5, 0.9, 0.97, 0.995) for n in (10, 30, 100)),
    *(_difference(each) for each in (5, 10, 20)),
    *(_reduced((HALL,) * each, f"{each} halls x {HALL}") for each in (5, 10)),
    *(_reduced(sizes, f"{len(sizes)} halls x {sizes[0]} to {sizes[-1]}") for sizes in UNEQUAL.values()),
    *(_chances(n, reduced=True) for n in (100, 300, 1000)),
    *(_raked(n, reduced=True) for n in (200, 1000)),
    *(_shown(share, n, variance="CR2") for share in (0.5, 0.9, 0.97, 0.995) for n in (10, 30, 100)),
)
PART = Part(
    "Intervals under weights, strata and clusters",
    "Linearised variances and Student's t with as many degrees of freedom as there are units less strata; the service "
    "shows `reduced_mean`, bias-reduced with Satterthwaite's. `weighted_one_share` shows the interval of Korn and "
    "Graubard.",
    SCENARIOS,
)
