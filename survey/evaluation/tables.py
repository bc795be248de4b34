"""How often each level in each arm, and which arms may be shown."""

from itertools import combinations

import numpy as np

from survey.analysis.checks import Floats
from survey.evaluation.arms import Arm, Arms, Round
from survey.evaluation.disclosure import FEW, FLOOR, SUBTRACTION, HeldBack, Withheld, hidden
from survey.evaluation.outcomes import Measured
from survey.evaluation.protection import Protection
from survey.evaluation.questions import Question

TOO_FEW = f"a group has fewer than {FLOOR} answers: nothing is shown of it"


def shown_arms(
    question: Question, rounds: list[Round], arms: tuple[Arm, ...], measured: Measured, table: Floats
) -> tuple[list[int], tuple[HeldBack, ...]]:
    """The arms that may be shown, and those that may not: all or nothing, unless a variable makes the groups."""
    sizes = [int(size) for size in table.sum(axis=1)]
    plans = [Protection(one.sample) for one in rounds]
    why = [plans[arm.home].withholds(arm.parts) if size else None for arm, size in zip(arms, sizes, strict=True)]
    everybody = [int((places >= 0).sum()) for places in measured.places]
    if question.kind == "groups":
        free = [place for place, found in enumerate(why) if found is None]
        rest = everybody[0] - sum(sizes[place] for place in free)
        unseen = [free[place] for place in hidden([*(sizes[place] for place in free), rest]) if place < len(free)]
    elif question.kind == "waves":
        unseen = [place for place, size in enumerate(sizes) if 0 < size < FLOOR]
    else:
        unseen = _left_over(arms, sizes, everybody)
    for place in unseen:
        why[place] = why[place] or Withheld(SUBTRACTION)
    held_back = tuple(
        HeldBack(group=arm.name, title=arm.title, reason=FEW if size < FLOOR else found.reason, ends=found.ends)
        for arm, size, found in zip(arms, sizes, why, strict=True)
        if found is not None
    )
    if (held_back or 0 in sizes) and question.kind not in ("groups", "waves"):
        return [], held_back
    return [place for place, size in enumerate(sizes) if size and why[place] is None], held_back


def _left_over(arms: tuple[Arm, ...], sizes: list[int], everybody: list[int]) -> list[int]:
    """The arms that are small, or leave over a few valid answers of their wave, alone or together."""
    found = [place for place, size in enumerate(sizes) if 0 < size < FLOOR]
    for home, total in enumerate(everybody):
        mine = [place for place, arm in enumerate(arms) if arm.home == home]
        for count in range(1, len(mine) + 1):
            for some in combinations(mine, count):
                if 0 < total - sum(sizes[place] for place in some) < FLOOR:
                    found += some
    return sorted({*found})


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
