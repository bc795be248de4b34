"""How somebody moves through a form. Pure: fields in, fields and the next page out."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from survey.forms.instrument import Instrument, Variant
from survey.forms.items import Missing
from survey.forms.items.base import Answer, Fields
from survey.forms.reading import Issue, Reading, given_in, read
from survey.forms.screens import Part, Screen, after, before, positions, screens, visible
from survey.forms.variants import apply
from survey.web.drafting import Filled

COLLECTOR = "collector"
"""Under which name it is kept at which window, hall or matter somebody answered."""
TOGETHER = {"too-many", "exclusive"}
"""What can be wrong with an item before its last page."""


class Sheet:
    """One person's form as it stands: the instrument in their variant, what they filled in, what that means.

    It is read when somebody first asks what it means: most of what a post finds is about to be changed.
    """

    def __init__(self, instrument: Instrument, variant: Variant, filled: Filled) -> None:
        self.in_any_variant = instrument
        self.instrument = apply(instrument, variant)
        self.variant = variant
        self.filled = filled
        self.everything = screens(self.instrument, variant)
        self._order = positions(self.instrument, variant)

    @cached_property
    def reading(self) -> Reading:
        """What the fields mean."""
        return read(self.instrument, given_in(self.instrument, self.filled.fields), prefill=self.filled.prefill)

    @cached_property
    def pages(self) -> tuple[Screen, ...]:
        """The pages that this person sees before submitting."""
        return tuple(page for page in self._visible if not page.section.after_submit)

    @cached_property
    def optional(self) -> tuple[Screen, ...]:
        """The pages that this person sees behind it."""
        return tuple(page for page in self._visible if page.section.after_submit)

    @cached_property
    def _visible(self) -> tuple[Screen, ...]:
        return visible(self.everything, self.reading, self.filled.fields)

    def refilled(self, filled: Filled) -> "Sheet":
        """The form with something else in it."""
        return Sheet(self.in_any_variant, self.variant, filled)

    def on_path(self) -> "Sheet":
        """The form without the fields of items that this person is not, or no longer, asked."""
        fields = {name: texts for name, texts in self.filled.fields.items() if name.partition(".")[0] in self._asked}
        seen = tuple(sorted(self.reading.seen.intersection(self.filled.seen)))
        sheet = self.refilled(msgspec.structs.replace(self.filled, fields=fields, seen=seen))
        sheet.reading = msgspec.structs.replace(self.reading, dropped=())  # nothing off the path decides anything
        return sheet

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(self.reading.path)

    @property
    def known(self) -> dict[str, Answer]:
        """What conditions see."""
        return {**self.filled.prefill, **self.reading.answers, **self.reading.contacts}

    def page(self, screen_id: str) -> Screen | None:
        """The page of that id, as this person sees it."""
        return next((page for page in self._visible if page.id == screen_id), None)

    def screen(self, screen_id: str | None) -> Screen | None:
        """The page of that id with all that it can ask, whoever sees it."""
        return None if screen_id not in self._order else self.everything[self._order[screen_id]]

    def knows(self, screen_id: str) -> bool:
        """Whether there is such a page for anybody."""
        return screen_id in self._order

    def page_of(self, item_id: str) -> Screen | None:
        """The first page that asks an item."""
        return next((page for page in self._visible if item_id in page.item_ids), None)

    def next_page(self, screen_id: str) -> Screen | None:
        """The page behind this one, within the part of the form before or after submitting."""
        return after(self._alike(screen_id), self._order.get(screen_id, -1), self._order)

    def previous_page(self, screen_id: str) -> Screen | None:
        """The page ahead of this one, within the same part."""
        return before(self._alike(screen_id), self._order.get(screen_id, len(self._order)), self._order)

    def _alike(self, screen_id: str) -> Sequence[Screen]:
        return self.optional if self.is_optional(screen_id) else self.pages

    def is_optional(self, screen_id: str) -> bool:
        """Whether it is a page behind submitting, whoever sees it."""
        screen = self.screen(screen_id)
        return screen is not None and screen.section.after_submit

    def issues_on(self, page: Screen) -> tuple[Issue, ...]:
        """What is wrong on a page. An item on several pages is judged on its last one."""
        wrong = [issue for issue in self.reading.issues if issue.item in page.item_ids]
        return tuple(issue for part in page.parts for issue in self._issues_of(page, part, wrong)) if wrong else ()

    def _issues_of(self, page: Screen, part: Part, wrong: Sequence[Issue]) -> list[Issue]:
        is_last = not any(item_id in later.item_ids for later in self._behind(page) for item_id in part.item_ids)
        return [issue for issue in wrong if issue.item in part.item_ids and (is_last or issue.code in TOGETHER)]

    def _behind(self, page: Screen) -> Sequence[Screen]:
        pages = self._alike(page.id)
        return pages[[other.id for other in pages].index(page.id) + 1 :]

    def odd_on(self, page: Screen) -> tuple[Issue, ...]:
        """Answers on a page that are odd and not yet confirmed. A blank is asked about once, before submitting."""
        return tuple(issue for issue in self._odd() if issue.item in page.item_ids and not self._blank(issue))

    def blank(self) -> tuple[Issue, ...]:
        """Questions left blank that it would be better to answer, not yet confirmed."""
        return tuple(issue for issue in self._odd() if self._blank(issue))

    def _odd(self) -> list[Issue]:
        return [issue for issue in self.reading.soft if self.seal_of(issue) not in self.filled.confirmed]

    def _blank(self, issue: Issue) -> bool:
        return self.reading.answers.get(issue.item) is Missing.SKIPPED

    def seal_of(self, issue: Issue) -> str:
        """What is confirmed: this very answer to this item, so that another odd one is asked about again."""
        return f"{issue.item}={self.reading.answers.get(issue.item)}"

    def core_issues(self) -> tuple[Issue, ...]:
        """What stands in the way of submitting."""
        asked = {item for page in self.pages for item in page.item_ids}
        return tuple(issue for issue in self.reading.issues if issue.item in asked)


def saved(sheet: Sheet, screen: Screen, posted: Fields, shown: Sequence[str]) -> Sheet:
    """The form after a post of one page: what its parts set is set, and nothing off the path stays."""
    parts = [part for part in screen.parts if part.asked.item.id in shown]
    names = {name for part in parts for name in part.sets}
    prefixes = tuple(name for name in names if name.endswith("."))
    is_set = {name for name in (*sheet.filled.fields, *posted) if name in names or name.startswith(prefixes)}
    fields = {name: texts for name, texts in sheet.filled.fields.items() if name not in is_set}
    fields |= {name: list(texts) for name, texts in posted.items() if name in is_set}
    seen = {*sheet.filled.seen, *(item_id for part in parts for item_id in part.item_ids)}
    return sheet.refilled(msgspec.structs.replace(sheet.filled, fields=fields, seen=tuple(seen))).on_path()


def confirmed(sheet: Sheet, seals: Sequence[str]) -> Sheet:
    """The form with some odd answers confirmed."""
    odd = {sheet.seal_of(issue) for issue in sheet.reading.soft} & set(seals)
    known = tuple(sorted({*sheet.filled.confirmed, *odd}))
    return sheet.refilled(msgspec.structs.replace(sheet.filled, confirmed=known))


def new_parts(page: Screen | None, shown: Sequence[str]) -> list[str]:
    """What a page shows now that the person has not seen on it."""
    return [part.asked.item.id for part in page.parts if part.asked.item.id not in shown] if page else []


def onward(now: Sheet, screen_id: str, *, to_check: bool) -> Screen | None:
    """The page to show after a save; None for check-answers, or the end.

    Somebody who came to change one answer goes back to check-answers, by way of what the change newly asks.
    """
    following = now.next_page(screen_id)
    if not to_check or following is None:
        return following
    here = screen.item_ids if (screen := now.screen(screen_id)) else ()
    behind = now.pages[now.pages.index(following) :]
    return next((page for page in behind if _is_unseen(page, now) or set(here) & set(page.item_ids)), None)


def where_left(sheet: Sheet) -> Screen | None:
    """The first page with something that the person has not seen; None when they have seen everything."""
    return next((page for page in sheet.pages if _is_unseen(page, sheet)), None)


def _is_unseen(page: Screen, sheet: Sheet) -> bool:
    return not set(page.item_ids) <= set(sheet.filled.seen)


def prefill_from(instrument: Instrument, query: Mapping[str, str]) -> dict[str, int | float | str]:
    """What a link says beforehand, as far as the instrument declares it and it can be what it should.

    Beside that any link may say which collector it is from.
    """
    values: dict[str, int | float | str] = {}
    if collector := query.get(COLLECTOR, "").strip()[:8]:
        values[COLLECTOR] = collector
    for known in instrument.prefill:
        text = query.get(known.id, "").strip()[:100]
        if known.kind == "text" and text:
            values[known.id] = text
        elif text.isdecimal():
            values[known.id] = int(text)
    return values
