"""What the cells of a table say, the same whichever kind of file they are from."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

YES = frozenset({"1", "true", "yes", "y", "x", "是", "有", "√", "✓", "✔"})
NO = frozenset({"0", "false", "no", "n", "否", "没有", "无"})
SEPARATORS = ";"
WHOLE = 10**15


def text_of(cell: object) -> str:
    """A cell as text, the same whichever kind of file it is from."""
    match cell:
        case bool():
            text = str(int(cell))
        case float():
            text = _number_text(cell)
        case datetime() if cell.time() == time():
            text = cell.date().isoformat()
        case date():
            text = cell.isoformat()
        case list() | tuple():
            text = SEPARATORS.join(map(text_of, cell))
        case _:
            text = "" if cell is None else str(cell).strip()
    return text


def _number_text(number: float) -> str:
    if math.isnan(number):  # a blank cell in a column of numbers
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < WHOLE else str(number)


def content_of(cells: Mapping[str, object]) -> list[tuple[str, str]]:
    """What makes a row the row it is, whatever the order of its columns."""
    texts = ((column, text_of(cell)) for column, cell in cells.items())
    return sorted((column, text) for column, text in texts if text)


def says_yes(text: str, blanks: Iterable[str]) -> bool:
    """Whether a cell of a column for one option says yes; ValueError when it says neither."""
    word = text.lower()
    if word in YES:
        return True
    if word == "" or word in NO or text in blanks:
        return False
    raise ValueError("a column for one option says 1 or 0 (yes or no)")
