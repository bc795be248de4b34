"""Intervals of differences and ratios of shares, of rates, and of net promoter scores."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from survey.analysis import contrasts
from survey.analysis.estimation import net_promoter
from survey.analysis.results import ConfInt, EffectSize
from survey.analysis.significance import TESTS
from survey.analysis.significance.paired import net_shift, wald_paired
from validity.answers import Draw, events, joint_shares, pairs, percent, successes, tables
from validity.scenarios import Measured, Part, Samples, Scenario

Pair = tuple[float, float]
SHARES: tuple[Pair, ...] = ((0.5, 0.5), (0.97, 0.97), (0.97, 0.90), (0.995, 0.97))
SIZES = ((10, 10), (30, 30), (100, 100), (30, 300), (1000, 1000))
NET = {"typical": (0.05, 0.15, 0.80), "nearly all promoters": (0.005, 0.025, 0.97), "polarised": (0.45, 0.1, 0.45)}
RUNS = 4000

DIFFERENCES: dict[str, Callable[[Pair, Pair], ConfInt]] = {
    "newcombe": contrasts.newcombe,
    "miettinen_nurminen": contrasts.miettinen_nurminen,
    "agresti_caffo": contrasts.agresti_caffo,
    "wald_difference": contrasts.wald_difference,
    "wald_difference, continuity": partial(contrasts.wald_difference, continuity=True),
}
RATIOS: dict[str, Callable[[Pair, Pair], EffectSize]] = {
    "risk_ratio": contrasts.risk_ratio,
    "odds_ratio": contrasts.odds_ratio,
}


def coverage(
    name: str, answers: str, n: str, draw: Draw, measure: Callable[[Samples], Measured], truth: float, runs: int = RUNS
) -> Scenario:
    """One figure of coverage."""
    return Scenario(
        name=name, answers=answers, n=n, what="coverage", draw=draw, measure=measure, truth=truth, runs=runs
    )


def _difference(name: str, shares: Pair, n: tuple[int, int]) -> Scenario:
    return coverage(
        name, _shares(shares), _sizes(n), _two(shares, n),
        lambda x: DIFFERENCES[name](_pair(x), n), shares[0] - shares[1],
    )  # fmt: skip


def _ratio(name: str, shares: Pair, n: tuple[int, int]) -> Scenario:
    p, q = shares
    truth = p / q if name == "risk_ratio" else p * (1.0 - q) / (q * (1.0 - p))
    return coverage(
        name, _shares(shares), _sizes(n), _two(shares, n), lambda x: RATIOS[name](_pair(x), n).confint, truth
    )


def _conditional(shares: Pair, n: tuple[int, int]) -> Scenario:
    """The exact interval of the odds ratio that goes with Fisher's test."""
    p, q = shares

    def measure(x: Samples) -> Measured:
        table = np.column_stack([x, np.array(n) - x])
        effect = TESTS["fisher_two_by_two"].function(table).effect_size
        return effect.confint if effect else None

    truth = p * (1.0 - q) / (q * (1.0 - p))
    return coverage("fisher_two_by_two", _shares(shares), _sizes(n), _two(shares, n), measure, truth, 2000)


def _common_odds(n: int) -> Scenario:
    """Three strata with one odds ratio of 2."""
    strata = [(base / (base + (1.0 - base) / 2.0), base) for base in (0.5, 0.8, 0.95)]
    draw = successes(*((n, share) for pair in strata for share in pair))

    def measure(x: Samples) -> Measured:
        table = np.stack([x, n - x], axis=1).reshape(len(strata), 2, 2)
        effect = TESTS["cochran_mantel_haenszel"].function(table).effect_size
        return effect.confint if effect else None

    return coverage("cochran_mantel_haenszel", "odds ratio 2 in 3 strata", f"3 x ({n} + {n})", draw, measure, 2.0)


def _paired(name: str, shares: Pair, n: int) -> Scenario:
    """One panel asked twice; half give their first answer again."""
    joint = joint_shares((shares[0], 1.0 - shares[0]), (shares[1], 1.0 - shares[1]), 0.5)
    rises, falls = float(joint[0, 1]), float(joint[1, 0])
    draw = pairs(n, (shares[0], 1.0 - shares[0]), (shares[1], 1.0 - shares[1]))

    def measure(x: Samples) -> Measured:
        match name:
            case "wald_paired":
                return wald_paired(x)
            case "net_shift":
                return net_shift(x).confint
        result = TESTS["mcnemar"].function(x)
        if name == "mcnemar, odds ratio":
            return result.effect_size.confint if result.effect_size else None
        return result.difference.confint if result.difference else None

    truth = rises / falls if name == "mcnemar, odds ratio" else rises - falls
    return coverage(name, f"{_shares(shares)}, a panel", str(n), draw, measure, truth)


def _net(shape: str, n: int) -> Scenario:
    down, _, up = NET[shape]
    return coverage(
        "net_promoter", shape, str(n), tables((n, NET[shape])),
        lambda x: net_promoter(*x[0, ::-1].tolist()).confint, 100.0 * (up - down),
    )  # fmt: skip


def _test(name: str, answers: str, n: str, draw: Draw, call: Callable[[Samples], tuple[object, ...]]) -> Scenario:
    """The interval of the difference that comes with a test, where the difference is none."""

    def measure(x: Samples) -> Measured:
        difference = TESTS[name].function(*call(x)).difference
        return difference.confint if difference else None

    return coverage(name, answers, n, draw, measure, 0.0)


def _rates(expected: Pair) -> Scenario:
    def measure(x: Samples) -> Measured:
        effect = TESTS["two_rates"].function(_pair(x), (1.0, 1.0)).effect_size
        return effect.confint if effect else None

    answers = f"{expected[0]:g} and {expected[1]:g} events expected"
    return coverage("two_rates", answers, "1 + 1", events(*expected), measure, expected[0] / expected[1])


def _did(shape: str, n: int) -> tuple[Scenario, Scenario]:
    shares = NET[shape]
    net = _test("did_net_promoter", shape, f"4 x {n}", tables(*[(n, shares)] * 4), lambda x: (x,))
    tops = successes(*[(n, shares[2])] * 4)
    return net, _test("did_proportions", percent(shares[2]), f"4 x {n}", tops, lambda x: (x, [n] * 4))


def _two_nets(shape: str, n: tuple[int, int]) -> Scenario:
    draw = tables(*((size, NET[shape]) for size in n))
    return _test("two_net_promoters", shape, _sizes(n), draw, lambda x: (x[0], x[1]))


def _two(shares: Pair, n: tuple[int, int]) -> Draw:
    return successes((n[0], shares[0]), (n[1], shares[1]))


def _pair(x: Samples) -> Pair:
    return float(x[0]), float(x[1])


def _shares(shares: Pair) -> str:
    return f"{percent(shares[0])} and {percent(shares[1])}"


def _sizes(n: Sequence[int]) -> str:
    return " + ".join(map(str, n))


PAIRED = ("mcnemar", "mcnemar, odds ratio", "net_shift", "wald_paired")
SCENARIOS = (
    *(_difference(name, shares, n) for name in DIFFERENCES for shares in SHARES for n in SIZES),
    *(_ratio(name, shares, n) for name in RATIOS for shares in SHARES for n in SIZES),
    *(_conditional(shares, n) for shares in SHARES[:3] for n in SIZES[:3]),
    *(_common_odds(n) for n in (30, 100)),
    *(_paired(name, shares, n) for name in PAIRED for shares in ((0.9, 0.8), (0.97, 0.97)) for n in (10, 30, 100)),
    *(_net(shape, n) for shape in NET for n in (10, 30, 100, 1000)),
    *(_two_nets(shape, n) for shape in NET for n in ((30, 30), (100, 100), (1000, 1000))),
    *(scenario for shape in NET for n in (30, 300) for scenario in _did(shape, n)),
    *(_rates(expected) for expected in ((3.0, 3.0), (3.0, 30.0), (30.0, 60.0))),
)
PART = Part(
    "Intervals of differences and ratios of shares, rates and net promoter scores",
    "Newcombe's interval goes with `two_proportions`, that of Bonett and Price with `mcnemar`. Where a ratio has an "
    "empty cell there is no interval.",
    SCENARIOS,
)
