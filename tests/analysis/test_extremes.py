"""The edges of what can come in: a finite number, a reason, or an error that names the argument; never a warning."""

import msgspec
import numpy as np
import pytest

from survey.analysis.checks import BadData
from survey.analysis.significance import TESTS
from tests.analysis import calls
from tests.analysis.calls import CALLS
from tests.analysis.test_properties import assert_sound

MANY = 2.0**40
TABLES = {
    "one huge group and one tiny": [[MANY] * 5, [1, 0, 0, 0, 0], [0, 1, 1, 0, 0], [1, 1, 1, 1, 1]],
    "huge and apart": [[MANY, 0, 0, 0, 1], [MANY, 0, 0, 0, 0], [1, 0, 0, 0, MANY], [0, 0, 0, 0, 1]],
    "one person": [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    "one person each, one level": [[0, 0, 1, 0, 0]] * 4,
    "the ends alone": [[5, 0, 0, 0, 5], [MANY, 0, 0, 0, MANY], [0, 0, 0, 0, 7], [7, 0, 0, 0, 0]],
    "one differs among 2^40": [[MANY, 1, 0, 0, 0], [MANY, 0, 0, 0, 0], [MANY, 0, 0, 0, 1], [MANY, 0, 1, 0, 0]],
}
SCORES = {
    "equal": np.full(5, 3.0),
    "far from 0": MANY + np.arange(5.0),
    "huge": np.arange(5.0) * 1e150,
    "beyond squares": np.arange(5.0) * 1e300,
    "tiny": np.arange(5.0) * 1e-160,
    "large but usable": np.arange(5.0) * 1e49,
}


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("table", TABLES)
def test_extreme_counts(name, table):
    try:
        result = CALLS[name](np.array(TABLES[table], dtype=float))
    except BadData as error:
        assert error.argument  # noqa: PT017 - either way is right
    else:
        assert_sound(name, result)
        msgspec.json.encode(result)


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("scores", SCORES)
def test_extreme_scores(monkeypatch, name, scores):
    monkeypatch.setattr(calls, "SCORES", SCORES[scores])
    table = np.array([[4, 8, 18, 50, 120], [8, 14, 28, 60, 90], [9, 1, 20, 30, 40], [3, 5, 8, 13, 21]], dtype=float)
    try:
        result = CALLS[name](table)
    except BadData as error:
        assert error.argument in {"scores", "values", "outcome", "y"}, error  # noqa: PT017
    else:
        assert_sound(name, result)
