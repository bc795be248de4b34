"""Everything that may go wrong on purpose.

    SurveyError
    ├─ NotFound       the thing asked for does not exist, or not for you          404
    ├─ Unauthorized   nobody has said who is asking                               401
    ├─ Forbidden      we know who is asking, and they may not                     403
    ├─ Closed         the wave does not collect (any more, or yet)                410
    │  └─ Used        the link can be used once, and has been                     410
    ├─ Conflict       another thing of that name was there first                  409
    ├─ Refused        the request asks for something that cannot be answered      422
    ├─ Busy           nothing was kept; try again in a moment                     503
    └─ CannotStart    the set-up is wrong; one line says what to mend             (at the start)

What a respondent types wrongly is an `Issue`, what a designer draws wrongly is a `Flaw`: both are values, not
errors. Anything else that is raised is a bug.
"""

from collections.abc import Mapping


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """A sentence with its values in it; where there are none, a percent sign is one.

    >>> filled("Nothing of %(name)s", {"name": "Q3"}), filled("5 % of all", {})
    ('Nothing of Q3', '5 % of all')
    """
    return sentence % values if values else sentence


class SurveyError(Exception):
    """Base of every error that we raise on purpose: sentences, and the values their `%(name)s` stand for.

    The sentences are kept apart from the values so that the web can look them up in the catalogue and say them in the
    reader's language; `str(error)` is the English.
    """

    def __init__(self, *sentences: str, **values: object) -> None:
        super().__init__(" ".join(filled(sentence, values) for sentence in sentences))
        self.sentences = sentences
        self.values = values


class NotFound(SurveyError):
    """The thing asked for does not exist, or not for you."""


class Unauthorized(SurveyError):
    """Nobody has said who is asking."""


class Forbidden(SurveyError):
    """We know who is asking, and they may not."""


class Closed(SurveyError):
    """The wave does not collect (any more, or yet)."""


class Used(Closed):
    """The link can be used once, and has been."""


class Conflict(SurveyError):
    """Another thing of that name was there first; it stays."""


class Refused(SurveyError):
    """The request asks for something that cannot be answered; the message says what would be."""


class Busy(SurveyError):
    """The database is away or the inbox is full: nothing was kept, try again in a moment."""


class CannotStart(SurveyError):
    """The set-up is wrong; the message says what to mend, in one line."""
