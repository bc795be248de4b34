"""Made-up forms that nobody submitted: some leave at the first page, a few at each, more where one must write."""

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

from survey.db.breakoffs import Place
from survey.demo.synthetic import Chance
from survey.evaluation.breakoff import pages_of
from survey.forms.instrument import Instrument
from survey.forms.items import LongText, Phone
from survey.forms.screens import screens
from survey.forms.variants import apply
from survey.responses import ELSEWHERE, Wave
from survey.web.submission import Arrival

AT_FIRST, ON_THE_WAY, AT_WRITING = 0.05, 0.01, 0.04
"""Shares of those who submitted, so that about one in ten stops."""


def stopped(instrument: Instrument, wave: Wave, arrived: Iterable[Arrival]) -> dict[Place, int]:
    """How many stopped where, for so many who submitted; the same for the same wave."""
    chance = Chance(crc32(f"{wave.survey} {wave.wave} stopped".encode()))
    submitted = Counter(arrival.variant for arrival in arrived if arrival.mode not in ELSEWHERE)
    found = {}
    for variant in instrument.variants:
        writing = {
            screen.id
            for screen in screens(apply(instrument, variant), variant)
            if any(isinstance(one.item, LongText | Phone) for part in screen.parts for one in part.ones)
        }
        for n, page in enumerate(pages_of(instrument, variant)):
            share = AT_WRITING if page.id in writing else ON_THE_WAY if n else AT_FIRST
            if left := int(chance.rng.binomial(submitted[variant.id], share)):
                found[Place(wave.survey, wave.wave, variant.id, page.id)] = left
    return found
