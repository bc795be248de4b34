"""The evidence on a question: what the tests may ask for, by the names of their parameters.

Everything is a table of counts, or rows that stand for `count` respondents alike; a panel alone has a row a person.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.analysis.checks import Floats
from survey.analysis.linearised import SurveyDesign
from survey.analysis.results import PairwiseResult, TestResult
from survey.analysis.significance import TESTS
from survey.evaluation.outcomes import Outcome

Design = Literal[
    "one-sample",
    "two-independent",
    "two-paired",
    "k-independent",
    "ordered",
    "waves",
    "did",
    "did-panel",
    "did-clusters",
]
Codes = NDArray[np.int64]


class Panel(NamedTuple):
    """The same people before and after: what they answered is worth, who was in the pilot, and their cluster."""

    before: Floats
    after: Floats
    treated: NDArray[np.int64]
    cluster: Codes | None


class ClusterTables(NamedTuple):
    """Whole clusters as pilots: clusters x levels before and after, and which clusters are pilots."""

    before: Floats
    after: Floats
    treated: NDArray[np.int64]


class Rows(NamedTuple):
    """Respondents under their weights and clusters: arm and level of each row. For pairs the level is the change."""

    design: SurveyDesign
    arm: Codes
    level: Codes
    values: Floats | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What is known about the arms: `table` is arms x levels, `square` first x second answers of the same people."""

    outcome: Outcome
    design: Design
    table: Floats
    times: Floats
    target: float | None = None
    square: Floats | None = None
    panel: Panel | None = None
    clusters: ClusterTables | None = None
    rows: Rows | None = None

    @property
    def worth(self) -> Floats | None:
        """What each level is worth."""
        return self.outcome.worth

    @property
    def sizes(self) -> Floats:
        """Valid answers of each arm."""
        return np.asarray(self.table.sum(axis=1))


def collapsed(outcome: Outcome) -> tuple[Outcome, NDArray[np.int32] | None]:
    """A share as two levels, no and yes, and the level that each level of the rating becomes."""
    if outcome.level != "binary" or outcome.worth is None:
        return outcome, None
    to = (outcome.worth > 0).astype(np.int32)
    return outcome._replace(codes=(0, 1), worth=np.array([0.0, 100.0])), to


def run(name: str, evidence: Evidence, **options: Any) -> TestResult | PairwiseResult:
    """One registered test: it is given what its parameters are called, and the options that it takes."""
    test = TESTS[name]
    known = _arguments(evidence, test.level, weighted=test.design == "weighted") | options
    parameters = inspect.signature(test.function).parameters
    return test.function(**{key: value for key, value in known.items() if key in parameters})


def can_run(name: str, evidence: Evidence) -> bool:
    """Whether the evidence has everything that the test must be given."""
    test = TESTS[name]
    known = _arguments(evidence, test.level, weighted=test.design == "weighted")
    parameters = inspect.signature(test.function).parameters.values()
    return all(known.get(p.name) is not None for p in parameters if p.default is p.empty)


def _arguments(evidence: Evidence, level: str, *, weighted: bool) -> dict[str, Any]:
    """What a test of this level may ask for, by the names of its parameters."""
    if weighted:
        return _weighted(evidence)
    return _BY_DESIGN.get(evidence.design, _groups)(evidence, level)


def _groups(evidence: Evidence, level: str) -> dict[str, Any]:
    sides, sizes = _sides(evidence), evidence.sizes
    in_order = evidence.design in ("ordered", "waves")
    known = {
        "table": evidence.table,
        "scores": evidence.times if level == "binary" and in_order else evidence.worth,
        "times": evidence.times,
        "successes": _hits(evidence),
        "n": sizes,
        "cells": sides,
    }
    if sides is not None:
        known |= {"first": sides[0], "second": sides[-1]}
    if in_order and evidence.worth is not None and (sizes > 0).all():
        known["values"] = evidence.table @ evidence.worth / sizes
    return known


def _one(evidence: Evidence, level: str) -> dict[str, Any]:
    counts, hits, sides, target = evidence.table[0], _hits(evidence), _sides(evidence), evidence.target
    if level == "binary" and target is not None:
        target /= 100.0
    known = {
        "counts": counts,
        "scores": evidence.worth,
        "ends": evidence.outcome.ends,
        "n": float(counts.sum()),
        "target": target,
        "successes": None if hits is None else float(hits[0]),
    }
    if sides is None:
        return known
    return known | dict(zip(("detractors", "passives", "promoters"), map(float, sides[0]), strict=True))


def _pairs(evidence: Evidence, _: str) -> dict[str, Any]:
    """Tests of two levels want the level of interest first."""
    square = evidence.square
    if square is not None and evidence.outcome.level == "binary":
        return {"table": square[::-1, ::-1], "scores": np.array([100.0, 0.0])}
    return {"table": square, "scores": evidence.worth}


def _panel(evidence: Evidence, _: str) -> dict[str, Any]:
    return {} if evidence.panel is None else evidence.panel._asdict()


def _clusters(evidence: Evidence, _: str) -> dict[str, Any]:
    return {} if evidence.clusters is None else evidence.clusters._asdict() | {"scores": evidence.worth}


_BY_DESIGN: dict[Design, Callable[[Evidence, str], dict[str, Any]]] = {
    "one-sample": _one,
    "two-paired": _pairs,
    "did-panel": _panel,
    "did-clusters": _clusters,
}


def _hits(evidence: Evidence) -> Floats | None:
    return np.asarray(evidence.table[:, -1]) if evidence.outcome.level == "binary" else None


def _weighted(evidence: Evidence) -> dict[str, Any]:
    """Groups are numbered from the last, so that "second minus first" is first minus second."""
    rows = evidence.rows
    if rows is None:
        return {}
    last = len(evidence.table) - 1
    group = last - rows.arm if evidence.design == "two-independent" else rows.arm
    return {
        "design": rows.design,
        "values": rows.level.astype(np.float64) if rows.values is None else rows.values,
        "hits": None if rows.values is None else rows.values / 100.0,
        "group": group,
        "rows": rows.arm,
        "columns": rows.level,
        "target": 0.0 if evidence.design == "two-paired" else evidence.target,
        "variance": "CR2",
        "times": evidence.times[rows.arm],
        "pilot": rows.arm // 2,
        "after": rows.arm % 2,
    }


def _sides(evidence: Evidence) -> Floats | None:
    """Detractors, passives and promoters of each arm."""
    if evidence.outcome.level != "nps" or evidence.worth is None:
        return None
    return np.column_stack([evidence.table[:, evidence.worth == side].sum(axis=1) for side in (-100.0, 0.0, 100.0)])
