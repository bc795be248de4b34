"""How often each level in each arm, and which arms may be shown."""

import numpy as np

from survey.analysis.checks import Floats
from survey.evaluation.arms import Arms
from survey.evaluation.disclosure import FLOOR, hidden
from survey.evaluation.outcomes import Measured
from survey.evaluation.questions import Question

TOO_FEW = f"a group has fewer than {FLOOR} answers: nothing is shown of it"


def shown_arms(question: Question, table: Floats) -> tuple[list[int], int]:
    """The arms that may be shown: all or nothing, unless a variable makes the groups."""
    sizes = [int(size) for size in table.sum(axis=1)]
    if question.kind == "groups":
        unseen = hidden(sizes)
        return [place for place, size in enumerate(sizes) if size and place not in unseen], len(unseen)
    small = sum(0 < size < FLOOR for size in sizes)
    if question.kind == "waves":
        return [place for place, size in enumerate(sizes) if size >= FLOOR], small
    return [] if small or 0 in sizes else list(range(len(sizes))), small


def only(arms: Arms, shown: list[int]) -> Arms:
    """The arms shown, numbered through."""
    new = np.full(len(arms.arms) + 1, -1, dtype=np.int16)  # the last place is that of nobody, -1
    new[shown] = np.arange(len(shown))
    return Arms(tuple(arms.arms[place] for place in shown), tuple(new[codes] for codes in arms.codes), arms.ordered)


def count(found: Measured, arms: Arms) -> Floats:
    """Arms x levels."""
    groups, levels = len(arms.arms), len(found.outcome.codes)
    table = np.zeros(groups * levels)
    for codes, places in zip(arms.codes, found.places, strict=True):
        valid = (codes >= 0) & (places >= 0)
        table += np.bincount(codes[valid].astype(np.int64) * levels + places[valid], minlength=table.size)
    return table.reshape(groups, levels)
