"""A wave's figures from the database: what the API, the evaluator's pages and the command line share."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.db import breakoffs, responses, surveys, tickets
from survey.db.coded import Layout
from survey.db.matrices import Matrices
from survey.errors import NotFound
from survey.evaluation import summary
from survey.evaluation.arms import Round
from survey.evaluation.breakoff import NOBODY, BreakOff, break_off, share_of, submitted_by_variant
from survey.evaluation.coding import CodeBook
from survey.evaluation.comparison import Comparison, compare
from survey.evaluation.diagnostics import diagnose
from survey.evaluation.partitions import Plan
from survey.evaluation.questions import Question
from survey.evaluation.sample import Beside, Sample
from survey.evaluation.summary import Summary, summarize
from survey.evaluation.weights import Margins
from survey.forms.items import Number
from survey.responses import Wave

T = TypeVar("T")

RECENT = 200
"""Results that are kept to be shown again; each is some ten kilobytes."""
STOPPED_AFTER = timedelta(hours=1)
"""When somebody who has not submitted counts as having stopped; who comes back no longer does."""


class Fetched(NamedTuple):
    """All responses of a wave as codes, the hash of its instrument, and who they are of where waves are linked."""

    sample: Sample
    sha256: str
    respondents: NDArray[np.int64] | None
    version: int
    """Another number as soon as the responses are others."""


class Figures:
    """Computes what is asked for, and keeps the matrices and results that may be asked for again."""

    def __init__(self) -> None:
        self._matrices = Matrices()
        self._recent: OrderedDict[Hashable, object] = OrderedDict()

    async def summary(
        self,
        conn: Connection,
        slug: str,
        wave: str,
        *,
        by: str | None,
        where: str | None,
        now: datetime,
        cluster: str | None = None,
        margins: Margins | None = None,
    ) -> Summary:
        """The summary of a wave; raises NotFound or Refused."""
        found = await surveys.fetch_wave(conn, slug, wave)
        fetched = await self.fetch(conn, found)
        about = summary.Wave(
            survey=slug,
            wave=wave,
            as_of=now,
            instrument_sha256=fetched.sha256,
            synthetic=found.synthetic,
            tallies=await surveys.list_tallies(conn, slug, wave),
            withdrawn=await responses.count_withdrawn(conn, slug, wave),
            dispositions=await tickets.count_dispositions(conn, slug, wave),
        )
        beside = (tuple(about.tallies.items()), tuple(about.dispositions.items()))
        known = (about.synthetic, about.withdrawn, beside, fetched.sha256)
        key = ("summary", fetched.version, known, by, where, cluster, margins and margins.sha256)
        done = await self._once(
            key, lambda: summarize(fetched.sample, about, by=by, where=where, margins=margins, cluster=cluster)
        )
        diagnostics = None
        if not (where or done.reason):
            about_items = ("diagnostics", fetched.version, fetched.sha256)
            diagnostics = await self._once(about_items, lambda: diagnose(fetched.sample))
        return msgspec.structs.replace(done, as_of=now, diagnostics=diagnostics)

    async def comparison(
        self, conn: Connection, slug: str, question: Question, *, margins: Margins | None = None
    ) -> Comparison:
        """What the question asks for; raises NotFound or Refused."""
        fetched = await self._waves_of(conn, slug, question)
        rounds = [Round(wave, one.sample, one.respondents) for wave, one in fetched]
        before = await self._before(conn, slug, question, fetched)
        earlier = [Round(wave, one.sample) for wave, one in before]
        known = tuple((msgspec.json.encode(wave), one.version, one.sha256) for wave, one in (*fetched, *before))
        key = ("comparison", known, msgspec.json.encode(question), margins and margins.sha256)
        return await self._once(key, lambda: compare(slug, question, rounds, margins, earlier))

    async def break_off(self, conn: Connection, slug: str, wave: str, *, now: datetime) -> BreakOff:
        """Where people stopped in a wave; raises NotFound."""
        found = await surveys.fetch_wave(conn, slug, wave)
        fetched = await self.fetch(conn, found)
        submitted = await self._once(("submitted", fetched.version), lambda: submitted_by_variant(fetched.sample))
        begun = await breakoffs.count_begun(conn, slug, wave, now - STOPPED_AFTER)
        variants = break_off(fetched.sample.book.instrument, submitted, begun.going_on, begun.stopped)
        done, stopped = sum(one.submitted for one in variants), sum(one.stopped for one in variants)
        rate = share_of(stopped, done + stopped)
        return BreakOff(
            survey=slug,
            wave=wave,
            synthetic=found.synthetic,
            as_of=now,
            idle_minutes=round(STOPPED_AFTER.total_seconds() / 60),
            began=sum(one.began for one in variants),
            submitted=done,
            going_on=sum(one.going_on for one in variants),
            stopped=stopped,
            rate=rate,
            variants=variants,
            reason=NOBODY if rate is None else None,
        )

    async def _once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The result for this key, computed beside the other requests unless it is there."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]  # type: ignore[return-value]
        result = await asyncio.to_thread(compute)
        self._recent[key] = result
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return result

    async def fetch(self, conn: Connection, wave: Wave, *, linked: bool = False) -> Fetched:
        """The responses of a wave; `linked` when they are to be told apart by respondent."""
        published = await surveys.fetch_published(conn, wave.survey, wave.instrument_version)
        instrument = published.instrument
        numbers = [a.item.id for a in instrument.asked if isinstance(a.item, Number) and not a.item.columns()]
        layout = Layout(wave.survey, wave.wave, tuple(numbers), respondents=instrument.retest is not None)
        kept = await self._matrices.read(conn, layout)
        beside = {item: Beside(*values) for item, values in kept.beside.items()}
        sample = Sample(CodeBook(instrument), kept.codes, kept.paradata, beside)
        sample.plan = await self._once(("plan", kept.version, wave.instrument_version), Plan)
        return Fetched(sample, published.sha256.hex(), kept.respondents if linked else None, kept.version)

    async def _waves_of(self, conn: Connection, slug: str, question: Question) -> list[tuple[Wave, Fetched]]:
        """The waves that a question is about, oldest first when it is about all."""
        names = question.waves
        if names is None:
            waves = sorted(await surveys.list_waves(conn, slug), key=lambda wave: (wave.opens_at, wave.wave))
            if not waves:
                await surveys.fetch_latest_version(conn, slug)
                raise NotFound("%(survey)s has no wave yet", survey=slug)
            return [(wave, await self.fetch(conn, wave, linked=True)) for wave in waves]
        return [await self._pick(conn, slug, name, linked=len(names) > 1) for name in names]

    async def _before(
        self, conn: Connection, slug: str, question: Question, fetched: list[tuple[Wave, Fetched]]
    ) -> list[tuple[Wave, Fetched]]:
        """The waves before those of a pilot, oldest first."""
        if question.kind != "pilot":
            return []
        begin = min(wave.opens_at for wave, _ in fetched)
        waves = [wave for wave in await surveys.list_waves(conn, slug) if wave.opens_at < begin]
        return [(wave, await self.fetch(conn, wave)) for wave in sorted(waves, key=lambda wave: wave.opens_at)]

    async def _pick(self, conn: Connection, slug: str, name: str | None, *, linked: bool) -> tuple[Wave, Fetched]:
        """The wave of that name; without a name the newest that has responses, or else the oldest."""
        if name is not None:
            wave = await surveys.fetch_wave(conn, slug, name)
            return wave, await self.fetch(conn, wave, linked=linked)
        found: tuple[Wave, Fetched] | None = None
        for wave in await surveys.list_waves(conn, slug):
            found = wave, await self.fetch(conn, wave, linked=linked)
            if len(found[1].sample):
                break
        if found is None:
            await surveys.fetch_latest_version(conn, slug)
            raise NotFound("%(survey)s has no wave yet", survey=slug)
        return found
