"""Does what we computed agree with what R computed?"""

from collections.abc import Iterator
from typing import Any

INFORMATIVE = {"se_survey_rake"}  # what rake() prints: not the estimator's standard error when base weights differ


def disagreements(
    got: Any, expected: Any, tolerance: dict[str, float], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """(field, got, expected) of everything that differs by more than the case allows."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            if name in INFORMATIVE:
                continue
            field = f"{path}.{name}" if path else name
            if not isinstance(got, dict) or name not in got:
                yield field, "missing", value
            else:
                yield from disagreements(got[name], value, tolerance, field)
    elif isinstance(expected, list):
        if not isinstance(got, (list, tuple)) or len(got) != len(expected):
            yield path, got, expected
            return
        for i, (a, b) in enumerate(zip(got, expected, strict=True)):
            yield from disagreements(a, b, tolerance, f"{path}[{i}]")
    elif not _close(got, expected, tolerance):
        yield path, got, expected


def _close(got: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    if expected is None or expected in ("Inf", "-Inf"):
        return got is None or str(got) in ("inf", "-inf")
    if isinstance(expected, bool) or isinstance(expected, str):
        return got == expected or str(got) == str(expected)
    if got is None or isinstance(got, str):
        return False
    return abs(got - expected) <= tolerance["abs"] + tolerance["rel"] * abs(expected)
