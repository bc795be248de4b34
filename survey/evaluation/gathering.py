"""From responses to evidence: counts by arm and level, pairs of the same people, rows under weights and clusters."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from survey.analysis.checks import Floats
from survey.analysis.results import Caution
from survey.errors import Refused
from survey.evaluation.arms import Arm, Arms, Round, arms_of
from survey.evaluation.designs import Scheme, Units, changes, design_rows, scheme_of, usable
from survey.evaluation.dif import ItemDif, dif_between
from survey.evaluation.disclosure import FLOOR, HeldBack
from survey.evaluation.evidence import ClusterTables, Codes, Design, Evidence, Panel, collapsed
from survey.evaluation.linking import Linked, link
from survey.evaluation.mixes import mix_cautions
from survey.evaluation.outcomes import Measured, measured
from survey.evaluation.questions import Question
from survey.evaluation.tables import TOO_FEW, count, only, shown_arms
from survey.evaluation.weights import Margins, Weighting

TREND_WAVES = 4
"""A trend needs so many waves; fewer are compared as groups."""
MOSTLY_SAME = 0.5
"""From this share of the smaller wave on, people who answered both waves make the comparison a paired one."""


class Gathered(NamedTuple):
    """The arms that may be shown, what is known about them, and what a reader must be told.

    `table` has the levels of the item itself, for showing; `reason` says why there is nothing to test.
    """

    measured: Measured
    arms: tuple[Arm, ...]
    table: Floats
    evidence: Evidence | None
    held_back: tuple[HeldBack, ...] = ()
    weightings: tuple[Weighting, ...] = ()
    cautions: tuple[Caution, ...] = ()
    dif: tuple[ItemDif, ...] = ()
    reason: str | None = None


def gather(question: Question, rounds: list[Round], margins: Margins | None) -> Gathered:
    """The evidence on a question; raises Refused."""
    found = measured(question.measure, [one.sample for one in rounds])
    arms = arms_of(question, rounds)
    if found.whole and any((codes != codes[:1]).any() for codes in arms.codes):
        raise Refused(
            "%(measure)s has too wide a range to be told apart by groups: compare it between waves",
            measure=found.outcome.measure,
        )
    table = count(found, arms)
    shown, held_back = shown_arms(question, rounds, arms.arms, found, table)
    nothing = Gathered(found, tuple(arms.arms[place] for place in shown), table[shown], None, held_back)
    if len(shown) < (1 if question.kind == "target" else 2):
        return nothing._replace(reason=held_back[0].reason if held_back else "fewer than two groups have valid answers")
    scheme = scheme_of([one.sample for one in rounds], margins, question.cluster)
    if found.whole and not scheme.simple:
        raise Refused("%(measure)s has too wide a range to be weighted or clustered", measure=found.outcome.measure)
    if found.whole and question.paired:
        raise Refused("%(measure)s has too wide a range to be compared person by person", measure=found.outcome.measure)
    return _Gathering(question, rounds, found, only(arms, shown), scheme).gathered(nothing)


class _Gathering:
    """One question's responses on their way to evidence."""

    def __init__(self, question: Question, rounds: list[Round], found: Measured, arms: Arms, scheme: Scheme) -> None:
        self.question, self.rounds, self.scheme, self.arms, self.whole = question, rounds, scheme, arms, found.whole
        self.outcome, to = collapsed(found.outcome)
        self.places = found.places if to is None else tuple(np.where(p >= 0, to[p], -1) for p in found.places)
        self.table = count(Measured(self.outcome, self.places), arms)
        self.cautions: list[Caution] = []

    def gathered(self, shown: Gathered) -> Gathered:
        """The evidence and what goes with it."""
        evidence = self._evidence()
        mixes = mix_cautions(self.question, self.rounds, self.arms, None if self.whole else self.places)
        return shown._replace(
            evidence=evidence,
            reason=None if evidence is not None else TOO_FEW,
            weightings=() if self.scheme.weights is None else tuple(one.about for one in self.scheme.weights),
            cautions=(*self.cautions, *mixes),
            dif=() if evidence is None else self._dif(evidence.design),
        )

    def _dif(self, design: Design) -> tuple[ItemDif, ...]:
        home = self._home(0)
        if design != "two-independent" or home != self._home(1):
            return ()
        return dif_between(self.question.measure, self.rounds[home].sample, self.arms.codes[home])

    def _evidence(self) -> Evidence | None:
        pairs = self._pairs()
        design = self._design(pairs)
        times = np.array([arm.time for arm in self.arms.arms])
        if design == "ordered":
            times = np.arange(len(self.arms.arms), dtype=np.float64)
        bare = Evidence(outcome=self.outcome, design=design, table=self.table, times=times, target=self.question.target)
        match design:
            case "two-paired":
                return self._paired(bare, pairs[0])
            case "did-panel":
                return self._panel(bare, pairs)
            case "did-clusters":
                return replace(bare, clusters=self._cluster_tables())
            case _:
                return bare if self.scheme.simple else self._under_design(bare)

    def _design(self, pairs: list[Linked]) -> Design:
        k, kind = len(self.arms.arms), self.question.kind
        if kind == "target":
            return "one-sample"
        if kind == "pilot":
            return "did-panel" if self._is_paired(pairs) else "did-clusters" if self._whole_clusters() else "did"
        if k == 2:
            return "two-paired" if self._is_paired(pairs) else "two-independent"
        if kind == "waves" and k < TREND_WAVES:
            self.cautions.append(Caution("few-waves", {"waves": k}))
            return "k-independent"
        return "waves" if kind == "waves" else "ordered" if self.arms.ordered else "k-independent"

    def _pairs(self) -> list[Linked]:
        """The people who answered both times: of the two arms, or of control and of pilot."""
        sides = [(0, 1), (2, 3)] if self.question.kind == "pilot" else [(0, 1)] if len(self.arms.arms) == 2 else []
        return [pair for a, b in sides if (pair := self._pair(a, b)) is not None]

    def _pair(self, a: int, b: int) -> Linked | None:
        first, second = self._home(a), self._home(b)
        if first == second or self.whole:
            return None
        chosen = (np.flatnonzero(self.arms.codes[first] == a), np.flatnonzero(self.arms.codes[second] == b))
        return link((self.rounds[first], self.rounds[second]), (self.places[first], self.places[second]), chosen)

    def _home(self, arm: int) -> int:
        return next(place for place, codes in enumerate(self.arms.codes) if (codes == arm).any())

    def _is_paired(self, pairs: list[Linked]) -> bool:
        """Whether the same people answered: most of the smaller wave, or as the question says."""
        both = sum(len(pair) for pair in pairs)
        if self.question.paired is not None:
            if self.question.paired and not both:
                raise Refused("Nobody can be paired: no respondent is known to have answered both waves")
            return self.question.paired
        sizes = self.table.sum(axis=1)
        smaller = min(float(sizes[0::2].sum()), float(sizes[1::2].sum()))
        wanted = both >= FLOOR and both >= MOSTLY_SAME * smaller
        if both and not wanted:
            self.cautions.append(Caution("some-answered-both", {"n": both}))
        return wanted

    def _paired(self, bare: Evidence, pair: Linked) -> Evidence | None:
        if len(pair) < FLOOR:
            return None
        self._tell_unpaired([pair])
        a, b = self._answers(0, 1, pair)
        levels = len(self.outcome.codes)
        square = np.bincount(a * levels + b, minlength=levels * levels).reshape(levels, levels).astype(np.float64)
        rows = None
        if not self.scheme.simple and self.outcome.worth is not None:
            units = Units(self._home(0), pair.first, np.zeros_like(a), a * levels + b)
            self._tell_left_out([units])
            rows = design_rows([units], self.scheme, changes(self.outcome.worth), whole=False)
        table = np.vstack([square.sum(axis=1), square.sum(axis=0)])
        return replace(bare, square=square, table=table, rows=rows)

    def _panel(self, bare: Evidence, pairs: list[Linked]) -> Evidence | None:
        """Control and pilot, each of the same people before and after."""
        worth = self.outcome.worth
        if worth is None or min(len(pair) for pair in pairs) < FLOOR:
            return None
        self._tell_unpaired(pairs)
        levels, home = len(self.outcome.codes), self._home(0)
        answers = [self._answers(2 * side, 2 * side + 1, pair) for side, pair in enumerate(pairs)]
        table = np.array([np.bincount(one, minlength=levels) for pair in answers for one in pair], dtype=np.float64)
        units = [
            Units(home, pair.first, np.full(len(pair), side), after * levels + before)
            for side, (pair, (before, after)) in enumerate(zip(pairs, answers, strict=True))
        ]
        self._tell_left_out(units)
        if self.scheme.weights is not None:
            return replace(bare, table=table, rows=design_rows(units, self.scheme, changes(worth), whole=False))
        keep = np.concatenate([usable(one, self.scheme) for one in units])
        level = np.concatenate([one.level for one in units])[keep]
        clusters = self.scheme.clusters
        panel = Panel(
            before=worth[level % levels],
            after=worth[level // levels],
            treated=np.concatenate([one.arm for one in units])[keep],
            cluster=None if clusters is None else np.concatenate([clusters[home][one.rows] for one in units])[keep],
        )
        return replace(bare, table=table, panel=panel)

    def _answers(self, a: int, b: int, pair: Linked) -> tuple[Codes, Codes]:
        first, second = self.places[self._home(a)][pair.first], self.places[self._home(b)][pair.second]
        return first.astype(np.int64), second.astype(np.int64)

    def _under_design(self, bare: Evidence) -> Evidence | None:
        units = [
            Units(home, np.arange(places.size), codes.astype(np.int64), places.astype(np.int64))
            for home, (codes, places) in enumerate(zip(self.arms.codes, self.places, strict=True))
        ]
        self._tell_left_out(units)
        rows = design_rows(units, self.scheme, self.outcome.worth, whole=True)
        return None if rows is None else replace(bare, rows=rows)

    def _whole_clusters(self) -> bool:
        """Whether every cluster is a pilot or a control as a whole, and nothing is weighted."""
        if self.scheme.clusters is None or self.scheme.weights is not None or self.outcome.worth is None:
            return False
        sides = [set[int](), set[int]()]
        for codes, clusters in zip(self.arms.codes, self.scheme.clusters, strict=True):
            for side in (0, 1):
                sides[side] |= set(np.unique(clusters[(codes // 2 == side) & (clusters >= 0)]).tolist())
        return not sides[0] & sides[1]

    def _cluster_tables(self) -> ClusterTables:
        clusters = self.scheme.clusters or ()
        levels = len(self.outcome.codes)
        number = 1 + max(int(codes.max(initial=-1)) for codes in clusters)
        tables = np.zeros((2, number * levels))
        pilots = np.zeros(number, dtype=np.int64)
        for codes, cluster, places in zip(self.arms.codes, clusters, self.places, strict=True):
            valid = (codes >= 0) & (cluster >= 0) & (places >= 0)
            pilots[np.unique(cluster[valid & (codes >= 2)])] = 1
            for time in (0, 1):
                at = valid & (codes % 2 == time)
                tables[time] += np.bincount(cluster[at] * levels + places[at], minlength=number * levels)
        before, after = tables.reshape(2, number, levels)
        seen = (before.sum(axis=1) + after.sum(axis=1)) > 0
        return ClusterTables(before[seen], after[seen], pilots[seen])

    def _tell_unpaired(self, pairs: list[Linked]) -> None:
        alone = int(self.table.sum()) - 2 * sum(len(pair) for pair in pairs)
        if alone:
            self.cautions.append(Caution("unpaired", {"n": alone}))
        if repeated := sum(pair.repeated for pair in pairs):
            self.cautions.append(Caution("answered-more-than-once", {"n": repeated}))

    def _tell_left_out(self, units: list[Units]) -> None:
        """How many valid answers have no weight or no cluster."""
        out = sum(int((~usable(one, self.scheme) & (one.arm >= 0) & (one.level >= 0)).sum()) for one in units)
        if out:
            self.cautions.append(Caution("weight-or-cluster-unknown", {"n": out}))
