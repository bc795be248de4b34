"""The pages of a form: derived from the instrument, the variant and what was answered, never stored."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import msgspec

from survey.forms.instrument import Asked, Instrument, Section, Variant
from survey.forms.items.base import Fields, Step
from survey.forms.reading import Reading
from survey.forms.variants import once


class Part(msgspec.Struct, frozen=True, dict=True):
    """What stands together on a page: an entry of the instrument, the items it asks there, and which step of them."""

    asked: Asked
    ones: tuple[Asked, ...]
    step: Step

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The items it asks: one, the rows of a matrix, or a choice and the text of its "other"."""
        return tuple(one.item.id for one in self.ones)

    @cached_property
    def sets(self) -> tuple[str, ...]:
        """The fields that a post of this page sets: names, or prefixes that end in a dot."""
        return tuple(name for one in self.ones for name in one.item.sets(self.step))


class Screen(msgspec.Struct, frozen=True, dict=True):
    """One page: its id in the address, its section, its parts in order."""

    id: str
    section: Section
    parts: tuple[Part, ...]

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The items it asks."""
        return tuple(item_id for part in self.parts for item_id in part.item_ids)


@once
def screens(instrument: Instrument, variant: Variant) -> tuple[Screen, ...]:
    """Every page there can be, in order: a section each, or a step of an item each."""
    if variant.layout == "sections":
        return tuple(
            Screen(
                section.id, section, tuple(Part(asked, tuple(asked.ones()), _whole(asked)) for asked in section.asked)
            )
            for section in instrument.sections
        )
    return tuple(screen for section in instrument.sections for screen in _one_by_one(section, variant))


@once
def positions(instrument: Instrument, variant: Variant) -> dict[str, int]:
    """Where each page stands among all there can be, by its id."""
    return {screen.id: place for place, screen in enumerate(screens(instrument, variant))}


def _whole(asked: Asked) -> Step:
    return asked.item.steps(max_options=0, unfold=False)[0]


def _one_by_one(section: Section, variant: Variant) -> Iterator[Screen]:
    for one in (one for asked in section.asked for one in asked.ones()):
        for step in one.item.steps(max_options=variant.max_options, unfold=variant.unfold):
            name = one.item.id if not step.part else f"{one.item.id}-{step.part}"
            yield Screen(name, section, (Part(one, (one,), step),))


def visible(everything: Sequence[Screen], reading: Reading, fields: Fields) -> tuple[Screen, ...]:
    """Of all pages, those this respondent sees, in order: without what they are not asked."""
    seen = reading.seen
    pages = [_shown(screen, seen, fields) for screen in everything if not seen.isdisjoint(screen.item_ids)]
    return tuple([page for page in pages if page is not None])


def _shown(screen: Screen, seen: AbstractSet[str], fields: Fields) -> Screen | None:
    parts = [
        part for part in screen.parts if not seen.isdisjoint(part.item_ids) and part.asked.item.shows(part.step, fields)
    ]
    if len(parts) == len(screen.parts):
        return screen
    return msgspec.structs.replace(screen, parts=tuple(parts)) if parts else None


def after(pages: Sequence[Screen], place: int, order: Mapping[str, int]) -> Screen | None:
    """The first visible page behind a place, whether or not the page there is still visible itself."""
    return next((page for page in pages if order[page.id] > place), None)


def before(pages: Sequence[Screen], place: int, order: Mapping[str, int]) -> Screen | None:
    """The last visible page ahead of a place."""
    return next((page for page in reversed(pages) if order[page.id] < place), None)
