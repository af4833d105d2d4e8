"""Open-Meteo's payload: its names and units, and the schemas that map its names to ours.

The schemas are also the list of variables to request. Values in other units than those requested are dropped;
a variable that a model lacks has the unit `undefined`.

The documentation (https://open-meteo.com/en/docs) has precipitation as the sum of the preceding hour, in
`current` of the preceding `interval` of seconds. Its probability and the weather code are of the same hour;
temperature, wind and daylight are those at the time.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load

from service.weather.providers.readings import (
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
    NumberField,
    NumberListField,
    Quantity,
    SectionField,
    units_of,
)

UNITS: Mapping[str, str] = {
    "temperature_unit": "celsius",
    "wind_speed_unit": "kmh",
    "precipitation_unit": "mm",
    "timeformat": "iso8601",
}

DAYS = 8  # so that seven whole days are left hours later
FORECAST_DAYS = DAYS + 1  # the last hour's precipitation is told by the next one; up to 14 days cost the same
_HOURS = 24 * DAYS + 2  # that hour, and the one by which a day in autumn is longer; the others are not read

_CODE = Quantity(0, 99)
_FLAG = Quantity(0, 1)
_SECONDS_FROM_UTC = Quantity(-64_800, 64_800)


class _Values(Schema):
    """Values whose times are parsed later."""

    class Meta:
        unknown = EXCLUDE

    time = fields.Raw(load_default=None)


class CurrentValues(_Values):
    interval = fields.Raw(load_default=None)
    temperature = NumberField(TEMPERATURE, "temperature_2m", "°C")
    humidity = NumberField(HUMIDITY, "relative_humidity_2m", "%")
    apparent_temperature = NumberField(APPARENT_TEMPERATURE, "apparent_temperature", "°C")
    is_day = NumberField(_FLAG, "is_day", "")
    precipitation = NumberField(PRECIPITATION, "precipitation", "mm")
    code = NumberField(_CODE, "weather_code", "wmo code")
    cloud_cover = NumberField(CLOUD_COVER, "cloud_cover", "%")
    wind_speed = NumberField(WIND_SPEED.given_in(KMH), "wind_speed_10m", "km/h")
    wind_direction = NumberField(WIND_DIRECTION, "wind_direction_10m", "°")
    wind_gust = NumberField(WIND_SPEED.given_in(KMH), "wind_gusts_10m", "km/h")
    pressure = NumberField(PRESSURE, "pressure_msl", "hPa")


class HourlySeries(_Values):
    temperature = NumberListField(TEMPERATURE, "temperature_2m", "°C")
    precipitation = NumberListField(PRECIPITATION, "precipitation", "mm")
    precipitation_probability = NumberListField(PROBABILITY, "precipitation_probability", "%")
    code = NumberListField(_CODE, "weather_code", "wmo code")
    wind_speed = NumberListField(WIND_SPEED.given_in(KMH), "wind_speed_10m", "km/h")
    is_day = NumberListField(_FLAG, "is_day", "")


class DailySeries(_Values):
    sunrise = fields.Raw(load_default=None)
    sunset = fields.Raw(load_default=None)


# Open-Meteo's names of the variables, with their units.
CURRENT = units_of(CurrentValues)
HOURLY = units_of(HourlySeries)
DAILY: Mapping[str, str] = {"sunrise": "iso8601", "sunset": "iso8601"}
_SECTIONS = {"current": CURRENT, "hourly": HOURLY, "daily": DAILY}


class Element(Schema):
    """One place's element of a response. A section without its units counts as missing."""

    class Meta:
        unknown = EXCLUDE

    latitude = NumberField(LATITUDE, "latitude", "°")
    longitude = NumberField(LONGITUDE, "longitude", "°")
    utc_offset = NumberField(_SECONDS_FROM_UTC, "utc_offset_seconds", "s")
    position = fields.Raw(load_default=None, data_key="location_id")
    current = SectionField(CurrentValues)
    hourly = SectionField(HourlySeries)
    daily = SectionField(DailySeries)

    @pre_load
    def _drop_the_rest(self, data: object, **_: object) -> object:
        if not isinstance(data, dict):
            return data
        return data | {
            name: _in_units(data.get(name), data.get(f"{name}_units"), requested)
            for name, requested in _SECTIONS.items()
        }


def _in_units(section: object, units: object, requested: Mapping[str, str]) -> dict[str, Any] | None:
    if not isinstance(section, dict) or not isinstance(units, dict):
        return None
    names = {name for name, unit in requested.items() if _is_unit(units.get(name), unit)} | {"time"}
    if units.get("interval", "seconds") == "seconds":
        names.add("interval")
    return {
        name: value[:_HOURS] if isinstance(value, list) else value
        for name, value in section.items()
        if name in names
    }


def _is_unit(unit: object, requested: str) -> bool:
    return unit == requested or (requested == "iso8601" and unit == "unixtime")  # unambiguous, too
