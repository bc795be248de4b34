"""The same people in two waves: who answered both, and what."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.evaluation.arms import Round
from survey.evaluation.outcomes import Places

Rows = NDArray[np.int64]


class Linked(NamedTuple):
    """Persons with a valid answer both times: their rows in the first and the second round.

    `repeated` persons have several responses in one wave: which one counts nobody can say, so they are left out.
    """

    first: Rows
    second: Rows
    repeated: int = 0

    def __len__(self) -> int:
        return int(self.first.size)


def link(rounds: tuple[Round, Round], places: tuple[Places, Places], chosen: tuple[Rows, Rows]) -> Linked:
    """The persons among the chosen rows of two rounds who gave a valid answer in both."""
    keys, rows, extra = _persons(rounds[0], chosen[0][places[0][chosen[0]] >= 0])
    others, other_rows, other_extra = _persons(rounds[1], chosen[1][places[1][chosen[1]] >= 0])
    _, mine, theirs = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
    return Linked(rows[mine], other_rows[theirs], extra + other_extra)


def _persons(one: Round, rows: Rows) -> tuple[NDArray[np.int64], Rows, int]:
    """The persons of some rows, each once, where they stand, and how many were there more than once."""
    if one.respondents is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 0
    persons = one.respondents[rows]
    rows, persons = rows[persons != 0], persons[persons != 0]
    keys, at, count = np.unique(persons, return_index=True, return_counts=True)
    once = count == 1
    return keys[once], rows[at[once]], int((~once).sum())
