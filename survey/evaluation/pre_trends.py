"""The waves before a pilot: whether pilot and control moved in parallel, without which its effect means nothing."""

from collections.abc import Sequence

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.results import Caution, TestResult
from survey.analysis.significance.pre_trends import parallel_trends
from survey.errors import Refused
from survey.evaluation.arms import SECONDS_A_YEAR, Round
from survey.evaluation.disclosure import FLOOR
from survey.evaluation.outcomes import Measured, measured
from survey.evaluation.protection import Protection
from survey.evaluation.questions import Question
from survey.evaluation.selectors import parse, select

UNCHECKED = Caution("parallel-trends-unchecked")
DIFFERENT = 0.05


def pre_trends(question: Question, before: Sequence[Round]) -> TestResult | None:
    """The test over the waves before the pilot, oldest first; None where there are not two that can be compared."""
    waves = [found for one in before if (found := _sides(question, one)) is not None]
    if len(waves) < 2 or len({worth.tobytes() for _, _, worth in waves}) > 1:
        return None
    times, tables, worths = zip(*waves, strict=True)
    years = np.array(times) - times[0]
    if (np.diff(years) <= 0).any():
        years = np.arange(float(len(times)))
    control, pilot = (np.array([table[side] for table in tables]) for side in (0, 1))
    return parallel_trends(control, pilot, worths[0], years)


def pre_trend_caution(found: TestResult | None) -> Caution | None:
    """What a reader must know of the assumption: it was not looked at, or does not hold."""
    if found is None or found.pvalue is None:
        return UNCHECKED
    if found.pvalue >= DIFFERENT:
        return None
    return Caution("pre-trends-differ", {"pvalue": found.pvalue})


def _sides(question: Question, one: Round) -> tuple[float, Floats, Floats] | None:
    """When the wave was, in years, and the counts of control and pilot; None where it has no such groups or item."""
    try:
        found = measured(question.measure, [one.sample])
        sides = [parse(str(side)).parts for side in (question.control, question.pilot)]
        masks = [select(one.sample, parts) for parts in sides]
        withheld = [Protection(one.sample).withholds(parts) for parts in sides]
    except Refused:
        return None
    if found.outcome.worth is None or found.whole or any(withheld):
        return None
    table = np.array([_count(found, mask) for mask in masks])
    if table.sum(axis=1).min() < FLOOR:
        return None
    return one.wave.opens_at.timestamp() / SECONDS_A_YEAR, table, found.outcome.worth


def _count(found: Measured, mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    places = found.places[0][mask]
    return np.bincount(places[places >= 0], minlength=len(found.outcome.codes)).astype(np.float64)
