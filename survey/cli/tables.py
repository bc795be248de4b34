"""Tables as files: CSV, XLSX and Parquet, some thousand rows at a time and never whole in memory."""

import codecs
import contextlib
import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from survey.errors import Refused
from survey.forms.each import Each, each_of

ROWS = 5000
"""So many rows are read, judged and kept together."""
PIECE = 1 << 20
DELIMITERS = ",;\t|"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
LONGEST_CELL = 1 << 20


class Record(NamedTuple):
    """A row as a spreadsheet numbers it (the heading is row 1); `problem` says why its cells cannot be told."""

    number: int
    cells: Sequence[object]
    problem: str = ""


class Chunk(NamedTuple):
    """Some rows, column by column: their numbers, their cells, and which of them have a problem."""

    numbers: Sequence[int]
    columns: dict[str, Each[object]]
    problems: dict[int, str]
    """By place in the chunk."""

    def row(self, place: int) -> dict[str, object]:
        """The cells of one row."""
        return {name: column.one(place) for name, column in self.columns.items()}


class Table(NamedTuple):
    """A table being read. `done` says how far the reading is, in the units of `total` (0: nobody knows)."""

    columns: tuple[str, ...]
    chunks: Iterator[Chunk]
    total: int
    done: Callable[[], int]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Open the table in a file; `Refused` says in a line why it cannot be read."""
    how = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}.get(path.suffix.lower())
    if how is None:
        raise Refused(f"{path}: a table is a .csv, .xlsx or .parquet file")
    try:
        with how(path) as table:
            yield table
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)) != path:
            raise
        raise Refused(f"{path}: {(error.strerror or str(error)).lower()}") from None


@contextlib.contextmanager
def _csv(path: Path) -> Iterator[Table]:
    encoding = _encoding(path)
    csv.field_size_limit(LONGEST_CELL)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        first_line = text.readline(LONGEST_CELL)
        text.seek(0)
        reader = csv.reader(text, delimiter=_delimiter(first_line), strict=True)
        columns = _heading(path, _next_record(path, reader) or [])
        yield Table(columns, _chunks(columns, _csv_rows(path, reader, columns)), path.stat().st_size, raw.tell)


def _csv_rows(path: Path, reader: Iterator[list[str]], columns: Sequence[str]) -> Iterator[Record]:
    number = 1
    while (record := _next_record(path, reader)) is not None:
        number += 1
        if not any(record):
            continue
        right = len(record) == len(columns)
        yield Record(number, record, "" if right else f"the row has {len(record)} cells, the heading {len(columns)}")


def _next_record(path: Path, reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except (csv.Error, UnicodeError) as error:
        line = getattr(reader, "line_num", 0) + isinstance(error, UnicodeError)
        raise Refused(f"{path}: not a CSV file from line {line} on ({error}); rows before it are kept") from None


def _encoding(path: Path) -> str:
    """UTF-8, what Excel writes in China (GB 18030), or what a mark at the beginning says."""
    with path.open("rb") as file:
        start = file.read(3)
        for bom, encoding in BOMS.items():
            if start.startswith(bom):
                return encoding
        for encoding in ("utf-8", "gb18030"):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            with contextlib.suppress(UnicodeDecodeError):
                while chunk := file.read(PIECE):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
                return encoding
    raise Refused(f"{path}: the text is neither UTF-8 nor GB 18030; save it as CSV UTF-8")


def _delimiter(first_line: str) -> str:
    """What stands most often between the column names, outside quotes."""
    bare = "".join(first_line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


@contextlib.contextmanager
def _xlsx(path: Path) -> Iterator[Table]:
    import openpyxl

    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
            raise Refused(f"{path}: not an XLSX file ({' '.join(str(error).split())})") from None
        if sheet is None:
            raise Refused(f"{path}: the workbook has no visible sheet")
        try:
            rows = sheet.iter_rows(values_only=True)
            columns = _heading(path, [_text(cell) for cell in next(rows, ())])
            yield Table(columns, _chunks(columns, _xlsx_rows(rows, columns)), sheet.max_row or 0, lambda: 0)
        finally:
            book.close()


def _xlsx_rows(rows: Iterator[tuple[object, ...]], columns: Sequence[str]) -> Iterator[Record]:
    for number, record in enumerate(rows, start=2):
        if all(cell is None or cell == "" for cell in record):
            continue
        stray = any(cell is not None for cell in record[len(columns) :])
        yield Record(number, record, "the row has cells beyond the last heading" if stray else "")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


@contextlib.contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise Refused(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from None
    with file:
        columns = _heading(path, file.schema_arrow.names)
        yield Table(columns, _parquet_chunks(path, file, columns), file.metadata.num_rows + 1, lambda: 0)


def _parquet_chunks(path: Path, file: object, columns: Sequence[str]) -> Iterator[Chunk]:
    import pyarrow as pa

    number = 2
    try:
        for batch in file.iter_batches(batch_size=ROWS):  # type: ignore[attr-defined]
            n = batch.num_rows
            cells = {name: each_of(column.to_pylist()) for name, column in zip(columns, batch, strict=False) if name}
            yield Chunk(range(number, number + n), cells, {})
            number += n
    except (pa.ArrowException, OSError) as error:
        raise Refused(
            f"{path}: damaged behind row {number - 1}; rows before it are kept ({str(error).splitlines()[0]})"
        ) from None


def _chunks(columns: Sequence[str], records: Iterator[Record]) -> Iterator[Chunk]:
    """The rows by the thousands; those before a damaged one come before it is complained of."""
    held: list[Record] = []
    damage: Refused | None = None
    try:
        for record in records:
            held.append(record)
            if len(held) == ROWS:
                yield _chunk(columns, held)
                held = []
    except Refused as error:
        damage = error
    if held:
        yield _chunk(columns, held)
    if damage is not None:
        raise damage


def _chunk(columns: Sequence[str], records: Sequence[Record]) -> Chunk:
    width = len(columns)
    rows = [
        cells if len(cells) == width else (*cells[:width], *[None] * (width - len(cells))) for _, cells, _ in records
    ]
    return Chunk(
        numbers=[record.number for record in records],
        columns={name: each_of(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True) if name},
        problems={place: record.problem for place, record in enumerate(records) if record.problem},
    )


def _heading(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    columns = [name.strip() for name in names]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Refused(f"{path}: the first row must have the names of the columns, and is empty")
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise Refused(f"{path}: two columns are named {twice!r}")
    return tuple(columns)
