"""The sample weather as Open-Meteo tells it: `/v1/forecast`. https://open-meteo.com/en/docs.

Not offered, and refused rather than ignored: 15-minute values, chosen models, ranges given by dates or hours.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from service.demo.climate import moment, period
from service.demo.open_meteo_query import Asked, BadQueryError, Spot, read_query
from service.demo.open_meteo_variables import DAILY, HOURLY, TIMES, Slot, Written
from service.demo.sun import Daylight, daylight
from service.demo.terrain import altitude

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_INTERVAL = timedelta(minutes=15)
_GENERATION_MS = 0.25  # how long an answer took, which no two real answers agree on
_BAD_REQUEST, _OK = 400, 200

_Writer = Callable[[datetime], str | int]


def forecast(query: Mapping[str, str], now: datetime) -> tuple[int, bytes]:
    """Status and JSON body of the answer: one object, or a list for several places.

    Any fault of the query is a 400 with `{"error": true, "reason": …}`. `now` is aware.
    """
    try:
        asked = read_query(query, now)
    except BadQueryError as fault:
        return _BAD_REQUEST, _json({"error": True, "reason": str(fault)})
    elements = [_element(asked, spot, position, now) for position, spot in enumerate(asked.spots)]
    return _OK, _json(elements[0] if len(elements) == 1 else elements)


def _element(asked: Asked, spot: Spot, position: int, now: datetime) -> dict[str, Any]:
    element: dict[str, Any] = {
        "latitude": _grid(spot.latitude),
        "longitude": _grid(spot.longitude),
        "generationtime_ms": _GENERATION_MS,
        "utc_offset_seconds": int(spot.offset.total_seconds()),
        "timezone": spot.timezone,
        "timezone_abbreviation": spot.abbreviation,
        "elevation": float(round(altitude(spot.latitude, spot.longitude))),
    }
    if position:
        element["location_id"] = position
    if asked.current:
        element |= _current(asked, spot, now)
    if asked.hourly or asked.daily:
        element |= _series(asked, spot, now)
    return element


def _current(asked: Asked, spot: Spot, now: datetime) -> dict[str, Any]:
    time = _floor(now, _INTERVAL)
    slot = _slot(spot, time, _INTERVAL)
    values = {name: asked.units.write(HOURLY[name].unit, HOURLY[name].value(slot)) for name in asked.current}
    units = {"time": asked.timeformat, "interval": "seconds", **_labels(asked, asked.current)}
    about = {"time": _clock(asked, spot)(time), "interval": int(_INTERVAL.total_seconds())}
    return {"current_units": units, "current": about | values}


def _series(asked: Asked, spot: Spot, now: datetime) -> dict[str, Any]:
    """The hours of the local days asked for, and the days themselves."""
    midnight = _floor(now + spot.offset, _DAY) - spot.offset
    first = midnight - asked.past_days * _DAY
    days = asked.past_days + asked.forecast_days
    slots = [_slot(spot, first + hour * _HOUR, _HOUR) for hour in range(24 * days)]
    told: dict[str, Any] = {}
    if asked.hourly:
        told |= _hourly(asked, spot, slots)
    if asked.daily:
        told |= _daily(asked, spot, [slots[24 * day : 24 * day + 24] for day in range(days)])
    return told


def _hourly(asked: Asked, spot: Spot, slots: Sequence[Slot]) -> dict[str, Any]:
    clock = _clock(asked, spot)
    series: dict[str, list[Written]] = {"time": [clock(slot.time) for slot in slots]}
    for name in asked.hourly:
        series[name] = [asked.units.write(HOURLY[name].unit, HOURLY[name].value(slot)) for slot in slots]
    return {"hourly_units": {"time": asked.timeformat, **_labels(asked, asked.hourly)}, "hourly": series}


def _daily(asked: Asked, spot: Spot, days: Sequence[Sequence[Slot]]) -> dict[str, Any]:
    clock = _clock(asked, spot)
    midnights = [clock(slots[0].time) for slots in days]
    dates = [time[:10] if isinstance(time, str) else time for time in midnights]
    series: dict[str, list[Written]] = {"time": [*dates]}
    for name in asked.daily:
        if name in TIMES:
            suns = [daylight(spot.latitude, spot.longitude, slots[12].time) for slots in days]
            series[name] = [_sun_time(name, sun, clock) for sun in suns]
        else:
            series[name] = [asked.units.write(DAILY[name].unit, DAILY[name].value(slots)) for slots in days]
    return {"daily_units": {"time": asked.timeformat, **_labels(asked, asked.daily)}, "daily": series}


def _sun_time(name: str, sun: Daylight | None, clock: _Writer) -> Written:
    if sun is None:
        return None
    return clock(sun.sunrise if name == "sunrise" else sun.sunset)


def _labels(asked: Asked, names: Sequence[str]) -> dict[str, str]:
    return {name: asked.timeformat if name in TIMES else asked.units.label(name) for name in names}


def _slot(spot: Spot, time: datetime, back: timedelta) -> Slot:
    """The air at this time, and what fell in the time before it."""
    air = moment(spot.latitude, spot.longitude, time)
    return Slot(time, air, period(spot.latitude, spot.longitude, time - back, back), spot)


def _clock(asked: Asked, spot: Spot) -> _Writer:
    """How times are written: local without an offset, or as seconds since 1970 in UTC."""
    if asked.timeformat == "unixtime":
        return lambda time: int(time.timestamp())
    return lambda time: f"{(time.astimezone(UTC) + spot.offset):%Y-%m-%dT%H:%M}"


def _floor(time: datetime, step: timedelta) -> datetime:
    utc = time.astimezone(UTC)
    return utc - (utc - datetime(1970, 1, 1, tzinfo=UTC)) % step


def _grid(degrees: float) -> float:
    """The centre of the model's cell, which is what Open-Meteo answers with."""
    return round(degrees * 8) / 8


def _json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
