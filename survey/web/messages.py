"""What an issue says to a person."""

from survey.forms.reading import Issue
from survey.forms.wording import Reader


def sentence(issue: Issue, reader: Reader) -> str:
    """The issue in the reader's language."""
    return reader.say(issue.text) or issue.code
