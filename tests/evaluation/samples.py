"""Small waves made of counts, for tests: responses encoded by the code book and kept by the database's own function."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

import survey
from survey.db import responses
from survey.evaluation.arms import Round
from survey.evaluation.coding import CodeBook
from survey.evaluation.rates import flags_of, rates_of
from survey.evaluation.sample import Sample
from survey.evaluation.scales import value_of
from survey.evaluation.tallies import tally
from survey.forms.instrument import Instrument
from survey.responses import Wave
from tests.made import response

INSTRUMENTS = Path(survey.__file__).parent / "instruments"


def instrument(slug):
    return msgspec.json.decode((INSTRUMENTS / f"{slug}.json").read_bytes(), type=Instrument)


def sample_of(slug, answers):
    """A sample of these answers, one mapping a response."""
    book = CodeBook(instrument(slug))
    rows = [np.frombuffer(book.encode(each)[0], dtype=np.uint8) for each in answers]
    return Sample(book, np.array(rows, dtype=np.uint8))


def expand(counts, make):
    """`make(key)` as often as `counts[key]` says."""
    return [make(key) for key, n in counts.items() for _ in range(n)]


async def keep(conn, wave, answers, **changes):
    """Keep responses with these answers in a wave."""
    book = CodeBook(instrument(wave.survey))
    kept = []
    for each in answers:
        codes, extra = book.encode(each)
        about = {
            "survey": wave.survey,
            "wave": wave.wave,
            "instrument_version": wave.instrument_version,
            "locale": "zh-Hans",
            "synthetic": wave.synthetic,
        }
        kept.append(response(**about | {"codes": codes, "extra": extra} | changes))
    await responses.insert_many(conn, kept)


def round_of(slug, answers, *, wave="2026H2", opens="2026-07-01", respondents=None):
    """A wave of these answers, without a database; `respondents` are the numbers of the people, one an answer."""
    about = Wave(
        survey=slug, wave=wave, instrument_version=1, opens_at=datetime.fromisoformat(opens).replace(tzinfo=UTC)
    )
    people = None if respondents is None else np.array(respondents, dtype=np.int64)
    return Round(about, sample_of(slug, answers), people)


def rate_values(sample):
    """Every rate over all responses."""
    return rates_of(sample.book, tally(sample)[0].rates, sample.beside)


def flag_values(sample):
    """How often each flag was raised."""
    return flags_of(sample.book, tally(sample)[0].flags, len(sample))


def scale_value(scale, sample):
    """A scale over all who have a score."""
    return value_of(scale, tally(sample)[0].scores[scale.id], lambda: sample)
