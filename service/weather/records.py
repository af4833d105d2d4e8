"""Domain ⇄ bytes: JSON with its form's number in front; read whatever wrote it (`record_fields`).

What a record lacks is None, or what `domain` has where None makes no sense. It is as if it were not there
only without what it cannot be without: weather without `fetched_at` (its age cannot be told), an outlook
without `times`, an answer without a body, a moment without `at`.

Steps are kept as columns: a third of the size, and read in a fraction of the time.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from service.core.errors import Cause
from service.core.record_fields import (
    FAULTS,
    count,
    day,
    fields_of,
    flag,
    instant,
    item,
    items,
    mapping,
    number,
    one_of,
    text,
    texts,
)
from service.weather.model import (
    UNKNOWN_SKY,
    Condition,
    Current,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    Sky,
    StoredWeather,
    SunTimes,
    T,
)
from service.weather.quota import ProviderQuota, Window

R = TypeVar("R")

_VERSION = 1
_HOUR = timedelta(hours=1)
_Read = Callable[[object], Any]
_CURRENT_FIELDS: Mapping[str, _Read] = {
    "temperature": number,
    "apparent_temperature": number,
    "apparent_temperature_derived": lambda value: value is True,
    "humidity": number,
    "wind_speed": number,
    "wind_direction": number,
    "wind_gust": number,
    "pressure": number,
    "cloud_cover": number,
    "precipitation": number,
    "is_day": flag,
}
_STEP_FIELDS: Mapping[str, _Read] = {
    "hours": count,
    "temperature": number,
    "precipitation": number,
    "precipitation_probability": number,
    "wind_speed": number,
    "is_day": flag,
}


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A provider's last 200, for the day it answers 304: the same bytes are read again with a later clock.

    `validators` are the headers that make the next request conditional.
    """

    body: bytes
    validators: Mapping[str, str]


def current_to_bytes(kept: StoredWeather[Current]) -> bytes:
    """A kept moment as bytes."""
    value = kept.value
    return _dump(
        _about(kept)
        | {"time": _iso(value.time), "sky": _sky_text(value.sky)}
        | {name: getattr(value, name) for name in _CURRENT_FIELDS}
    )


def current_from_bytes(record: bytes | None) -> StoredWeather[Current] | None:
    """The kept moment, or None where the record is missing or not readable."""
    return _read(record, _current)


def outlook_to_bytes(kept: StoredWeather[HourlyForecast]) -> bytes:
    """StoredWeather hours and suns as bytes."""
    steps = kept.value.steps
    return _dump(
        _about(kept)
        | {
            "times": [int(step.time.timestamp()) for step in steps],
            "skies": [_sky_text(step.sky) for step in steps],
            "suns": [[sun.date.isoformat(), _iso(sun.sunrise), _iso(sun.sunset)] for sun in kept.value.suns],
        }
        | {name: list(map(attrgetter(name), steps)) for name in _STEP_FIELDS}
    )


def outlook_from_bytes(record: bytes | None) -> StoredWeather[HourlyForecast] | None:
    """The kept hours and suns, or None where the record is missing or not readable."""
    return _read(record, _outlook)


def answer_to_bytes(answer: KeptAnswer) -> bytes:
    """A provider's last answer as bytes: a line of JSON, then the compressed body."""
    return _dump({"validators": dict(answer.validators)}) + b"\n" + zlib.compress(answer.body)


def answer_from_bytes(record: bytes | None) -> KeptAnswer | None:
    """The kept answer, or None where the record is missing or not readable."""
    return _read(record, _answer)


def ledger_to_bytes(quota: ProviderQuota) -> bytes:
    """A provider's account as bytes."""
    return _dump(
        {
            "windows": [
                [_iso(window.start), window.units] if window else None
                for window in (quota.minute, quota.hour, quota.day)
            ],
            "failures": quota.failures,
            "rest_until": _iso(quota.rest_until),
            "cause": quota.cause,
            "last_success": _iso(quota.last_success),
            "refused": {place: until.isoformat() for place, until in quota.refused.items()},
        }
    )


def ledger_from_bytes(record: bytes | None) -> ProviderQuota:
    """The kept account, or a new one where there is none."""
    return _read(record, _quota) or ProviderQuota()


def kept_cause(fields: Mapping[str, Any]) -> Cause | None:
    """The cause of a failure in a record; older ones have a sentence instead, which is told to nobody."""
    told = fields.get("cause") or fields.get("trouble")
    if told is None:
        return None
    return next((cause for cause in Cause if cause == told), Cause.UNKNOWN)


def instant_to_bytes(instant: datetime) -> bytes:
    """A moment as bytes: when a place was last asked for."""
    return _dump({"at": instant.isoformat()})


def instant_from_bytes(record: bytes | None) -> datetime | None:
    """The kept moment, or None."""
    return _read(record, lambda kept: instant(_object(kept).get("at")))


def spots_to_bytes(spots: Mapping[str, tuple[float, float]]) -> bytes:
    """Latitude and longitude by place id, as bytes."""
    return _dump({"spots": spots})


def spots_from_bytes(record: bytes | None) -> dict[str, tuple[float, float]]:
    """Latitude and longitude by place id; empty where nothing is kept."""
    return _read(record, _spots) or {}


def _read(record: bytes | None, parse: Callable[[bytes], R]) -> R | None:
    if record is None:
        return None
    try:
        return parse(record)
    except (*FAULTS, zlib.error):
        return None  # which the next fetch replaces


def _object(record: bytes) -> dict[str, Any]:
    return fields_of(record)


def _dump(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {"v": _VERSION, **fields}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def _about(kept: StoredWeather[Current] | StoredWeather[HourlyForecast]) -> dict[str, Any]:
    return {
        "source": kept.source,
        "updated_at": _iso(kept.updated_at),
        "fetched_at": kept.fetched_at.isoformat(),
        "not_before": _iso(kept.not_before),
    }


def _kept(value: T, fields: Mapping[str, Any]) -> StoredWeather[T]:
    fetched_at = _instant(fields.get("fetched_at"))
    if fetched_at is None:
        raise ValueError("weather that was fetched nobody knows when")
    return StoredWeather(
        value,
        text(fields.get("source")) or "",
        _instant(fields.get("updated_at")),
        fetched_at,
        _instant(fields.get("not_before")),
    )


def _current(record: bytes) -> StoredWeather[Current]:
    fields = _object(record)
    value = Current(
        time=_instant(fields.get("time")),
        sky=_sky_of(fields.get("sky")),
        **{name: read(fields.get(name)) for name, read in _CURRENT_FIELDS.items()},
    )
    return _kept(value, fields)


def _outlook(record: bytes) -> StoredWeather[HourlyForecast]:
    fields = _object(record)
    times = fields["times"]
    if not isinstance(times, list):
        raise TypeError("an outlook without times")
    columns = [
        _column(fields.get("skies"), _sky_of, len(times)),
        *(_column(fields.get(name), read, len(times)) for name, read in _STEP_FIELDS.items()),
    ]
    rows = [
        (at, *values)
        for at, *values in zip(map(_moment, times), *columns, strict=True)
        if isinstance(at, datetime)
    ]
    steps = tuple(
        HourlyPoint(at, hours or _until_the_next(index, rows), sky, *values)
        for index, (at, sky, hours, *values) in enumerate(rows)
    )
    suns = tuple(
        SunTimes(date, _instant(item(sun, 1)), _instant(item(sun, 2)))
        for sun in items(fields.get("suns"))
        if (date := day(item(sun, 0))) is not None
    )
    return _kept(HourlyForecast(steps, suns), fields)


def _column(told: object, read: _Read, length: int) -> list[Any]:
    """The column's values, None for those it lacks."""
    values = [read(value) for value in items(told)[:length]]
    return values + [read(None)] * (length - len(values))


def _moment(seconds: object) -> datetime | None:
    known = count(seconds)
    try:
        return None if known is None else datetime.fromtimestamp(known, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _until_the_next(index: int, rows: Sequence[tuple[Any, ...]]) -> int:
    """How long a step is that does not say it: until the next one begins, in hours."""
    if index + 1 == len(rows):
        return 1
    apart: timedelta = rows[index + 1][0] - rows[index][0]
    return max(1, round(apart / _HOUR))


def _answer(record: bytes) -> KeptAnswer:
    head, _, body = record.partition(b"\n")
    fields = _object(head)
    return KeptAnswer(zlib.decompress(body), texts(fields.get("validators")))


def _quota(record: bytes) -> ProviderQuota:
    fields = _object(record)
    minute, hour, whole_day = (_window(item(fields.get("windows"), index)) for index in range(3))
    return ProviderQuota(
        minute,
        hour,
        whole_day,
        count(fields.get("failures")) or 0,
        _instant(fields.get("rest_until")),
        kept_cause(fields),
        _instant(fields.get("last_success")),
        {
            place: until
            for place, told in mapping(fields.get("refused")).items()
            if (until := _instant(told)) is not None
        },
    )


def _window(told: object) -> Window | None:
    start, units = _instant(item(told, 0)), number(item(told, 1))
    return None if start is None or units is None else Window(start, float(units))


def _spots(record: bytes) -> dict[str, tuple[float, float]]:
    spots = mapping(_object(record).get("spots"))
    told = {place: (number(item(spot, 0)), number(item(spot, 1))) for place, spot in spots.items()}
    return {
        place: (float(latitude), float(longitude))
        for place, (latitude, longitude) in told.items()
        if latitude is not None and longitude is not None
    }


def _sky_text(sky: Sky) -> str:
    return f"{sky.condition.value}/{sky.detail.value}"


def _sky_of(told: object) -> Sky:
    return _sky(told) if isinstance(told, str) else UNKNOWN_SKY


@cache
def _sky(text: str) -> Sky:
    """A condition that only a later version knows is unknown; of a detail alone the condition remains."""
    said, _, degree = text.partition("/")
    condition = one_of(Condition, said)
    return Sky(condition, one_of(Intensity, degree) or Intensity.PLAIN) if condition else UNKNOWN_SKY


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(told: object) -> datetime | None:
    return instant(told)
