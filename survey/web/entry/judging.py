"""What is wrong with a typed sheet, and what is only odd. Pure.

Wrong is what cannot be an answer: it is a typing mistake, or there is none on the paper. Odd is what people do on paper
and no screen lets them do: leaving out what is required, answering what is not for them. That is saved when whoever
types says that the sheet has it so.
"""

from collections.abc import Iterator, Mapping

import msgspec

from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, ChoiceItem, Consent
from survey.forms.reading import Issue, Reading, read
from survey.forms.wording import Reader
from survey.responses.entries import Cells, given_of, typed_code
from survey.web.i18n import gettext, mark
from survey.web.messages import sentence

NO_SUCH_CODE = mark("“%(typed)s” cannot be typed here; there are %(codes)s")
BLANK = mark("Nothing is typed here. Is it blank on the sheet too?")
NOT_FOR_THEM = mark("By the answers above, this question is not for this person, and the answer will not count")
NO_CONSENT = mark("Without this answer the sheet may not be kept")


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A typed sheet as it is read: what is wrong and what is odd, each a sentence by item."""

    given: dict[str, object]
    reading: Reading
    wrong: dict[str, str]
    odd: dict[str, str]

    def seals(self, cells: Cells) -> list[str]:
        """What is confirmed: this very odd thing, so that another is asked about again. Browsers change line ends."""
        return [f"{item}={' '.join(cells.get(item, '').split())}" for item in self.odd]


def judged(instrument: Instrument, cells: Cells, reader: Reader) -> Judged:
    """The sheet as it is read by the same rules as any response."""
    given = given_of(instrument, cells)
    reading = read(instrument, given)
    odd = dict(_odd(instrument, reading, reader))
    wrong = {
        issue.item: _said(issue, instrument.by_id[issue.item].item, cells, reader)
        for issue in reversed(reading.issues)
        if issue.item not in odd
    }
    return Judged(given=given, reading=reading, wrong=_in_order(instrument, wrong), odd=_in_order(instrument, odd))


def _odd(instrument: Instrument, reading: Reading, reader: Reader) -> Iterator[tuple[str, str]]:
    for issue in reading.soft:
        yield issue.item, sentence(issue, reader, instrument.by_id[issue.item].item)
    for issue in reading.issues:
        if issue.code == "required" and not isinstance(instrument.by_id[issue.item].item, Consent):
            yield issue.item, gettext(reader.locale, BLANK)
    for item in reading.dropped:
        yield item, gettext(reader.locale, NOT_FOR_THEM)


def _said(issue: Issue, item: BaseItem, cells: Cells, reader: Reader) -> str:
    if issue.code == "required":
        return gettext(reader.locale, NO_CONSENT)
    if issue.code == "not-an-option" and isinstance(item, ChoiceItem):
        codes = ", ".join(typed_code(item, option) for option in item.options)
        return gettext(reader.locale, NO_SUCH_CODE, typed=cells.get(item.id, ""), codes=codes)
    return sentence(issue, reader, item)


def _in_order(instrument: Instrument, found: Mapping[str, str]) -> dict[str, str]:
    return {item: found[item] for item in instrument.by_id if item in found}
