"""What a device says in turn, so that a post that was under way for long does not undo what came after it. Pure.

On a line that is silent for minutes a post is given up, and its page sent again with what has been changed since. When
the line comes back, the first one may arrive after all. So scripts number what they send (`turn`, with a name that the
device made up for this form), and an item takes nothing older than what the same device has said of it. Without
scripts nothing is numbered, and the last one counts.
"""

import msgspec

from survey.forms.items.base import Fields
from survey.web.drafting import Filled

LONGEST = 20
"""Of the name that a device makes up, and of a number: nobody needs more."""


def in_turn(filled: Filled, shown: list[str], posted: Fields) -> tuple[Filled, list[str]]:
    """The items of a post that are taken from it, and what was filled in with their turn noted.

    >>> late = {"turn": ["phone.3"]}
    >>> before, taken = in_turn(Filled(), ["Q1"], {"turn": ["phone.4"]})
    >>> in_turn(before, ["Q1", "Q2"], late)[1], in_turn(before, ["Q1"], {"turn": ["desk.1"]})[1]
    (['Q2'], ['Q1'])
    """
    device, _, number = posted.get("turn", [""])[0].rpartition(".")
    if not (0 < len(device) <= LONGEST and number.isdecimal() and len(number) <= LONGEST):
        return filled, shown
    turn = (device, int(number))
    taken = [item for item in shown if not _is_newer(filled.turns.get(item), turn)]
    return msgspec.structs.replace(filled, turns={**filled.turns, **dict.fromkeys(taken, turn)}), taken


def _is_newer(known: tuple[str, int] | None, turn: tuple[str, int]) -> bool:
    return known is not None and known[0] == turn[0] and known[1] > turn[1]
