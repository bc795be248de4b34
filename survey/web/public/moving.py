"""The same answers on the pages of another variant. Pure."""

from collections.abc import Sequence

import msgspec

from survey.forms.instrument import Variant
from survey.forms.items import Missing, Multiple, Number, Rating, Select
from survey.forms.items.base import Answer, BaseItem, Step
from survey.forms.items.choice import MORE, ChoiceItem
from survey.forms.items.number import ESCAPE
from survey.forms.items.rating import STRONG
from survey.web.public.flow import Sheet


def in_variant(sheet: Sheet, variant: Variant) -> Sheet:
    """The same answers in the fields of another variant's pages; what is not an answer stays as typed."""
    fields = dict(sheet.filled.fields)
    for item_id, answer in {**sheet.reading.answers, **sheet.reading.contacts}.items():
        if item_id not in sheet.reading.path or any(issue.item == item_id for issue in sheet.reading.issues):
            continue
        fields = {name: texts for name, texts in fields.items() if name.partition(".")[0] != item_id}
        fields |= placed(sheet.instrument.by_id[item_id].item, answer, variant)
    return Sheet(sheet.in_any_variant, variant, msgspec.structs.replace(sheet.filled, fields=fields))


def placed(item: BaseItem, answer: Answer, variant: Variant) -> dict[str, list[str]]:
    """The fields that would have given an answer on the pages of a variant."""
    if variant.layout == "sections" or not isinstance(item, ChoiceItem) or isinstance(item, Select):
        return item.fields(answer)
    steps = item.steps(max_options=variant.max_options, unfold=variant.unfold)
    if isinstance(item, Rating) and steps[-1].part == STRONG:
        return item.unfolded(answer)
    if isinstance(item, Number):
        return _on_buttons(item, answer, steps)
    if isinstance(item, Multiple):
        return _in_chunks(item, answer, steps)
    return _behind_more(item, answer, steps)


def _on_buttons(item: Number, answer: Answer, steps: Sequence[Step]) -> dict[str, list[str]]:
    if not steps[0].more:
        return item.fields(answer)
    code = item.plain(answer)
    if isinstance(answer, Missing):
        return {} if code is None else {item.id: [f"{ESCAPE}-{code}"]}
    if answer in item.buttons:
        return {item.id: [str(answer)]}
    return {item.id: [MORE], f"{item.id}.{MORE}": [str(answer)]}


def _in_chunks(item: Multiple, answer: Answer, steps: Sequence[Step]) -> dict[str, list[str]]:
    codes = item.plain(answer) or []
    chunks = {_name(item, step): [str(code) for code in step.codes if code in codes] for step in steps}
    return {name: texts for name, texts in chunks.items() if texts}


def _behind_more(item: ChoiceItem, answer: Answer, steps: Sequence[Step]) -> dict[str, list[str]]:
    code = item.plain(answer)
    fields: dict[str, list[str]] = {}
    for step in steps:
        if code in step.codes:
            return {**fields, _name(item, step): [str(code)]}
        fields[_name(item, step)] = [MORE]
    return {}


def _name(item: BaseItem, step: Step) -> str:
    return f"{item.id}.{step.part}" if step.part else item.id
