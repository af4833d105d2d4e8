"""What Open-Meteo writes: its names, its units, and the schemas that turn its names into ours.

The schemas are also the list of what is asked for. Only values in the units asked for pass; a variable
that a model lacks has the unit `undefined`.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load

from service.weather.providers.fields import Reading, Readings, Section, units_of
from service.weather.providers.quantities import (
    APPARENT_TEMPERATURE,
    CLOUD_COVER,
    HUMIDITY,
    KMH,
    LATITUDE,
    LONGITUDE,
    PRECIPITATION,
    PRESSURE,
    PROBABILITY,
    TEMPERATURE,
    WIND_DIRECTION,
    WIND_SPEED,
    Quantity,
)

UNITS: Mapping[str, str] = {
    "temperature_unit": "celsius",
    "wind_speed_unit": "kmh",
    "precipitation_unit": "mm",
    "timeformat": "iso8601",
}

_CODE = Quantity(0, 99)
_YES_OR_NO = Quantity(0, 1)
_SECONDS_FROM_UTC = Quantity(-64_800, 64_800)


class _Values(Schema):
    class Meta:
        unknown = EXCLUDE

    time = fields.Raw(load_default=None)


class CurrentValues(_Values):
    """The values for now; `time` is as written."""

    temperature = Reading(TEMPERATURE, "temperature_2m", "°C")
    humidity = Reading(HUMIDITY, "relative_humidity_2m", "%")
    apparent_temperature = Reading(APPARENT_TEMPERATURE, "apparent_temperature", "°C")
    is_day = Reading(_YES_OR_NO, "is_day", "")
    precipitation = Reading(PRECIPITATION, "precipitation", "mm")
    code = Reading(_CODE, "weather_code", "wmo code")
    cloud_cover = Reading(CLOUD_COVER, "cloud_cover", "%")
    wind_speed = Reading(WIND_SPEED.told_in(KMH), "wind_speed_10m", "km/h")
    wind_direction = Reading(WIND_DIRECTION, "wind_direction_10m", "°")
    wind_gust = Reading(WIND_SPEED.told_in(KMH), "wind_gusts_10m", "km/h")
    pressure = Reading(PRESSURE, "pressure_msl", "hPa")


class HourlySeries(_Values):
    """One list for each variable; `time` is as written."""

    temperature = Readings(TEMPERATURE, "temperature_2m", "°C")
    precipitation = Readings(PRECIPITATION, "precipitation", "mm")
    precipitation_probability = Readings(PROBABILITY, "precipitation_probability", "%")
    code = Readings(_CODE, "weather_code", "wmo code")
    wind_speed = Readings(WIND_SPEED.told_in(KMH), "wind_speed_10m", "km/h")
    is_day = Readings(_YES_OR_NO, "is_day", "")


class DailySeries(_Values):
    """The sun of the days; all three lists are as written."""

    sunrise = fields.Raw(load_default=None)
    sunset = fields.Raw(load_default=None)


CURRENT = units_of(CurrentValues)
HOURLY = units_of(HourlySeries)
DAILY: Mapping[str, str] = {"sunrise": "iso8601", "sunset": "iso8601"}
_SECTIONS = {"current": CURRENT, "hourly": HOURLY, "daily": DAILY}


class Element(Schema):
    """One place's part of an answer. A section without its units is as if it were missing."""

    class Meta:
        unknown = EXCLUDE

    latitude = Reading(LATITUDE, "latitude", "°")
    longitude = Reading(LONGITUDE, "longitude", "°")
    offset = Reading(_SECONDS_FROM_UTC, "utc_offset_seconds", "s")
    position = fields.Raw(load_default=None, data_key="location_id")
    current = Section(CurrentValues)
    hourly = Section(HourlySeries)
    daily = Section(DailySeries)

    @pre_load
    def _pass_only_the_units_asked_for(self, data: object, **_: object) -> object:
        if not isinstance(data, dict):
            return data
        return data | {
            name: _in_units(data.get(name), data.get(f"{name}_units"), asked)
            for name, asked in _SECTIONS.items()
        }


def _in_units(section: object, units: object, asked: Mapping[str, str]) -> dict[str, Any] | None:
    if not isinstance(section, dict) or not isinstance(units, dict):
        return None
    passed = {name for name, unit in asked.items() if _is_the_unit(units.get(name), unit)} | {"time"}
    return {name: value for name, value in section.items() if name in passed}


def _is_the_unit(told: object, asked: str) -> bool:
    return told == asked or (asked == "iso8601" and told == "unixtime")  # a moment beyond doubt, too
