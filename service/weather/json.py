"""The public JSON of places and their weather, with the field names and units of the contract.

Unknown values are null, and only the parts that `fields=` does not ask for are left out.
"""

from collections.abc import Callable, Collection, Mapping
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
from service.weather.derived import temperatures_near
from service.weather.forecast import Forecast, Provenance
from service.weather.model import Current, Day, HourlyPoint
from service.weather.provider import Attribution

_Convert = Callable[[float], float]
CONVERSIONS: Mapping[Units, Mapping[str, tuple[_Convert, int]]] = {  # with the number of decimals
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


# The parts of the weather that `fields=` may ask for. Those that have no data here are left out in any case.
PARTS = ("current", "hourly", "daily", "air", "warnings")


def weather(
    forecast: Forecast,
    formatter: Formatter,
    attributions: Mapping[str, Attribution],
    parts: Collection[str] = PARTS,
) -> dict[str, Any]:
    """Return the weather of one place in the formatter's language and units; credits are by provider id.

    Of `PARTS` it has those asked for.
    """
    zone = ZoneInfo(forecast.place.timezone)
    serialiser = _Serialiser(formatter, zone)
    current_from, hourly_from = forecast.current_from, forecast.hourly_from
    attribution = attributions.get(current_from.provider_id) if current_from else None
    told: dict[str, Any] = {}
    if "current" in parts:
        told["current"] = serialiser.current(forecast.current) if forecast.current else None
    if "hourly" in parts:
        told["hourly"] = list(map(serialiser.hour, forecast.hours, temperatures_near(forecast.hours)))
    if "daily" in parts:
        told["daily"] = [serialiser.day(day) for day in forecast.days]
    return {
        "city": _city_summary(forecast.place, formatter.language),
        **told,
        "units": dict(UNITS[formatter.units]),
        "updated_at": _local(forecast.updated_at, zone),
        "fetched_at": _utc(forecast.fetched_at),
        "state": forecast.state.value,
        "source": _source(attribution) if attribution else None,
        "sources": {
            "current": _dated_source(current_from, attributions, zone),
            "hourly": _dated_source(hourly_from if forecast.hours else None, attributions, zone),
            "daily": _dated_source(hourly_from if forecast.days else None, attributions, zone),
        },
    }


class _Serialiser:
    """Converts values to JSON in one language, one system of units and one time zone."""

    def __init__(self, formatter: Formatter, zone: ZoneInfo) -> None:
        self._formatter, self._zone = formatter, zone
        self._conversions = CONVERSIONS[formatter.units]

    def current(self, current: Current) -> dict[str, Any]:
        return {
            "time": _local(current.time, self._zone),
            "temperature": self._convert("temperature", current.temperature),
            "apparent_temperature": self._convert("temperature", current.apparent_temperature),
            "apparent_temperature_derived": current.apparent_temperature_derived,
            "humidity": _number(current.humidity),
            "wind_speed": self._convert("wind_speed", current.wind_speed),
            "wind_direction": _number(current.wind_direction),
            "wind_gust": self._convert("wind_speed", current.wind_gust),
            "pressure": self._convert("pressure", current.pressure),
            "cloud_cover": _number(current.cloud_cover),
            "precipitation": self._convert("precipitation", current.precipitation_rate),
            "condition": current.condition.kind.value,
            "condition_text": self._formatter.condition(
                current.condition.kind, current.condition.intensity, current.is_day, current.temperature
            ),
            "is_day": current.is_day,
        }

    def hour(self, hour: HourlyPoint, near: float | None) -> dict[str, Any]:
        """Return an hour; `near` is the temperature that its words depend on."""
        return {
            "time": _local(hour.time, self._zone),
            "temperature": self._convert("temperature", hour.temperature),
            "precipitation": self._convert("precipitation", hour.precipitation),
            "precipitation_probability": _number(hour.precipitation_probability),
            "wind_speed": self._convert("wind_speed", hour.wind_speed),
            "condition": hour.condition.kind.value,
            "condition_text": self._formatter.condition(
                hour.condition.kind, hour.condition.intensity, hour.is_day, near
            ),
            "is_day": hour.is_day,
        }

    def day(self, day: Day) -> dict[str, Any]:
        return {
            "date": day.date.isoformat(),
            "temperature_min": self._convert("temperature", day.temperature_min),
            "temperature_max": self._convert("temperature", day.temperature_max),
            "precipitation": self._convert("precipitation", day.precipitation),
            "precipitation_probability": _number(day.precipitation_probability),
            "condition": day.condition.kind.value,
            "condition_text": self._formatter.day_condition(
                day.condition.kind,
                day.condition.intensity,
                day.warmest,
                is_dark=day.is_dark,
                has_wet_night=day.has_wet_night,
            ),
            "sunrise": _local(day.sunrise, self._zone),
            "sunset": _local(day.sunset, self._zone),
            "sun": day.polar.value if day.polar else None,
            "derived": day.derived,
        }

    def _convert(self, quantity: str, value: float | None) -> float | None:
        if value is None:
            return None
        convert, decimals = self._conversions[quantity]
        return round_half_up(convert(value), decimals)


def city(place: Place, language: str, distance: float | None = None) -> dict[str, Any]:
    """Return a place of `/api/v1/cities`, with its distance in kilometres if that is known."""
    summary = _city_summary(place, language)
    told = {"id": summary.pop("id"), "name": summary.pop("name"), "names": dict(place.names), **summary}
    return told if distance is None else told | {"distance_km": round_half_up(distance, 1)}


def _city_summary(place: Place, language: str) -> dict[str, Any]:
    """Return the place as part of its weather."""
    return {
        "id": place.id,
        "name": place.name(language),
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "timezone": place.timezone,
    }


def _source(attribution: Attribution) -> dict[str, Any]:
    return {
        "id": attribution.id,
        "name": attribution.name,
        "url": attribution.url,
        "licence": attribution.licence,
    }


def _dated_source(
    provenance: Provenance | None, attributions: Mapping[str, Attribution], zone: ZoneInfo
) -> dict[str, Any] | None:
    attribution = attributions.get(provenance.provider_id) if provenance else None
    if provenance is None or attribution is None:
        return None
    return _source(attribution) | {
        "updated_at": _local(provenance.updated_at, zone),
        "fetched_at": _utc(provenance.fetched_at),
    }


def _number(value: float | None) -> float | int | None:
    """Return the value rounded to one decimal, whole numbers as int: 79, not 79.0."""
    if value is None:
        return None
    rounded = round_half_up(value, 1)
    return int(rounded) if rounded.is_integer() else rounded


def _local(time: datetime | None, zone: ZoneInfo) -> str | None:
    return time.astimezone(zone).isoformat(timespec="seconds") if time else None


def _utc(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if time else None
