"""The sample weather as MET Norway tells it: Locationforecast 2.0, `complete`. https://api.met.no/doc/.

An answer changes at the full hour and not before, so that `If-Modified-Since` has a meaning. It has the
variables that the global model gives for Vietnam: no gusts, chances of rain for six and twelve hours only.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from service.demo import sun
from service.demo.climate import Period, moment, periods
from service.demo.terrain import altitude

_HOUR = timedelta(hours=1)
_RUN = timedelta(hours=6)  # the model's, and the long steps'
_COMPUTING = timedelta(hours=1)  # until a run's result is out
_LIFETIME = timedelta(minutes=30)
_HOURLY, _WHOLE = timedelta(hours=56), timedelta(days=9)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CONTACT = re.compile(
    r"@|://|[a-z0-9-]\.[a-z]{2,}+\b", re.IGNORECASE
)  # an address, or a domain that leads to one
_DEGREES = re.compile(r"-?\d{1,3}(\.(\d+))?")
_MOST_DECIMALS = 4
_METRES = re.compile(r"-?\d{1,4}")

_UNITS = {
    "air_pressure_at_sea_level": "hPa",
    "air_temperature": "celsius",
    "air_temperature_max": "celsius",
    "air_temperature_min": "celsius",
    "cloud_area_fraction": "%",
    "dew_point_temperature": "celsius",
    "fog_area_fraction": "%",
    "precipitation_amount": "mm",
    "probability_of_precipitation": "%",
    "relative_humidity": "%",
    "wind_from_direction": "degrees",
    "wind_speed": "m/s",
}

# Open-Meteo's codes in MET's words; those of sun and showers have variants for day and night.
_SYMBOLS = {
    0: "clearsky",
    1: "fair",
    2: "partlycloudy",
    3: "cloudy",
    45: "fog",
    51: "lightrain",
    53: "lightrain",
    55: "lightrain",
    61: "lightrain",
    63: "rain",
    65: "heavyrain",
    80: "lightrainshowers",
    81: "rainshowers",
    82: "heavyrainshowers",
    95: "rainshowersandthunder",
    96: "heavyrainshowersandthunder",
}
_WITHOUT_VARIANTS = {"cloudy", "fog", "lightrain", "rain", "heavyrain"}

Answer = tuple[HTTPStatus, dict[str, str], bytes]


def locationforecast(query: Mapping[str, str], headers: Mapping[str, str], now: datetime) -> Answer:
    """Status, headers and body of the answer at an aware instant.

    The names of the request's headers are lower case. Refusals: 403 for a `User-Agent` without a contact and
    for more than four decimals, 400 for other faults of the query; their bodies are HTML.
    """
    if not _CONTACT.search(headers.get("user-agent", "")):
        return _refusal(HTTPStatus.FORBIDDEN, "Please identify yourself in the User-Agent header.")
    latitude, longitude = _degrees(query.get("lat"), 90), _degrees(query.get("lon"), 180)
    height = query.get("altitude")
    if latitude is None or longitude is None or (height is not None and not _METRES.fullmatch(height)):
        return _refusal(
            HTTPStatus.BAD_REQUEST, "lat, lon or altitude is missing or not a number in its range."
        )
    if any(_decimals(query[name]) > _MOST_DECIMALS for name in ("lat", "lon")):
        return _refusal(HTTPStatus.FORBIDDEN, f"No more than {_MOST_DECIMALS} decimals.")
    edition = _floor(now, _HOUR)
    about = {"Expires": _http_date(now + _LIFETIME), "Last-Modified": _http_date(edition), "Vary": "Accept"}
    if _has(edition, headers.get("if-modified-since")):
        return HTTPStatus.NOT_MODIFIED, about, b""
    metres = int(height) if height is not None else round(altitude(latitude, longitude))
    body = json.dumps(_feature(latitude, longitude, metres, edition), separators=(",", ":")).encode()
    return HTTPStatus.OK, {"Content-Type": "application/json", **about}, body


def step_times(edition: datetime) -> list[datetime]:
    """The times of the series: hourly for 56 hours and on to a run's hour, then six-hourly to nine days."""
    turn = _floor(edition + _HOURLY + _RUN - _HOUR, _RUN)
    hourly = [edition + hour * _HOUR for hour in range((turn - edition) // _HOUR)]
    return hourly + [turn + run * _RUN for run in range((edition + _WHOLE - turn) // _RUN + 1)]


def _feature(latitude: float, longitude: float, metres: int, edition: datetime) -> dict[str, Any]:
    times = step_times(edition)
    updated = _floor(edition - _COMPUTING, _RUN) + _COMPUTING
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude, metres]},
        "properties": {
            "meta": {"updated_at": _iso(updated), "units": _UNITS},
            "timeseries": [_step(latitude, longitude, time, times) for time in times],
        },
    }


def _step(latitude: float, longitude: float, time: datetime, times: list[datetime]) -> dict[str, Any]:
    """One time: the air, and the blocks of the hours ahead that end where another step begins."""
    ahead = [hours for hours in (12, 1, 6) if time + hours * _HOUR in times]
    blocks = {f"next_{hours}_hours": _block(latitude, longitude, time, hours) for hours in ahead}
    return {"time": _iso(time), "data": {"instant": {"details": _air(latitude, longitude, time)}, **blocks}}


def _air(latitude: float, longitude: float, time: datetime) -> dict[str, float]:
    air = moment(latitude, longitude, time)
    details = {
        "air_pressure_at_sea_level": air.pressure,
        "air_temperature": air.temperature,
        "cloud_area_fraction": air.cloud_cover,
        "dew_point_temperature": air.dew_point,
        "fog_area_fraction": air.fog,
        "relative_humidity": air.humidity,
        "wind_from_direction": air.wind_direction,
        "wind_speed": air.wind_speed,
    }
    return {name: round(value, 1) for name, value in details.items()}


def _block(latitude: float, longitude: float, time: datetime, hours: int) -> dict[str, Any]:
    fallen = periods(latitude, longitude, time, hours)
    lit = sun.is_day(latitude, longitude, time + hours * _HOUR / 2)
    details: dict[str, float] = {}
    if hours == 6:  # noqa: PLR2004 - the only block with extremes
        air = [moment(latitude, longitude, time + hour * _HOUR).temperature for hour in range(hours + 1)]
        details |= {"air_temperature_max": round(max(air), 1), "air_temperature_min": round(min(air), 1)}
    if hours != 12:  # noqa: PLR2004 - a symbol and a chance are all that this block has
        details["precipitation_amount"] = round(fallen.precipitation, 1)
    if hours > 1:
        details["probability_of_precipitation"] = round(fallen.probability, 1)
    return {"summary": {"symbol_code": _symbol(fallen, lit=lit)}, "details": details}


def _symbol(fallen: Period, *, lit: bool) -> str:
    name = _SYMBOLS[fallen.weather_code]
    if name in _WITHOUT_VARIANTS:
        return name
    return f"{name}_day" if lit else f"{name}_night"


def _degrees(text: str | None, limit: int) -> float | None:
    if text is None or not _DEGREES.fullmatch(text):
        return None
    return float(text) if abs(float(text)) <= limit else None


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _has(edition: datetime, since: str | None) -> bool:
    """Whether the client has this edition; a date that cannot be read is as if it were not there."""
    try:
        known = parsedate_to_datetime(since) if since else None
    except ValueError:
        return False
    return known is not None and known.tzinfo is not None and known >= edition


def _refusal(status: HTTPStatus, reason: str) -> Answer:
    page = f"<html><body><h1>{status.phrase}</h1><p>{reason}</p></body></html>\n"
    return status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _floor(time: datetime, step: timedelta) -> datetime:
    return time.astimezone(UTC) - (time - _EPOCH) % step


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
