"""Who is meant: `wave:2026H2;D3:3`, `B2:..30`, parts joined by a semicolon, all of which must hold."""

from typing import NamedTuple

import numpy as np

from survey.errors import Refused
from survey.evaluation.sample import Mask, Sample, Variable
from survey.forms.items.base import Scalar

HOW = "Write ITEM:CODE (for example D1:5), a range of a number as B2:..30, wave:NAME, and join parts with a semicolon"


class Part(NamedTuple):
    """One condition of a selector: a variable and one of its codes, or a range of a number."""

    name: str
    value: str


class Selector(NamedTuple):
    """A part of the responses: of one wave (None: not said), all parts holding."""

    text: str
    wave: str | None
    parts: tuple[Part, ...]


def parse(text: str) -> Selector:
    """The selector that a text writes; raises Refused.

    >>> parse("wave:2026H2;D3:3")
    Selector(text='wave:2026H2;D3:3', wave='2026H2', parts=(Part(name='D3', value='3'),))
    """
    wave: str | None = None
    parts: list[Part] = []
    for piece in filter(None, (piece.strip() for piece in text.split(";"))):
        name, colon, value = (side.strip() for side in piece.partition(":"))
        if not (name and colon and value):
            raise Refused("'%(text)s' selects nothing.", HOW, text=piece)
        if name != "wave":
            parts.append(Part(name, value))
        elif wave is None:
            wave = value
        else:
            raise Refused("'%(text)s' names two waves; one selector is of one wave", text=text)
    if wave is None and not parts:
        raise Refused("'%(text)s' selects nothing.", HOW, text=text)
    return Selector(text, wave, tuple(parts))


def select(sample: Sample, parts: tuple[Part, ...]) -> Mask:
    """Who all the parts hold for; raises Refused."""
    chosen = np.ones(len(sample), dtype=np.bool_)
    for part in parts:
        variable = sample.variable(part.name)
        chosen &= holds(variable, part.value)[sample.codes[:, variable.place]]
    return chosen


def holds(variable: Variable, value: str) -> Mask:
    """For each byte whether a condition on a variable holds for it; raises Refused."""
    found = np.zeros(256, dtype=np.bool_)
    if variable.numeric and ".." in value:
        low, high = _bounds(variable.id, value)
        for place, code in enumerate(variable.codes):
            found[place] = low <= float(code) <= high
    else:
        found[code_place(variable, value)] = True
    return found


def _bounds(name: str, value: str) -> tuple[float, float]:
    low, _, high = value.partition("..")
    try:
        return (float(low) if low else -np.inf), (float(high) if high else np.inf)
    except ValueError:
        raise Refused("%(name)s:%(value)s is no range.", HOW, name=name, value=value) from None


def code_place(variable: Variable, value: str) -> int:
    """The place of a code written as text; raises Refused naming the codes there are."""
    for place, code in enumerate(variable.codes):
        if str(code) == value:
            return place
    known: list[Scalar] = list(variable.codes[:20])
    raise Refused(
        "%(item)s has no code '%(value)s'; it has %(codes)s",
        item=variable.id,
        value=value,
        codes=", ".join(map(str, known)),
    )
