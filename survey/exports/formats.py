"""The formats of an export: each writes batch after batch and holds no more than one row group of them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from survey.exports.plan import Plan
from survey.exports.sav import SavFile
from survey.exports.xlsx import XlsxFile

BOM = b"\xef\xbb\xbf"
ROW_GROUP = 16_384


class Writer(Protocol):
    """A file being written; it is whole once `close` has returned."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a chunk of responses."""

    def close(self) -> None:
        """Finish the file."""


class Format(NamedTuple):
    """How files of one ending are written; `escapes` and `formulas` as in a plan."""

    media_type: str
    open: Callable[[Path, Plan], Writer]
    escapes: bool = True
    formulas: bool = False


def csv_heading(schema: pa.Schema) -> bytes:
    """The mark by which Excel knows UTF-8, and the names of the columns."""
    from pyarrow import csv

    sink = io.BytesIO()
    csv.write_csv(schema.empty_table(), sink)
    return BOM + sink.getvalue()


def csv_lines(batch: pa.RecordBatch) -> bytes:
    """A chunk of responses as lines of CSV."""
    from pyarrow import csv

    sink = io.BytesIO()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    return sink.getvalue()


class CsvFile:
    """CSV in UTF-8."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self._file = path.open("wb")
        self._file.write(csv_heading(plan.schema))

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a chunk of responses."""
        self._file.write(csv_lines(batch))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class ParquetFile:
    """Parquet, compressed with zstandard."""

    def __init__(self, path: Path, plan: Plan) -> None:
        from pyarrow import parquet

        self._writer = parquet.ParquetWriter(path, plan.schema, compression="zstd")
        self._held: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a chunk of responses."""
        self._held.append(batch)
        if sum(held.num_rows for held in self._held) >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held))
            self._held.clear()

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._writer.close()


FORMATS: dict[str, Format] = {
    ".csv": Format("text/csv", CsvFile, formulas=True),
    ".xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", XlsxFile, formulas=True),
    ".parquet": Format("application/vnd.apache.parquet", ParquetFile),
    ".sav": Format("application/x-spss-sav", SavFile, escapes=False),
}
