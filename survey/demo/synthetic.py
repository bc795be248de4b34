"""Made-up responses from a fixed seed, after the figures of the founding document.

The document's figures are unsourced: they make a picture to look at, never a statement about any place. What each
survey follows, and how figures that do not fit together were reconciled, is said in its own module. The same seed
gives the same responses with the same ids, whenever and wherever it is run.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from survey.forms.instrument import Instrument
from survey.forms.items.base import Scalar
from survey.forms.reading import Reading, read
from survey.responses import Mode, Paradata
from survey.web.submission import Arrival

SEED = 20260701
NAMESPACE = UUID("8f0b1a52-6d0c-5a64-9d0e-2f5f0c1d7e31")
BEFORE, NOW = "2026H1", "2026H2"

Shares = Mapping[Any, float]
"""Codes, each with its share."""


class Person(Struct, kw_only=True):
    """One made-up respondent: everything they would say to any question, whether or not they come to it."""

    given: dict[str, object]
    variant: str = "standard"
    mode: Mode = Mode.WEB
    prefill: dict[str, Scalar] = {}
    minutes: float = 3.0
    """About how long they take."""


class Chance:
    """Draws from one generator, in plain Python numbers."""

    def __init__(self, *seed: int) -> None:
        self.rng: Generator = np.random.default_rng([SEED, *seed])

    def yes(self, share: float) -> bool:
        """True in this share of cases."""
        return bool(self.rng.random() < share)

    def one(self, shares: Shares) -> Scalar:
        """One of the keys, in proportion to the values."""
        rest = float(self.rng.random()) * sum(shares.values())
        code: Scalar = 0
        for code, share in shares.items():  # noqa: B007 - the last one, should rounding leave a rest
            rest -= share
            if rest < 0:
                break
        return code

    def some(self, shares: Shares, most: int) -> list[Scalar]:
        """Each key with its own chance, at most so many of them."""
        drawn = [key for key, share in shares.items() if self.yes(share)]
        while len(drawn) > most:
            drawn.pop(int(self.rng.integers(len(drawn))))
        return drawn

    def text(self, texts: Sequence[str]) -> str:
        """One of the texts."""
        return texts[int(self.rng.integers(len(texts)))]

    def count(self, mean: float, most: int = 20) -> int:
        """A number of times, Poisson."""
        return min(int(self.rng.poisson(mean)), most)

    def phone(self) -> str:
        """A telephone number that cannot be anybody's: no mobile number begins with 100."""
        return f"100{int(self.rng.integers(10**8)):08d}"


Draw = Callable[[Chance, str, int], Person]
"""Makes respondent number n of a wave."""


def arrivals(instrument: Instrument, wave: str, n: int, draw: Draw) -> Iterator[tuple[Arrival, Reading]]:
    """The made-up respondents of a wave, each with what came of reading them; what their path skips is left out."""
    chance = Chance(crc32(instrument.slug.encode()), crc32(wave.encode()))
    for number in range(n):
        person = draw(chance, wave, number)
        whole = read(instrument, person.given, prefill=person.prefill)
        given = {item: value for item, value in person.given.items() if item in whole.seen}
        arrival = Arrival(
            id=uuid5(NAMESPACE, f"{SEED}/{instrument.slug}/{wave}/{number}"),
            variant=person.variant,
            locale="en" if chance.yes(0.03) else "zh-Hans",
            mode=person.mode,
            given=given,
            prefill=person.prefill,
            paradata=Paradata(seconds=round(60 * person.minutes * float(chance.rng.lognormal(0, 0.35)), 1)),
            synthetic=True,
        )
        yield arrival, read(instrument, given, prefill=person.prefill)
