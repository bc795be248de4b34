"""docs/validity.svg: coverage of the intervals of a share over n, and the error of tests around the 5 % line."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from validity.scenarios import ERROR, LEVEL, Row

SHARE = "97 %"
LINES = (
    ("wilson", "Wilson", "a"),
    ("clopper_pearson", "Clopper-Pearson", "b"),
    ("jeffreys", "Jeffreys", "c"),
    ("wald", "Wald", "d"),
)
BARS = (
    ("welch", "few with much variance, many with little", "Welch, unequal spreads"),
    ("student", "few with much variance, many with little", "Student, unequal spreads"),
    ("brunner_munzel", "few with much variance, many with little", "Brunner-Munzel, unequal"),
    ("mann_whitney", "few with much variance, many with little", "Mann-Whitney, unequal"),
    ("two_proportions", "97 %", "two shares of 97 %"),
    ("signed_rank", "typical, nine of ten without change", "signed rank, many zeros"),
    ("did_means", "typical", "difference in differences"),
    ("welch", "clustered halls, clusters ignored", "Welch, clusters ignored"),
    ("weighted_welch", "clustered halls", "weighted Welch, clusters told"),
    ("did_clusters", "typical, 6 + 6 halls", "did of 6 + 6 clusters"),
)
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600; font-size: 15px }
  .axis { stroke: #6e7781; stroke-width: 1 }
  .grid { stroke: #6e7781; stroke-opacity: .25 }
  .goal { stroke: #6e7781; stroke-width: 2; stroke-dasharray: 6 4 }
  .a { stroke: #0969da; fill: #0969da } .b { stroke: #1a7f37; fill: #1a7f37 }
  .c { stroke: #9a6700; fill: #9a6700 } .d { stroke: #cf222e; fill: #cf222e }
  .line { fill: none; stroke-width: 2.5 }
  .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .back { fill: #0d1117 }
    .a { stroke: #58a6ff; fill: #58a6ff } .b { stroke: #3fb950; fill: #3fb950 }
    .c { stroke: #d29922; fill: #d29922 } .d { stroke: #ff7b72; fill: #ff7b72 }
    .line { fill: none }
  }
"""
WIDTH, HEIGHT = 960, 400
TOP, BOTTOM = 70, 330
LEFT, RIGHT = 60, 300
BARS_AT, BARS_TO = 690, 900
MOST = 0.40


def picture(rows: Sequence[Row]) -> str:
    """The two panels as one SVG document."""
    parts = [*_panel_of_shares(rows), *_panel_of_tests(rows)]
    told = "Left: how often 95 % intervals of a share of 97 % hold the truth, over the number of answers. Right: how "
    told += "often tests at the 5 % level reject a true hypothesis, by scenario. The figures are in validity.md."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'aria-labelledby="title desc">',
            '<title id="title">Coverage of intervals and type I error of tests</title>',
            f'<desc id="desc">{told}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _panel_of_shares(rows: Sequence[Row]) -> list[str]:
    parts = [_text(20, 30, "Coverage of intervals of a share of 97 %", kind="head")]
    for percent in (0, 20, 40, 60, 80, 100):
        y = _height(percent / 100.0)
        parts += [_line(LEFT, y, RIGHT, y, "grid"), _text(LEFT - 8, y + 4, f"{percent} %", anchor="end")]
    parts.append(_line(LEFT, _height(LEVEL), RIGHT, _height(LEVEL), "goal"))
    found = {
        name: [row for row in rows if (row.name, row.answers, row.what) == (name, SHARE, "coverage")]
        for name, _, _ in LINES
    }
    sizes = [row.n for row in next(iter(found.values()))]
    places = {n: LEFT + 20 + i * (RIGHT - LEFT - 40) / max(1, len(sizes) - 1) for i, n in enumerate(sizes)}
    parts += [_text(x, BOTTOM + 22, n, anchor="middle") for n, x in places.items()]
    parts.append(_text((LEFT + RIGHT) / 2, BOTTOM + 44, "answers", anchor="middle"))
    labels = _spread([_height(own[-1].estimate) for own in found.values() if own])
    for (name, label, kind), at in zip(LINES, labels, strict=True):
        points = " ".join(f"{places[row.n]:.1f},{_height(row.estimate):.1f}" for row in found[name])
        parts.append(f'<polyline class="{kind} line" points="{points}"/>')
        parts += [
            f'<circle class="{kind}" cx="{places[row.n]:.1f}" cy="{_height(row.estimate):.1f}" r="4"/>'
            for row in found[name]
        ]
        parts += [_line(RIGHT + 8, at - 4, RIGHT + 28, at - 4, f"{kind} line"), _text(RIGHT + 34, at, label)]
    return parts


def _panel_of_tests(rows: Sequence[Row]) -> list[str]:
    parts = [_text(470, 30, "Type I error of tests at the 5 % level", kind="head")]
    step = (BOTTOM - TOP) / len(BARS)
    for percent in (0, 5, 10, 20, 30, 40):
        x = _across(percent / 100.0)
        parts += [_line(x, TOP - 8, x, BOTTOM, "goal" if percent == 100 * ERROR else "grid")]
        parts.append(_text(x, BOTTOM + 22, f"{percent} %" if percent in (5, 20, 40) else "", anchor="middle"))
    for i, (name, answers, label) in enumerate(BARS):
        y = TOP + step * (i + 0.5)
        parts.append(_text(BARS_AT - 12, y + 4, label, anchor="end"))
        for row in rows:
            if (row.name, row.answers, row.what) == (name, answers, "type I error"):
                kind = "d" if row.verdict == "liberal" else "a"
                x = min(_across(row.estimate), float(BARS_TO))
                parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    parts.append(f'<circle class="a" cx="{BARS_AT}" cy="{BOTTOM + 40}" r="5"/>')
    parts.append(_text(BARS_AT + 10, BOTTOM + 44, "keeps, or errs less"))
    parts.append(f'<circle class="d" cx="{BARS_AT + 150}" cy="{BOTTOM + 40}" r="5"/>')
    parts.append(_text(BARS_AT + 160, BOTTOM + 44, "liberal"))
    return parts


def _height(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _across(share: float) -> float:
    return BARS_AT + (BARS_TO - BARS_AT) * share / MOST


def _spread(heights: Sequence[float], apart: float = 19.0) -> list[float]:
    """Places for labels near these heights, none over another."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    places = list(heights)
    for before, i in pairwise(order):
        places[i] = max(places[i], places[before] + apart)
    return [place + 4.0 for place in places]


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
