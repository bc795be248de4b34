"""How far somebody has come in a form: the furthest page shown, where those stopped who do not come back."""

from collections.abc import Sequence

import msgspec

from survey.evaluation.breakoff import CHECK
from survey.forms.instrument import Variant
from survey.forms.screens import Screen
from survey.web.public.flow import Sheet, new_parts, where_left
from survey.web.public.moving import in_variant
from survey.web.public.visits import Visit


def come_past(visit: Visit, screen: str, shown: Sequence[str]) -> Visit:
    """The visit of somebody who leaves a page; they come no further while it has something to ask again."""
    sheet = visit.sheet
    if not sheet.knows(screen):
        return come_as_left(visit)
    page = sheet.page(screen)
    again = page is not None and bool(sheet.issues_on(page) or sheet.odd_on(page) or (shown and new_parts(page, shown)))
    return _come_to(visit, page if again else sheet.next_page(screen))


def come_as_left(visit: Visit) -> Visit:
    """The visit of somebody who goes on where they left, or has filled in pages elsewhere."""
    return _come_to(visit, where_left(visit.sheet))


def come_over(visit: Visit, variant: Variant) -> Visit:
    """The visit in another variant, at the page that asks there what they had come to here."""
    moved = visit.on(in_variant(visit.sheet, variant))
    furthest = visit.sheet.screen(visit.draft.reached)
    if furthest is None:
        return moved
    there = next((page for item in furthest.item_ids if (page := moved.sheet.page_of(item))), None)
    return come_as_left(moved) if there is None else _come_to(moved, there)


def _come_to(visit: Visit, page: Screen | None) -> Visit:
    order = _order(visit.sheet)
    known = [each for each in (visit.draft.reached, CHECK if page is None else page.id) if each in order]
    draft = msgspec.structs.replace(visit.draft, reached=max(known, key=order.index, default=CHECK))
    return msgspec.structs.replace(visit, draft=draft)


def _order(sheet: Sheet) -> list[str]:
    return [*(page.id for page in sheet.everything if not page.section.after_submit), CHECK]
