"""What MET Norway writes (Locationforecast 2.0, complete): its names, its units, and our names for them."""

from collections.abc import Mapping

from marshmallow import EXCLUDE, Schema, fields

from service.weather.providers.fields import Reading, Section
from service.weather.providers.quantities import (
    CLOUD_COVER,
    HUMIDITY,
    PRECIPITATION,
    PRESSURE,
    PROBABILITY,
    TEMPERATURE,
    WIND_DIRECTION,
    WIND_SPEED,
)


class _Part(Schema):
    class Meta:
        unknown = EXCLUDE


class InstantDetails(_Part):
    """The values of one moment."""

    temperature = Reading(TEMPERATURE, "air_temperature", "celsius")
    humidity = Reading(HUMIDITY, "relative_humidity", "%")
    wind_speed = Reading(WIND_SPEED, "wind_speed", "m/s")
    wind_direction = Reading(WIND_DIRECTION, "wind_from_direction", "degrees")
    wind_gust = Reading(WIND_SPEED, "wind_speed_of_gust", "m/s")
    pressure = Reading(PRESSURE, "air_pressure_at_sea_level", "hPa")
    cloud_cover = Reading(CLOUD_COVER, "cloud_area_fraction", "%")


class HourDetails(_Part):
    """The sums of one hour."""

    precipitation = Reading(PRECIPITATION, "precipitation_amount", "mm")
    precipitation_probability = Reading(PROBABILITY, "probability_of_precipitation", "%")


class SixHourDetails(HourDetails):
    """The sums of six hours."""

    precipitation = Reading(PRECIPITATION.summed_over(6), "precipitation_amount", "mm")


class _Summary(_Part):
    symbol = fields.Raw(load_default=None, data_key="symbol_code")


class _Instant(_Part):
    details = Section(InstantDetails)


class _Hour(_Part):
    summary = Section(_Summary)
    details = Section(HourDetails)


class _SixHours(_Part):
    summary = Section(_Summary)
    details = Section(SixHourDetails)


class _TwelveHours(_Part):
    summary = Section(_Summary)


class _Data(_Part):
    instant = Section(_Instant)
    hour = Section(_Hour, "next_1_hours")
    six_hours = Section(_SixHours, "next_6_hours")
    twelve_hours = Section(_TwelveHours, "next_12_hours")


class _Entry(_Part):
    time = fields.Raw(load_default=None)
    data = Section(_Data)


class _Meta(_Part):
    updated_at = fields.Raw(load_default=None)
    units = fields.Dict(required=True)


class _Geometry(_Part):
    coordinates = fields.List(fields.Raw(allow_none=True), required=True)


class _Properties(_Part):
    meta = fields.Nested(_Meta, required=True)
    timeseries = fields.List(fields.Nested(_Entry), required=True)


class Feature(_Part):
    """The whole answer: one place, and a series of entries."""

    geometry = fields.Nested(_Geometry, required=True)
    properties = fields.Nested(_Properties, required=True)


def in_other_units(units: Mapping[object, object]) -> frozenset[str]:
    """Our names of the values that the answer tells in units not documented, or in none."""
    readings = InstantDetails().fields | HourDetails().fields
    return frozenset(
        name
        for name, field in readings.items()
        if isinstance(field, Reading) and units.get(field.data_key) != field.unit
    )
