"""docs/validity.md: what was simulated, what keeps its promise, what does not. No date, so that a rerun agrees."""

from collections.abc import Iterable, Sequence

from validity.scenarios import SEED, Part, Row

INTRODUCTION = f"""# Validity

An interval that says 95 % should hold the truth in 95 of 100 samples; a test at the 5 % level should reject a true
hypothesis in 5 of 100. This page shows how far that is so. `make validity` writes it (some minutes on two processors):
samples are drawn from populations whose truth is known, and each method is called as the service calls it. Seed
{SEED}; each scenario draws from its own generator, so a rerun writes the same file, and a new scenario changes no
other.

![Coverage of intervals and error of tests](validity.svg)

## How to read the tables

- **Estimate**: how often the interval held the truth (coverage), how often a true hypothesis was rejected at 5 %
  (type I error), how often a false one was (power). **±** is its Monte-Carlo standard error.
- **keeps**: coverage from 93.5 % (or, if that is less, 95 % minus three standard errors) to 97.5 %; error from
  2.5 % to 5.5 % plus three standard errors.
- **liberal**: coverage below, or error above: the method claims more than it knows.
- **conservative**: coverage above, or error below: safe, but it errs less than half as often as it may.
- **detects**: the power exceeds 10 % by more than three standard errors: the test can reject; else **hardly detects**.
- **No result**: share of the samples in which the method gave no interval or p-value and said why. Coverage is among
  the others; a test without a p-value rejects nothing.

The service warns where a method leaves its ground (`cautions`: `small-base`, `small-expected`, `few-clusters`,
`no-variance`, ...); here the warnings are ignored and every figure is counted.
"""

FOR_COMPARISON = {
    "wald": "Near 100 % it is far too short: the service shows Wilson's interval.",
    "wald_difference": "`two_proportions` gives Newcombe's interval.",
    "wald_difference, continuity": "`two_proportions` gives Newcombe's interval.",
    "wald_paired": "`mcnemar` gives the interval of Bonett and Price.",
    "finite_proportion, Wald": "Returned beside Wilson's interval, never shown alone.",
    "proportion_intervals, Wald": "`weighted_one_share` gives the interval of Korn and Graubard.",
    "student": "Not valid when variances and sizes differ: `compare` chooses `welch`.",
    "anova": "Not valid when variances and sizes differ: `compare` chooses `welch_anova`.",
    "cronbach_alpha, normal": "Stands beside Feldt's interval.",
    "mean": "The service shows `level_mean`.",
    "weighted_mean": "R's answer; the service shows the bias-reduced `reduced_mean`.",
    **dict.fromkeys(
        (
            "weighted_welch", "weighted_rank", "weighted_two_shares", "rao_scott", "weighted_anova", "weighted_pairs",
            "weighted_trend", "weighted_did", "weighted_one_mean", "weighted_one_share",
        ),
        "R's answer; `compare` asks for `CR2`.",
    ),
}  # fmt: skip
"""Methods that are computed for comparison and chosen by no plan, with what is chosen instead."""

LEFT = {
    "one_mean": "`bounded_mean` where answers lean",
    "mann_whitney": "`brunner_munzel` where the spreads differ",
    "brunner_munzel": "`mann_whitney` where all but a few of a group gave one answer",
    "welch": "`mann_whitney` where answers lean",
    "two_net_promoters": "`mann_whitney` where answers lean",
    "kruskal_wallis": "`welch_anova` where the spreads differ",
    "jonckheere": "`trend_slope` where the spreads differ",
}
"""Tests that `compare` leaves where they fail, and for what: the whole decision is simulated too."""

HEADER = "| Method | Answers | n | What | Estimate | ± | No result | Verdict |\n|---|---|---|---|---:|---:|---:|---|"


def report(found: Sequence[tuple[Part, Sequence[Row]]]) -> str:
    """The whole page."""
    rows = [row for _, part in found for row in part]
    return "\n".join([INTRODUCTION, *summary(rows), *(line for part, own in found for line in table(part, own))])


def table(part: Part, rows: Sequence[Row]) -> list[str]:
    """One part: heading, what it is about, one line a figure."""
    runs = sorted({row.runs for row in rows if not row.without})
    drawn = f"{runs[0]:,}" if len(set(runs)) == 1 else f"{runs[0]:,} to {runs[-1]:,}" if runs else "fewer"
    return [f"## {part.title}", "", f"{part.about} {drawn} samples each.", "", HEADER, *map(line, rows), ""]


def line(row: Row) -> str:
    """One figure, in percent."""
    silent = f"{100.0 * row.without:.1f}" if row.without else ""
    marked = f"**{row.verdict}**" if row.verdict in ("liberal", "hardly detects") else row.verdict
    return (
        f"| {row.name} | {row.answers} | {row.n} | {row.what} | {100.0 * row.estimate:.1f} | {100.0 * row.se:.1f} "
        f"| {silent} | {marked} |"
    )


def summary(rows: Sequence[Row]) -> list[str]:
    """What fails, and what follows from it."""
    liberal = [row for row in rows if row.verdict == "liberal"]
    naive = [row for row in liberal if NAIVE in row.answers]
    compared = [row for row in liberal if row.name in FOR_COMPARISON and row not in naive]
    left = [row for row in liberal if row.name in LEFT and row.what == "type I error" and row not in naive]
    others = [row for row in liberal if row not in naive and row not in compared and row not in left]
    promised = [row for row in rows if row.what != "power"]
    return [
        "## What fails",
        "",
        f"Of {len(promised):,} figures of coverage and error {len(promised) - len(liberal):,} keep their level or err",
        f"on the safe side; {len(liberal):,} do not.",
        "",
        "**Never chosen by the service**, computed for comparison only:",
        "",
        *(f"- `{name}`: {worst(own)}. {FOR_COMPARISON[name]}" for name, own in by_name(compared)),
        "",
        "**Tests of independent answers on clustered ones.** Clusters must be declared; then the service chooses the "
        "tests that know of them:",
        "",
        *(f"- `{name}`: {worst(own)}." for name, own in by_name(naive)),
        "",
        "**Left by `compare` where they fail** for another; what the whole decision does is in the last two tables:",
        "",
        *(f"- `{name}`: {worst(own)}{more(own)}. For {LEFT[name]}." for name, own in by_name(left)),
        "",
        "**Used, or offered by name, and to be read with care here:**",
        "",
        *(f"- `{name}`: {worst(own)}{more(own)}." for name, own in by_name(others)),
        "",
        *broken(rows),
    ]


def broken(rows: Sequence[Row]) -> list[str]:
    """Methods that broke off, if any did."""
    found = [row for row in rows if row.broken]
    lines = [
        f"- `{row.name}`: in {100.0 * row.broken:.2f} % of the samples ({row.answers}, n = {row.n}, {row.what})."
        for row in found
    ]
    return (
        ["**Broke off** with an error, or gave something that is no number: a defect:", "", *lines, ""] if found else []
    )


NAIVE = "clusters ignored"
"""How the scenarios say that a test was not told of the clusters."""


def by_name(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows of each method, methods as they come."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.name, []).append(row)
    return list(groups.items())


def worst(rows: Sequence[Row]) -> str:
    """The figure farthest from its target, in words."""
    row = max(rows, key=_gap)
    promise = "covers {} instead of 95 %" if row.what == "coverage" else "rejects {} instead of 5 %"
    return f"{promise.format(f'{100.0 * row.estimate:.1f} %')} ({row.answers}, n = {row.n})"


def more(rows: Sequence[Row]) -> str:
    """How many other figures of the method fail."""
    return f"; and {len(rows) - 1} more" if len(rows) > 1 else ""


def _gap(row: Row) -> float:
    return abs(row.estimate - (row.target or 0.0))
