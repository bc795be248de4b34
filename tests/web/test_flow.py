"""The page flow by itself: no answer is lost between variants, whichever way somebody moves."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey
from survey.forms.instrument import Instrument
from survey.forms.items import ChoiceItem, Missing, Multiple, Number, Rating
from survey.forms.items.base import Answer, BaseItem
from survey.web.drafting import Filled
from survey.web.public.flow import Sheet, onward, saved, where_left
from survey.web.public.moving import in_variant, placed

SLUGS = ("gov-sat", "staff-digital", "h12345-intake", "h12345-followup")


def shipped(slug: str) -> Instrument:
    text = (Path(survey.__file__).parent / "instruments" / f"{slug}.json").read_bytes()
    return msgspec.json.decode(text, type=Instrument)


def possible(item: BaseItem) -> list[Answer]:
    """Some answers that the item can have."""
    if isinstance(item, Number):
        return [item.accept(int(n)) for n in {item.minimum, item.minimum + 1, item.maximum}] + [
            Missing(option.missing) for option in item.escapes if option.missing
        ]
    if isinstance(item, Multiple):
        codes = [option.code for option in item.substantive if not option.exclusive]
        return [tuple(codes[:1]), (codes[0], codes[-1]), tuple(codes[-2:])]
    if isinstance(item, ChoiceItem):
        return [item.accept(option.code) for option in item.options]
    return []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_has_fields_on_the_pages_of_every_variant(slug):
    instrument = shipped(slug)
    for variant in instrument.variants:
        for asked in instrument.asked:
            item = asked.item
            for answer in possible(item):
                fields = placed(item, answer, variant)
                assert item.accept(item.given(fields)) == answer, (variant.id, item.id, answer)
                sets = [
                    name
                    for step in item.steps(max_options=variant.max_options, unfold=variant.unfold)
                    if variant.layout == "items" and item.shows(step, fields)
                    for name in item.sets(step)
                ]
                ours = {
                    name: any(name == s or (s.endswith(".") and name.startswith(s)) for s in sets) for name in fields
                }
                assert variant.layout == "sections" or all(ours.values()), (item.id, answer, fields)


def test_switching_back_and_forth_changes_nothing():
    instrument = shipped("gov-sat")
    standard, elder = instrument.variant("standard"), instrument.variant("elder")
    fields = {"Q0": ["1"], "Q1": ["1"], "Q2": ["6"], "Q3": ["1"], "Q7": ["7"], "Q8.escape": ["99"], "Q12": ["2", "9"]}
    filled = Filled(fields=fields)
    there = in_variant(Sheet(instrument, standard, filled), elder)
    back = in_variant(there, standard)
    assert back.filled.fields == fields
    assert there.filled.fields["Q3"] == ["2"]
    assert there.filled.fields["Q12.2"] == ["9"]


FIELDS = {
    slug: [
        (item_id, fields)
        for item_id, asked in shipped(slug).by_id.items()
        for answer in possible(asked.item)
        if (fields := asked.item.fields(answer))
    ]
    for slug in SLUGS
}


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_off_the_path_decides_nothing(slug: str, data: st.DataObject) -> None:
    instrument = shipped(slug)
    typed = data.draw(st.lists(st.sampled_from(FIELDS[slug])))
    fields = {name: texts for _, each in typed for name, texts in each.items()}
    sheet = Sheet(instrument, instrument.variants[0], Filled(fields=fields, seen=tuple(instrument.by_id)))
    left = sheet.on_path()
    assert left.reading == left.refilled(left.filled).reading
    assert left.reading.answers == sheet.reading.answers
    assert {name.partition(".")[0] for name in left.filled.fields} <= set(left.reading.path)
    assert set(left.filled.seen) == left.reading.seen


def test_a_change_leads_back_by_way_of_what_it_newly_asks():
    instrument = shipped("gov-sat")
    elder = instrument.variant("elder")
    sheet = Sheet(instrument, elder, Filled())
    everything = {item: ["1"] for item in ("Q0", "Q1", "Q2")}
    seen = tuple(one for page in sheet.pages for one in page.item_ids)
    now = Sheet(instrument, elder, Filled(fields={**everything, "Q3": ["2"]}, seen=seen))
    second = onward(now, "Q3", to_check=True)
    assert second is not None
    assert second.id == "Q3-strong"
    further = onward(now, "Q3-strong", to_check=True)
    assert further is not None
    assert set(further.item_ids).isdisjoint(seen)


def test_fields_of_other_pages_are_not_set_by_a_page():
    instrument = shipped("gov-sat")
    sheet = Sheet(instrument, instrument.variant("standard"), Filled(fields={"Q0": ["1"], "Q1": ["1"], "Q2": ["2"]}))
    page = next(screen for screen in sheet.everything if screen.id == "rating")
    filled = saved(sheet, page, {"Q3": ["4"], "Q0": ["0"], "Q5": ["3"]}, shown=["Q3"]).filled
    assert filled.fields == {"Q0": ["1"], "Q1": ["1"], "Q2": ["2"], "Q3": ["4"]}
    assert filled.seen == ("Q3",)


def test_somebody_comes_back_to_the_first_page_not_seen():
    instrument = shipped("gov-sat")
    sheet = Sheet(instrument, instrument.variant("standard"), Filled(fields={"Q0": ["1"]}, seen=("Q0",)))
    page = where_left(sheet)
    assert page is not None
    assert page.id == "visit"


def test_an_unfolded_scale_is_the_only_one_with_a_second_page():
    item = shipped("gov-sat").by_id["Q3"].item
    assert isinstance(item, Rating)
    assert [step.part for step in item.steps(max_options=6, unfold=True)] == ["", "strong"]
    assert [step.part for step in item.steps(max_options=0, unfold=False)] == [""]
