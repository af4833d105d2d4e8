"""Marshmallow fields for answers in which one wrong value must not spoil the others.

None of them ever fails: what is not as documented is loaded as None, as if it were missing.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.weather.providers.quantities import Quantity


class Reading(fields.Field[float | None]):
    """One number of a quantity, in our unit."""

    def __init__(self, quantity: Quantity, told_as: str, unit: str) -> None:
        """Read the number that the provider calls `told_as` and tells in `unit`."""
        super().__init__(load_default=None, allow_none=True, data_key=told_as)
        self.quantity = quantity
        self.unit = unit

    def _deserialize(self, value: object, *_: object, **__: object) -> float | None:
        return self.quantity.read(value)


class Readings(fields.Field[list[float | None] | None]):
    """A series of numbers. One field for all of them: a schema for each number would take seconds."""

    def __init__(self, quantity: Quantity, told_as: str, unit: str) -> None:
        """Read the list that the provider calls `told_as` and tells in `unit`."""
        super().__init__(load_default=None, allow_none=True, data_key=told_as)
        self.quantity = quantity
        self.unit = unit

    def _deserialize(self, value: object, *_: object, **__: object) -> list[float | None] | None:
        if not isinstance(value, list):
            return None
        read = self.quantity.read
        return [read(item) for item in value]


class Section(fields.Nested):
    """A nested object with a schema of its own."""

    def __init__(self, schema: type[Schema], told_as: str | None = None) -> None:
        """Read the object that the provider calls `told_as`; by default, as we do."""
        super().__init__(schema, load_default=None, allow_none=True, data_key=told_as)

    def _deserialize(self, *args: Any, **kwargs: Any) -> object:
        try:
            return super()._deserialize(*args, **kwargs)
        except ValidationError:
            return None


def units_of(schema: type[Schema]) -> Mapping[str, str]:
    """The provider's names of the numbers in a schema, in its order, with the unit of each."""
    readings = [field for field in schema().fields.values() if isinstance(field, Reading | Readings)]
    return {field.data_key: field.unit for field in readings if field.data_key}
