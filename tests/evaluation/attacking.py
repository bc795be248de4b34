"""An attacker who asks every question there is about a wave, and adds up and subtracts whatever is shown."""

from itertools import combinations, product

import numpy as np
from scipy.optimize import linprog

from survey.evaluation.disclosure import FLOOR
from survey.evaluation.protection import Protection
from survey.evaluation.selectors import Part, select
from tests.evaluation.samples import sample_of


def wave_of(table, names, codes):
    """A gov-sat wave in which `table` says how often each combination of answers to three items was given; the last
    place of each axis is no answer."""
    answers = []
    for cell in np.ndindex(table.shape):
        one = {name: codes[axis][place] for axis, (name, place) in enumerate(zip(names, cell, strict=True))}
        given = {name: code for name, code in one.items() if code is not None}
        answers += [given] * int(table[cell])
    return sample_of("gov-sat", answers)


def questions(names, codes, most=3):
    """Every conjunction of conditions on different items."""
    for count in range(1, most + 1):
        for some in combinations(range(len(names)), count):
            for values in product(*([code for code in codes[axis] if code is not None] for axis in some)):
                yield tuple(Part(names[axis], str(value)) for axis, value in zip(some, values, strict=True))


def shown(sample, names, codes, most=3):
    """Who is in each group that is shown: by filters, and by breakdowns with and without filters."""
    plan, everybody = Protection(sample), np.ones(len(sample), dtype=bool)
    found = [everybody]
    for parts in questions(names, codes, most):
        if plan.withholds(parts) is None:
            found.append(select(sample, parts))
        *rest, last = parts
        variable = sample.variable(last.name)
        if plan.withholds(rest) is None:
            place = next(p for p, code in enumerate(variable.codes) if str(code) == last.value)
            if plan.shows(rest, variable)[place]:
                found.append(select(sample, parts))
    return [mask for mask in found if mask.any()]


def small_groups(sample, names):
    """Every group of fewer than FLOOR that some of these items tell apart, those without an answer too."""
    columns = np.array([sample.column(name) for name in names]).T
    found = []
    for count in range(1, len(names) + 1):
        for some in combinations(range(len(names)), count):
            for values in np.unique(columns[:, some], axis=0):
                mask = (columns[:, some] == values).all(axis=1)
                if mask.sum() < FLOOR:
                    found.append(mask)
    return found


def cells_of(sample, names):
    """Which combination of answers each response has, and how many responses each has."""
    columns = np.array([sample.column(name) for name in names]).T
    _, cell, size = np.unique(columns, axis=0, return_inverse=True, return_counts=True)
    return cell.ravel(), size


def as_sums(masks, cell, count):
    """Each group as the cells it is made of."""
    found = np.zeros((len(masks), count))
    for row, mask in enumerate(masks):
        found[row, np.unique(cell[mask])] = 1.0
    return found


def subtracted(known, wanted):
    """Those of the wanted groups that are a sum of multiples of what is known: their answers are given away."""
    base, *_ = np.linalg.lstsq(known.T, wanted.T, rcond=None)
    left = np.abs(known.T @ base - wanted.T).max(axis=0)
    return np.flatnonzero(left < 1e-9)


def bounds(known, size, secret, wanted):
    """The least and the largest number of a group who can have said yes, given how many in each known group did.

    The attacker is told how many there are in every cell.
    """
    ends = [
        linprog(
            sign * wanted, A_eq=known, b_eq=known @ secret, bounds=list(zip(np.zeros_like(size), size, strict=True))
        )
        for sign in (1.0, -1.0)
    ]
    assert all(end.success for end in ends)
    return ends[0].fun, -ends[1].fun
