"""The whole decision of `compare`: design found out, test chosen, verdict said; drawn as responses, not as counts.

Each scenario builds the responses of one or more waves, asks the question an evaluator would ask, and takes the
p-value that the page would show: whichever test was chosen, the decision must keep its stated error.
"""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

import survey
from survey.evaluation.arms import Round
from survey.evaluation.coding import CodeBook
from survey.evaluation.comparison import Comparison, compare
from survey.evaluation.indices import levels_of
from survey.evaluation.questions import Question
from survey.evaluation.sample import Sample
from survey.forms.instrument import Instrument
from survey.forms.items import Rating
from survey.responses import Wave
from validity.answers import ALTERED, MIDDLING, POLARISED, SATISFIED, TYPICAL, WORSE, halls, pairs, tables
from validity.scenarios import Measured, Part, Samples, Scenario

RUNS = 1000
ITEM = "Q3"
ORDERED = "Q4"
"""Another rating, whose levels are groups in an order."""
SESOI = 5.0
Labels = NDArray[np.int64]


@functools.cache
def book() -> CodeBook:
    """The shipped instrument whose overall rating is asked about."""
    path = Path(survey.__file__).parent / "instruments" / "gov-sat.json"
    return CodeBook(msgspec.json.decode(path.read_bytes(), type=Instrument))


def wave(
    name: str, year: int, levels: Labels, people: Labels | None = None, asked: CodeBook | None = None, **labels: Labels
) -> Round:
    """The responses of one wave: the level of the rating (0 the worst), and what is known beside it.

    Labels named like an item are answers to it: levels of a rating, or the numbers of options.
    """
    book_of = asked or book()
    codes = np.full((len(book_of.columns) + len(labels), levels.size), 255, dtype=np.uint8)
    codes[book_of.position[ITEM]] = ranked(ITEM, book_of)[levels]
    for item in labels.keys() & book_of.position.keys():
        codes[book_of.position[item]] = ranked(item, book_of)[labels.pop(item)]
    for row, values in enumerate(labels.values(), start=len(book_of.columns)):
        codes[row] = values
    known = {label: tuple(f"{label}{code}" for code in range(int(v.max()) + 1)) for label, v in labels.items()}
    about = Wave(survey="gov-sat", wave=name, instrument_version=1, opens_at=datetime(year, 1, 1, tzinfo=UTC))
    return Round(about, Sample(book_of, codes.T[:, : len(book_of.columns) + len(labels)], known), people)


def ranked(item: str, book_of: CodeBook) -> NDArray[np.uint8]:
    """The code of each level of a rating, the worst first; of other items of each option."""
    asked = book_of.instrument.by_id[item].item
    return np.array(levels_of(asked).places if isinstance(asked, Rating) else range(250), dtype=np.uint8)


def expanded(counts: Samples) -> tuple[Labels, Labels]:
    """Rows x levels of counts as the row and the level of each response."""
    flat = counts.astype(np.int64).ravel()
    row, level = np.divmod(np.repeat(np.arange(flat.size), flat), counts.shape[1])
    return row, level


def two_groups(counts: Samples, measure: str = ITEM) -> Comparison:
    """Two groups of one wave."""
    row, level = expanded(counts)
    question = Question(measure=measure, a="group:group0", b="group:group1", sesoi=SESOI)
    return compare("gov-sat", question, [wave("w", 2026, level, group=row)])


def several_groups(counts: Samples) -> Comparison:
    """All groups of a breakdown."""
    row, level = expanded(counts)
    return compare("gov-sat", Question(measure=ITEM, by="group"), [wave("w", 2026, level, group=row)])


def groups_in_order(counts: Samples) -> Comparison:
    """Five groups in an order: those who gave each level of another rating."""
    row, level = expanded(counts)
    return compare("gov-sat", Question(measure=ITEM, by=ORDERED), [wave("w", 2026, level, **{ORDERED: row})])


def clustered(counts: Samples) -> Comparison:
    """Two groups of halls, the halls declared; every other hall belongs to the second group."""
    hall, level = expanded(counts)
    question = Question(measure=ITEM, a="group:group0", b="group:group1", cluster="hall", sesoi=SESOI)
    return compare("gov-sat", question, [wave("w", 2026, level, group=hall % 2, hall=hall)])


def same_people(square: Samples) -> Comparison:
    """The same people before and after: levels before x levels after."""
    before, after = expanded(square)
    people = np.arange(1, before.size + 1)
    rounds = [wave("w1", 2025, before, people), wave("w2", 2026, after, people)]
    return compare("gov-sat", Question(measure=ITEM, a="wave:w1", b="wave:w2", sesoi=SESOI), rounds)


def all_waves(counts: Samples) -> Comparison:
    """A wave a year."""
    rounds = [
        wave(f"w{year}", 2020 + year, np.repeat(np.arange(row.size), row.astype(np.int64)))
        for year, row in enumerate(counts)
    ]
    return compare("gov-sat", Question(measure=ITEM, by="wave"), rounds)


PILOT = Question(measure=ITEM, pilot="group:group1", control="group:group0", before="w1", after="w2", sesoi=SESOI)


def pilot(counts: Samples) -> Comparison:
    """Control before, control after, pilot before, pilot after."""
    rounds = []
    for year, name in enumerate(("w1", "w2")):
        row, level = expanded(counts[year::2])
        rounds.append(wave(name, 2025 + year, level, group=row))
    return compare("gov-sat", PILOT, rounds)


def pilot_of_halls(counts: Samples) -> Comparison:
    """Halls x levels, all halls before and then all after; every other hall is a pilot."""
    rounds, half = [], len(counts) // 2
    for year, name in enumerate(("w1", "w2")):
        hall, level = expanded(counts[year * half : (year + 1) * half])
        rounds.append(wave(name, 2025 + year, level, group=hall % 2, hall=hall))
    return compare("gov-sat", msgspec.structs.replace(PILOT, cluster="hall"), rounds)


def found(ask: Callable[[Samples], Comparison]) -> Callable[[Samples], Measured]:
    """The p-value that is shown."""
    return lambda counts: ask(counts).pvalue


def equivalent(ask: Callable[[Samples], Comparison]) -> Callable[[Samples], Measured]:
    """Whether the page says `equivalent`, as a p-value that rejects or not."""
    return lambda counts: 0.0 if ask(counts).verdict == "equivalent" else 1.0


def shifted(shares: tuple[float, ...], points: float) -> tuple[float, ...]:
    """The same distribution moved down by so many points of the linear index: a part of each level goes one lower."""
    p = np.array(shares)
    part = points / 25.0 / p[1:].sum()
    moved = p.copy()
    moved[1:] -= part * p[1:]
    moved[:-1] += part * p[1:]
    return tuple(moved.tolist())


def _scenarios() -> list[Scenario]:
    made: list[Scenario] = []

    def add(name: str, answers: str, n: str, draw: object, ask: Callable[[Samples], Comparison], other: object) -> None:
        for what, drawn in (("type I error", draw), ("power", other)):
            if drawn is not None:
                made.append(
                    Scenario(name=name, answers=answers, n=n, what=what, draw=drawn, measure=found(ask), runs=RUNS)  # type: ignore[arg-type]
                )

    satisfied = ALTERED["nearly everyone satisfied"]
    for n in (30, 300):
        each = f"{n} each"
        add("two groups", "typical", each, tables((n, TYPICAL), (n, TYPICAL)), two_groups,
            tables((n, TYPICAL), (n, WORSE)))  # fmt: skip
        add("two groups", "nearly everyone satisfied", each, tables((n, SATISFIED), (n, SATISFIED)), two_groups,
            tables((n, SATISFIED), (n, satisfied)))  # fmt: skip
        rate = functools.partial(two_groups, measure=f"{ITEM}:sat2")
        add("two groups, satisfaction rate", "nearly everyone satisfied", each,
            tables((n, SATISFIED), (n, SATISFIED)), rate, tables((n, SATISFIED), (n, satisfied)))  # fmt: skip
        add("four groups", "typical", each, tables(*[(n, TYPICAL)] * 4), several_groups,
            tables(*[(n, TYPICAL)] * 3, (n, WORSE)))  # fmt: skip
        add("five waves", "typical", each, tables(*[(n, TYPICAL)] * 5), all_waves,
            tables(*[(n, shifted(TYPICAL, 2.5 * year)) for year in range(5)]))  # fmt: skip
        add("same people twice", "typical, half answer alike", f"{n}", pairs(n, TYPICAL, TYPICAL), same_people,
            pairs(n, TYPICAL, WORSE))  # fmt: skip
        add("pilot and control", "typical", each, tables(*[(n, TYPICAL)] * 4), pilot,
            tables(*[(n, WORSE)] * 3, (n, TYPICAL)))  # fmt: skip
    for name, ask in (
        ("two groups", two_groups),
        ("two groups, linear index", functools.partial(two_groups, measure=f"{ITEM}:linear")),
        ("two groups, satisfaction rate", functools.partial(two_groups, measure=f"{ITEM}:sat2")),
    ):
        add(name, "nearly everyone satisfied", "30 and 300", tables((30, SATISFIED), (300, SATISFIED)), ask,
            tables((30, satisfied), (300, SATISFIED)))  # fmt: skip
    add("two groups", "one in the middle, one polarised, equal means", "200 and 60",
        tables((200, MIDDLING), (60, POLARISED)), two_groups, None)  # fmt: skip
    add("two groups", "one in the middle, one polarised, equal means", "60 and 200",
        tables((60, MIDDLING), (200, POLARISED)), two_groups, None)  # fmt: skip
    for few in (10, 20):
        add("two groups", "few polarised, many in the middle, equal means", f"{few} and 200",
            tables((few, POLARISED), (200, MIDDLING)), two_groups, None)  # fmt: skip
        add("two groups", "few in the middle, many polarised, equal means", f"{few} and 200",
            tables((few, MIDDLING), (200, POLARISED)), two_groups, None)  # fmt: skip
        add("two groups", "typical", f"{few} each", tables((few, TYPICAL), (few, TYPICAL)), two_groups, None)
        add("two groups", "typical", f"{few} and 200", tables((few, TYPICAL), (200, TYPICAL)), two_groups, None)
        add("two groups", "nearly everyone satisfied", f"{few} and 200", tables((few, SATISFIED), (200, SATISFIED)),
            two_groups, None)  # fmt: skip
        add("four groups", "few polarised, many in the middle, equal means", f"{few} and 3 x 200",
            tables((few, POLARISED), *[(200, MIDDLING)] * 3), several_groups, None)  # fmt: skip
        add("five groups in order", "few polarised, many in the middle, equal means", f"2 x {few} and 3 x 200",
            tables(*[(few, POLARISED)] * 2, *[(200, MIDDLING)] * 3), groups_in_order, None)  # fmt: skip
    lower = np.where(np.arange(40) % 2, -0.4, 0.0)
    add("two groups of halls", "typical, halls declared", "2 x 20 halls of 50", halls([50] * 40, TYPICAL), clustered,
        halls([50] * 40, TYPICAL, shifts=lower))  # fmt: skip
    better = np.concatenate([np.zeros(40), np.where(np.arange(40) % 2, 0.5, 0.0)])
    add("pilot and control in halls", "typical, halls declared", "2 x 20 halls of 50", halls([50] * 80, TYPICAL),
        pilot_of_halls, halls([50] * 80, WORSE, shifts=better))  # fmt: skip
    made.extend(
        Scenario(
            name="verdict `equivalent`",
            answers=f"typical, a true difference of {SESOI:g} points, the smallest of interest",
            n=f"{n} each",
            what="type I error",
            draw=tables((n, TYPICAL), (n, shifted(TYPICAL, SESOI))),
            measure=equivalent(two_groups),
            runs=RUNS,
        )
        for n in (300, 1000)
    )
    return made


PART = Part(
    "The whole decision of a comparison",
    "Responses are drawn, the question of an evaluator is asked, and the p-value that the page shows is taken, "
    "whichever test was chosen: the choice itself must not cost error.",
    tuple(_scenarios()),
)
