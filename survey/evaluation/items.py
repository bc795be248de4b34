"""One item over all responses: the distribution with the missing states apart, and what may be computed from it."""

from collections.abc import Mapping

import msgspec
import numpy as np

from survey.analysis import estimation
from survey.analysis.checks import Floats
from survey.analysis.results import ConfInt
from survey.evaluation.chunks import chunks
from survey.evaluation.coding import CodeBook
from survey.evaluation.indices import IndexValue, in_percent, index_value, indices_of
from survey.evaluation.sample import Beside, Counted, Sample, count_bytes, states
from survey.forms.items import Item, Missing, Multiple, Number, Rating
from survey.forms.items.base import Scalar
from survey.forms.items.choice import ChoiceItem
from survey.forms.wording import Text


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """An option: how many chose it, and which percentage of those who answered (Wilson's interval).

    `of_mentions` is the percentage of all choices made, for a multiple choice: the two bases are never mixed.
    """

    code: Scalar
    title: Text
    n: int
    of_respondents: float | None
    confint: ConfInt | None
    of_mentions: float | None = None


class ItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An item: `n` valid answers, how often each code, and each reason why there is no answer.

    `item_nonresponse` is the percentage refused or skipped among those who were asked.
    """

    item: str
    title: Text
    level: str
    n: int | None
    counts: dict[str, int] = {}
    missing: dict[str, int] = {}
    item_nonresponse: float | None = None
    shares: tuple[Share, ...] = ()
    indices: tuple[IndexValue, ...] = ()
    reason: str | None = None


def summarize_items(sample: Sample) -> tuple[ItemSummary, ...]:
    """Every item that can be counted, in the order of the instrument."""
    counted = np.sum([count_bytes(part)[0] for part in chunks(sample)], axis=0)
    return summarize_counts(sample.book, counted, sample.beside)


def summarize_counts(
    book: CodeBook, counted: Counted, beside: Mapping[str, Beside] | None = None
) -> tuple[ItemSummary, ...]:
    """The same from how often each byte stands in each column (columns x 256)."""
    found = (_item(book, counted, beside or {}, asked.item) for asked in book.instrument.asked)
    return tuple(item for item in found if item is not None)


def _item(book: CodeBook, counted: Counted, beside: Mapping[str, Beside], item: Item) -> ItemSummary | None:
    """One item; None when it has nothing to count (text, contact data, a date)."""
    if isinstance(item, Multiple):
        return _multiple(counted[[book.position[column.id] for column in item.columns()]], item)
    if item.id in book.position:
        place = book.position[item.id]
        codes = book.columns[place].codes
        return _summary(item, codes, counted[place, : len(codes)].astype(np.float64), states(counted[place]))
    if isinstance(item, Number) and item.id in beside:
        return _beside(item, beside[item.id], int(counted[0].sum()))
    return None


def withheld(item: ItemSummary, reason: str) -> ItemSummary:
    """The item without its numbers."""
    return ItemSummary(item=item.item, title=item.title, level=item.level, n=None, reason=reason)


def nonresponse(answers: int, missing: dict[str, int]) -> float | None:
    """Refused or skipped, in percent of everybody who was asked."""
    asked = answers + sum(n for state, n in missing.items() if state != Missing.NOT_ASKED.value)
    silent = missing[Missing.REFUSED.value] + missing[Missing.SKIPPED.value]
    return 100.0 * silent / asked if asked else None


def _summary(item: Item, codes: tuple[Scalar, ...], counts: Floats, missing: dict[str, int]) -> ItemSummary:
    n = int(counts.sum())
    if isinstance(item, Number):
        indices = _numbers(item, counts, np.asarray(codes, dtype=np.float64))
    else:
        indices = indices_of(item, counts) if isinstance(item, Rating) else ()
    return ItemSummary(
        item=item.id,
        title=item.name or item.text,
        level=item.level.value,
        n=n,
        counts={str(code): int(count) for code, count in zip(codes, counts, strict=True)},
        missing=missing,
        item_nonresponse=nonresponse(n, missing),
        shares=() if isinstance(item, Number) else _shares(item, counts, n),
        indices=indices,
    )


def _multiple(counted: Counted, item: Multiple) -> ItemSummary:
    missing = states(counted[0])
    chosen = counted[:, 1].astype(np.float64)
    n = int(counted[0, :2].sum())
    return ItemSummary(
        item=item.id,
        title=item.name or item.text,
        level=item.level.value,
        n=n,
        counts={str(option.code): int(count) for option, count in zip(item.substantive, chosen, strict=True)},
        missing=missing,
        item_nonresponse=nonresponse(n, missing),
        shares=_shares(item, chosen, n),
    )


def _shares(item: Item, counts: Floats, n: int) -> tuple[Share, ...]:
    if not isinstance(item, ChoiceItem):
        return ()
    mentions = float(counts.sum()) if isinstance(item, Multiple) else 0.0
    shares = []
    for option, count in zip(item.substantive, counts, strict=True):
        found = in_percent(estimation.proportion(float(count), float(n)))
        shares.append(
            Share(
                code=option.code,
                title=option.text,
                n=int(count),
                of_respondents=found.value,
                confint=found.confint,
                of_mentions=100.0 * float(count) / mentions if mentions else None,
            )
        )
    return tuple(shares)


def _numbers(item: Number, counts: Floats, values: Floats) -> tuple[IndexValue, ...]:
    found = (
        estimation.level_mean(counts, values, ends=(item.minimum, item.maximum)),
        estimation.median(counts, values),
        estimation.trimmed_mean(counts, values),
    )
    names = ("mean", "median", "trimmed_mean")
    return tuple(
        index_value(name, value, definition=f"{name}@1", unit="number")
        for name, value in zip(names, found, strict=True)
    )


def _beside(item: Number, beside: Beside, responses: int) -> ItemSummary:
    missing = {state.value: beside.missing.get(state.value, 0) for state in Missing}
    known = sum(beside.counts) + sum(missing.values())
    missing[Missing.NOT_ASKED.value] = max(0, responses - known)
    values, counts = (beside.values, beside.counts) if beside.values else ([0.0], [0])
    codes = tuple(int(value) if value.is_integer() else value for value in values)
    return _summary(item, codes, np.asarray(counts, dtype=np.float64), missing)
