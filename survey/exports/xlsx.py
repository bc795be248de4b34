"""XLSX with one sheet, written straight into its archive: no object a cell, nothing held but a batch.

References: ECMA-376-1, SpreadsheetML (18.3.1.73 row, 18.3.1.4 c, 18.18.11 inlineStr); ISO/IEC 29500.
"""

from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from survey.errors import Refused
from survey.exports.plan import Plan

SHEET_ROWS = 1_048_576
LONGEST_CELL = 32_767
PIECE = 1024
"""So many rows are put into words at once: they take more room as XML than as numbers."""
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>',
}


class XlsxFile:
    """One sheet, each row written when it comes."""

    def __init__(self, path: Path, plan: Plan) -> None:
        if plan.extent.n >= SHEET_ROWS:
            raise Refused(
                "A sheet holds %(most)s rows and %(wave)s has %(n)s responses: take .csv, .parquet or .sav",
                most=f"{SHEET_ROWS:,}",
                wave=plan.wave.wave,
                n=f"{plan.extent.n:,}",
            )
        self._archive = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1)
        for name, part in _PARTS.items():
            self._archive.writestr(name, _HEAD + part.replace("%s", escape(plan.wave.wave[:31])))
        self._sheet = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>'.encode())
        self._append([_texts(pa.array([name])) for name in plan.schema.names])

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a chunk of responses."""
        for start in range(0, batch.num_rows, PIECE):
            self._append([_cells(column) for column in batch.slice(start, PIECE).columns])

    def _append(self, cells: list[pa.Array]) -> None:
        rows = pc.binary_join_element_wise("<row>", *cells, "</row>", "")
        self._sheet.write("".join(rows.to_pylist()).encode())

    def close(self) -> None:
        """Finish the file."""
        try:
            with self._sheet:
                self._sheet.write(b"</sheetData></worksheet>")
        finally:
            self._archive.close()


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type) or pa.types.is_string(column.type):
        return _texts(column.cast(pa.string()))
    return _framed("<c><v>", column.cast(pa.string()), "</v></c>")


def _texts(texts: pa.Array) -> pa.Array:
    """Cells with a text in them; characters that XML has no way to write become U+FFFD."""
    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    if longest > LONGEST_CELL:
        raise Refused(
            "A cell of a sheet holds %(most)s characters, an answer has %(longest)s: take .csv",
            most=f"{LONGEST_CELL:,}",
            longest=f"{longest:,}",
        )
    texts = pc.replace_substring_regex(texts, _NOT_XML, "\ufffd")
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}.items():
        texts = pc.replace_substring(texts, character, entity)
    return _framed('<c t="inlineStr"><is><t xml:space="preserve">', texts, "</t></is></c>")


def _framed(begin: str, content: pa.Array, end: str) -> pa.Array:
    """The cells; an empty one keeps its place."""
    return pc.coalesce(pc.binary_join_element_wise(begin, content, end, ""), "<c/>")
