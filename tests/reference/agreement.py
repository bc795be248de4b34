"""Does what we computed agree with what R computed?"""

import math
from collections.abc import Iterator
from typing import Any

from tests.reference.expressions import same

INFORMATIVE = {"se_survey_rake"}  # what rake() prints: not the estimator's standard error when base weights differ


def disagreements(
    got: Any, expected: Any, tolerance: dict[str, float], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """(field, got, expected) of everything that differs by more than the case allows."""
    if isinstance(expected, dict):
        for name in expected.keys() - INFORMATIVE:
            field = f"{path}.{name}" if path else name
            inner = got.get(name, "missing") if isinstance(got, dict) else "missing"
            yield from disagreements(inner, expected[name], tolerance, field)
    elif not isinstance(expected, list):
        if not _close(got, expected, tolerance):
            yield path, got, expected
    elif not isinstance(got, list | tuple) or len(got) != len(expected):
        yield path, got, expected
    else:
        for i, (a, b) in enumerate(zip(got, expected, strict=True)):
            yield from disagreements(a, b, tolerance, f"{path}[{i}]")


def _close(got: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    if expected is None:  # R found no value: nothing to agree with
        return True
    if expected in ("Inf", "-Inf"):
        return got is None or str(got) in ("inf", "-inf", "nan")
    if isinstance(expected, bool | str):
        return same(got, expected)
    if got is None or isinstance(got, str) or math.isnan(got):
        return False
    return abs(got - expected) <= tolerance["abs"] + tolerance["rel"] * abs(expected)
