from typing import ClassVar

from survey.forms.items.base import Level
from survey.forms.items.choice import ChoiceItem
from survey.forms.wording import Text


class Consent(ChoiceItem, tag="consent", frozen=True, kw_only=True):
    """A statement that the respondent agrees to, or does not: never chosen beforehand, never taken for granted.

    The first option agrees. When it was given is in the response's time of receipt.
    """

    level: ClassVar[Level] = Level.BINARY
    statement: Text = {}
