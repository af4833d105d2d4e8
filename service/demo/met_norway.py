"""The sample weather as MET Norway tells it: Locationforecast 2.0, `complete`. https://api.met.no/doc/.

An answer changes at the full hour and not before, so that `If-Modified-Since` has a meaning. It has the
variables that the global model gives for Vietnam: no gusts, chances of rain for six and twelve hours only.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from service.demo import weather
from service.demo.conditional import Answer, http_date, is_known
from service.demo.weather import Sample, floor

_HOUR = timedelta(hours=1)
_RUN = timedelta(hours=6)  # the model's, and the long steps'
_COMPUTING = timedelta(hours=1)  # until a run's result is out
_LIFETIME = timedelta(minutes=30)
_HOURLY, _WHOLE = timedelta(hours=56), timedelta(days=9)

_CONTACT = re.compile(r"@|://|[a-z0-9-]\.[a-z]{2,}+\b", re.IGNORECASE)  # an address, or a domain
_DEGREES = re.compile(r"-?\d{1,3}(\.\d+)?")
_METRES = re.compile(r"-?\d{1,4}")
_MOST_DECIMALS = 4

_AIR = {  # its name: Open-Meteo's, its unit
    "air_pressure_at_sea_level": ("pressure_msl", "hPa"),
    "air_temperature": ("temperature_2m", "celsius"),
    "cloud_area_fraction": ("cloud_cover", "%"),
    "relative_humidity": ("relative_humidity_2m", "%"),
    "wind_from_direction": ("wind_direction_10m", "degrees"),
    "wind_speed": ("wind_speed_10m", "m/s"),
}
_UNITS = {name: unit for name, (_, unit) in _AIR.items()} | {
    "air_temperature_max": "celsius",
    "air_temperature_min": "celsius",
    "precipitation_amount": "mm",
    "probability_of_precipitation": "%",
}


def locationforecast(
    query: Mapping[str, str], headers: Mapping[str, str], now: datetime, *, storm: bool = False
) -> Answer:
    """Status, headers and body of the answer at an aware instant.

    The names of the request's headers are lower case. Refusals: 403 for a `User-Agent` without a contact and
    for more than four decimals, 400 for other faults of the query; their bodies are HTML.
    """
    if not _CONTACT.search(headers.get("user-agent", "")):
        return _refusal(HTTPStatus.FORBIDDEN, "Please identify yourself in the User-Agent header.")
    latitude, longitude = _degrees(query.get("lat", ""), 90), _degrees(query.get("lon", ""), 180)
    height = query.get("altitude", "0")
    if latitude is None or longitude is None or not _METRES.fullmatch(height):
        return _refusal(HTTPStatus.BAD_REQUEST, "lat, lon or altitude is missing or no number in its range.")
    if any(len(query[name].partition(".")[2]) > _MOST_DECIMALS for name in ("lat", "lon")):
        return _refusal(HTTPStatus.FORBIDDEN, f"No more than {_MOST_DECIMALS} decimals.")
    edition = floor(now.astimezone(UTC), _HOUR)
    about = {"Expires": http_date(now + _LIFETIME), "Last-Modified": http_date(edition), "Vary": "Accept"}
    if is_known(headers, edition):
        return HTTPStatus.NOT_MODIFIED, about, b""
    metres = int(height) if "altitude" in query else round(weather.altitude(latitude, longitude))
    updated = floor(edition - _COMPUTING, _RUN) + _COMPUTING
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude, metres]},
        "properties": {
            "meta": {"updated_at": _iso(updated), "units": _UNITS},
            "timeseries": _series(weather.sample(storm=storm), (latitude, longitude), step_times(edition)),
        },
    }
    body = json.dumps(feature, separators=(",", ":")).encode()
    return HTTPStatus.OK, {"Content-Type": "application/json", **about}, body


def step_times(edition: datetime) -> list[datetime]:
    """The times of the series: hourly for 56 hours and on to a run's hour, then six-hourly to nine days."""
    turn = floor(edition + _HOURLY + _RUN - _HOUR, _RUN)
    hourly = [edition + hour * _HOUR for hour in range((turn - edition) // _HOUR)]
    return hourly + [turn + run * _RUN for run in range((edition + _WHOLE - turn) // _RUN + 1)]


def _series(sample: Sample, point: tuple[float, float], times: list[datetime]) -> list[dict[str, Any]]:
    """For each time the air, and the blocks of the hours ahead that end where another step begins."""
    series = []
    for time in times:
        air = sample.air(*point, time)
        details = {name: round(air[value], 1) for name, (value, _) in _AIR.items()}
        ahead = [hours for hours in (12, 1, 6) if time + hours * _HOUR in times]
        blocks = {f"next_{hours}_hours": _block(sample, point, time, hours) for hours in ahead}
        series.append({"time": _iso(time), "data": {"instant": {"details": details}, **blocks}})
    return series


def _block(sample: Sample, point: tuple[float, float], time: datetime, hours: int) -> dict[str, Any]:
    """The sum and the chance of rain, and the extremes, each in the blocks that have it."""
    fallen = sample.fallen(*point, time, hours)
    details: dict[str, float] = {}
    if hours in {1, 6}:
        details["precipitation_amount"] = round(fallen["precipitation"], 1)
    if hours in {6, 12}:
        details["probability_of_precipitation"] = round(fallen["precipitation_probability"], 1)
    if hours == 6:  # noqa: PLR2004 - the only block with extremes
        warmth = [sample.air(*point, time + hour * _HOUR)["temperature_2m"] for hour in range(7)]
        details["air_temperature_max"] = round(max(warmth), 1)
        details["air_temperature_min"] = round(min(warmth), 1)
    symbol = fallen["symbol_code"]
    if not weather.is_day(*point, time + hours * _HOUR / 2):
        symbol = symbol.replace("_day", "_night")
    return {"summary": {"symbol_code": symbol}, "details": details}


def _degrees(text: str, limit: int) -> float | None:
    return float(text) if _DEGREES.fullmatch(text) and abs(float(text)) <= limit else None


def _refusal(status: HTTPStatus, reason: str) -> Answer:
    page = f"<html><body><h1>{status.phrase}</h1><p>{reason}</p></body></html>\n"
    return status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
