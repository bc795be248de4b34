"""`survey reconcile`: what the figures are computed from, held against a recount of the response table."""

import asyncio
import math
from collections.abc import Iterator

import click
import numpy as np

from survey.cli.running import connected, given_settings
from survey.db import surveys, tickets
from survey.db.recounts import Recount, recount, recount_dispositions
from survey.evaluation.coding import MISSING_OF
from survey.evaluation.sample import Counted, Sample
from survey.evaluation.tallies import tally
from survey.responses import Wave
from survey.settings import Settings
from survey.web.results import Figures


@click.command()
@click.option("--survey", "slug", help="Only this survey.")
@click.option("--wave", help="Only the wave of this name.")
def reconcile(slug: str | None, wave: str | None) -> int:
    """Count every wave again in SQL; exit code 1 when the figures are computed from anything else."""
    return asyncio.run(_reconcile(given_settings(), slug, wave))


async def _reconcile(settings: Settings, slug: str | None, name: str | None) -> int:
    wrong = 0
    async with connected(settings) as conn:
        slugs = [slug] if slug else await surveys.list_surveys(conn)
        for each in slugs:
            waves = [await surveys.fetch_wave(conn, each, name)] if name else await surveys.list_waves(conn, each)
            for wave in waves:
                async with conn.transaction(isolation="repeatable_read", readonly=True):
                    sample = (await Figures().fetch(conn, wave)).sample
                    again = await recount(
                        conn, wave.survey, wave.wave, columns=len(sample.book.columns), numbers=tuple(sample.beside)
                    )
                    counted = await tickets.count_dispositions(conn, wave.survey, wave.wave)
                    invited = await recount_dispositions(conn, wave.survey, wave.wave)
                found = list(differences(sample, again))
                if counted != invited:
                    found.append(f"invited: counted {counted}, in the table {invited}")
                wrong += _tell(wave, again, found)
    return 1 if wrong else 0


def _tell(wave: Wave, again: Recount, found: list[str]) -> bool:
    size = f"{again.responses:,} responses, {len(again.codes)} columns"
    click.echo(f"{wave.survey} {wave.wave}: {size}: {'DIFFERENT' if found else 'agree'}")
    for line in found:
        click.echo(f"  {line}")
    return bool(found)


def differences(sample: Sample, again: Recount) -> Iterator[str]:
    """What the recount says otherwise, and what no figure can count, a line each."""
    if again.odd:
        yield f"{again.odd} responses have another number of codes than the instrument has columns"
    if again.lost:
        yield f"{again.lost} responses cannot be found by their receipt"
    if len(sample) != again.responses:
        yield f"{len(sample)} responses are counted, {again.responses} are in the table"
    counted = tally(sample)[0].counted
    yield from _codes(sample, counted, again)
    for place, (name, levels) in enumerate(sample.paradata.items(), start=len(sample.book.columns)):
        mine = {level: int(n) for level, n in zip(levels, counted[place], strict=False) if n}
        if mine != again.paradata[name]:
            yield f"{name}: counted {mine}, in the table {again.paradata[name]}"
    yield from _numbers(sample, again)


def _codes(sample: Sample, counted: Counted, again: Recount) -> Iterator[str]:
    for mine, theirs, column in zip(counted, again.codes, sample.book.columns, strict=False):
        for byte in np.flatnonzero(mine != theirs):
            yield f"{column.id}, byte {byte}: counted {mine[byte]}, in the table {theirs[byte]}"
        known = {*range(len(column.codes)), *MISSING_OF}
        for odd in sorted({int(byte) for byte in np.flatnonzero(theirs)} - known):
            yield f"{column.id}, byte {odd}: {theirs[odd]} responses, and no code stands for it"


def _numbers(sample: Sample, again: Recount) -> Iterator[str]:
    for item, (n, total) in again.numbers.items():
        beside = sample.beside[item]
        mine = math.fsum(value * count for value, count in zip(beside.values, beside.counts, strict=True))
        if sum(beside.counts) != n or not math.isclose(mine, total, rel_tol=1e-9, abs_tol=1e-9):
            yield f"{item}: {sum(beside.counts)} numbers that add up to {mine:g}, in the table {n} and {total:g}"
