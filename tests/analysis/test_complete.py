"""Nothing undocumented, nothing slow to import, nothing that knows of surveys."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from survey.analysis import (
    agreement,
    bootstrap,
    bounded,
    calibrated,
    clusters,
    composites,
    contrasts,
    differencing,
    disclosure,
    drivers,
    equivalence,
    estimation,
    funnels,
    items,
    multiplicity,
    power,
    proportions,
    reliability,
    shrinkage,
    small_samples,
    suppression,
    weighting,
)
from survey.analysis.checks import BadData
from survey.analysis.estimation import mean, proportion
from survey.analysis.linearised import survey_design
from survey.analysis.significance import TESTS, column_letters
from survey.analysis.significance.two_samples import mann_whitney, welch
from survey.analysis.weighting import post_stratify, rake

ROOT = Path(__file__).parents[2]
HEADINGS = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "methods.md").read_text(encoding="utf-8"), re.MULTILINE))
FAMILIES = (
    agreement, bootstrap, bounded, calibrated, clusters, column_letters, composites, contrasts, differencing,
    disclosure, drivers, equivalence, estimation, funnels, items, multiplicity, power, proportions, reliability,
    shrinkage, suppression, small_samples, weighting,
)  # fmt: skip
REFERENCED = [
    name
    for family in FAMILIES
    for name, function in inspect.getmembers(family, inspect.isfunction)
    if function.__module__ == family.__name__ and not name.startswith("_") and "References" in (function.__doc__ or "")
]


@pytest.mark.parametrize("name", TESTS)
def test_every_test_has_a_heading(name):
    assert name in HEADINGS


@pytest.mark.parametrize("name", REFERENCED)
def test_every_published_method_has_a_heading(name):
    assert name in HEADINGS


@pytest.mark.parametrize("name", TESTS)
def test_every_test_cites_its_source(name):
    assert "References\n" in (TESTS[name].function.__doc__ or "")


def test_analysis_is_quick_to_import_and_leaves_scipy_stats_alone():
    code = "import sys, survey.analysis.significance; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_analysis_imports_nothing_else_of_survey():
    for path in (ROOT / "survey" / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not module.startswith("survey.") or module.startswith("survey.analysis"), path


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("counts", lambda: mean([1, -1], [0, 1])),
        ("counts", lambda: mean([1, float("nan")], [0, 1])),
        ("scores", lambda: mean([1, 2], [0, 1, 2])),
        ("successes", lambda: proportion(5, 4)),
        ("confidence_level", lambda: proportion(3, 4, confidence_level=95)),
        ("table", lambda: mann_whitney([[1, 2]])),
        ("table", lambda: welch([[1, 2], [3, 4], [5, 6]], [0, 1])),
        ("weights", lambda: survey_design([0, 0])),
        ("weights", lambda: survey_design([1, -1])),
        ("population", lambda: post_stratify([1, 1], [0, 0], [10, 5])),
        ("cell", lambda: post_stratify([1, 1], [0, 2], [10, 5])),
        ("margins", lambda: rake([1, 1], [([0, 1], [10, 10]), ([0, 1], [10, 20])])),
        ("margins", lambda: rake([1, 1], [([0, 1], [10, 10]), ([0, 1], [15, 5])], iterations=50)),
    ],
)
def test_bad_input_names_the_argument(argument, call):
    with pytest.raises(BadData) as error:
        call()
    assert error.value.argument == argument
