"""Everything that is known of an export before its first row."""

from functools import cached_property

import msgspec
import pyarrow as pa

from survey.exports.batches import guard_of, record_batch, schema_of
from survey.exports.variables import Variable, variables
from survey.forms.instrument import Instrument
from survey.responses import Wave
from survey.responses.exporting import Extent, Packed


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is exported. `escapes`: states by the items' own codes; `formulas`: texts are kept from being one."""

    wave: Wave
    instrument: Instrument
    sha256: str
    extent: Extent
    escapes: bool = True
    formulas: bool = False

    @cached_property
    def columns(self) -> tuple[Variable, ...]:
        """What each column holds."""
        return variables(self.instrument, escapes=self.escapes)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns' names and types."""
        return schema_of(self.columns)

    @cached_property
    def guard(self) -> str:
        """The texts that get an apostrophe in front."""
        return guard_of(self.columns, formulas=self.formulas)

    def batch(self, packed: Packed) -> pa.RecordBatch:
        """A chunk of responses as the export has them."""
        return record_batch(self.columns, packed, wave=self.wave.wave, levels=self.extent.levels, guard=self.guard)
