"""A chunk of responses on its way out: columns of bytes and numbers, never an object per response."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.forms.instrument import Instrument
from survey.forms.items import BaseItem, Missing, Number

STATES: tuple[Missing, ...] = tuple(Missing)
"""What the state of an open answer is when it is less than `ANSWERED`: a position here."""
ANSWERED = len(STATES)

HELPER = ("number", "answered_by")
"""What is told of who filled in for somebody else."""


class Texts(NamedTuple):
    """Texts one behind the other in UTF-8; the i-th is `data[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int32]
    data: bytes


class Packed(NamedTuple):
    """Some responses, column by column. `states`, `numbers` and `texts` are in the order of the open items."""

    ids: NDArray[np.uint8]
    """n by 16."""
    received: NDArray[np.int64]
    """Microseconds since 1970, UTC."""
    paradata: NDArray[np.uint8]
    """n by the names of the extent's levels: positions in them."""
    codes: NDArray[np.uint8]
    """n by the columns of the code book."""
    states: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    texts: tuple[Texts, ...]
    helper: tuple[Texts, ...]
    """In the order of `HELPER`; empty texts where nobody helped."""


class Extent(NamedTuple):
    """How much there is: responses, what each kind of paradata takes, bytes of the longest text of each text item."""

    n: int
    levels: dict[str, tuple[str, ...]]
    widths: dict[str, int]


class OpenItems(NamedTuple):
    """The items whose answers are kept beside the codes; contact data is not among them."""

    numbers: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them, in the order of the states."""
        return (*self.numbers, *self.texts)


def open_items(instrument: Instrument) -> OpenItems:
    """The open items of an instrument."""
    found = [asked.item for asked in instrument.asked if _is_open(asked.item)]
    return OpenItems(
        tuple(item.id for item in found if isinstance(item, Number)),
        tuple(item.id for item in found if not isinstance(item, Number)),
    )


def _is_open(item: BaseItem) -> bool:
    return item.asks and not item.contact and not item.columns()
