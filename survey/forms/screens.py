"""The pages of a form: derived from the instrument, the variant and what was answered, never stored."""

from collections.abc import Iterator, Sequence
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

    def item_ids(self) -> tuple[str, ...]:
        """The items it asks: one, the rows of a matrix, or a choice and the text of its "other"."""
        return self._item_ids

    @cached_property
    def _item_ids(self) -> tuple[str, ...]:
        return tuple(one.item.id for one in self.ones)

    def sets(self) -> tuple[str, ...]:
        """The fields that a post of this page sets: names, or prefixes that end in a dot."""
        return tuple(name for one in self.ones for name in one.item.sets(self.step))


class Screen(msgspec.Struct, frozen=True, dict=True):
    """One page: its id in the address, its section, its parts in order."""

    id: str
    section: Section
    parts: tuple[Part, ...]

    def item_ids(self) -> tuple[str, ...]:
        """The items it asks."""
        return self._item_ids

    @cached_property
    def _item_ids(self) -> tuple[str, ...]:
        return tuple(item_id for part in self.parts for item_id in part.item_ids())


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


def _whole(asked: Asked) -> Step:
    return asked.item.steps(max_options=0, unfold=False)[0]


def _one_by_one(section: Section, variant: Variant) -> Iterator[Screen]:
    for one in (one for asked in section.asked for one in asked.ones()):
        for step in one.item.steps(max_options=variant.max_options, unfold=variant.unfold):
            name = one.item.id if not step.part else f"{one.item.id}-{step.part}"
            yield Screen(name, section, (Part(one, (one,), step),))


def shown(screen: Screen, reading: Reading, fields: Fields) -> Screen | None:
    """The page as this respondent sees it: without what they are not asked; None when nothing is left."""
    parts = tuple([part for part in screen.parts if _is_shown(part, reading, fields)])
    if len(parts) == len(screen.parts):
        return screen
    return msgspec.structs.replace(screen, parts=parts) if parts else None


def _is_shown(part: Part, reading: Reading, fields: Fields) -> bool:
    return not reading.seen.isdisjoint(part.item_ids()) and part.asked.item.shows(part.step, fields)


def visible(everything: Sequence[Screen], reading: Reading, fields: Fields) -> tuple[Screen, ...]:
    """Of all pages, those this respondent sees, in order."""
    pages = (shown(screen, reading, fields) for screen in everything)
    return tuple(page for page in pages if page is not None)


def after(pages: Sequence[Screen], screen_id: str, everything: Sequence[Screen]) -> Screen | None:
    """The first visible page behind this one, whether or not this one is still visible itself."""
    order = {screen.id: position for position, screen in enumerate(everything)}
    here = order.get(screen_id, -1)
    return next((page for page in pages if order[page.id] > here), None)


def before(pages: Sequence[Screen], screen_id: str, everything: Sequence[Screen]) -> Screen | None:
    """The last visible page ahead of this one."""
    order = {screen.id: position for position, screen in enumerate(everything)}
    here = order.get(screen_id, len(order))
    return next((page for page in reversed(pages) if order[page.id] < here), None)
