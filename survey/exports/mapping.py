"""The mapping by which `survey import responses` reads an export again, its codes meaning the same."""

import msgspec

from survey.exports.plan import Plan
from survey.exports.variables import Variable, state_codes
from survey.forms.items import ChoiceItem, Missing, Multiple, Number
from survey.responses.importing import ColumnMap, Name, TableMap


def mapping(plan: Plan) -> bytes:
    """The mapping as JSON. Ids are left out: a response has its id in one wave for ever."""
    states = state_codes(plan.instrument)
    columns: dict[str, Name | ColumnMap] = {
        column.name: _column(column) for column in plan.columns if column.item is not None
    }
    blanks = tuple(str(states[state]) for state in (Missing.NOT_ASKED, Missing.SKIPPED))
    return msgspec.json.format(msgspec.json.encode(_Written(columns=columns, blanks=blanks))) + b"\n"


class _Written(TableMap, frozen=True, kw_only=True, omit_defaults=True):
    """A mapping without what goes without saying."""


class _WrittenColumn(ColumnMap, frozen=True, kw_only=True, omit_defaults=True):
    """A column of it."""


def _column(column: Variable) -> Name | ColumnMap:
    item = column.item
    assert item is not None  # noqa: S101 - columns about the response are no items
    if isinstance(item, Multiple):
        return _WrittenColumn(item=item.id, option=_option(item, column.name))
    if not isinstance(item, ChoiceItem):
        return item.id
    values: dict[str, int | str] = {}
    for option in item.escapes:
        cell = next((c.value for c in column.categories if c.missing and c.missing.value == option.missing), None)
        if cell is not None and str(cell) != str(option.code):
            values.setdefault(str(cell), option.code)
    if not values:
        return item.id
    return _WrittenColumn(item=item.id, values=values, escapes=not isinstance(item, Number))


def _option(item: Multiple, name: str) -> int | str:
    return next(option.code for option in item.options if name == f"{item.id}.{option.code}")
