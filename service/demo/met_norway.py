"""The sample weather in MET Norway's format: Locationforecast 2.0, `complete`. https://api.met.no/doc/.

A response changes at full hours only, so that `If-Modified-Since` works. It has the variables that the global
model has for Vietnam: no gusts, and the chance of rain for six and twelve hours only.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from service.demo import sample_weather
from service.demo.conditional import DemoResponse, http_date, is_not_modified
from service.demo.sample_weather import Sample, floor

_HOUR = timedelta(hours=1)
_RUN = timedelta(hours=6)  # of the model, and the length of the long steps
_COMPUTING_TIME = timedelta(hours=1)  # until the result of a run is published
_LIFETIME = timedelta(minutes=30)
_HOURLY, _WHOLE = timedelta(hours=56), timedelta(days=9)

_CONTACT = re.compile(r"@|://|[a-z0-9-]\.[a-z]{2,}+\b", re.IGNORECASE)  # an address, or a domain
_DEGREES = re.compile(r"-?\d{1,3}(\.\d+)?")
_METRES = re.compile(r"-?\d{1,4}")
_MAX_DECIMALS = 4

_INSTANT = {  # its name: Open-Meteo's, its unit
    "air_pressure_at_sea_level": ("pressure_msl", "hPa"),
    "air_temperature": ("temperature_2m", "celsius"),
    "cloud_area_fraction": ("cloud_cover", "%"),
    "relative_humidity": ("relative_humidity_2m", "%"),
    "wind_from_direction": ("wind_direction_10m", "degrees"),
    "wind_speed": ("wind_speed_10m", "m/s"),
}
_UNITS = {name: unit for name, (_, unit) in _INSTANT.items()} | {
    "air_temperature_max": "celsius",
    "air_temperature_min": "celsius",
    "precipitation_amount": "mm",
    "probability_of_precipitation": "%",
}


def locationforecast(
    query: Mapping[str, str], headers: Mapping[str, str], now: datetime, *, storm: bool = False
) -> DemoResponse:
    """Return the response at an aware instant.

    Names of request headers are lower case. The body of an error is HTML: 403 for a `User-Agent` without a
    contact and for more than four decimals, 400 for other faults of the query.
    """
    if not _CONTACT.search(headers.get("user-agent", "")):
        return _error(HTTPStatus.FORBIDDEN, "Please identify yourself in the User-Agent header.")
    latitude, longitude = _degrees(query.get("lat", ""), 90), _degrees(query.get("lon", ""), 180)
    height = query.get("altitude", "0")
    if latitude is None or longitude is None or not _METRES.fullmatch(height):
        return _error(HTTPStatus.BAD_REQUEST, "lat, lon or altitude is missing or no number in its range.")
    if any(len(query[name].partition(".")[2]) > _MAX_DECIMALS for name in ("lat", "lon")):
        return _error(HTTPStatus.FORBIDDEN, f"No more than {_MAX_DECIMALS} decimals.")
    issued = floor(now.astimezone(UTC), _HOUR)
    validators = {"Expires": http_date(now + _LIFETIME), "Last-Modified": http_date(issued), "Vary": "Accept"}
    if is_not_modified(headers, issued):
        return HTTPStatus.NOT_MODIFIED, validators, b""
    metres = int(height) if "altitude" in query else round(sample_weather.altitude(latitude, longitude))
    updated = floor(issued - _COMPUTING_TIME, _RUN) + _COMPUTING_TIME
    sample = sample_weather.sample(storm=storm)
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude, metres]},
        "properties": {
            "meta": {"updated_at": _iso(updated), "units": _UNITS},
            "timeseries": _series(sample, (latitude, longitude), step_times(issued)),
        },
    }
    body = json.dumps(feature, separators=(",", ":")).encode()
    return HTTPStatus.OK, {"Content-Type": "application/json", **validators}, body


def step_times(issued: datetime) -> list[datetime]:
    """Return the times of the series: hourly for 56 hours and up to a run, then six-hourly to nine days."""
    first_run = floor(issued + _HOURLY + _RUN - _HOUR, _RUN)
    hourly = [issued + hour * _HOUR for hour in range((first_run - issued) // _HOUR)]
    return hourly + [first_run + run * _RUN for run in range((issued + _WHOLE - first_run) // _RUN + 1)]


def _series(sample: Sample, point: tuple[float, float], times: list[datetime]) -> list[dict[str, Any]]:
    """Return the entry of each time, with those blocks that end where another entry begins."""
    series = []
    for time in times:
        values = sample.at(*point, time)
        details = {name: round(values[value], 1) for name, (value, _) in _INSTANT.items()}
        ahead = [hours for hours in (12, 1, 6) if time + hours * _HOUR in times]
        blocks = {f"next_{hours}_hours": _block(sample, point, time, hours) for hours in ahead}
        series.append({"time": _iso(time), "data": {"instant": {"details": details}, **blocks}})
    return series


def _block(sample: Sample, point: tuple[float, float], time: datetime, hours: int) -> dict[str, Any]:
    """Return a block: precipitation, its probability and the extremes, where a block has them."""
    period = sample.over(*point, time, hours)
    details: dict[str, float] = {}
    if hours in {1, 6}:
        details["precipitation_amount"] = round(period["precipitation"], 1)
    if hours in {6, 12}:
        details["probability_of_precipitation"] = round(period["precipitation_probability"], 1)
    if hours == 6:  # noqa: PLR2004 - the only block with extremes
        temperatures = [sample.at(*point, time + hour * _HOUR)["temperature_2m"] for hour in range(7)]
        details["air_temperature_max"] = round(max(temperatures), 1)
        details["air_temperature_min"] = round(min(temperatures), 1)
    symbol = period["symbol_code"]
    if not sample_weather.is_day(*point, time + hours * _HOUR / 2):
        symbol = symbol.replace("_day", "_night")
    return {"summary": {"symbol_code": symbol}, "details": details}


def _degrees(text: str, limit: int) -> float | None:
    return float(text) if _DEGREES.fullmatch(text) and abs(float(text)) <= limit else None


def _error(status: HTTPStatus, reason: str) -> DemoResponse:
    page = f"<html><body><h1>{status.phrase}</h1><p>{reason}</p></body></html>\n"
    return status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
