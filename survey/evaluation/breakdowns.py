"""The groups of a breakdown: which may be shown, and what may be said of each."""

from functools import partial

import msgspec
import numpy as np

from survey.evaluation.disclosure import FEW, FLOOR, SUBTRACTION, HeldBack, hidden
from survey.evaluation.filters import Filtered
from survey.evaluation.headline import headline
from survey.evaluation.indices import IndexValue
from survey.evaluation.items import ItemSummary, summarize_counts, withheld
from survey.evaluation.protection import Protection
from survey.evaluation.rates import rates_of
from survey.evaluation.sample import Sample, Variable
from survey.evaluation.scales import values_of
from survey.evaluation.tallies import Tally
from survey.forms.items.base import Scalar
from survey.forms.wording import Text

WITHHELD = f"fewer than {FLOOR} answers here or in a neighbouring group: not shown"


class GroupSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One group of a breakdown."""

    by: dict[str, Scalar]
    title: Text
    n: int
    items: tuple[ItemSummary, ...]
    indices: tuple[IndexValue, ...]


def break_down(
    whole: Sample, part: Filtered, variable: Variable, tallies: list[Tally]
) -> tuple[tuple[GroupSummary, ...], tuple[HeldBack, ...]]:
    """The groups that may be shown, and those that may not."""
    protection = Protection(whole)
    if not part.parts:
        protection.partition(variable, np.array([group.counted for group in tallies]))
    free = protection.shows(part.parts, variable)
    sizes = [int(group.counted[variable.place].sum()) for group in tallies]
    places = [place for place in variable.in_order() if free[place] and sizes[place] >= FLOOR]
    held_back = tuple(
        HeldBack(
            group=f"{variable.id}:{variable.codes[place]}",
            title=variable.labels[place],
            reason=FEW if sizes[place] < FLOOR else SUBTRACTION,
        )
        for place in variable.in_order()
        if place not in places and sizes[place]
    )
    others = sum(
        (group.counted for place, group in enumerate(tallies) if place not in places), np.zeros_like(tallies[0].counted)
    )
    counted = [*(tallies[place].counted for place in places), others]
    tables = safe([summarize_counts(whole.book, each) for each in counted])[:-1]
    shown = []
    for place, items in zip(places, tables, strict=True):
        rates = rates_of(whole.book, tallies[place].rates)
        scales = values_of(whole, tallies[place].scores, partial(whole.among, part.chosen, variable, place))
        indices = headline(whole, items, scales, rates, least=FLOOR)
        title, by = variable.labels[place], {variable.id: variable.codes[place]}
        shown.append(GroupSummary(by=by, title=title, n=sizes[place], items=items, indices=indices))
    return tuple(shown), held_back


def safe(tables: list[tuple[ItemSummary, ...]]) -> list[tuple[ItemSummary, ...]]:
    """Within the groups, hold back the items that too few answered, so that no other group gives them away."""
    rows = [list(items) for items in tables]
    for column in range(len(rows[0]) if rows else 0):
        for number in hidden([row[column].n or 0 for row in rows]):
            rows[number][column] = withheld(rows[number][column], WITHHELD)
    return [tuple(row) for row in rows]
