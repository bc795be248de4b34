"""What adds up over the responses of a wave, group by group, in one pass over their bytes.

Everything is computed for some thousand responses at a time, so that what stands between the bytes and the sums stays
in the processor's cache, and several processors work side by side.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import NamedTuple

import numpy as np

from survey.evaluation.chunks import chunks
from survey.evaluation.rates import Held, flagged, held
from survey.evaluation.sample import Counted, Sample, Variable, count_bytes, grouped
from survey.evaluation.scales import ScoreTally, person_scores, score_tallies


class Tally(NamedTuple):
    """One group: how often each byte stands in each column (columns x 256), its scores, its rates and flags."""

    counted: Counted
    scores: dict[str, ScoreTally]
    rates: dict[str, Held]
    flags: dict[str, int]

    def joined(self, other: "Tally") -> "Tally":
        """Of both."""
        return Tally(
            self.counted + other.counted,
            {scale: mine.joined(other.scores[scale]) for scale, mine in self.scores.items()},
            {rate: mine.joined(other.rates[rate]) for rate, mine in self.rates.items()},
            {flag: mine + other.flags[flag] for flag, mine in self.flags.items()},
        )


def tally(sample: Sample, variable: Variable | None = None) -> list[Tally]:
    """One tally for each code of the variable and, as the last, one for everybody else; without a variable, one."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(lambda part: _tally(part, variable), chunks(sample))
        return reduce(lambda done, part: [a.joined(b) for a, b in zip(done, part, strict=True)], parts)


def _tally(sample: Sample, variable: Variable | None) -> list[Tally]:
    groups = 1 if variable is None else len(variable.codes) + 1
    group = grouped(sample, variable)
    instrument = sample.book.instrument
    counted = count_bytes(sample, group, groups)
    scores = {
        scale.id: score_tallies(scale, person_scores(scale, sample), group, groups) for scale in instrument.scales
    }
    rates, flags = held(sample, group, groups), flagged(sample, group, groups)
    return [
        Tally(
            np.asarray(counted[place]),
            {scale: found[place] for scale, found in scores.items()},
            {rate: found[place] for rate, found in rates.items()},
            {flag: found[place] for flag, found in flags.items()},
        )
        for place in range(groups)
    ]
