"""Reading what providers send: JSON, numbers within physical bounds, times, coordinates.

One wrong value must not spoil the others: what is not as documented is read as None, as if it were missing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.core.errors import Cause, UpstreamError
from service.places.model import Place

# JSON

_BARE_NAN = re.compile(r"(?<=[:,\[])\s*[-+]?(?:nan|inf(?:inity)?)(?=\s*[,\]}])", re.IGNORECASE)


def parse_json(body: bytes) -> object:
    """Return the value in a body; `nan`, `NaN` and `Infinity` are None.

    Raises:
        UpstreamError: unreadable, where the body is not JSON in UTF-8.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UpstreamError(Cause.UNREADABLE, "The response is not text in UTF-8.") from error
    try:
        return _loads(text)
    except ValueError:
        pass
    except RecursionError as error:
        raise UpstreamError(Cause.UNREADABLE, "The response is nested too deeply.") from error
    try:
        # Open-Meteo writes a bare `nan` for a place outside a model: it must not cost the other places.
        return _loads(_BARE_NAN.sub("null", text))
    except (ValueError, RecursionError) as error:
        raise UpstreamError(Cause.UNREADABLE, "The response is not JSON.") from error


def _loads(text: str) -> object:
    value: object = json.loads(text, parse_constant=lambda _: None)
    return value


# Numbers

_NUMBERS_AND_GAPS = {int, float, type(None)}  # bool, which is an int, has a type of its own


@dataclass(frozen=True, slots=True)
class Quantity:
    """The bounds of a physical quantity in our unit.

    `per_unit` is how many of the provider's units make one of ours: 3.6 km/h are 1 m/s. Values that exceed
    `high` by `excess` at most are `high`.
    """

    low: float
    high: float
    per_unit: float = 1.0
    excess: float = 0.0

    def given_in(self, per_unit: float) -> "Quantity":
        """Return the same quantity as a provider gives it in a smaller unit: `WIND_SPEED.given_in(KMH)`."""
        return replace(self, per_unit=per_unit)

    def summed_over(self, hours: int) -> "Quantity":
        """Return the sum over several hours of a quantity that is bounded for one."""
        return replace(self, high=self.high * hours)

    def read(self, value: object) -> float | None:
        """Return the value in our unit; None where it is not a number or is physically impossible.

        NaN and the infinities are out of bounds. The bounds are compared before converting, since an integer
        of a thousand digits cannot be converted.
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not self.low * self.per_unit <= value <= (self.high + self.excess) * self.per_unit:
            return None
        return min(value / self.per_unit, self.high) + 0.0  # turns a negative zero into the plain one

    def read_list(self, values: Sequence[Any]) -> list[float | None]:
        """Return what `read` makes of each value, for lists as they usually are in a tenth of its time."""
        types = set(map(type, values))
        if not types <= _NUMBERS_AND_GAPS:
            return [self.read(value) for value in values]
        low, high, divisor = self.low * self.per_unit, self.high * self.per_unit, self.per_unit
        has_gaps = not values or type(None) in types
        # A NaN hides from min and max, but not from the sum.
        if not has_gaps and low <= min(values) <= max(values) <= high and isfinite(sum(values)):
            return [value / divisor + 0.0 for value in values]
        read = self.read  # for what lies above the bound, which `excess` may allow
        return [
            (value / divisor + 0.0 if low <= value <= high else read(value)) if value is not None else None
            for value in values
        ]


KMH = 3.6  # km/h in one m/s

TEMPERATURE = Quantity(-95, 65)  # °C
APPARENT_TEMPERATURE = Quantity(-120, 80)  # °C
HUMIDITY = Quantity(0, 100, excess=5)  # %; models write a little more in saturated air
WIND_SPEED = Quantity(0, 120)  # m/s
WIND_DIRECTION = Quantity(0, 360)  # degrees
PRESSURE = Quantity(850, 1100)  # hPa
CLOUD_COVER = Quantity(0, 100)  # %
PRECIPITATION = Quantity(0, 500)  # mm in one hour
PROBABILITY = Quantity(0, 100)  # %
LATITUDE = Quantity(-90, 90)
LONGITUDE = Quantity(-180, 180)


class NumberField(fields.Field[float | None]):
    """A marshmallow field for one number, which the provider calls `name` and gives in `unit`."""

    def __init__(self, quantity: Quantity, name: str, unit: str) -> None:
        super().__init__(load_default=None, allow_none=True, data_key=name)
        self.quantity = quantity
        self.unit = unit

    def _deserialize(self, value: object, *_: object, **__: object) -> float | None:
        return self.quantity.read(value)


class NumberListField(fields.Field[list[float | None] | None]):
    """A list of numbers. A field for each of them, as marshmallow's own list has, would take seconds."""

    def __init__(self, quantity: Quantity, name: str, unit: str) -> None:
        super().__init__(load_default=None, allow_none=True, data_key=name)
        self.quantity = quantity
        self.unit = unit

    def _deserialize(self, value: object, *_: object, **__: object) -> list[float | None] | None:
        return self.quantity.read_list(value) if isinstance(value, list) else None


class SectionField(fields.Nested):
    """A nested object with a schema of its own, which the provider calls `name` (by default, as we do)."""

    def __init__(self, schema: type[Schema], name: str | None = None) -> None:
        super().__init__(schema, load_default=None, allow_none=True, data_key=name)

    def _deserialize(self, *args: Any, **kwargs: Any) -> object:
        try:
            return super()._deserialize(*args, **kwargs)
        except ValidationError:
            return None


def units_of(schema: type[Schema]) -> Mapping[str, str]:
    """Return the unit of each number in a schema, by the provider's name of it and in the schema's order."""
    numbers = [
        field for field in schema().fields.values() if isinstance(field, NumberField | NumberListField)
    ]
    return {field.data_key: field.unit for field in numbers if field.data_key}


# Times

_CURRENT_WITHIN = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_LONGEST_ISO = 40  # characters
_MIN_TIMESTAMP, _MAX_TIMESTAMP = 0, 4_102_444_800  # the years 1970 to 2100, for ISO times too


def parse_instant(value: object, utc_offset: timedelta | None = None) -> datetime | None:
    """Return the UTC instant of an ISO time or of a Unix time in seconds; None for anything else.

    Args:
        value: the time as the response has it.
        utc_offset: the zone of a time that names none; without it such a time is None.
    """
    if isinstance(value, str):
        return _parse_iso(value, utc_offset) if len(value) <= _LONGEST_ISO else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if _MIN_TIMESTAMP <= value <= _MAX_TIMESTAMP else None


@lru_cache(4096)  # the suns of many places rise in the same minute
def _parse_iso(text: str, utc_offset: timedelta | None) -> datetime | None:
    if "T" not in text:
        return None  # a date alone is not an instant
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            if utc_offset is None:
                return None
            time = (time - utc_offset).replace(tzinfo=UTC)
        time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if _MIN_TIMESTAMP <= time.timestamp() <= _MAX_TIMESTAMP else None


def parse_hours(times: object, utc_offset: timedelta | None = None) -> list[datetime]:
    """Return the instants of a series; none unless all are valid, in order and whole hours apart."""
    if not isinstance(times, list):
        return []
    if set(map(type, times)) == {str}:
        return list(_parse_texts(tuple(times), utc_offset))
    return _in_order([parse_instant(time, utc_offset) for time in times])


@lru_cache(maxsize=64)  # the places of a batch have the same hours, in a few time zones
def _parse_texts(times: tuple[str, ...], utc_offset: timedelta | None) -> Sequence[datetime]:
    return _in_order([parse_instant(time, utc_offset) for time in times])


def _in_order(parsed: Sequence[datetime | None]) -> list[datetime]:
    instants = [time for time in parsed if time is not None]
    gaps = {later - earlier for earlier, later in pairwise(instants)}
    if len(instants) < len(parsed) or any(gap < _HOUR or gap % _HOUR for gap in gaps):
        return []
    return instants


def is_about_now(time: datetime, now: datetime) -> bool:
    """Return whether values for this time may be shown as current: within two hours of our clock."""
    return abs(now - time) <= _CURRENT_WITHIN


# Coordinates

_COORDINATE_DECIMALS = 4  # about ten metres; MET Norway refuses more


def format_coordinate(degrees: float) -> str:
    """Return a coordinate for a request, with at most four decimals."""
    text = f"{round(degrees, _COORDINATE_DECIMALS) + 0.0:.{_COORDINATE_DECIMALS}f}"
    return text.rstrip("0").rstrip(".")


def is_near(place: Place, latitude: float | None, longitude: float | None, degrees: float) -> bool:
    """Return whether a position is within so many degrees of the place, in both directions."""
    if latitude is None or longitude is None:
        return False
    longitude_distance = abs((longitude - place.longitude + 180) % 360 - 180)  # 179.9° E and W are neighbours
    return abs(latitude - place.latitude) <= degrees and longitude_distance <= degrees
