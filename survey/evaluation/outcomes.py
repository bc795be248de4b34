"""What is compared: a measure over several groups as one table of counts, with the worth of each level."""

from typing import Literal, NamedTuple

import msgspec
import numpy as np

from survey.analysis.checks import Floats
from survey.errors import Refused
from survey.evaluation.indices import INDICES, PERCENT, Levels, levels_of
from survey.evaluation.sample import Sample, ascending, tally
from survey.evaluation.scales import person_scores
from survey.forms.items import Multiple, Number, Rating, Single
from survey.forms.items.base import Scalar
from survey.forms.items.choice import ChoiceItem
from survey.forms.scales import Scale
from survey.forms.wording import Text

Level = Literal["ordinal", "score", "binary", "nominal"]
TESTED = ("linear", "nps", "sat2", "sat3", "dissatisfied")
"""The indices that may be tested; the other presets are for reading alone."""


class Outcome(NamedTuple):
    """Groups by levels. `figure` names what is averaged.

    `worth` is each level's worth in `unit` (for a share 100 or 0), None where there is none.
    """

    measure: str
    title: Text
    level: Level
    codes: tuple[Scalar, ...]
    table: Floats
    figure: str | None = None
    worth: Floats | None = None
    unit: Literal["points", "percent", "number"] = "points"
    counted: Text = {}
    """Of a share: what is counted."""


def outcome(measure: str, samples: list[Sample]) -> Outcome:
    """The measure (`Q3`, `Q3:sat2`, a number, a scale) over the samples; raises Refused."""
    name, _, index = measure.partition(":")
    first = samples[0]
    scale = next((scale for scale in first.book.instrument.scales if scale.id == name), None)
    if scale is not None:
        if index:
            raise Refused(f"{name} is a scale; it is compared by its score, write measure={name}")
        return _scale(scale, samples)
    if name not in first.book.instrument.by_id:
        scales = [scale.id for scale in first.book.instrument.scales]
        raise Refused(
            f"There is no item or scale {name!r}; there are {', '.join([*first.book.instrument.by_id, *scales])}"
        )
    item = first.item(name)
    if isinstance(item, Rating):
        return _rating(item, index, samples)
    if index:
        raise Refused(f"Indices are of ratings; {name} is a {item.__struct_config__.tag}: write measure={name}")
    if isinstance(item, Number):
        return _number(item, samples)
    if isinstance(item, Multiple) or not isinstance(item, ChoiceItem):
        raise Refused(f"{name} cannot be compared as a whole: its answers are not one of a few options")
    return _choice(item, samples)


def _rating(item: Rating, index: str, samples: list[Sample]) -> Outcome:
    levels = levels_of(item)
    table = _table(item.id, levels.codes, samples)
    title = item.name or item.text
    if not index:
        worth = INDICES["linear"].worth(levels)
        return Outcome(item.id, title, "ordinal", levels.codes, table, "linear", worth)
    return _indexed(f"{item.id}:{index}", title, index, levels, table)


def _indexed(measure: str, title: Text, index: str, levels: Levels, table: Floats) -> Outcome:
    allowed = [name for name in TESTED if INDICES[name].applies(levels)]
    if index not in allowed:
        item = measure.partition(":")[0]
        raise Refused(f"{index!r} is not tested on {item}; use {', '.join(f'{item}:{name}' for name in allowed)}")
    worth = INDICES[index].worth(levels)
    if index in PERCENT:
        return Outcome(measure, title, "binary", levels.codes, table, index, 100.0 * worth, "percent")
    return Outcome(measure, title, "score", levels.codes, table, index, worth)


def _number(item: Number, samples: list[Sample]) -> Outcome:
    title = item.name or item.text
    if all(item.id in sample.book.position for sample in samples):
        place = samples[0].book.position[item.id]
        codes = samples[0].book.columns[place].codes
        table = _table(item.id, codes, samples)
    else:
        if any(item.id not in sample.beside for sample in samples):
            raise Refused(
                f"{item.id} has too wide a range to be told apart by groups: it is compared between waves only"
            )
        pairs = [dict(zip(s.beside[item.id].values, s.beside[item.id].counts, strict=True)) for s in samples]
        codes = tuple(sorted({value for counts in pairs for value in counts})) or (0.0,)
        table = np.array([[float(counts.get(float(code), 0)) for code in codes] for counts in pairs])
    worth = np.asarray(codes, dtype=np.float64)
    return Outcome(item.id, title, "score", codes, table, "mean", worth, "number")


def _scale(scale: Scale, samples: list[Sample]) -> Outcome:
    scores = [person_scores(scale, sample) for sample in samples]
    known = [vector[~np.isnan(vector)].round(9) for vector in scores]
    values, places = np.unique(np.concatenate(known), return_inverse=True)
    if values.size == 0:
        values = np.zeros(1)
    table = np.zeros((len(known), values.size))
    start = 0
    for row, vector in enumerate(known):
        table[row] = np.bincount(places[start : start + vector.size], minlength=values.size)
        start += vector.size
    return Outcome(scale.id, scale.title, "score", tuple(values.tolist()), table, scale.id, values)


def _choice(item: ChoiceItem, samples: list[Sample]) -> Outcome:
    title, options = item.name or item.text, list(item.substantive)
    ordered = isinstance(item, Single) and item.ordered
    if ordered:
        options.sort(key=lambda option: ascending(option.code))
    codes = tuple(option.code for option in options)
    table = _table(item.id, codes, samples)
    if ordered:
        return Outcome(item.id, title, "ordinal", codes, table)
    if len(codes) != 2:
        return Outcome(item.id, title, "nominal", codes, table)
    yes = codes.index(1) if set(codes) == {0, 1} else 0
    worth = np.zeros(2)
    worth[yes] = 100.0
    return Outcome(item.id, title, "binary", codes, table, "share", worth, "percent", options[yes].text)


def _table(item_id: str, codes: tuple[Scalar, ...], samples: list[Sample]) -> Floats:
    rows = []
    for sample in samples:
        own = sample.book.columns[sample.book.position[item_id]].codes if item_id in sample.book.position else ()
        if set(own) != set(codes):
            raise Refused(f"{item_id} has other options in one of the waves: it cannot be compared")
        counts, _ = tally(sample.column(item_id), len(own))
        rows.append([float(counts[own.index(code)]) for code in codes])
    return np.array(rows)


class Unit(msgspec.Struct, frozen=True):
    """How a unit is written."""

    zh: str
    en: str


UNITS = {"points": Unit("分", " points"), "percent": Unit("个百分点", " percentage points"), "number": Unit("", "")}
