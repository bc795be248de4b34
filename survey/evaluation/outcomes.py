"""What is compared: a measure as one level for each response, with the worth of each level."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats
from survey.errors import Refused
from survey.evaluation.indices import INDICES, PERCENT, Levels, levels_of
from survey.evaluation.sample import Beside, Sample, ascending
from survey.evaluation.scales import person_scores
from survey.forms.items import Multiple, Number, Rating, Single
from survey.forms.items.base import Scalar
from survey.forms.items.choice import ChoiceItem
from survey.forms.scales import Scale
from survey.forms.wording import Text

Level = Literal["ordinal", "score", "binary", "nominal", "nps"]
Places = NDArray[np.int32]
TESTED = ("linear", "nps", "sat2", "sat3", "dissatisfied")
"""The indices that may be tested; the other presets are for reading alone."""


class Outcome(NamedTuple):
    """What is measured: its levels, and what each is worth in `unit` (for a share 100 or 0; None: worth nothing).

    `figure` names what is averaged.
    """

    measure: str
    title: Text
    level: Level
    codes: tuple[Scalar, ...]
    figure: str | None = None
    worth: Floats | None = None
    unit: Literal["points", "percent", "number"] = "points"
    counted: Text = {}
    """Of a share: what is counted."""
    ends: tuple[float, float] | None = None
    """The lowest and the highest worth an answer can have; None where there is none."""


class Measured(NamedTuple):
    """An outcome, and the level of every response of every sample; -1 where there is no valid answer.

    `whole` when the values are known for the samples as a whole alone, in no order of responses.
    """

    outcome: Outcome
    places: tuple[Places, ...]
    whole: bool = False


def measured(measure: str, samples: list[Sample]) -> Measured:
    """The measure (`Q3`, `Q3:sat2`, a number, a scale) in the samples, one a wave; raises Refused."""
    name, _, index = measure.partition(":")
    instrument = samples[0].book.instrument
    scale = next((scale for scale in instrument.scales if scale.id == name), None)
    if scale is not None:
        if index:
            raise Refused("%(name)s is a scale; it is compared by its score, write measure=%(name)s", name=name)
        return _scale(scale, samples)
    if name not in instrument.by_id:
        scales = [scale.id for scale in instrument.scales]
        raise Refused(
            "There is no item or scale '%(name)s'; there are %(names)s",
            name=name,
            names=", ".join([*instrument.by_id, *scales]),
        )
    item = samples[0].item(name)
    if isinstance(item, Rating):
        return _rating(item, index, samples)
    if index:
        raise Refused("Indices are of ratings, and %(name)s is none: write measure=%(name)s", name=name)
    if isinstance(item, Number):
        return _number(item, samples)
    if isinstance(item, Multiple) or not isinstance(item, ChoiceItem):
        raise Refused("%(name)s cannot be compared as a whole: its answers are not one of a few options", name=name)
    return _choice(item, samples)


def _rating(item: Rating, index: str, samples: list[Sample]) -> Measured:
    levels = levels_of(item)
    title = item.name or item.text
    if index:
        outcome = _indexed(f"{item.id}:{index}", title, index, levels)
    else:
        outcome = _of_worth(Outcome(item.id, title, "ordinal", levels.codes, "linear", INDICES["linear"].worth(levels)))
    return Measured(outcome, _coded(item.id, levels.codes, samples))


def _indexed(measure: str, title: Text, index: str, levels: Levels) -> Outcome:
    allowed = [name for name in TESTED if INDICES[name].applies(levels)]
    if index not in allowed:
        item = measure.partition(":")[0]
        raise Refused(
            "'%(index)s' is not tested on %(item)s; use %(indices)s",
            index=index,
            item=item,
            indices=", ".join(f"{item}:{name}" for name in allowed),
        )
    worth = INDICES[index].worth(levels)
    if index in PERCENT:
        return Outcome(measure, title, "binary", levels.codes, index, 100.0 * worth, "percent")
    return _of_worth(Outcome(measure, title, "nps" if index == "nps" else "score", levels.codes, index, worth))


def _of_worth(outcome: Outcome) -> Outcome:
    """The ends of a rating: what its worst and its best level are worth."""
    worth = outcome.worth
    return outcome if worth is None else outcome._replace(ends=(float(worth.min()), float(worth.max())))


def _number(item: Number, samples: list[Sample]) -> Measured:
    title = item.name or item.text
    if all(item.id in sample.book.position for sample in samples):
        codes = samples[0].book.columns[samples[0].book.position[item.id]].codes
        places, whole = _coded(item.id, codes, samples), False
    else:
        if any(item.id not in sample.beside for sample in samples):
            raise Refused("%(item)s has other limits in one of the waves: it cannot be compared", item=item.id)
        beside = [sample.beside[item.id] for sample in samples]
        codes = tuple(sorted({value for one in beside for value in one.values})) or (0.0,)
        level = {value: place for place, value in enumerate(codes)}
        places, whole = (
            tuple(_in_no_order(one, level, len(sample)) for one, sample in zip(beside, samples, strict=True)),
            True,
        )
    worth = np.asarray(codes, dtype=np.float64)
    ends = (item.minimum, item.maximum)
    return Measured(Outcome(item.id, title, "score", codes, "mean", worth, "number", ends=ends), places, whole)


def _in_no_order(beside: Beside, level: Mapping[Scalar, int], n: int) -> Places:
    """The levels of all who gave a number, and -1 for everybody else."""
    places = np.full(n, -1, dtype=np.int32)
    given = np.repeat(np.array([level[value] for value in beside.values], dtype=np.int32), beside.counts)
    places[: given.size] = given
    return places


def _scale(scale: Scale, samples: list[Sample]) -> Measured:
    scores = [person_scores(scale, sample).round(9) for sample in samples]
    values = np.unique(np.concatenate([vector[~np.isnan(vector)] for vector in scores]))
    if values.size == 0:
        values = np.zeros(1)
    places = []
    for vector in scores:
        known = ~np.isnan(vector)
        levels = np.searchsorted(values, np.where(known, vector, 0.0)).astype(np.int32)
        places.append(np.where(known, levels, np.int32(-1)))
    outcome = Outcome(scale.id, scale.title, "score", tuple(values.tolist()), scale.id, values, ends=(0.0, 100.0))
    return Measured(outcome, tuple(places))


def _choice(item: ChoiceItem, samples: list[Sample]) -> Measured:
    title, options = item.name or item.text, list(item.substantive)
    ordered = isinstance(item, Single) and item.ordered
    if ordered:
        options.sort(key=lambda option: ascending(option.code))
    codes = tuple(option.code for option in options)
    places = _coded(item.id, codes, samples)
    if ordered:
        return Measured(Outcome(item.id, title, "ordinal", codes), places)
    if len(codes) != 2:
        return Measured(Outcome(item.id, title, "nominal", codes), places)
    yes = codes.index(1) if set(codes) == {0, 1} else 0
    worth = np.zeros(2)
    worth[yes] = 100.0
    outcome = Outcome(item.id, title, "binary", codes, "share", worth, "percent", options[yes].text)
    return Measured(outcome, places)


def _coded(item_id: str, codes: tuple[Scalar, ...], samples: list[Sample]) -> tuple[Places, ...]:
    """The level of each response, in the order of `codes`, whatever the order of the wave's own options."""
    places = []
    for sample in samples:
        own = sample.book.columns[sample.book.position[item_id]].codes if item_id in sample.book.position else ()
        if set(own) != set(codes):
            raise Refused("%(item)s has other options in one of the waves: it cannot be compared", item=item_id)
        level = np.full(256, -1, dtype=np.int32)
        level[: len(own)] = [codes.index(code) for code in own]
        places.append(level[sample.column(item_id)])
    return tuple(places)


class Unit(msgspec.Struct, frozen=True):
    """How a unit is written."""

    zh: str
    en: str


UNITS = {"points": Unit("分", " points"), "percent": Unit("个百分点", " percentage points"), "number": Unit("", "")}
