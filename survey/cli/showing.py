"""Summaries and comparisons as tables on a terminal."""

from rich.console import Console
from rich.table import Table

from survey.analysis.results import Caution, ConfInt, Difference, TestResult
from survey.evaluation.cautions import worded
from survey.evaluation.comparison import Comparison, GroupOutcome
from survey.evaluation.diagnostics import Diagnostics
from survey.evaluation.disclosure import HeldBack
from survey.evaluation.indices import IndexValue
from survey.evaluation.items import ItemSummary
from survey.evaluation.pairs import Pair
from survey.evaluation.summary import Summary
from survey.evaluation.weighted import WeightedFigures
from survey.evaluation.weights import Weighting
from survey.forms.wording import Reader

ENGLISH = Reader("en")


def show_summary(console: Console, found: Summary) -> None:
    """A summary as tables."""
    size = "" if found.n is None else f"n = {found.n}, "
    console.print(f"[bold]{found.survey} {found.wave}[/bold]  {size}as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    if found.synthetic:
        console.print("[bold]SYNTHETIC: these responses are made up.[/bold]")
    if found.reason:
        console.print(_because(found.reason, found.ends))
        return
    console.print(_index_table("Headline", found.indices))
    console.print(_item_table(found.items))
    for group in found.groups:
        title = f"{found.by} = {ENGLISH.say(group.title)} (n = {group.n})"
        console.print(_index_table(title, group.indices))
    if found.weighted is not None:
        _show_weighted(console, found, found.weighted)
    if found.diagnostics is not None:
        _show_diagnostics(console, found.diagnostics)
    _show_held_back(console, found.held_back)
    _show_cautions(console, found.cautions)


def _show_held_back(console: Console, groups: tuple[HeldBack, ...]) -> None:
    for one in groups:
        console.print(f"{one.group} {ENGLISH.say(one.title)}: {_because(one.reason, one.ends)}")


def _show_cautions(console: Console, cautions: tuple[Caution, ...]) -> None:
    for caution in cautions:
        console.print(f"- {ENGLISH.say(worded(caution))}")


def _because(reason: str, ends: tuple[float, ...]) -> str:
    return f"{reason}. Ranges may end at {', '.join(f'{end:g}' for end in ends)}" if ends else reason


def _show_diagnostics(console: Console, found: Diagnostics) -> None:
    scales = Table("scale", "n", "alpha", "95 % interval", "omega", "good for", title="Scales", title_justify="left")
    for scale in found.scales:
        known = scale.reliability
        alpha = known.reason or "" if known.value is None else f"{known.value:.2f}"
        omega = "" if known.omega is None else f"{known.omega:.2f}"
        scales.add_row(scale.scale, str(scale.n or ""), alpha, _interval(known.confint), omega, scale.use or "")
    if found.scales:
        console.print(scales)
    if found.drivers is not None and found.drivers.drivers:
        title = f"What goes with {found.drivers.outcome} (n = {found.drivers.n})"
        drivers = Table("aspect", "performance", "share of R2 in %", "what to do", title=title, title_justify="left")
        for one in found.drivers.drivers:
            numbers = ["" if value is None else f"{value:.1f}" for value in (one.performance, one.share)]
            drivers.add_row(f"{one.item} {ENGLISH.say(one.title)}", *numbers, one.place)
        console.print(drivers)


def _show_weighted(console: Console, found: Summary, weighted: WeightedFigures) -> None:
    if weighted.weighting is not None:
        console.print(_weighting(weighted.weighting))
    if weighted.cluster:
        console.print(f"Intervals allow for answers being alike within {weighted.cluster}.")
    console.print(_index_table("Headline, under this design", weighted.indices))
    for group, indices in zip(found.groups, weighted.groups, strict=False):
        console.print(_index_table(f"{found.by} = {ENGLISH.say(group.title)}, under this design", indices))


def _weighting(about: Weighting) -> str:
    return (
        f"Weighted by {about.method} to {', '.join(about.items)}: {about.n} responses count like "
        f"{about.effective_n:.0f} unweighted ones (design effect {about.design_effect:.2f}); "
        f"{about.left_out} left out, {about.capped} capped at {about.cap:g} times the mean."
    )


def _index_table(title: str, values: tuple[IndexValue, ...]) -> Table:
    table = Table("of", "index", "value", "95 % interval", "n", "definition", title=title, title_justify="left")
    for value in values:
        shown = value.reason or "" if value.value is None else f"{value.value:.2f}"
        table.add_row(value.of or "", value.index, shown, _interval(value.confint), str(value.n), value.definition)
    return table


def _item_table(items: tuple[ItemSummary, ...]) -> Table:
    table = Table("item", "n", "counts", "missing", title="Items", title_justify="left")
    for item in items:
        counts = "  ".join(f"{code}: {n}" for code, n in item.counts.items() if n)
        missing = "  ".join(f"{state}: {n}" for state, n in item.missing.items() if n)
        table.add_row(f"{item.item} {ENGLISH.say(item.title)}", str(item.n), counts, missing)
    return table


def show_comparison(console: Console, found: Comparison) -> None:
    """A comparison as sentences and tables."""
    if found.synthetic:
        console.print("[bold]SYNTHETIC: these responses are made up.[/bold]")
    for text in found.sentence.values():
        console.print(text)
    if found.reason:
        console.print(found.reason)
    for about in found.weighting:
        console.print(_weighting(about))
    console.print(_groups(found))
    if found.tests:
        _show_tests(console, found)
    _show_held_back(console, found.held_back)
    _show_cautions(console, found.cautions)


def _show_tests(console: Console, found: Comparison) -> None:
    console.print(_tests(found.tests))
    before = found.pre_trends
    if before is not None and before.pvalue is not None:
        console.print(
            f"before the pilot: parallel trends p = {before.pvalue:.4g}; pilot minus control a year: "
            f"{_difference(before.difference)}"
        )
    if found.pairs:
        console.print(_pairs(found.pairs, found.adjustment))
    if found.difference is not None:
        console.print(f"difference: {_difference(found.difference)} {found.difference.unit}; verdict: {found.verdict}")
    console.print(ENGLISH.say(found.why))


def _groups(found: Comparison) -> Table:
    lettered = any(group.letter for group in found.groups)
    table = Table(
        "group",
        "n",
        "counts",
        found.index or "",
        "95 % interval",
        *(["unweighted"] if found.weighting else []),
        *(["letter", "above"] if lettered else []),
    )
    for group in found.groups:
        counts = "  ".join(f"{code}: {n}" for code, n in group.counts.items())
        cells = [f"{group.group} {ENGLISH.say(group.title)}", str(group.n), counts, *_index(group.index)]
        cells += _index(_unweighted(group))[:1] if found.weighting else []
        table.add_row(*cells, *([group.letter or "", " ".join(group.above)] if lettered else []))
    return table


def _unweighted(group: GroupOutcome) -> IndexValue | None:
    return group.index if group.unweighted is None else group.unweighted


def _index(index: IndexValue | None) -> list[str]:
    if index is None or index.value is None:
        return ["", ""]
    return [f"{index.value:.2f}", _interval(index.confint)]


def _tests(tests: tuple[TestResult, ...]) -> Table:
    table = Table("test", "statistic", "df", "p", "effect size", "95 % interval")
    for test in tests:
        effect = test.effect_size
        table.add_row(
            test.test,
            "" if test.statistic is None else f"{test.statistic:.6g}",
            "" if test.df is None else str(test.df),
            "" if test.pvalue is None else f"{test.pvalue:.4g}",
            "" if effect is None or effect.value is None else f"{effect.name} {effect.value:.4f}",
            _interval(None if effect is None else effect.confint, digits=4),
        )
    return table


def _pairs(pairs: tuple[Pair, ...], adjustment: str) -> Table:
    table = Table("pair", "difference", "adjusted p", "verdict", title=f"Pairs; {adjustment}", title_justify="left")
    for pair in pairs:
        adjusted = "" if pair.pvalue_adjusted is None else f"{pair.pvalue_adjusted:.4g}"
        table.add_row(f"{pair.a} - {pair.b}", _difference(pair.difference), adjusted, pair.verdict or "")
    return table


def _difference(difference: Difference | None) -> str:
    if difference is None or difference.value is None:
        return ""
    interval = _interval(difference.confint)
    return f"{difference.value:.2f}" + (f" ({interval})" if interval else "")


def _interval(interval: ConfInt | None, *, digits: int = 2) -> str:
    return "" if interval is None else f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"
