"""One version of a questionnaire: what is asked, of whom, in which words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from survey.errors import NotFound
from survey.forms.conditions import Answers, AnyOf, Condition
from survey.forms.items import Answer, ChoiceItem, Item, Matrix, Missing, ShortText
from survey.forms.items.base import Column
from survey.forms.modes import Mode
from survey.forms.scales import Flag, Rate, Scale
from survey.forms.wording import Audio, Register, Text


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, by keyword, and deaf to unknown fields: a typing mistake in an instrument is an error, not silence."""


class Piped(Struct, frozen=True, kw_only=True):
    """Another wording of an item, for respondents whose earlier answers call for it."""

    when: Condition
    text: Text
    audio: Audio = {}


class Check(Struct, frozen=True, kw_only=True):
    """Something is odd about an answer when `when` holds: hard ones refuse it, soft ones ask once to look again."""

    when: Condition
    text: Text
    severity: Literal["hard", "soft"] = "hard"


class Stop(Struct, frozen=True, kw_only=True):
    """The interview ends here when `when` holds."""

    when: Condition
    end: str


class Asked(Struct, frozen=True, kw_only=True):
    """An item on its route: when it is asked, whether it must be answered, what ends the interview after it."""

    item: Item
    when: Condition | None = None
    required: bool | Condition = False
    piped: tuple[Piped, ...] = ()
    checks: tuple[Check, ...] = ()
    stops: tuple[Stop, ...] = ()

    def plain(self) -> dict[object, Answer]:
        """What a given code, or None, answers, when nothing else is to be looked at."""
        plain = {} if self.item.contact else dict(self.item.accepts())
        return plain if self.required is not False else {**plain, None: Missing.SKIPPED}

    def ones(self) -> Iterator["Asked"]:
        """What is read, coded and counted one by one: a matrix as its rows, "other" followed by its line of text."""
        if isinstance(self.item, Matrix):
            for row in self.item.items():
                yield msgspec.structs.replace(self, item=row)
            return
        yield self
        if isinstance(self.item, ChoiceItem):
            for option in self.item.options:
                if option.specify:
                    yield Asked(
                        item=ShortText(id=f"{self.item.id}_specify", text=option.text),
                        when=AnyOf(self.item.id, (option.code,)),
                    )


class Station(NamedTuple):
    """What the walk of a respondent looks at on its way past an item.

    `when` says whether the item is asked; `plain` what a given code, or None, answers where that needs no further look.
    """

    asked: Asked
    item_id: str
    when: Callable[[Answers], bool] | None
    plain: Mapping[object, Answer]
    stops: tuple[Stop, ...]


def _station(asked: Asked) -> Station:
    has_more = asked.checks or asked.item.contact or not asked.item.asks
    when = None if asked.when is None else asked.when.holds
    return Station(asked, asked.item.id, when, {} if has_more else asked.plain(), asked.stops)


class Section(Struct, frozen=True, kw_only=True):
    """Items that belong together. One `after_submit` is optional and comes once the rest is safely kept."""

    id: str
    title: Text
    intro: Text = {}
    asked: tuple[Asked, ...]
    after_submit: bool = False


class End(Struct, frozen=True, kw_only=True):
    """A way out other than the last question. `keeps` a response, or no more than a count of how often it happened."""

    id: str
    title: Text
    text: Text
    disposition: Literal["complete", "refusal", "screened_out", "deferred", "information"] = "complete"
    keeps: Literal["response", "count"] = "response"


class Prefill(Struct, frozen=True, kw_only=True):
    """A value that may be known before the first question (from a link, a case, the sampling frame)."""

    id: str
    kind: Literal["text", "number"] = "text"
    title: Text = {}


class Retest(Struct, frozen=True, kw_only=True):
    """How soon the same form may be taken again by the person whom the prefilled `token` stands for."""

    token: str
    locked_days: int


class Header(Struct, frozen=True, kw_only=True):
    """What an approved statistical form must show. Past `valid_until` the form takes no answers."""

    form_number: str = ""
    authority: str = ""
    approval_number: str = ""
    valid_until: date | None = None


class Notice(Struct, frozen=True, kw_only=True):
    """What a person must know before answering."""

    who: Text
    why: Text
    what: Text
    kept: Text
    seen_by: Text
    withdraw: Text
    phone: str
    minutes: int = 5
    legal_basis: Literal["consent", "statutory_duty"] = "consent"


class Override(Struct, frozen=True, kw_only=True):
    """Other words for one item in one variant: text and labels, never ids, codes or their order."""

    text: Text = {}
    hint: Text = {}
    audio: Audio = {}
    options: tuple["Relabelled", ...] = ()


class Relabelled(Struct, frozen=True, kw_only=True):
    """An option in other words."""

    code: int | str
    text: Text


class Variant(Struct, frozen=True, kw_only=True):
    """A way to present the same instrument: register, layout and size; data, not code."""

    id: str
    title: Text
    register: Register = "standard"
    layout: Literal["sections", "items"] = "sections"
    large: bool = False
    max_options: int = 0
    unfold: bool = False
    mode: Mode = Mode.WEB
    overrides: dict[str, Override] = {}


class Instrument(Struct, frozen=True, kw_only=True, dict=True):
    """One version of a questionnaire. Published versions never change."""

    slug: str
    version: int
    title: Text
    locales: tuple[str, ...] = ("zh-Hans", "en")
    header: Header = Header()
    notice: Notice
    prefill: tuple[Prefill, ...] = ()
    sections: tuple[Section, ...]
    ends: tuple[End, ...] = ()
    thanks: Text = {}
    variants: tuple[Variant, ...]
    scales: tuple[Scale, ...] = ()
    rates: tuple[Rate, ...] = ()
    flags: tuple[Flag, ...] = ()
    holds_contact: Condition | None = None
    """When it holds, contact data waits for a supervisor's decision instead of going to a handler."""
    retest: Retest | None = None
    feedback: bool = False
    """Whether the respondent sees their own scores and the key after submitting (a test)."""

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Everything that can be asked, in order."""
        return tuple(one for section in self.sections for asked in section.asked for one in asked.ones())

    @cached_property
    def route(self) -> tuple[Station, ...]:
        """The same, taken apart for the walk that every response takes."""
        return tuple(_station(asked) for asked in self.asked)

    @cached_property
    def by_id(self) -> dict[str, Asked]:
        """What can be asked, by the id of its item."""
        return {asked.item.id: asked for asked in self.asked}

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The code book: what each byte of a coded response stands for, in order."""
        return tuple(column for asked in self.asked for column in asked.item.columns())

    @cached_property
    def variant_ids(self) -> tuple[str, ...]:
        """The ways in which it can be presented."""
        return tuple(variant.id for variant in self.variants)

    def variant(self, variant_id: str) -> Variant:
        """The variant of that id; raises NotFound."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise NotFound(
            "%(survey)s has no variant '%(variant)s'; it has %(variants)s.",
            survey=self.slug,
            variant=variant_id,
            variants=", ".join(v.id for v in self.variants),
        )

    def end(self, end_id: str) -> End:
        """The end of that id; `proof` has made sure that there is one."""
        return next(end for end in self.ends if end.id == end_id)
