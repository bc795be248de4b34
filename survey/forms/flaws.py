"""What can be wrong with an instrument, and where."""

from collections.abc import Iterator

import msgspec

from survey.forms.conditions import All, Any, Condition, Not
from survey.forms.instrument import Asked, Instrument


class Flaw(msgspec.Struct, frozen=True):
    """One thing that its designer has to mend: a stable code, a JSON path, and what to do."""

    code: str
    place: str
    message: str


class Spot(msgspec.Struct, frozen=True):
    """An `asked` of the instrument, with its place and its position in the order of asking."""

    place: str
    position: int
    asked: Asked


def spots(instrument: Instrument) -> Iterator[Spot]:
    """Everything that is asked, as it stands in the file: a matrix as one."""
    position = 0
    for i, section in enumerate(instrument.sections):
        for j, asked in enumerate(section.asked):
            yield Spot(f"$.sections[{i}].asked[{j}]", position, asked)
            position += 1


class Use(msgspec.Struct, frozen=True):
    """A condition and where it stands. Items from position `until` on are not answered yet when it is looked at."""

    place: str
    condition: Condition
    until: int


def uses(instrument: Instrument) -> Iterator[Use]:
    """Every condition of the instrument."""
    for spot in spots(instrument):
        yield from _uses_of(spot)
    end = sum(len(section.asked) for section in instrument.sections)
    for n, rate in enumerate(instrument.rates):
        yield Use(f"$.rates[{n}].numerator", rate.numerator, end)
        yield Use(f"$.rates[{n}].base", rate.base, end)
    for n, flag in enumerate(instrument.flags):
        yield Use(f"$.flags[{n}].when", flag.when, end)
    if instrument.holds_contact is not None:
        yield Use("$.holds_contact", instrument.holds_contact, end)


def _uses_of(spot: Spot) -> Iterator[Use]:
    asked, before, after = spot.asked, spot.position, spot.position + 1
    if asked.when is not None:
        yield Use(f"{spot.place}.when", asked.when, before)
    if not isinstance(asked.required, bool):
        yield Use(f"{spot.place}.required", asked.required, before)
    for n, piped in enumerate(asked.piped):
        yield Use(f"{spot.place}.piped[{n}].when", piped.when, before)
    for n, check in enumerate(asked.checks):
        yield Use(f"{spot.place}.checks[{n}].when", check.when, after)
    for n, stop in enumerate(asked.stops):
        yield Use(f"{spot.place}.stops[{n}].when", stop.when, after)


def leaves(condition: Condition, place: str) -> Iterator[tuple[str, Condition]]:
    """The parts of a condition that look at one item, each with its place."""
    match condition:
        case All() | Any():
            for n, part in enumerate(condition.of):
                yield from leaves(part, f"{place}.of[{n}]")
        case Not():
            yield from leaves(condition.of, f"{place}.of")
        case _:
            yield place, condition
