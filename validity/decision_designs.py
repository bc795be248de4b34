"""The whole decision of `compare` of one group and a target, of few halls, and of weighted answers."""

import functools
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

import survey
from survey.evaluation.coding import CodeBook
from survey.evaluation.comparison import Comparison, compare
from survey.evaluation.questions import Question
from survey.evaluation.weights import read_margins
from survey.forms.instrument import Instrument
from validity.answers import ALTERED, SATISFIED, SCORES, TYPICAL, WORSE, Draw, Floats, halls, mean_of, tables
from validity.decision import ITEM, ORDERED, PILOT, RUNS, expanded, found, wave
from validity.designs import HALL, REGIONS, SEXES, UNEQUAL, respondents
from validity.scenarios import Part, Samples, Scenario
from validity.two_shares import NET

Ask = Callable[[Samples], Comparison]
MARGINS = read_margins(
    "item,code,population\n"
    + "".join(f"D3,{code},{1e5 * share:.0f}\n" for code, share in enumerate(REGIONS, start=1))
    + "".join(f"D1,{code},{1e5 * share:.0f}\n" for code, share in enumerate(SEXES, start=1))
)
PROMOTERS = (0, 7, 9)
"""An answer of each side of the net promoter score."""


@functools.cache
def from_nought_to_ten() -> CodeBook:
    """The shipped instrument with its overall rating from 0 to 10."""
    path = Path(survey.__file__).parent / "instruments" / "gov-sat.json"
    whole = msgspec.json.decode(path.read_bytes())
    for section in whole["sections"]:
        for asked in section["asked"]:
            if asked["item"]["id"] == ITEM:
                options = [{"code": code, "text": {"en": str(code)}} for code in range(11)]
                asked["item"] = {"type": "rating", "id": ITEM, "text": {"en": "Recommend?"}, "options": options}
    return CodeBook(msgspec.convert(whole, Instrument))


def against(target: float, measure: str = ITEM) -> Ask:
    """One group and a target."""

    def ask(counts: Samples) -> Comparison:
        level = expanded(counts)[1]
        return compare("gov-sat", Question(measure=measure, target=target), [wave("w", 2026, level)])

    return ask


def promoted(target: float) -> Ask:
    """The net promoter score of one group and a target."""

    def ask(counts: Samples) -> Comparison:
        level = np.array(PROMOTERS)[expanded(counts)[1]]
        rounds = [wave("w", 2026, level, asked=from_nought_to_ten())]
        return compare("gov-sat", Question(measure=f"{ITEM}:nps", target=target), rounds)

    return ask


def in_halls(groups: int, measure: str = ITEM, *, ordered: bool = False) -> Ask:
    """Groups of whole halls: every hall belongs to the group of its number."""

    def ask(counts: Samples) -> Comparison:
        hall, level = expanded(counts)
        by = ORDERED if ordered else "group"
        rounds = [wave("w", 2026, level, hall=hall, **{by: hall % groups})]
        if groups == 2:
            question = Question(measure=measure, a="group:group0", b="group:group1", cluster="hall")
        else:
            question = Question(measure=measure, by=by, cluster="hall")
        return compare("gov-sat", question, rounds)

    return ask


def one_in_halls(counts: Samples) -> Comparison:
    """One group of halls and a target."""
    hall, level = expanded(counts)
    question = Question(measure=ITEM, target=mean_of(TYPICAL), cluster="hall")
    return compare("gov-sat", question, [wave("w", 2026, level, hall=hall)])


def waves_of_halls(counts: Samples) -> Comparison:
    """Halls x levels, wave after wave; the same halls take part in all four."""
    rounds, each = [], len(counts) // 4
    for year in range(4):
        hall, level = expanded(counts[year * each : (year + 1) * each])
        rounds.append(wave(f"w{year}", 2020 + year, level, hall=hall))
    return compare("gov-sat", Question(measure=ITEM, by="wave", cluster="hall"), rounds)


def pilot_within_halls(counts: Samples) -> Comparison:
    """Every hall has people of pilot and control, before and after: hall by hall four rows of levels."""
    rounds = []
    for year, name in enumerate(("w1", "w2")):
        row, level = expanded(counts)
        chosen = row % 2 == year
        hall, group = row[chosen] // 4, row[chosen] // 2 % 2
        rounds.append(wave(name, 2025 + year, level[chosen], group=group, hall=hall))
    return compare("gov-sat", msgspec.structs.replace(PILOT, cluster="hall"), rounds)


def weighted(groups: int, measure: str = ITEM) -> Ask:
    """Groups under weights raked to region and sex."""

    def ask(counts: Samples) -> Comparison:
        region, sex, group, level = np.indices(counts.shape).reshape(4, -1)
        times = counts.ravel().astype(np.int64)
        labels = {"D3": region, "D1": sex, "group": group}
        rounds = [wave("w", 2026, np.repeat(level, times), **{k: np.repeat(v, times) for k, v in labels.items()})]
        if groups == 2:
            question = Question(measure=measure, a="group:group0", b="group:group1")
        else:
            question = Question(measure=measure, by="group")
        return compare("gov-sat", question, rounds, MARGINS)

    return ask


def _scenario(name: str, answers: str, n: str, draw: Draw, ask: Ask, *, differs: bool = False) -> Scenario:
    what = "power" if differs else "type I error"
    return Scenario(name=name, answers=answers, n=n, what=what, draw=draw, measure=found(ask), runs=RUNS)


def _targets() -> list[Scenario]:
    made = []
    few, altered = "nearly everyone satisfied", ALTERED["nearly everyone satisfied"]
    for shape, shares, other, sizes in (
        ("typical", TYPICAL, WORSE, (10, 30, 300)),
        (few, SATISFIED, altered, (10, 30, 100, 300, 1000)),
    ):
        ask, rate = against(mean_of(shares)), against(100.0 * sum(shares[3:]), f"{ITEM}:sat2")
        for n in sizes:
            made.append(_scenario("target, mean", shape, f"{n}", tables((n, shares)), ask))
            made.append(_scenario("target, satisfaction rate", shape, f"{n}", tables((n, shares)), rate))
        for name, asked in (("target, mean", ask), ("target, satisfaction rate", rate)):
            made.append(_scenario(name, f"{shape}, worse", "100", tables((100, other)), asked, differs=True))
    for shape, sides in NET.items():
        score = promoted(100.0 * (sides[2] - sides[0]))
        draws = [(n, tables((n, sides))) for n in (10, 30, 100)]
        made += [_scenario("target, net promoter score", shape, f"{n}", draw, score) for n, draw in draws]
    worse = tables((100, (0.20, 0.20, 0.60)))
    ask = promoted(100.0 * (NET["typical"][2] - NET["typical"][0]))
    return [*made, _scenario("target, net promoter score", "typical, worse", "100", worse, ask, differs=True)]


def _few_halls() -> list[Scenario]:
    made = []
    rate = f"{ITEM}:sat2"
    for name, ask, groups in (
        ("two groups of halls", in_halls(2), 2),
        ("two groups of halls, satisfaction rate", in_halls(2, rate), 2),
        ("four groups of halls", in_halls(4), 4),
        ("four groups of halls, satisfaction rate", in_halls(4, rate), 4),
        ("five groups of halls in order", in_halls(5, ordered=True), 5),
        ("halls and a target", one_in_halls, 1),
    ):
        for each in (5, 10):
            size = f"{groups} x {each} halls"
            alike = halls([HALL] * (groups * each), TYPICAL)
            made.append(_scenario(name, "typical", f"{size} of {HALL}", alike, ask))
            sizes = np.repeat(UNEQUAL[each], groups).tolist()
            label = f"{size} of {min(sizes)} to {max(sizes)}"
            made.append(_scenario(name, "typical", label, halls(sizes, TYPICAL), ask))
        worse = np.where(np.arange(groups * 5) % groups == groups - 1, -0.8, 0.0)
        draw = halls([HALL] * (groups * 5), TYPICAL, shifts=worse)
        made.append(_scenario(name, "typical, one worse", f"{groups} x 5 halls of {HALL}", draw, ask, differs=True))
    mixed = _within(10, 20)
    made.append(_scenario("four waves of halls", "typical", "10 halls of 4 x 20", _turned(mixed), waves_of_halls))
    made.append(_scenario("pilot and control within halls", "typical", "10 halls of 4 x 20", mixed, pilot_within_halls))
    return made


def _within(number: int, size: int) -> Draw:
    """Halls whose people are alike in all four of their rows: samples x (4 rows of each hall) x levels."""
    whole = halls([4 * size] * number, TYPICAL)

    def draw(rng: np.random.Generator, runs: int) -> Floats:
        return _split(rng, whole(rng, runs), size)

    return draw


def _split(rng: np.random.Generator, rows: Floats, size: int) -> Floats:
    """The people of each row, four lots of `size` of them at random."""
    level = np.repeat(np.tile(np.arange(SCORES.size), rows.shape[0] * rows.shape[1]), rows.ravel().astype(np.int64))
    people = rng.permuted(level.reshape(-1, 4 * size), axis=1).reshape(rows.shape[0], -1, size)
    return np.asarray((people[..., None] == np.arange(SCORES.size)).sum(axis=2), dtype=np.float64)


def _turned(draw: Draw) -> Draw:
    """Wave by wave, not hall by hall."""

    def turned(rng: np.random.Generator, runs: int) -> Floats:
        x = draw(rng, runs)
        return x.reshape(runs, -1, 4, x.shape[-1]).swapaxes(1, 2).reshape(x.shape)

    return turned


def _weighted() -> list[Scenario]:
    made = []
    for name, groups, measure in (
        ("two groups, weighted", 2, ITEM),
        ("two groups, satisfaction rate, weighted", 2, f"{ITEM}:sat2"),
        ("four groups, weighted", 4, ITEM),
        ("four groups, satisfaction rate, weighted", 4, f"{ITEM}:sat2"),
    ):
        ask, what = weighted(groups, measure), "raked to two margins"
        made += [_scenario(name, what, f"{n}", respondents(n, (0.0,) * groups), ask) for n in (200, 1000)]
        worse = respondents(1000, (*(0.0,) * (groups - 1), 0.4))
        made.append(_scenario(name, f"{what}, one group worse", "1000", worse, ask, differs=True))
    return made


PART = Part(
    "The whole decision of targets, few halls and weights",
    "As before: responses are drawn, the question is asked, the p-value that the page shows is taken. Halls are "
    "declared and have an intraclass correlation of 0.05; of unequal size they have from 10 to 150 or 200 people.",
    (*_targets(), *_few_halls(), *_weighted()),
)
