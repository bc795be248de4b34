"""A questionnaire on paper: every question with the code of every answer, and for whom it is."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from babel.dates import format_date

from survey.forms.instrument import Asked, Instrument, Notice, Section, Variant
from survey.forms.items import ChoiceItem, LongText, Matrix, Multiple, Number
from survey.forms.items.choice import Option
from survey.forms.variants import apply
from survey.forms.wording import Reader, Text
from survey.web.i18n import gettext, mark
from survey.web.paper.routes import Routes
from survey.web.paper.runs import Run
from survey.web.paper.typesetting import qr_svg, typeset

WORDS = {
    "only": mark("Only for:"),
    "or": mark("or"),
    "optional": mark("(optional)"),
    "date": mark("year – month – day"),
    "online": mark("Or answer on a phone:"),
    "codes": mark("Mark one answer to each question, unless it says otherwise. The small numbers are for typing in."),
    "office": mark("For the office: number of this sheet, typed in by"),
    "typed": mark("For the office: typed in by"),
    "keep": mark("This page is yours: take it off and keep it"),
    "reference": mark("Your reference number"),
}
HEADER = {
    "form_number": mark("Form number"),
    "authority": mark("Issued by"),
    "approval_number": mark("Approval number"),
    "valid_until": mark("Valid until"),
}
NOTICE = {
    "what": mark("What is collected"),
    "kept": mark("How long it is kept"),
    "seen_by": mark("Who sees it"),
}
WITHDRAW = mark("How to withdraw")
WITH_NUMBER = mark("The last page has a reference number. Take that page off and keep it.")
WITHOUT_NUMBER = mark(
    "This paper has no reference number: once handed in it cannot be found again, nor withdrawn. To be able to withdraw"
    " your answers, ask for a numbered one, or answer on a phone."
)
LOOK_UP = mark(
    "When the paper has been typed in you can see what was kept, and withdraw it, with this number: at %(address)s or"
    " by calling %(phone)s."
)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A box to mark. `apart` stands below a line: an escape. `specify` has a line to write on."""

    code: str
    text: str
    apart: bool = False
    specify: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the sheet of one item."""

    number: int
    id: str
    type: str
    text: str
    hint: str = ""
    only: str = ""
    note: str = ""
    required: bool = False
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    rows: tuple["Question", ...] = ()
    lines: int = 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A section."""

    title: str
    intro: str
    questions: tuple[Question, ...]


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """What only one sheet of a run has: which it is, and the reference number on the page to keep."""

    label: str
    reference: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A paper form, ready to be set."""

    template: ClassVar[str] = "sheet"
    title: str
    locale: str
    large: bool
    reference: str
    words: dict[str, str]
    header: tuple[tuple[str, str], ...]
    lead: str
    notice: tuple[tuple[str, str], ...]
    phone: str
    qr: str
    address: str
    parts: tuple[Part, ...]
    copies: tuple[Leaf, ...]
    look_up: str


def paper_form(
    instrument: Instrument, locale: str, address: str, *, large: bool = False, run: Run | None = None
) -> bytes:
    """The questionnaire as a PDF in a language; large print takes the words of the variant for large print."""
    return typeset(Sheet.template, sheet(instrument, locale, address, large=large, run=run))


def sheet(instrument: Instrument, locale: str, address: str, *, large: bool, run: Run | None = None) -> Sheet:
    """What stands on the paper; once, to be copied, or with the number of each sheet of a run."""
    return _Writer(instrument, variant_on_paper(instrument, large=large), locale).sheet(address, run, large=large)


def parts_on_paper(instrument: Instrument, variant: Variant, locale: str) -> tuple[Part, ...]:
    """The questions as they stand on the paper, without those that are for nobody who fills in paper."""
    return _Writer(instrument, variant, locale).parts()


def variant_on_paper(instrument: Instrument, *, large: bool) -> Variant:
    """The variant whose words are printed."""
    return next((variant for variant in instrument.variants if variant.large == large), instrument.variants[0])


class _Writer:
    def __init__(self, instrument: Instrument, variant: Variant, locale: str) -> None:
        self._instrument = apply(instrument, variant)
        self._reader = Reader(locale, variant.register)
        entries = [asked for section in self._instrument.sections for asked in section.asked]
        on_paper = [asked for asked in entries if asked.item.asks]
        self._numbers = {one.item.id: number for number, asked in enumerate(on_paper, start=1) for one in asked.ones()}
        self._routes = Routes(self._numbers, locale)

    def sheet(self, address: str, run: Run | None, *, large: bool) -> Sheet:
        one, notice, say = self._instrument, self._instrument.notice, self._reader.say
        return Sheet(
            title=say(one.title),
            locale=self._reader.locale,
            large=large,
            reference=f"{one.slug} {one.version} {self._reader.locale}",
            words={name: self._ui(word) for name, word in WORDS.items()},
            header=tuple(self._header()),
            lead=self._joined(notice.who, notice.why),
            notice=(*self._notice(notice), (self._ui(WITHDRAW), self._ui(WITH_NUMBER if run else WITHOUT_NUMBER))),
            phone=notice.phone,
            qr=qr_svg(address),
            address=address,
            parts=self.parts(),
            copies=tuple(self._leaves(run)) if run else (),
            look_up=self._ui(LOOK_UP, address=run.address, phone=notice.phone) if run else "",
        )

    def _leaves(self, run: Run) -> Iterator[Leaf]:
        for copy in run.copies:
            label = self._ui(mark("Sheet %(sheet)s"), sheet=copy.number)
            yield Leaf(label=f"{run.wave} · {label}", reference=copy.reference)

    def parts(self) -> tuple[Part, ...]:
        return tuple(self._part(section) for section in self._instrument.sections)

    def _joined(self, *texts: Text) -> str:
        glue = "" if self._reader.locale.startswith("zh") else " "
        return glue.join(self._reader.say(text) for text in texts)

    def _header(self) -> Iterator[tuple[str, str]]:
        header, locale = self._instrument.header, self._reader.locale.replace("-", "_")
        for name, word in HEADER.items():
            value = getattr(header, name)
            if value:
                shown = format_date(value, "long", locale=locale) if name == "valid_until" else value
                yield self._ui(word), shown

    def _notice(self, notice: Notice) -> Iterator[tuple[str, str]]:
        for name, word in NOTICE.items():
            yield self._ui(word), self._reader.say(getattr(notice, name))

    def _part(self, section: Section) -> Part:
        questions = (self._question(asked) for asked in section.asked)
        return Part(
            title=self._reader.say(section.title),
            intro=self._reader.say(section.intro),
            questions=tuple(question for question in questions if question is not None),
        )

    def _question(self, asked: Asked) -> Question | None:
        only = self._routes.said(asked.when)
        if only is None:
            return None
        item = asked.item
        return Question(
            number=self._numbers.get(next(asked.ones()).item.id, 0),
            id=item.id,
            type=item.__struct_config__.tag,  # type: ignore[arg-type]
            text=self._reader.say(item.text),
            hint=self._reader.say(item.hint),
            only=only,
            note=self._note(asked),
            required=asked.required is True,
            unit=self._reader.say(item.unit) if isinstance(item, Number) else "",
            choices=tuple(self._choices(item.options)) if isinstance(item, ChoiceItem | Matrix) else (),
            rows=tuple(self._row(one) for one in asked.ones()) if isinstance(item, Matrix) else (),
            lines=5 if isinstance(item, LongText) else 1,
        )

    def _row(self, asked: Asked) -> Question:
        return Question(
            number=self._numbers[asked.item.id], id=asked.item.id, type="row", text=self._reader.say(asked.item.text)
        )

    def _note(self, asked: Asked) -> str:
        if isinstance(asked.item, Multiple):
            maximum = asked.item.maximum
            several, most = mark("You can choose several."), mark("You can choose up to %(maximum)s.")
            return self._ui(most, maximum=maximum) if maximum else self._ui(several)
        return ""

    def _choices(self, options: tuple[Option, ...]) -> Iterator[Choice]:
        for option in options:
            apart = bool(option.missing) or option.exclusive
            text = self._reader.say(option.text)
            yield Choice(code=str(option.code), text=text, apart=apart, specify=option.specify)

    def _ui(self, message: str, **values: object) -> str:
        return gettext(self._reader.locale, message, **values)
