"""OpenWeather's payloads: their names and units, and the schemas that map their names to ours.

Nothing in a payload names a unit: they are those that were requested, °C and m/s.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load

from service.weather.providers.readings import (
    APPARENT_TEMPERATURE,
    CLOUD_COVER,
    HUMIDITY,
    LATITUDE,
    LONGITUDE,
    PRESSURE,
    PROBABILITY,
    TEMPERATURE,
    WIND_DIRECTION,
    WIND_SPEED,
    NumberField,
    SectionField,
)

UNITS: Mapping[str, str] = {"units": "metric"}  # kelvin is the default; wind is in m/s in both

_OF_ONE = 0.01  # of 1 in one per cent

# Where 2.5 nests what One Call has under a name of its own.
_NESTED: Mapping[str, tuple[str, str]] = {
    "temp": ("main", "temp"),
    "feels_like": ("main", "feels_like"),
    "humidity": ("main", "humidity"),
    "pressure": ("main", "pressure"),
    "sea_level": ("main", "sea_level"),
    "clouds": ("clouds", "all"),
    "wind_speed": ("wind", "speed"),
    "wind_deg": ("wind", "deg"),
    "wind_gust": ("wind", "gust"),
}


class _Part(Schema):
    class Meta:
        unknown = EXCLUDE


class Values(_Part):
    """The values of one time: a response of /weather, an element of /forecast, or an hour of One Call."""

    time = fields.Raw(load_default=None, data_key="dt")
    weather = fields.Raw(load_default=None)
    rain = fields.Raw(load_default=None)
    snow = fields.Raw(load_default=None)
    temperature = NumberField(TEMPERATURE, "temp", "°C")
    apparent_temperature = NumberField(APPARENT_TEMPERATURE, "feels_like", "°C")
    humidity = NumberField(HUMIDITY, "humidity", "%")
    pressure = NumberField(PRESSURE, "pressure", "hPa")
    sea_level = NumberField(PRESSURE, "sea_level", "hPa")
    cloud_cover = NumberField(CLOUD_COVER, "clouds", "%")
    wind_speed = NumberField(WIND_SPEED, "wind_speed", "m/s")
    wind_direction = NumberField(WIND_DIRECTION, "wind_deg", "°")
    wind_gust = NumberField(WIND_SPEED, "wind_gust", "m/s")
    probability = NumberField(PROBABILITY.given_in(_OF_ONE), "pop", "1")

    @pre_load
    def _flatten(self, data: object, **_: object) -> object:
        """Give what 2.5 nests the names of One Call."""
        if not isinstance(data, dict) or not isinstance(data.get("main"), dict):
            return data
        names = {section for section, _ in _NESTED.values()}
        sections = {name: data[name] for name in names if isinstance(data.get(name), dict)}
        return data | {name: sections.get(section, {}).get(key) for name, (section, key) in _NESTED.items()}


class _Position(_Part):
    latitude = NumberField(LATITUDE, "lat", "°")
    longitude = NumberField(LONGITUDE, "lon", "°")


class _Sun(_Part):
    sunrise = fields.Raw(load_default=None)
    sunset = fields.Raw(load_default=None)


class _City(_Sun):
    position = SectionField(_Position, "coord")


class _Series(fields.Field[list[Any]]):
    """A list of sections; an element that is none is an empty one, and what is no list is None or empty."""

    def __init__(self, schema: type[Schema], name: str) -> None:
        super().__init__(load_default=list, allow_none=True, data_key=name)
        self._element = schema()

    def _deserialize(self, value: object, *_: object, **__: object) -> list[Any]:
        return [self._load(element) for element in value] if isinstance(value, list) else []

    def _load(self, element: object) -> Any:
        try:
            return self._element.load(element)  # type: ignore[arg-type] # load raises for others
        except ValidationError:
            return self._element.load({})


class CurrentWeather(Values):
    """A response of /weather."""

    position = SectionField(_Position, "coord")


class Forecast(_Part):
    """A response of /forecast."""

    city = SectionField(_City)
    steps = _Series(Values, "list")


class OneCall(_Position):
    """A response of One Call."""

    current = SectionField(Values)
    hours = _Series(Values, "hourly")
    days = _Series(_Sun, "daily")
