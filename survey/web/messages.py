"""What an issue says to a person: what is wrong, and what to do about it."""

from survey.forms.items import BaseItem, ChoiceItem, Multiple, Number, Select
from survey.forms.items.base import Scalar
from survey.forms.reading import Issue
from survey.forms.wording import Reader
from survey.web.i18n import gettext, mark

MESSAGES = {
    "required": mark("Answer this question"),
    "not-an-option": mark("Choose one of the options shown"),
    "exclusive": mark("“%(option)s” cannot be chosen together with other options: keep one or the other"),
    "too-many": mark("Choose at most %(maximum)s; you chose %(chosen)s"),
    "not-a-number": mark("Write a number in figures, such as 3"),
    "not-a-whole-number": mark("Write a whole number in figures, such as 3"),
    "below": mark("Write a number that is %(minimum)s or more"),
    "above": mark("Write a number that is %(maximum)s or less"),
    "not-a-phone-number": mark("Write a telephone number, such as 13800138000 or 010 12345678"),
    "not-text": mark("Write the answer as text"),
    "too-long": mark("Write at most %(maximum)s characters; you wrote %(length)s"),
    "too-short": mark("Write at least %(minimum)s characters; you wrote %(length)s"),
    "too-heavy": mark("Write it in plain letters: here too many marks stand on one letter"),
    "not-a-date": mark("Write a date that exists, with year, month and day"),
    "too-early": mark("Write a date that is %(earliest)s or later"),
    "too-late": mark("Write a date that is %(latest)s or earlier"),
    "unknown-item": mark("This questionnaire has no such question"),
    "check": mark("Look at this answer again"),
}
CHOOSE = mark("Choose one option")
CHOOSE_SOME = mark("Choose at least one option")
WRITE_NUMBER = mark("Write a number, or choose one of the options")
WRITE = mark("Write an answer")


def sentence(issue: Issue, reader: Reader, item: BaseItem | None = None) -> str:
    """The issue in the reader's language; the item, when it is known, makes the sentence more exact."""
    if written := reader.say(issue.text):
        return written
    message = MESSAGES[issue.code]
    if issue.code == "required" and item is not None:
        message = _ask_for(item)
    params = {name: _shown(name, value, reader, item) for name, value in issue.params.items()}
    return gettext(reader.locale, message, **params)


def _ask_for(item: BaseItem) -> str:
    match item:
        case Number():
            return WRITE_NUMBER if item.options else MESSAGES["not-a-number"]
        case Multiple():
            return CHOOSE_SOME
        case ChoiceItem() | Select():
            return CHOOSE
        case _:
            return WRITE


def _shown(name: str, value: Scalar, reader: Reader, item: BaseItem | None) -> Scalar:
    """A code as the words that the person saw."""
    if name == "option" and isinstance(item, ChoiceItem):
        option = item.option(value)
        return value if option is None else reader.say(option.text)
    return value
