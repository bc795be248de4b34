"""SPSS: labels in the instrument's first language, missing states as user-missing values, measurement levels."""

import warnings
from pathlib import Path

import pyarrow as pa

from survey.errors import Refused
from survey.exports.plan import Plan
from survey.exports.variables import Category, Coded, TextVariable, Variable
from survey.forms.items import ChoiceItem
from survey.forms.wording import Reader
from survey.responses import AnsweredBy

WIDEST = 32_767
"""The bytes of the longest text that SPSS takes."""

HELPER_WIDEST = 160
"""Forty characters of four bytes."""


class SavFile:
    """An SPSS file, its rows compressed as SPSS does it; the number of rows is in its heading, before them."""

    def __init__(self, path: Path, plan: Plan) -> None:
        import readstat_arrow as readstat

        widths = {column.name: _width(column, plan) for column in plan.columns if _is_text(column, plan)}
        wide = next((name for name, width in widths.items() if width > WIDEST), None)
        if wide is not None:
            raise Refused(
                "SPSS takes texts of %(most)s bytes, %(name)s has one of %(width)s: take .csv",
                most=f"{WIDEST:,}",
                name=wide,
                width=f"{widths[wide]:,}",
            )
        say = Reader(plan.instrument.locales[0], fallback=plan.instrument.locales[0]).say
        with warnings.catch_warnings():  # that a label was cut and a name changed is in docs/export.md
            warnings.simplefilter("ignore", readstat.ReadstatWarning)
            self._writer = readstat.SavWriter(
                path,
                plan.schema,
                plan.extent.n,
                readstat.Metadata(
                    file_label=f"{plan.wave.survey} {plan.wave.wave}{' (synthetic)' if plan.wave.synthetic else ''}",
                    variable_labels={column.name: say(column.label) for column in plan.columns},
                    value_labels={
                        column.name: [{"value": one.value, "label": say(one.text)} for one in _labelled(column)]
                        for column in plan.columns
                    },
                    measures={column.name: column.measure for column in plan.columns},
                    missing_values={column.name: _missing(column) for column in plan.columns},  # type: ignore[misc]
                    storage_widths=widths,
                ),
                rename_invalid_names=True,
                on_text_limits_exceeded="truncate",
                compression="rows",
            )

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a chunk of responses."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


def _labelled(column: Variable) -> list[Category]:
    return [category for category in column.categories if category.text]


def _missing(column: Variable) -> dict[str, object] | None:
    """A range for numbers; for texts the first three states that an answer can have, the most that SPSS takes."""
    states = [category for category in column.categories if category.missing is not None]
    numbers = [category.value for category in states if not isinstance(category.value, str)]
    if numbers:
        return {"lo": min(numbers), "hi": max(numbers)}
    escapes = column.item.escapes if isinstance(column.item, ChoiceItem) else ()
    possible = {"not_asked", "skipped", *(option.missing for option in escapes)}
    values = [category.value for category in states if category.missing and category.missing.value in possible]
    return {"values": values[:3]} if values else None


def _is_text(column: Variable, plan: Plan) -> bool:
    return bool(pa.types.is_string(plan.schema.field(column.name).type))


def _width(column: Variable, plan: Plan) -> int:
    """The bytes of the longest text of a column; an apostrophe may come in front."""
    match column:
        case Coded() | TextVariable():
            texts = [str(cell) for cell in column.cells if cell is not None]
        case Variable(source="id"):
            return 36
        case Variable(source="wave"):
            texts = [plan.wave.wave]
        case Variable(source="helper"):
            return HELPER_WIDEST
        case Variable(source="answered_by"):
            texts = list(AnsweredBy)
        case _:
            texts = list(plan.extent.levels.get(column.source, ()))
    longest = max((len(text.encode()) for text in texts), default=1)
    return max(longest, plan.extent.widths.get(column.item.id, 0) + 1) if isinstance(column, TextVariable) else longest
