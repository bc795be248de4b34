"""Disclosure cases: any secondary pattern is accepted that passes the attacker's bounds."""

from typing import Any

from survey.analysis.disclosure import attacker_bounds, primary_cells, suppress


def check_suppression(case: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(field, got, expected) of everything that differs."""
    inputs, expected = case["inputs"], case["expected"]
    table, width = inputs["table"], inputs.get("protection_width", inputs["threshold"])
    zeros, margins = inputs.get("zeros_published", True), inputs.get("margins_published", True)
    plan = suppress(
        table, inputs["threshold"], protection_width=width, margins_published=margins, zeros_published=zeros
    )
    primary = primary_cells(table, inputs["threshold"], zeros_published=zeros)
    alone = attacker_bounds(table, primary, margins_published=margins)
    got = {
        "primary": _by_cell([list(cell) for cell in primary]),
        "primary_only_bounds": _by_cell([[list(cell), b.low, b.high] for cell, b in alone.items()]),
        "primary_only_is_safe": all(b.width() >= width for b in alone.values()),
        "feasible_with_all_margins_published": plan.safe,
    }
    given = {k: _by_cell(v) if isinstance(v, list) else v for k, v in expected.items()}
    found = [(k, value, given[k]) for k, value in got.items() if k in given and value != given[k]]
    if plan.safe:
        final = attacker_bounds(table, plan.hidden, primary, margins_published=margins)
        weak = [cell for cell, b in final.items() if b.width() < width]
        found += [("unprotected", weak, [])] if weak else []
    if expected.get("example_secondary"):
        hidden = [*primary, *(tuple(cell) for cell in expected["example_secondary"])]
        example = attacker_bounds(table, hidden, margins_published=margins)
        bounds = _by_cell([[list(cell), b.low, b.high] for cell, b in example.items()])
        if bounds != given["example_bounds"]:
            found.append(("example_bounds", bounds, expected["example_bounds"]))
    return found


def _by_cell(entries: list[Any]) -> list[Any]:
    """In the order of the cells; nothing to conclude from above is written in several ways."""
    open_ended = [[None if v in ("Inf", "inf") else v for v in e] if isinstance(e, list) else e for e in entries]
    return sorted(open_ended, key=lambda e: e[0] if isinstance(e, list) and isinstance(e[0], list) else e)
