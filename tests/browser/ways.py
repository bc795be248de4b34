"""Every shipped instrument with its variants, the ways through each, and which of them the suite walks every time."""

from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import survey
from survey.forms.instrument import Instrument, Variant

INSTRUMENTS = {
    path.stem: msgspec.json.decode(path.read_bytes(), type=Instrument)
    for path in sorted((Path(survey.__file__).parent / "instruments").glob("*.json"))
}
LOCALES = ("zh-Hans", "en")


class Way(msgspec.Struct, frozen=True):
    """One way through an instrument: answers that lead it, and what its link already says."""

    answers: dict[str, str] = {}
    known: str = ""


WAYS = {
    "gov-sat": (
        Way({"Q2": "6", "Q3": "2", "Q7": "12", "Q8": "12", "Q12": "11", "Q14": "1", "D1": "7"}),
        Way({"Q0": "0"}),
        Way({"Q1": "0"}),
    ),
    "h12345-followup": (
        Way({"F0": "1", "F1": "1", "F2": "0", "F3": "2"}),
        Way({"F3": "2"}, known="wave_day=30"),
        Way({"F0": "2"}),
        Way({"F0": "0"}),
    ),
    "h12345-intake": (
        Way({"I0": "0", "I1": "3", "I2": "13", "I6": "2", "I6b": "1", "I12": "7"}),
        Way({"I0": "1"}),
        Way({"I0": "0", "I6": "2", "I6b": "0"}),
    ),
    "housing": (Way(),),
    "staff-digital": (Way({"B2": "40"}),),
}
"""The longest way first; behind it those to the pages and ends that it leaves out."""


class Case(msgspec.Struct, frozen=True):
    """What is walked: an instrument in one of its variants and one language."""

    slug: str
    variant: Variant
    locale: str

    @property
    def id(self) -> str:
        return f"{self.slug}-{self.variant.id}-{self.locale}"

    @property
    def instrument(self) -> Instrument:
        return INSTRUMENTS[self.slug]

    def start(self, way: Way) -> str:
        """The address where it begins."""
        return f"/s/{self.slug}?variant={self.variant.id}&lang={self.locale}&{way.known}"

    def length(self) -> int:
        """How long it takes, roughly: one question a page takes longest."""
        return len(self.instrument.asked if self.variant.layout == "items" else self.instrument.sections)


CASES = tuple(
    Case(slug, variant, locale)
    for slug, instrument in INSTRUMENTS.items()
    for variant in instrument.variants
    for locale in LOCALES
)


def suite(shows: Callable[[Case], Iterable[Hashable]]) -> list[Any]:
    """Every case as a parameter; marked `matrix` but for a few short ones that together show all there is to show."""
    missing = {one for case in CASES for one in shows(case)}
    always = set[str]()
    while missing:
        chosen = max(CASES, key=lambda case: (len({*shows(case)} & missing), -case.length()))
        missing -= {*shows(chosen)}
        always.add(chosen.id)
    rest = (pytest.mark.matrix, pytest.mark.slow)
    return [pytest.param(case, id=case.id, marks=() if case.id in always else rest) for case in CASES]
