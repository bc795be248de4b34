"""Proof of the names that become part of an address or of a form: safe to write there, and not taken already."""

import re
from collections.abc import Iterator

from survey.forms.flaws import Flaw, spots
from survey.forms.instrument import Instrument

RESERVED_PAGES = frozenset({"check", "decline", "embed", "end", "helper", "later", "offline", "resume"})
"""What stands behind `/s/{survey}/` and is no page of questions."""
RESERVED_FIELDS = frozenset(
    {"collector", "confirm", "from", "lang", "later", "new", "response_id", "shown", "size", "skip", "submit", "switch"}
    | {"ticket", "turn", "until", "variant"}
)
"""What a form sends, or a link to it says, beside answers and what is known beforehand."""
SAFE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SAFE_PAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
SAFE_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def unsafe_ids(instrument: Instrument) -> Iterator[Flaw]:
    """An item's id is a field's name and a column's; those of surveys, sections and ends are part of an address."""
    for place, item_id in _item_ids(instrument):
        if not SAFE_ID.fullmatch(item_id):
            message = f'"{item_id}" cannot be an id; use a letter, then letters, digits or underscores.'
            yield Flaw("unsafe-id", place, message)
    if not SAFE_SLUG.fullmatch(instrument.slug):
        message = f'"{instrument.slug}" cannot be a slug; use up to 63 small letters, digits and hyphens.'
        yield Flaw("unsafe-id", "$.slug", message)
    for kind in ("sections", "ends"):
        for n, one in enumerate(getattr(instrument, kind)):
            if not SAFE_PAGE.fullmatch(one.id):
                message = f'"{one.id}" cannot be in an address; use letters, digits, hyphens or underscores.'
                yield Flaw("unsafe-id", f"$.{kind}[{n}].id", message)


def reserved_ids(instrument: Instrument) -> Iterator[Flaw]:
    """Ids that the form needs itself.

    Items count as pages in every instrument: a later version may ask them one by one, and their ids stay.
    """
    sections = [(f"$.sections[{n}].id", section.id) for n, section in enumerate(instrument.sections)]
    prefill = [(f"$.prefill[{n}].id", known.id) for n, known in enumerate(instrument.prefill)]
    items = list(_item_ids(instrument))
    for taken, named in (
        (RESERVED_PAGES, sections),
        (RESERVED_PAGES | RESERVED_FIELDS, items),
        (RESERVED_FIELDS, prefill),
    ):
        for place, name in named:
            if name in taken:
                yield Flaw("reserved-id", place, f'"{name}" is a name that every form uses itself; give it another.')


def _item_ids(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for spot in spots(instrument):
        for item_id in dict.fromkeys((spot.asked.item.id, *(one.item.id for one in spot.asked.ones()))):
            yield f"{spot.place}.item.id", item_id
