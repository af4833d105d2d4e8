"""MET Norway's payload (Locationforecast 2.0, complete): its names, its units, and our names for them."""

from collections.abc import Mapping

from marshmallow import EXCLUDE, Schema, fields

from service.weather.providers.readings import (
    CLOUD_COVER,
    HUMIDITY,
    PRECIPITATION,
    PRESSURE,
    PROBABILITY,
    TEMPERATURE,
    WIND_DIRECTION,
    WIND_SPEED,
    NumberField,
    SectionField,
)


class _Part(Schema):
    class Meta:
        unknown = EXCLUDE


class InstantDetails(_Part):
    temperature = NumberField(TEMPERATURE, "air_temperature", "celsius")
    humidity = NumberField(HUMIDITY, "relative_humidity", "%")
    wind_speed = NumberField(WIND_SPEED, "wind_speed", "m/s")
    wind_direction = NumberField(WIND_DIRECTION, "wind_from_direction", "degrees")
    wind_gust = NumberField(WIND_SPEED, "wind_speed_of_gust", "m/s")
    pressure = NumberField(PRESSURE, "air_pressure_at_sea_level", "hPa")
    cloud_cover = NumberField(CLOUD_COVER, "cloud_area_fraction", "%")


class HourDetails(_Part):
    precipitation = NumberField(PRECIPITATION, "precipitation_amount", "mm")
    precipitation_probability = NumberField(PROBABILITY, "probability_of_precipitation", "%")


class SixHourDetails(HourDetails):
    precipitation = NumberField(PRECIPITATION.summed_over(6), "precipitation_amount", "mm")
    lowest = NumberField(TEMPERATURE, "air_temperature_min", "celsius")
    highest = NumberField(TEMPERATURE, "air_temperature_max", "celsius")


class _Summary(_Part):
    symbol = fields.Raw(load_default=None, data_key="symbol_code")


class _Instant(_Part):
    details = SectionField(InstantDetails)


class _Hour(_Part):
    summary = SectionField(_Summary)
    details = SectionField(HourDetails)


class _SixHours(_Part):
    summary = SectionField(_Summary)
    details = SectionField(SixHourDetails)


class _TwelveHours(_Part):
    summary = SectionField(_Summary)


class _Data(_Part):
    instant = SectionField(_Instant)
    hour = SectionField(_Hour, "next_1_hours")
    six_hours = SectionField(_SixHours, "next_6_hours")
    twelve_hours = SectionField(_TwelveHours, "next_12_hours")


class _Entry(_Part):
    time = fields.Raw(load_default=None)
    data = SectionField(_Data)


class _Meta(_Part):
    updated_at = fields.Raw(load_default=None)
    units = fields.Dict(required=True)


class _Geometry(_Part):
    coordinates = fields.List(fields.Raw(allow_none=True), required=True)


class _Properties(_Part):
    meta = fields.Nested(_Meta, required=True)
    timeseries = fields.List(fields.Nested(_Entry), required=True)


class Feature(_Part):
    """A whole response: one place with a series of entries."""

    geometry = fields.Nested(_Geometry, required=True)
    properties = fields.Nested(_Properties, required=True)


def names_in_other_units(units: Mapping[object, object]) -> frozenset[str]:
    """Return our names of the values that the response has in other units than documented, or without one."""
    numbers = InstantDetails().fields | SixHourDetails().fields
    # Its extremes are in the unit of the temperature where theirs is not told.
    extremes = dict.fromkeys(("air_temperature_min", "air_temperature_max"), units.get("air_temperature"))
    told = extremes | dict(units)
    return frozenset(
        name
        for name, field in numbers.items()
        if isinstance(field, NumberField) and told.get(field.data_key) != field.unit
    )
