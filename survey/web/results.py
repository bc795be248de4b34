"""A wave's figures from the database: what the API, the evaluator's pages and the command line share."""

import asyncio
from datetime import datetime

from asyncpg import Connection

from survey.db import coded, responses, surveys
from survey.errors import NotFound, Refused
from survey.evaluation import summary
from survey.evaluation.coding import CodeBook
from survey.evaluation.comparison import Comparison, Group, compare
from survey.evaluation.sample import Beside, Sample
from survey.evaluation.selectors import Selector, parse, select
from survey.evaluation.summary import Summary, breakdown, summarize
from survey.forms.items import Number
from survey.forms.wording import Reader, Text
from survey.responses import Wave


async def fetch_sample(conn: Connection, wave: Wave) -> tuple[Sample, str]:
    """All responses of a wave as codes, and the hash of its instrument."""
    published = await surveys.fetch_published(conn, wave.survey, wave.instrument_version)
    kept = await coded.fetch_coded(conn, wave.survey, wave.wave)
    beside = {
        asked.item.id: Beside(*await coded.count_values(conn, wave.survey, wave.wave, asked.item.id))
        for asked in published.instrument.asked
        if isinstance(asked.item, Number) and not asked.item.columns()
    }
    return Sample(CodeBook(published.instrument), kept.codes, kept.paradata, beside), published.sha256.hex()


async def summary_of(
    conn: Connection, slug: str, wave: str, *, by: str | None, where: str | None, now: datetime
) -> Summary:
    """The summary of a wave; raises NotFound or Refused."""
    return await asyncio.to_thread(summarize, *await _summary_input(conn, slug, wave, now), by=by, where=where)


async def _summary_input(conn: Connection, slug: str, name: str, now: datetime) -> tuple[Sample, summary.Wave]:
    wave = await surveys.fetch_wave(conn, slug, name)
    sample, sha256 = await fetch_sample(conn, wave)
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
    conn: Connection,
    slug: str,
    measure: str,
    *,
    a: str | None = None,
    b: str | None = None,
    by: str | None = None,
    wave: str | None = None,
    test: str | None = None,
) -> Comparison:
    """Two parts of the responses compared, or the groups of a variable; raises NotFound or Refused."""
    if by is not None and (a or b):
        raise Refused("Give either by=ITEM, or a=… and b=…, not both")
    if by is None and not (a and b):
        raise Refused("Say what to compare: by=ITEM for its groups, or a=… and b=… (wave:NAME, ITEM:CODE)")
    if by is not None:
        chosen, sample = await _pick(conn, slug, wave)
        return await asyncio.to_thread(_compare_groups, sample, slug, measure, by, test, synthetic=chosen.synthetic)
    selectors = [parse(text) for text in (a, b) if text]
    picked: dict[str | None, tuple[Wave, Sample]] = {}
    for name in dict.fromkeys(selector.wave or wave for selector in selectors):
        picked[name] = await _pick(conn, slug, name)
    parts = [(selector, *picked[selector.wave or wave]) for selector in selectors]
    return await asyncio.to_thread(_compare_parts, parts, slug, measure, test)


async def _pick(conn: Connection, slug: str, name: str | None) -> tuple[Wave, Sample]:
    """The wave of that name; without a name the newest that has responses, or else the oldest."""
    if name is not None:
        wave = await surveys.fetch_wave(conn, slug, name)
        return wave, (await fetch_sample(conn, wave))[0]
    found: tuple[Wave, Sample] | None = None
    for wave in await surveys.list_waves(conn, slug):
        found = wave, (await fetch_sample(conn, wave))[0]
        if len(found[1]):
            break
    if found is None:
        await surveys.fetch_latest_version(conn, slug)
        raise NotFound(f"{slug} has no wave yet")
    return found


def _compare_groups(
    sample: Sample, slug: str, measure: str, by: str, test: str | None, *, synthetic: bool
) -> Comparison:
    variable = breakdown(sample, by)
    groups = [
        Group(f"{by}:{variable.codes[place]}", variable.labels[place], sample.where(chosen))
        for place, chosen in sample.groups(variable)
    ]
    return compare(slug, measure, groups, by=by, ordered=variable.ordered, test=test, synthetic=synthetic)


def _compare_parts(parts: list[tuple[Selector, Wave, Sample]], slug: str, measure: str, test: str | None) -> Comparison:
    masks = [select(sample, selector.parts) for selector, _, sample in parts]
    same = set(parts[0][0].parts) == set(parts[1][0].parts)
    if parts[0][1] == parts[1][1] and (same or (masks[0] & masks[1]).any()):
        raise Refused(f"{parts[0][0].text} and {parts[1][0].text} have respondents in common: choose groups apart")
    groups = [
        Group(selector.text, _title(selector, sample), sample.where(chosen) if selector.parts else sample)
        for (selector, _, sample), chosen in zip(parts, masks, strict=True)
    ]
    synthetic = any(wave.synthetic for _, wave, _ in parts)
    return compare(slug, measure, groups, test=test, synthetic=synthetic)


def _title(selector: Selector, sample: Sample) -> Text:
    """What people call a selected part: its wave and the labels of its options."""
    pieces: list[Text] = [{"zh-Hans": selector.wave, "en": selector.wave}] if selector.wave else []
    for part in selector.parts:
        variable = sample.variable(part.name)
        labels = dict(zip(map(str, variable.codes), variable.labels, strict=True))
        ranged = variable.numeric or part.value not in labels
        pieces.append({"en": f"{part.name} {part.value}"} if ranged else labels[part.value])
    return pieces[0] if len(pieces) == 1 else _joined(pieces)


def _joined(pieces: list[Text]) -> Text:
    return {locale: ", ".join(Reader(locale).say(piece) for piece in pieces) for locale in ("zh-Hans", "en")}
