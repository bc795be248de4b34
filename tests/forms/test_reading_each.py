"""Many read at once come to what each comes to alone."""

import functools
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.evaluation.coding import CodeBook
from survey.forms import conditions
from survey.forms.conditions import Condition, OnItem
from survey.forms.each import each_of, together
from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, ChoiceItem, Missing, Multiple
from survey.forms.reading import read
from survey.forms.reading_each import read_each
from tests.conftest import INSTRUMENTS

SHIPPED = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup", "housing")
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ODD = st.sampled_from(["", "x", "0", "-1", "2026-02-30", "2026-11-25", "13800138000", 7, 2.5, -3, 10**20, "的" * 600])


@functools.cache
def shipped(slug: str) -> Instrument:
    return msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes(), type=Instrument)


def values(item: BaseItem) -> st.SearchStrategy[object]:
    """What somebody may give: mostly what can be an answer."""
    codes = [option.code for option in item.options] if isinstance(item, ChoiceItem) else []
    if isinstance(item, Multiple):
        return st.none() | st.lists(st.sampled_from(codes), max_size=4) | st.sampled_from(codes) | ODD
    likely = st.sampled_from([*codes, "0", "1", "5", "12"])
    return st.sampled_from([True] * 9 + [False]).flatmap(lambda right: likely if right else st.none() | ODD)


@st.composite
def people(draw: st.DrawFn) -> tuple[Instrument, list[dict[str, object]], list[dict[str, object]]]:
    """An instrument, what some people gave, and what was known of each beforehand."""
    instrument = shipped(draw(st.sampled_from(SHIPPED)))
    asked = [asked.item for asked in instrument.asked if asked.item.asks]
    n = draw(st.integers(1, 8))
    gave = [{item.id: draw(values(item)) for item in asked} for _ in range(n)]
    known = {one.id: ODD | st.none() for one in instrument.prefill}
    known |= {item.id: values(item) for item in asked if item.id in known or draw(st.integers(0, 30)) == 0}
    return instrument, gave, [{name: draw(value) for name, value in known.items()} for _ in range(n)]


def by_column(rows: list[dict[str, object]]) -> dict[str, object]:
    return {name: each_of([row[name] for row in rows]) for name in rows[0]}


def there(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


@FEW
@given(people())
def test_many_read_at_once_come_to_what_each_comes_to_alone(these):
    instrument, gave, known = these
    n = len(gave)
    many = read_each(instrument, by_column(gave), n, by_column(known))
    book = CodeBook(instrument)
    codes, extra = book.encode_each(many.answers, n)
    for i in range(n):
        alone = read(instrument, there(gave[i]), prefill=there(known[i]))
        assert many.right[i] == (not alone.issues)
        assert there({item: each.one(i) for item, each in many.answers.items()}) == alone.answers
        assert there({item: each.one(i) for item, each in many.contacts.items()}) == alone.contacts
        assert many.dropped[i] == len(alone.dropped)
        assert many.ends.one(i) == alone.end
        assert (codes[i].tobytes(), extra.one(i)) == book.encode(alone.answers)


ANSWERS = st.none() | st.sampled_from([0, 1, 2.5, "", "a", "abc", (), (1,), (1, "a"), *Missing])
LEAVES = {
    "value": st.sampled_from([0, 1, "a", 2.5]),
    "values": st.lists(st.sampled_from([0, 1, "a"]), max_size=3).map(tuple),
    "length": st.integers(0, 4),
    "states": st.lists(st.sampled_from(["refused", "skipped"]), max_size=2).map(tuple),
}


def leaf(kind: type[OnItem]) -> st.SearchStrategy[OnItem]:
    fields = {field.name: LEAVES[field.name] for field in msgspec.structs.fields(kind) if field.name != "item"}
    if kind in {conditions.AtMost, conditions.AtLeast}:
        fields["value"] = st.floats(-1, 3)
    return st.builds(kind, item=st.sampled_from("pqr"), **fields)


@pytest.mark.parametrize("kind", get_args(Condition))
def test_every_condition_holds_for_each_as_for_one(kind):
    leaves = st.one_of(*(leaf(one) for one in get_args(Condition) if issubclass(one, OnItem)))
    several = st.lists(leaves, max_size=3).map(tuple)
    conditions_ = (
        leaf(kind) if issubclass(kind, OnItem) else st.builds(kind, leaves if kind is conditions.Not else several)
    )
    rows_ = st.lists(st.fixed_dictionaries({"p": ANSWERS, "q": ANSWERS}), min_size=1, max_size=6)

    @settings(FEW, max_examples=40)
    @given(conditions_, rows_)
    def holds(condition, rows):
        each = condition.holds_each(by_column(rows), len(rows))
        assert each.tolist() == [condition.holds(there(row)) for row in rows]

    holds()


@given(
    st.lists(st.tuples(st.sampled_from([1, True, 1.0, "1", None, -0.0, 0, float("inf")]), st.text("ab", max_size=1)))
)
def test_columns_put_together_are_the_rows_they_were(rows):
    columns = list(zip(*rows, strict=True)) or [(), ()]
    found = together([each_of(column) for column in columns], len(rows)).every()
    assert [tuple(map(repr, row)) for row in found] == [tuple(map(repr, row)) for row in rows]
