"""The public JSON: field names and units of the contract. A value nobody gave is null, never left out."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.locales.formatter import Formatter
from service.locales.units import (
    UNITS,
    Units,
    away_from_zero,
    fahrenheit,
    inches,
    inches_of_mercury,
    kilometres_per_hour,
    miles_per_hour,
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


class WeatherJson:
    """Writes forecasts in one language and one system of units."""

    def __init__(self, formatter: Formatter, sources: Mapping[str, Attribution], *, sample: bool) -> None:
        """`sources` by provider id; `sample` marks every answer as sample data."""
        self._formatter, self._sources, self._sample = formatter, sources, sample
        self._to = _TO[formatter.units]

    def weather(self, forecast: Forecast) -> dict[str, Any]:
        """One place's weather."""
        zone = ZoneInfo(forecast.place.timezone)
        source = self._sources.get(forecast.provider_id or "")
        return {
            "city": city_in_short(forecast.place, self._formatter.language),
            "current": self._current(forecast.current, zone) if forecast.current else None,
            "hourly": [self._hour(step, zone) for step in forecast.hours],
            "daily": [self._day(day, zone) for day in forecast.days],
            "units": dict(UNITS[self._formatter.units]),
            "updated_at": _local(forecast.updated_at, zone),
            "fetched_at": _utc(forecast.fetched_at),
            "state": forecast.state.value,
            "source": _source(source) if source else None,
            **self.sample(),
        }

    def sample(self) -> dict[str, bool]:
        """The mark of sample data; nothing for real data."""
        return {"sample": True} if self._sample else {}

    def _current(self, current: Current, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "time": _local(current.time, zone),
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

    def _hour(self, step: HourlyPoint, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "time": _local(step.time, zone),
            "temperature": self._in("temperature", step.temperature),
            "precipitation": self._in("precipitation", step.precipitation),
            "precipitation_probability": _plain(step.precipitation_probability),
            "wind_speed": self._in("wind_speed", step.wind_speed),
            "condition": step.condition.kind.value,
            "condition_text": self._formatter.condition(
                step.condition.kind, step.condition.intensity, step.is_day, step.temperature
            ),
            "is_day": step.is_day,
        }

    def _day(self, day: Day, zone: ZoneInfo) -> dict[str, Any]:
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
            "sunrise": _local(day.sunrise, zone),
            "sunset": _local(day.sunset, zone),
            "derived": day.derived,
        }

    def _in(self, quantity: str, value: float | None) -> float | None:
        if value is None:
            return None
        convert, decimals = self._to[quantity]
        return away_from_zero(convert(value), decimals)


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
    rounded = away_from_zero(value, 1)
    return int(rounded) if rounded.is_integer() else rounded


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
