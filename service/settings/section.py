"""What all tables of the configuration have in common."""

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, pre_load

UNKNOWN_KEY = "unknown key"
MISSING: dict[str, Any] = {"required": "is missing"}


class Section(Schema):
    """A table of the file: unknown keys are faults."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc] # marshmallow declares it loosely
        "type": "must be a table",
        "unknown": UNKNOWN_KEY,
    }

    @pre_load
    def _tables_left_out(self, data: object, **_: Any) -> object:
        """A table that is not written is an empty one, so that its defaults apply."""
        if not isinstance(data, dict):
            return data
        tables = [f.data_key or name for name, f in self.fields.items() if isinstance(f, fields.Nested)]
        return {table: {} for table in tables} | data
