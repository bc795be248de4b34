"""The report of rows that were not taken: one line for each wrong cell, for whoever mends the table."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from survey.responses.importing import Rejection

HEADING = ("row", "column", "value", "reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


class Rejects:
    """`FILE.rejected.csv` beside the file, made with the first rejected row; UTF-8 with a mark, so that Excel opens it.

    An earlier report of the same file is removed: it would say what is no longer so.
    """

    def __init__(self, source: Path) -> None:
        self.path = source.with_name(f"{source.name}.rejected.csv")
        self.rows = 0
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: int, rejections: Sequence[Rejection]) -> None:
        """Say why a row was not taken."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADING)
        self.rows += 1
        self._writer.writerows((row, _inert(one.column), _inert(one.value), one.reason) for one in rejections)


def _inert(text: str) -> str:
    """The text as a spreadsheet shows it, never as one that it computes."""
    return f"'{text}" if text.startswith(FORMULA) else text
