"""Weights that make the responses look like the population, from its figures as a table."""

import csv
import hashlib
import io
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import BadData, Floats
from survey.analysis.weighting import kish, rake
from survey.errors import Refused
from survey.evaluation.sample import Sample, Variable, answered
from survey.evaluation.selectors import code_place

HEADER = ("item", "code", "population")
HOW = "The table of margins is CSV with the columns item,code,population, one line for each option"
CAP = 5.0
"""No respondent counts for more than so many average ones. A policy, not mathematics."""
TOTALS_AGREE = 0.01
"""So far, relatively, may the totals of two items' population figures lie apart."""

MOST_PEOPLE = 1e11
"""No figure of a population is larger: there are fewer people."""

Codes = NDArray[np.int64]


class Margin(NamedTuple):
    """How many people of the population each option of an item stands for."""

    item: str
    population: dict[str, float]


class Margins(NamedTuple):
    """Population figures, and the hash of the text that they were read from."""

    margins: tuple[Margin, ...]
    sha256: str


class Weighting(msgspec.Struct, frozen=True, kw_only=True):
    """How the responses were weighted: what every weighted figure carries.

    `left_out` answered none of the items of the margins or not all of them; `capped` would have counted for more than
    `cap` average respondents; `design_effect` is Kish's.
    """

    method: Literal["post-stratification", "raking"]
    items: tuple[str, ...]
    margins_sha256: str
    n: int
    left_out: int
    effective_n: float
    design_effect: float
    cap: float
    capped: int


class Weights(NamedTuple):
    """A weight for every response (0: left out), its category in each margin, and the weight of each cell of them."""

    weights: Floats
    categories: tuple[Codes, ...]
    cells: Floats
    about: Weighting

    def of(self, categories: Codes) -> Floats:
        """The weight of those with these categories, one row each."""
        return np.asarray(self.cells[tuple(categories.T)])


def read_margins(text: str) -> Margins:
    """Population figures from CSV; raises Refused naming the line."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error as error:
        raise Refused("The table of margins is no CSV: %(why)s.", HOW, why=error) from None
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != HEADER:
        raise Refused("The first line of the margins must be %(header)s.", HOW, header=",".join(HEADER))
    found: dict[str, dict[str, float]] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(HEADER):
            raise Refused(
                "Line %(line)s of the margins has %(cells)s cells instead of %(wanted)s.",
                HOW,
                line=line,
                cells=len(row),
                wanted=len(HEADER),
            )
        item, code, population = (cell.strip() for cell in row)
        options = found.setdefault(item, {})
        if code in options:
            raise Refused(
                "Line %(line)s of the margins has %(item)s %(code)s a second time", line=line, item=item, code=code
            )
        options[code] = _people(population, line)
    margins = tuple(Margin(item, options) for item, options in found.items())
    if not margins:
        raise Refused("The table of margins has no figures.", HOW)
    _same_totals(margins)
    return Margins(margins, hashlib.sha256(text.encode()).hexdigest())


def _people(text: str, line: int) -> float:
    try:
        people = float(text)
    except ValueError:
        people = -1.0
    if not 0.0 <= people <= MOST_PEOPLE:
        raise Refused("Line %(line)s of the margins: '%(text)s' is no number of people", line=line, text=text)
    return people


def _same_totals(margins: tuple[Margin, ...]) -> None:
    totals = {margin.item: sum(margin.population.values()) for margin in margins}
    for item, total in totals.items():
        if total <= 0:
            raise Refused("The population figures of %(item)s add up to nothing", item=item)
        if abs(total - max(totals.values())) > TOTALS_AGREE * max(totals.values()):
            listed = ", ".join(f"{name} {people:g}" for name, people in totals.items())
            raise Refused("The margins are of different populations: they add up to %(listed)s", listed=listed)


class _Column(NamedTuple):
    """A margin over the responses: the category of each (-1: not answered), and the people of each category."""

    variable: Variable
    codes: Codes
    people: Floats


def weigh(sample: Sample, margins: Margins, *, cap: float = CAP) -> Weights:
    """Rake the responses to the margins (one margin: post-stratify them), weights of mean 1; raises Refused."""
    columns = [_column(sample, margin) for margin in margins.margins]
    known = np.all([column.codes >= 0 for column in columns], axis=0)
    n = int(known.sum())
    if n == 0:
        raise Refused("Nobody answered all the items of the margins: nothing can be weighted")
    for column in columns:
        _both_there(column, np.bincount(column.codes[known], minlength=column.people.size))
    sizes = [column.people.size for column in columns]
    cell = np.ravel_multi_index([column.codes[known] for column in columns], sizes)
    seen, place, count = np.unique(cell, return_inverse=True, return_counts=True)
    parts = np.unravel_index(seen, sizes)
    wanted = [(part, column.people * (n / column.people.sum())) for part, column in zip(parts, columns, strict=True)]
    per_cell = _raked(wanted, count.astype(np.float64), cap)
    weights = np.zeros(len(sample))
    weights[known] = per_cell[place.ravel()]
    cells = np.zeros(sizes)
    cells.flat[seen] = per_cell
    cost = kish(per_cell, count)
    about = Weighting(
        method="raking" if len(columns) > 1 else "post-stratification",
        items=tuple(column.variable.id for column in columns),
        margins_sha256=margins.sha256,
        n=n,
        left_out=len(sample) - n,
        effective_n=cost.effective_n,
        design_effect=cost.design_effect,
        cap=cap,
        capped=int(count[per_cell >= cap * (1.0 - 1e-9)].sum()),
    )
    return Weights(weights, tuple(np.where(known, column.codes, 0) for column in columns), cells, about)


def _raked(wanted: list[tuple[Codes, Floats]], count: Floats, cap: float) -> Floats:
    try:
        return rake(np.ones(count.size), list(wanted), count=count, largest_ratio=cap)
    except BadData as error:
        raise Refused("The margins cannot be met by these responses: %(why)s", why=error) from error


def _column(sample: Sample, margin: Margin) -> _Column:
    variable = sample.variable(margin.item)
    people = np.zeros(len(variable.codes))
    for code, number in margin.population.items():
        people[code_place(variable, code)] = number
    bytes_ = sample.codes[:, variable.place]
    return _Column(variable, np.where(answered(bytes_), bytes_.astype(np.int64), -1), people)


def _both_there(column: _Column, counts: NDArray[np.int64]) -> None:
    """A category that somebody chose needs people, and one with people needs somebody who chose it."""
    name = column.variable.id
    for code, count, people in zip(column.variable.codes, counts, column.people, strict=True):
        if count and not people:
            raise Refused(
                "%(count)s respondents are %(name)s %(code)s, for which the margins have no people",
                count=count,
                name=name,
                code=code,
            )
        if people and not count:
            raise Refused(
                "The margins have people for %(name)s %(code)s, but no respondent who can be weighted is one",
                name=name,
                code=code,
            )
