"""A wave's figures from the database: what the API, the evaluator's pages and the command line share."""

import asyncio
from datetime import datetime
from typing import NamedTuple

import numpy as np
from asyncpg import Connection
from numpy.typing import NDArray

from survey.db import coded, responses, surveys
from survey.errors import NotFound
from survey.evaluation import summary
from survey.evaluation.arms import Round
from survey.evaluation.coding import CodeBook
from survey.evaluation.comparison import Comparison, compare
from survey.evaluation.questions import Question
from survey.evaluation.sample import Beside, Sample
from survey.evaluation.summary import Summary, summarize
from survey.evaluation.weights import Margins
from survey.forms.items import Number
from survey.responses import Wave


class Fetched(NamedTuple):
    """All responses of a wave as codes, the hash of its instrument, and who they are of where waves are linked."""

    sample: Sample
    sha256: str
    respondents: NDArray[np.int64] | None


async def fetch_sample(conn: Connection, wave: Wave, *, linked: bool = False) -> Fetched:
    """The responses of a wave; `linked` when they are to be told apart by respondent."""
    published = await surveys.fetch_published(conn, wave.survey, wave.instrument_version)
    linked = linked and published.instrument.retest is not None
    kept = await coded.fetch_coded(conn, wave.survey, wave.wave, respondents=linked)
    beside = {
        asked.item.id: Beside(*await coded.count_values(conn, wave.survey, wave.wave, asked.item.id))
        for asked in published.instrument.asked
        if isinstance(asked.item, Number) and not asked.item.columns()
    }
    sample = Sample(CodeBook(published.instrument), kept.codes, kept.paradata, beside)
    return Fetched(sample, published.sha256.hex(), kept.respondents)


async def summary_of(
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
    found = await _summary_input(conn, slug, wave, now)
    return await asyncio.to_thread(summarize, *found, by=by, where=where, margins=margins, cluster=cluster)


async def _summary_input(conn: Connection, slug: str, name: str, now: datetime) -> tuple[Sample, summary.Wave]:
    wave = await surveys.fetch_wave(conn, slug, name)
    sample, sha256, _ = await fetch_sample(conn, wave)
    about = summary.Wave(
        survey=slug,
        wave=name,
        as_of=now,
        instrument_sha256=sha256,
        synthetic=wave.synthetic,
        tallies=await surveys.list_tallies(conn, slug, name),
        withdrawn=await responses.count_withdrawn(conn, slug, name),
    )
    return sample, about


async def comparison_of(
    conn: Connection, slug: str, question: Question, *, margins: Margins | None = None
) -> Comparison:
    """What the question asks for; raises NotFound or Refused."""
    rounds = await _rounds(conn, slug, question)
    return await asyncio.to_thread(compare, slug, question, rounds, margins)


async def _rounds(conn: Connection, slug: str, question: Question) -> list[Round]:
    """The waves that a question is about, oldest first when it is about all."""
    names = question.waves
    if names is None:
        waves = sorted(await surveys.list_waves(conn, slug), key=lambda wave: (wave.opens_at, wave.wave))
        if not waves:
            await surveys.fetch_latest_version(conn, slug)
            raise NotFound(f"{slug} has no wave yet")
        return [await _round(conn, wave) for wave in waves]
    return [await _pick(conn, slug, name, linked=len(names) > 1) for name in names]


async def _round(conn: Connection, wave: Wave, *, linked: bool = True) -> Round:
    sample, _, respondents = await fetch_sample(conn, wave, linked=linked)
    return Round(wave, sample, respondents)


async def _pick(conn: Connection, slug: str, name: str | None, *, linked: bool) -> Round:
    """The wave of that name; without a name the newest that has responses, or else the oldest."""
    if name is not None:
        return await _round(conn, await surveys.fetch_wave(conn, slug, name), linked=linked)
    found: Round | None = None
    for wave in await surveys.list_waves(conn, slug):
        found = await _round(conn, wave, linked=linked)
        if len(found.sample):
            break
    if found is None:
        await surveys.fetch_latest_version(conn, slug)
        raise NotFound(f"{slug} has no wave yet")
    return found
