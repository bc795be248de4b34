"""Proof of the routing: what conditions look at, and whether they can ever hold."""

from collections.abc import Iterator
from itertools import chain, combinations, product

from survey.forms.conditions import All, Any, AnyOf, AtLeast, AtMost, Condition, Equals, Not, OnItem, Shorter
from survey.forms.flaws import Flaw, Spot, Use, leaves, spots, uses
from survey.forms.instrument import Asked, Instrument
from survey.forms.items import Answer, ChoiceItem, Info, Missing, Multiple, Number
from survey.forms.items.base import Scalar
from survey.forms.items.text import TextItem

Literal = tuple[Condition, bool]
"""A condition on one item, and whether it has to hold."""
MANY = 4096
"""Beyond so many ways for a condition to hold, it is taken to be possible."""


def references(instrument: Instrument) -> Iterator[Flaw]:
    """A condition may look back only, and at things that there are."""
    asked_at = {one.item.id: spot.position for spot in spots(instrument) for one in spot.asked.ones()}
    known = asked_at.keys() | {value.id for value in instrument.prefill}
    prefilled = known - asked_at.keys()
    for use in uses(instrument):
        for place, leaf in leaves(use.condition, use.place):
            for item in leaf.refers():
                if item not in known:
                    yield Flaw("unknown-reference", place, f'There is no item or prefill "{item}"; name one there is.')
                elif item not in prefilled and asked_at[item] >= use.until:
                    yield _looks_ahead(instrument, use, place, item)


def _looks_ahead(instrument: Instrument, use: Use, place: str, item: str) -> Flaw:
    owners = {spot.place: {one.item.id for one in spot.asked.ones()} for spot in spots(instrument)}
    mine = next((ids for at, ids in owners.items() if use.place.startswith(f"{at}.")), set())
    if mine & _depends_on(instrument, item):
        return Flaw("cycle", place, f'"{item}" depends on this item, and this item on "{item}"; drop one of the two.')
    return Flaw("used-before-asked", place, f'"{item}" is asked later; move it before this item.')


def _depends_on(instrument: Instrument, item: str) -> set[str]:
    found, new = {item}, {item}
    while new:
        whens = (instrument.by_id[one].when for one in new if one in instrument.by_id)
        new = {other for when in whens if when is not None for other in when.refers()} - found
        found |= new
    return found


def unreachable(instrument: Instrument) -> Iterator[Flaw]:
    """An item that nobody can be asked."""
    over: Spot | None = None
    for spot in spots(instrument):
        if over is not None:
            message = f'Everybody stops at "{over.asked.item.id}" before this item; give that stop a condition.'
            yield Flaw("unreachable", spot.place, message)
            continue
        if spot.asked.when is not None and not can_hold(instrument, spot.asked.when):
            message = f'"{spot.asked.item.id}" is never asked: its condition cannot hold; look at its codes and bounds.'
            yield Flaw("unreachable", f"{spot.place}.when", message)
        everybody = spot.asked.when is None or not can_hold(instrument, Not(spot.asked.when))
        if everybody and any(not can_hold(instrument, Not(stop.when)) for stop in spot.asked.stops):
            over = spot


def never(instrument: Instrument) -> Iterator[Flaw]:
    """A check, stop, other wording, rate or flag that can never apply."""
    whens = {f"{spot.place}.when" for spot in spots(instrument)}
    for use in uses(instrument):
        if use.place not in whens and not can_hold(instrument, use.condition):
            yield Flaw("never-holds", use.place, "This condition cannot hold; look at the codes and bounds it names.")


def can_hold(instrument: Instrument, condition: Condition) -> bool:
    """Whether some answers make it hold; unknown items are somebody else's concern."""
    for count, literals in enumerate(_ways(condition, holds=True)):
        by_item: dict[str, list[Literal]] = {}
        for leaf, holds in literals:
            for item in leaf.refers():
                by_item.setdefault(item, []).append((leaf, holds))
        if count >= MANY or all(_agree(instrument, item, wanted) for item, wanted in by_item.items()):
            return True
    return False


def _ways(condition: Condition, *, holds: bool) -> Iterator[tuple[Literal, ...]]:
    match condition:
        case Not():
            yield from _ways(condition.of, holds=not holds)
        case All() | Any() if isinstance(condition, All) == holds:
            for parts in product(*(tuple(_ways(part, holds=holds)) for part in condition.of)):
                yield tuple(chain.from_iterable(parts))
        case All() | Any():
            for part in condition.of:
                yield from _ways(part, holds=holds)
        case _:
            yield ((condition, holds),)


def _agree(instrument: Instrument, item: str, wanted: list[Literal]) -> bool:
    named = tuple(chain.from_iterable(_named(leaf) for leaf, _ in wanted))
    return any(
        all(leaf.holds({} if answer is None else {item: answer}) == holds for leaf, holds in wanted)
        for answer in _answers(instrument, item, named)
    )


def _named(leaf: Condition) -> tuple[Scalar, ...]:
    match leaf:
        case AnyOf():
            return leaf.values
        case Equals() | AtMost() | AtLeast():
            return (leaf.value,)
        case Shorter():
            return (leaf.length,)
        case OnItem():
            return ()
        case _:
            return ()


def _answers(instrument: Instrument, item: str, named: tuple[Scalar, ...]) -> Iterator[Answer | None]:
    """Answers enough to tell apart all that conditions naming these values can tell apart."""
    asked = instrument.by_id.get(item)
    if asked is None:
        yield None
        yield "?"
        yield from _numbers_near(named)
        yield from named
        return
    if asked.when is not None:
        yield None
    if asked.required is not True:
        yield Missing.SKIPPED
    yield from _given(asked, named)


def _given(asked: Asked, named: tuple[Scalar, ...]) -> Iterator[Answer | None]:
    item = asked.item
    if isinstance(item, ChoiceItem):
        yield from (Missing(option.missing) for option in item.options if option.missing)
    match item:
        case Number():
            near = (item.minimum, item.maximum, *_numbers_near(named))
            yield from (number for number in near if item.minimum <= number <= item.maximum)
        case Multiple():
            codes = [option.code for option in item.substantive]
            told = [code for code in codes if code in named][:10]
            yield from ((code,) for code in codes)
            yield from chain.from_iterable(combinations(told, size) for size in range(2, len(told) + 1))
        case ChoiceItem():
            yield from (option.code for option in item.substantive)
        case TextItem():
            lengths = {item.minimum, item.maximum, *(int(n) for n in _numbers_near(named))}
            yield from ("x" * n for n in lengths if item.minimum <= n <= item.maximum)
            yield from (text for text in named if isinstance(text, str))
        case Info():
            yield None
        case _:
            yield "?"
            yield from named


def _numbers_near(named: tuple[Scalar, ...]) -> Iterator[float]:
    for value in named:
        if isinstance(value, int | float):
            yield from (value - 1, value - 0.5, value, value + 0.5, value + 1)
