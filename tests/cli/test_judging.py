"""A table judged by the thousand comes to what its rows come to one by one, and what the API would keep of them."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID, uuid5

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from survey.cli import judging
from survey.cli.judging import Judge
from survey.cli.naming import NAMESPACE
from survey.cli.tables import Chunk
from survey.db.surveys import Published
from survey.forms.each import each_of
from survey.forms.items import ChoiceItem, Multiple, Number, Phone
from survey.forms.reading import read
from survey.responses import Mode, Wave, bucket_of, content_hash
from survey.responses.cells import content_of, text_of
from survey.responses.importing import ColumnMap, Plan, TableMap, default_mapping
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer
from survey.web.submission import Arrival, contacts_from, response_from
from tests.forms.test_reading_each import SHIPPED, shipped

SEALER = Sealer("only for tests, 16+")
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ODD = ["", "NA", "x", 2.0, 7, "7", True, 99, "99", "的" * 600, datetime(2026, 3, 1), "13800138000", "=1+1"]  # noqa: DTZ001


def loaded(slug: str) -> Loaded:
    instrument = shipped(slug)
    return Loaded(Published(survey=slug, version=1, sha256=b"", instrument=instrument))


def cells(item: object) -> st.SearchStrategy[object]:
    codes = [option.code for option in item.options] if isinstance(item, ChoiceItem) else []
    likely = [*codes, *map(str, codes)] + ["1", "0"] * isinstance(item, Number) or ["1"]
    if isinstance(item, Multiple):
        likely += [f"{a};{b}" for a, b in pairwise(codes)]
    if isinstance(item, Phone):
        likely = ["13800138000", "021-12345678", ""]
    return st.sampled_from(likely * (200 // len(likely)) + ODD)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, TableMap, list[dict[str, object]]]:
    """A survey, how to read a table, and its rows; most have an id column, a frequency or a respondent."""
    slug = draw(st.sampled_from(SHIPPED))
    instrument = shipped(slug)
    columns = {asked.item.id: cells(asked.item) for asked in instrument.asked if asked.item.asks}
    split = next((a.item for a in instrument.asked if isinstance(a.item, Multiple)), None)
    if split is not None and draw(st.booleans()):
        del columns[split.id]
        columns |= {f"{split.id}.{option.code}": st.sampled_from(["", "1", "是", 0, "?"]) for option in split.options}
    mapping = default_mapping(instrument, list(columns))
    more: dict[str, object] = {"blanks": ("NA",), "mode": "paper", "batch": draw(st.sampled_from(["", "b"]))}
    if draw(st.booleans()):
        columns["id"], more["id"] = (
            st.sampled_from(["p1", "p2", "", "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60", 17.0]),
            "id",
        )
    if instrument.retest is not None and draw(st.booleans()):
        columns["who"], more["respondent"] = st.sampled_from(["T-1", "T-2", "", "NA", 17.0]), "who"
    elif draw(st.booleans()):
        columns["n"], more["frequency"] = st.sampled_from(["1", "2", 3.0, "0", "many"]), "n"
    first = instrument.asked[0].item
    if isinstance(first, ChoiceItem) and draw(st.booleans()):
        mapping.columns[first.id] = ColumnMap(item=first.id, values={"x": first.options[0].code})
    rows = draw(st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=6))
    rows += draw(st.lists(st.sampled_from(rows), max_size=3))
    return slug, msgspec.structs.replace(mapping, **more), rows


def named(text: str, copy: int, row: dict[str, object], wave: Wave, batch: str, seen: Counter[bytes]) -> UUID:
    """As docs/import.md says: by the id column, else by what the row says and how many said so before."""
    if text and copy == 0 and len(text) == 36:
        return UUID(text)
    content = content_hash(content_of(row))
    seen[content] += not text
    namespace = uuid5(NAMESPACE, f"{wave.survey}/{wave.wave}/{batch}")
    made = uuid5(namespace, f"id/{text}/{copy}" if text else f"row/{content.hex()}/{seen[content]}")
    return made if wave.scattered else UUID(f"{namespace.hex[:12]}8{made.hex[13:]}")


def one_by_one(plan: Plan, wave: Wave, loaded: Loaded, rows: list[dict[str, object]]):
    """By the functions that read one: ids with what is kept, contact data, numbers of rejected rows, repeated ones."""
    kept, contacts, rejected, repeated, dropped = {}, [], [], 0, 0
    seen: Counter[bytes] = Counter()
    for number, row in enumerate(rows, start=2):
        answers, wrong = plan.row(row)
        try:
            copies = plan.copies(row)
        except ValueError:
            wrong.append(None)
        token = text_of(row.get(plan.mapping.respondent or ""))
        prefill = {} if token in {"", "NA"} else {plan.instrument.retest.token: token}
        reading = read(plan.instrument, answers, prefill=prefill)
        if wrong or reading.issues or (reading.end and reading.end.keeps == "count"):
            rejected.append(number)
            continue
        for copy in range(copies):
            dropped += len(reading.dropped)
            id = named(text_of(row.get(plan.mapping.id or "")), copy, row, wave, plan.mapping.batch, seen)
            arrival = Arrival(
                id=id, variant="standard", locale=plan.instrument.locales[0], mode=Mode.PAPER, given=answers,
                prefill=prefill,
            )  # fmt: skip
            response = response_from(arrival, reading, wave, loaded, SEALER)
            if id not in kept:
                kept[id] = response
                contacts += contacts_from(arrival, reading, loaded, SEALER)
            elif kept[id].content_sha256 == response.content_sha256:
                repeated += 1
            else:
                rejected.append(number)
    return kept, contacts, sorted(rejected), repeated, dropped


UNHAPPY = {"Q0": 1, "Q1": "1", "Q2": 2, "Q3": 1, "Q12": "1;4", "Q14": 1, "Q14_phone": "13800138000", "D1": 4, "Q9": 5}
UNHAPPY_ROWS = [
    UNHAPPY, UNHAPPY, UNHAPPY | {"D1": 1}, UNHAPPY | {"Q14_phone": "none"}, UNHAPPY | {"Q14": 0}, UNHAPPY | {"Q0": 0}
]  # fmt: skip
"""Some leave a telephone number; of whoever asked for information (D1 is 1) it waits for a supervisor."""


@FEW
@given(table=tables(), scattered=st.booleans())
@example(
    table=("gov-sat", TableMap(columns={name: name for name in UNHAPPY}, mode="paper"), UNHAPPY_ROWS), scattered=False
)
def test_a_table_comes_to_what_its_rows_come_to(table, scattered):
    slug, mapping, rows = table
    form = loaded(slug)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    wave = Wave(survey=slug, wave="2026H2", instrument_version=1, opens_at=began, scattered=scattered)
    plan = Plan(mapping, form.instrument, list(rows[0]))
    columns = {name: each_of([row[name] for row in rows]) for name in rows[0]}
    (found,) = Judge(plan, wave, form, SEALER).judged([Chunk(range(2, 2 + len(rows)), columns, {})])
    kept, contacts, rejected, repeated, dropped = one_by_one(plan, wave, form, rows)

    assert list(found.rows) == list(kept)
    for id, row in found.rows.items():
        alone = kept[id]
        assert (row.bucket, row.id) == (bucket_of(id), id)
        assert (row.disposition, row.receipt, row.respondent) == (alone.disposition, alone.receipt, alone.respondent)
        assert (row.content_sha256, row.codes) == (alone.content_sha256, alone.codes)
        assert msgspec.json.decode(row.extra) == msgspec.json.decode(msgspec.json.encode(alone.extra))
    assert [(one.response_id, one.item, SEALER.open(one.sealed), one.held) for one in found.contacts] == [
        (one.response_id, one.item, SEALER.open(one.sealed), one.held) for one in contacts
    ]
    assert sorted(number for number, _ in found.rejections) == rejected
    assert all(why and all(one.reason for one in why) for _, why in found.rejections)
    assert (found.repeated, found.dropped) == (repeated, dropped)


def test_a_row_for_millions_comes_in_pieces(monkeypatch):
    """Nine respondents of three rows, four at a time."""
    monkeypatch.setattr(judging, "ROWS", 4)
    form = loaded("housing")
    columns = ["type", "contact", "infl", "sat", "n"]
    mapping = TableMap(columns={name: name for name in columns[:-1]}, frequency="n")
    wave = Wave(survey="housing", wave="w", instrument_version=1, opens_at=datetime(1976, 1, 1, tzinfo=UTC))
    values = [[asked.item.options[0].code] * 3 for asked in form.instrument.asked] + [[6, 0, 3]]
    chunk = Chunk(range(2, 5), dict(zip(columns, map(each_of, values), strict=True)), {})
    pieces = list(Judge(Plan(mapping, form.instrument, columns), wave, form, SEALER).judged([chunk]))
    assert [len(piece.rows) for piece in pieces] == [4, 4, 1]
    assert len({id for piece in pieces for id in piece.rows}) == 9
    assert pieces[1].numbers == [2, 2, 4, 4]
