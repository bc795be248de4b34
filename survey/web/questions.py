"""A comparison as a query string asks for it."""

from collections.abc import Mapping

import msgspec
from litestar.params import FromQuery

from survey.errors import Refused
from survey.evaluation.questions import Question
from survey.evaluation.weights import Margins, read_margins

READS = {"reads": True}
"""Put on a POST that changes nothing: it sees one moment of the database, like a GET."""


def question_of(values: Mapping[str, object]) -> Question:
    """The question that named values ask, blank ones left out; raises Refused."""
    given = {name: value for name, value in values.items() if value not in (None, "")}
    known = {name: value for name, value in given.items() if name in Question.__struct_fields__}
    if "measure" not in known:
        raise Refused("Say what to compare with measure=…: an item (Q3), an index of it (Q3:sat2), a number or a scale")
    try:
        return msgspec.convert(known, Question, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        raise Refused(
            "%(name)s=%(value)s cannot be read: %(why)s",
            name=name,
            value=given.get(name),
            why=str(error).partition(" - at")[0],
        ) from None


def margins_of(table: bytes) -> Margins:
    """Population figures as they were sent; raises Refused."""
    try:
        return read_margins(table.decode())
    except UnicodeDecodeError:
        raise Refused("The table of margins is not UTF-8 text: save it as CSV UTF-8") from None


def provide_question(
    measure: FromQuery[str],
    a: FromQuery[str | None] = None,
    b: FromQuery[str | None] = None,
    by: FromQuery[str | None] = None,
    wave: FromQuery[str | None] = None,
    pilot: FromQuery[str | None] = None,
    control: FromQuery[str | None] = None,
    before: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    target: FromQuery[float | None] = None,
    cluster: FromQuery[str | None] = None,
    paired: FromQuery[bool | None] = None,
    sesoi: FromQuery[float | None] = None,
    test: FromQuery[str | None] = None,
) -> Question:
    """The question of a request to the API."""
    return question_of(locals())
