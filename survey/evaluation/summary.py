"""A wave in numbers: the frozen `Summary` is the JSON of the API and the context of the evaluator's page."""

from datetime import datetime
from functools import reduce

import msgspec
import numpy as np

from survey.analysis.results import Caution
from survey.evaluation.arms import breakdown
from survey.evaluation.breakdowns import GroupSummary, break_down, safe
from survey.evaluation.designs import scheme_of
from survey.evaluation.diagnostics import Diagnostics
from survey.evaluation.disclosure import FLOOR, HeldBack
from survey.evaluation.filters import filtered
from survey.evaluation.headline import headline
from survey.evaluation.indices import IndexValue
from survey.evaluation.items import ItemSummary, summarize_counts, summarize_items
from survey.evaluation.mixes import CHOSEN
from survey.evaluation.participation import Participation, participation
from survey.evaluation.rates import RateValue, flags_of, rates_of
from survey.evaluation.reliability import ReliabilityValue, reliability
from survey.evaluation.sample import Mask, Sample, Variable
from survey.evaluation.scales import ScaleValue, values_of
from survey.evaluation.tallies import Tally, tally
from survey.evaluation.weighted import WeightedFigures, figures_of, weighted_figures
from survey.evaluation.weights import Margins


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """Which responses these are: what `summarize` passes on unchanged."""

    survey: str
    wave: str
    as_of: datetime
    instrument_sha256: str
    synthetic: bool = False
    tallies: dict[str, int] = {}
    withdrawn: int = 0
    dispositions: dict[str, int] = {}
    """What came of the people invited; empty on an open link."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be said of a wave. `indices` are the headline figures; `suppressed` groups are not shown."""

    survey: str
    wave: str
    n: int | None
    """None where a filter leaves too few, or too few outside it."""
    synthetic: bool
    as_of: datetime
    instrument_sha256: str
    where: str | None = None
    reason: str | None = None
    ends: tuple[float, ...] = ()
    """Where nothing is shown for a range of a number: at which values ranges of it may end."""
    participation: Participation | None = None
    items: tuple[ItemSummary, ...] = ()
    indices: tuple[IndexValue, ...] = ()
    scales: tuple[ScaleValue, ...] = ()
    rates: tuple[RateValue, ...] = ()
    flags: tuple[RateValue, ...] = ()
    reliability: dict[str, ReliabilityValue] = {}
    by: str | None = None
    groups: tuple[GroupSummary, ...] = ()
    weighted: WeightedFigures | None = None
    diagnostics: Diagnostics | None = None
    """Of the whole wave only: beside it those of a part would give the others away."""
    cautions: tuple[Caution, ...] = ()
    """What a reader of the breakdown must know."""
    suppressed: int = 0
    held_back: tuple[HeldBack, ...] = ()
    """The groups that are not shown, and why."""
    floor: int = FLOOR


def summarize(
    sample: Sample,
    wave: Wave,
    *,
    by: str | None = None,
    where: str | None = None,
    margins: Margins | None = None,
    cluster: str | None = None,
) -> Summary:
    """The responses (those that `where` selects) in numbers, and again for each group of the variable `by`.

    With the population's `margins`, or a `cluster`, the headline figures are there once more under that design.
    """
    variable = None if by is None else breakdown(sample, by)
    whole, part = sample, filtered(sample, wave.wave, where)
    sample = whole if part.chosen.all() else whole.where(part.chosen)
    withheld = part.held_back
    bare = Summary(
        survey=wave.survey,
        wave=wave.wave,
        n=len(sample),
        synthetic=wave.synthetic,
        as_of=wave.as_of,
        instrument_sha256=wave.instrument_sha256,
        where=where,
        by=by,
        reason=None if withheld is None else withheld.reason,
        ends=() if withheld is None else withheld.ends,
    )
    if bare.reason:
        return msgspec.structs.replace(bare, n=None)
    least = 0 if sample is whole else FLOOR
    tallies = tally(sample, variable)
    total = reduce(Tally.joined, tallies)
    items = summarize_counts(sample.book, total.counted, sample.beside)
    for left_out in part.left_out:
        items = safe([items, summarize_items(whole.where(left_out))])[0]
    scales = tuple(
        scale
        for scale in values_of(sample, total.scores, lambda: whole.where(part.chosen))
        if not 0 < scale.mean.n < least
    )
    rates = rates_of(sample.book, total.rates, sample.beside, least=least)
    groups, held_back = ((), ()) if variable is None else break_down(whole, part, variable, tallies)
    done = msgspec.structs.replace(
        bare,
        participation=participation(
            sample,
            total.counted,
            items,
            tallies=wave.tallies,
            withdrawn=wave.withdrawn,
            dispositions=wave.dispositions,
        ),
        items=items,
        indices=headline(sample, items, scales, rates, least=least),
        scales=scales,
        rates=rates,
        flags=flags_of(sample.book, total.flags, len(sample)),
        reliability={scale.id: reliability(scale, sample) for scale in sample.book.instrument.scales},
        groups=groups,
        cautions=(CHOSEN[by],) if by in CHOSEN else (),
        suppressed=len(held_back),
        held_back=held_back,
    )
    if margins is None and cluster is None:
        return done
    return msgspec.structs.replace(done, weighted=_weighted(whole, part.chosen, variable, done, margins, cluster))


def _weighted(
    sample: Sample, chosen: Mask, variable: Variable | None, done: Summary, margins: Margins | None, cluster: str | None
) -> WeightedFigures:
    """All responses are part of the design, those that are not chosen too: they say how much the weights vary."""
    scheme = scheme_of([sample], margins, cluster)
    arm = np.where(chosen, 0, -1)
    overall = weighted_figures(figures_of(sample, done.indices), arm, 1, scheme)
    groups: tuple[tuple[IndexValue, ...], ...] = ()
    if variable is not None and done.groups:
        place = {code: number for number, code in enumerate(variable.codes)}
        number = np.full(256, -1, dtype=np.int64)
        for shown, group in enumerate(done.groups):
            number[place[group.by[variable.id]]] = shown
        arm = np.where(chosen, number[sample.codes[:, variable.place]], -1)
        tables = weighted_figures(figures_of(sample, done.indices), arm, len(done.groups), scheme)
        groups = tuple(_only_shown(table, group) for table, group in zip(tables, done.groups, strict=True))
    about = None if scheme.weights is None else scheme.weights[0].about
    return WeightedFigures(weighting=about, cluster=cluster, indices=overall[0], groups=groups)


def _only_shown(table: tuple[IndexValue, ...], group: GroupSummary) -> tuple[IndexValue, ...]:
    """What is held back of a group is held back weighted as well."""
    shown = {(value.of, value.index) for value in group.indices}
    return tuple(value for value in table if (value.of, value.index) in shown)
