"""The public JSON: field names and units of the contract. A value nobody gave is null, never left out."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.locales.formatter import Formatter
from service.locales.numbers import (
    UNITS,
    Units,
    fahrenheit,
    inches,
    inches_of_mercury,
    kilometres_per_hour,
    miles_per_hour,
    round_half_up,
)
from service.places.model import Place
from service.weather.forecast import Forecast
from service.weather.model import Current, Day, HourlyPoint
from service.weather.provider import Attribution

_Convert = Callable[[float], float]
_TO: Mapping[Units, Mapping[str, tuple[_Convert, int]]] = {
    Units.METRIC: {
        "temperature": (float, 1),
        "wind_speed": (kilometres_per_hour, 1),
        "precipitation": (float, 1),
        "pressure": (float, 1),
    },
    Units.IMPERIAL: {
        "temperature": (fahrenheit, 1),
        "wind_speed": (miles_per_hour, 1),
        "precipitation": (inches, 2),
        "pressure": (inches_of_mercury, 2),
    },
}


def weather(forecast: Forecast, formatter: Formatter, attribution: Attribution | None) -> dict[str, Any]:
    """Return one place's weather in the formatter's language and units."""
    zone = ZoneInfo(forecast.place.timezone)
    write = _Writer(formatter, zone)
    return {
        "city": city_in_short(forecast.place, formatter.language),
        "current": write.current(forecast.current) if forecast.current else None,
        "hourly": [write.hour(hour) for hour in forecast.hours],
        "daily": [write.day(day) for day in forecast.days],
        "units": dict(UNITS[formatter.units]),
        "updated_at": _local(forecast.updated_at, zone),
        "fetched_at": _utc(forecast.fetched_at),
        "state": forecast.state.value,
        "source": _source(attribution) if attribution else None,
    }


class _Writer:
    """Writes values in one language, one system of units and one zone."""

    def __init__(self, formatter: Formatter, zone: ZoneInfo) -> None:
        self._formatter, self._zone = formatter, zone
        self._to = _TO[formatter.units]

    def current(self, current: Current) -> dict[str, Any]:
        return {
            "time": _local(current.time, self._zone),
            "temperature": self._in("temperature", current.temperature),
            "apparent_temperature": self._in("temperature", current.apparent_temperature),
            "apparent_temperature_derived": current.apparent_temperature_derived,
            "humidity": _plain(current.humidity),
            "wind_speed": self._in("wind_speed", current.wind_speed),
            "wind_direction": _plain(current.wind_direction),
            "wind_gust": self._in("wind_speed", current.wind_gust),
            "pressure": self._in("pressure", current.pressure),
            "cloud_cover": _plain(current.cloud_cover),
            "precipitation": self._in("precipitation", current.precipitation),
            "condition": current.condition.kind.value,
            "condition_text": self._formatter.condition(
                current.condition.kind, current.condition.intensity, current.is_day, current.temperature
            ),
            "is_day": current.is_day,
        }

    def hour(self, hour: HourlyPoint) -> dict[str, Any]:
        return {
            "time": _local(hour.time, self._zone),
            "temperature": self._in("temperature", hour.temperature),
            "precipitation": self._in("precipitation", hour.precipitation),
            "precipitation_probability": _plain(hour.precipitation_probability),
            "wind_speed": self._in("wind_speed", hour.wind_speed),
            "condition": hour.condition.kind.value,
            "condition_text": self._formatter.condition(
                hour.condition.kind, hour.condition.intensity, hour.is_day, hour.temperature
            ),
            "is_day": hour.is_day,
        }

    def day(self, day: Day) -> dict[str, Any]:
        return {
            "date": day.date.isoformat(),
            "temperature_min": self._in("temperature", day.temperature_min),
            "temperature_max": self._in("temperature", day.temperature_max),
            "precipitation": self._in("precipitation", day.precipitation),
            "precipitation_probability": _plain(day.precipitation_probability),
            "condition": day.condition.kind.value,
            "condition_text": self._formatter.condition(
                day.condition.kind, day.condition.intensity, is_day=True, temperature=day.temperature_max
            ),
            "sunrise": _local(day.sunrise, self._zone),
            "sunset": _local(day.sunset, self._zone),
            "derived": day.derived,
        }

    def _in(self, quantity: str, value: float | None) -> float | None:
        if value is None:
            return None
        convert, decimals = self._to[quantity]
        return round_half_up(convert(value), decimals)


def city_in_short(place: Place, language: str) -> dict[str, Any]:
    """A place as it stands beside its weather."""
    return {
        "id": place.id,
        "name": place.name(language),
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "timezone": place.timezone,
    }


def city(place: Place, language: str) -> dict[str, Any]:
    """A place as `/api/v1/cities` tells it."""
    short = city_in_short(place, language)
    return {"id": short.pop("id"), "name": short.pop("name"), "names": dict(place.names), **short}


def _source(source: Attribution) -> dict[str, Any]:
    return {"id": source.id, "name": source.name, "url": source.url, "licence": source.licence}


def _plain(value: float | None) -> float | int | None:
    """A whole number without its .0: 79, not 79.0."""
    if value is None:
        return None
    rounded = round_half_up(value, 1)
    return int(rounded) if rounded.is_integer() else rounded


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
