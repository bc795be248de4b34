"""Conditions over all responses at once: a mask of who they hold for.

A condition on one column is asked once for every byte that can stand there, so what is counted agrees by making with
what was asked: the same `holds` decides both.
"""

from collections.abc import Iterable
from typing import assert_never

import numpy as np

from survey.errors import Refused
from survey.evaluation.coding import MISSING_OF
from survey.evaluation.sample import Bytes, Mask, Sample, answered
from survey.forms import conditions
from survey.forms.conditions import Condition, OnItem
from survey.forms.items import Answer, Missing, Multiple


def mask(condition: Condition, sample: Sample) -> Mask:
    """For each response whether the condition holds."""
    match condition:
        case conditions.All():
            return _all((mask(part, sample) for part in condition.of), sample)
        case conditions.Any():
            return ~_all((~mask(part, sample) for part in condition.of), sample)
        case conditions.Not():
            return ~mask(condition.of, sample)
        case (
            conditions.Equals()
            | conditions.AnyOf()
            | conditions.AtMost()
            | conditions.AtLeast()
            | conditions.Shorter()
            | conditions.Answered()
            | conditions.IsMissing()
        ):
            return _on_item(condition, sample)
        case _:
            assert_never(condition)


def _all(parts: Iterable[Mask], sample: Sample) -> Mask:
    held = np.ones(len(sample), dtype=np.bool_)
    for part in parts:
        held &= part
    return held


def _on_item(condition: OnItem, sample: Sample) -> Mask:
    asked = sample.book.instrument.by_id.get(condition.item)
    columns = () if asked is None else asked.item.columns()
    if asked is not None and isinstance(asked.item, Multiple) and columns:
        return _on_multiple(condition, sample, [sample.column(column.id) for column in columns])
    if not columns:
        raise Refused("%(item)s cannot be counted by: its answers are no codes", item=condition.item)
    return _by_byte(condition, sample.column(condition.item), columns[0].codes)


def _on_multiple(condition: OnItem, sample: Sample, columns: list[Bytes]) -> Mask:
    if isinstance(condition, conditions.AnyOf):
        codes = [option.code for option in sample.item(condition.item).substantive]  # type: ignore[union-attr]
        chosen = [column == 1 for code, column in zip(codes, columns, strict=True) if code in condition.values]
        return np.any(chosen, axis=0) if chosen else np.zeros(len(sample), dtype=np.bool_)
    if isinstance(condition, conditions.Answered):
        return answered(columns[0])
    return _by_byte(condition, columns[0], ())


def _by_byte(condition: OnItem, column: Bytes, codes: tuple[Answer, ...]) -> Mask:
    """Ask the condition itself about each byte; a byte without a code (of a multiple choice) holds nothing."""
    holds = np.zeros(256, dtype=np.bool_)
    for byte, entry in (*enumerate(codes), *MISSING_OF.items()):
        holds[byte] = condition.holds({} if entry is Missing.NOT_ASKED else {condition.item: entry})
    return np.asarray(holds[column])
