"""Mode effects: whether those compared answered by the same modes, in the same variants of the form.

The same person answers another way on paper than to a helper, so that a difference between groups may be one between
their modes. What is said has no number in it: how many of a group answered by a mode may be few.
"""

from collections.abc import Sequence

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.results import Caution
from survey.analysis.significance.tables import chi_squared
from survey.evaluation.arms import Arms, Round
from survey.evaluation.outcomes import Places
from survey.evaluation.questions import Question
from survey.evaluation.sample import answered

CHOSEN = {"mode": Caution("mode-is-chosen"), "variant": Caution("variant-is-chosen")}
"""Of a comparison, or a breakdown, by these themselves."""
CLEARLY = 0.1
"""From this share on, of one group that would have to change its mode for the two to be alike, ..."""
BY_CHANCE = 0.05
"""... unless chance alone does as much this often."""


def mix_cautions(
    question: Question, rounds: Sequence[Round], arms: Arms, places: Sequence[Places] | None
) -> list[Caution]:
    """What a reader must know about the modes and variants of those compared.

    `places` say who gave a valid answer; None where that is not known of each. Control and pilot are each held against
    themselves before and after: what does not change between the waves does not touch the difference of the changes.
    """
    sides = [[0, 1], [2, 3]] if question.kind == "pilot" else [list(range(len(arms.arms)))]
    found = []
    for name, chosen in CHOSEN.items():
        if _compares(name, arms):
            found.append(chosen)
        elif len(arms.arms) > 1 and all(name in one.sample.paradata for one in rounds):
            table = _mix(name, rounds, arms, places)
            found += [caution for side in sides if (caution := _differing(name, arms, table, side))][:1]
    return found


def _compares(name: str, arms: Arms) -> bool:
    """Whether the arms are told apart by this."""
    return len({tuple(part.value for part in arm.parts if part.name == name) for arm in arms.arms}) > 1


def _mix(name: str, rounds: Sequence[Round], arms: Arms, places: Sequence[Places] | None) -> Floats:
    """Arms x levels: how many with a valid answer have which mode or variant."""
    variables = [one.sample.variable(name) for one in rounds]
    levels = sorted({str(code) for variable in variables for code in variable.codes})
    table = np.zeros((len(arms.arms), len(levels)))
    for place, (one, variable, codes) in enumerate(zip(rounds, variables, arms.codes, strict=True)):
        column = one.sample.codes[:, variable.place]
        valid = (codes >= 0) & answered(column)
        if places is not None:
            valid &= places[place] >= 0
        cells = codes[valid].astype(np.int64) * len(variable.codes) + column[valid]
        counts = np.bincount(cells, minlength=len(arms.arms) * len(variable.codes))
        at = [levels.index(str(code)) for code in variable.codes]
        table[:, at] += counts.reshape(len(arms.arms), len(variable.codes))
    return table


def _differing(name: str, arms: Arms, table: Floats, side: list[int]) -> Caution | None:
    """The two arms that differ most, where they do clearly."""
    side = [arm for arm in side if table[arm].sum()]
    shares = {arm: table[arm] / table[arm].sum() for arm in side}
    gaps = {(a, b): float(abs(shares[a] - shares[b]).sum()) / 2.0 for a in side for b in side if a < b}
    if max(gaps.values(), default=0.0) < CLEARLY:
        return None
    pvalue = chi_squared(table[side]).pvalue
    if pvalue is None or pvalue >= BY_CHANCE:
        return None
    a, b = (arms.arms[arm].name for arm in max(gaps, key=lambda pair: gaps[pair]))
    if name == "mode":
        return Caution("modes-differ", {"a": a, "b": b})
    return Caution("variants-differ", {"a": a, "b": b})
