"""Disclosure cases: any secondary pattern is accepted that passes the attacker's bounds."""

from typing import Any

from survey.analysis.disclosure import attacker_bounds, primary_cells, suppress


def check_suppression(case: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(field, got, expected) of everything that differs."""
    inputs, expected = case["inputs"], case["expected"]
    table, width = inputs["table"], inputs["protection_width"]
    zeros, margins = inputs.get("zeros_published", True), inputs.get("margins_published", True)
    plan = suppress(
        table, inputs["threshold"], protection_width=width, margins_published=margins, zeros_published=zeros
    )
    primary = primary_cells(table, inputs["threshold"], zeros_published=zeros)
    alone = attacker_bounds(table, primary, margins_published=margins)
    got = {
        "primary": [list(cell) for cell in primary],
        "primary_only_bounds": [[list(cell), b.low, b.high] for cell, b in alone.items()],
        "primary_only_is_safe": all(b.width() >= width for b in alone.values()),
        "feasible_with_all_margins_published": plan.safe,
    }
    found = [(name, value, expected[name]) for name, value in got.items() if value != expected[name]]
    if plan.safe:
        final = attacker_bounds(table, plan.hidden, primary, margins_published=margins)
        weak = [cell for cell, b in final.items() if b.width() < width]
        found += [("unprotected", weak, [])] if weak else []
    if expected.get("example_secondary"):
        hidden = [*primary, *(tuple(cell) for cell in expected["example_secondary"])]
        example = attacker_bounds(table, hidden, margins_published=margins)
        bounds = sorted([list(cell), b.low, b.high] for cell, b in example.items())
        if bounds != sorted(expected["example_bounds"]):
            found.append(("example_bounds", bounds, expected["example_bounds"]))
    return found
