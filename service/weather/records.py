"""The weather records in the store: their keys, and model ⇄ bytes.

A record is JSON with the version of its form in `v`. Records of every version are readable
(`storage/records`): an unknown field is ignored, a missing one is None, or the model's own default where
it has one. A record counts as absent only without the field that gives it a meaning: weather without
`fetched_at` (its age is unknown), an hourly forecast without `times`, a response without a body, an instant
without `at`.

The names inside are those of the first version and never change: "source" is the provider, "sky" the
condition with its intensity, "suns" the sun times, "rest_until" the end of the back-off, "refused" what is
skipped. Hourly points are stored as columns: a third of the size, and read in a fraction of the time.

Earlier versions stored precipitation as the provider told it: in the current values the sum of some time, in
hours that of the hour before (Open-Meteo), of the hour that begins, or of several hours (MET Norway). It is
brought to today's meaning when it is read; today's has names of its own.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from inspect import get_annotations
from itertools import takewhile
from operator import itemgetter
from typing import Any

from service.storage.records import (
    count,
    day,
    decode,
    encode,
    fields_of,
    flag,
    history,
    history_fields,
    instant,
    iso,
    item,
    items,
    mapping,
    number,
    one_of,
    stored_cause,
    text,
    texts,
)
from service.weather.hours import HOUR, hourly_points, moved_to_beginning
from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Current,
    Dataset,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    PolarSun,
    StoredWeather,
    SunTimes,
    T,
)
from service.weather.quota import ProviderQuota, Window

_ReadField = Callable[[object], Any]
_READERS: Mapping[Any, _ReadField] = {
    float | None: number,
    bool | None: flag,
    bool: lambda value: value is True,
    int: count,
}


def _readers(model: type[Current] | type[HourlyPoint]) -> Mapping[str, _ReadField]:
    """Return how each number and flag of a model is read, in its order."""
    return {name: _READERS[kind] for name, kind in get_annotations(model).items() if kind in _READERS}


# A new number of the model needs no line here.
_CURRENT_FIELDS = _readers(Current)
_POINT_FIELDS = _readers(HourlyPoint)

# What is of the whole hour that begins: the names in records, and those of earlier versions.
_SKIES, _EARLIER_SKIES = "hour_skies", "skies"
_OF_HOUR = {
    "precipitation": "hour_precipitation",
    "precipitation_probability": "hour_precipitation_probability",
}
_EARLIER_COLUMNS = {_EARLIER_SKIES, "hours", *_OF_HOUR}
_TOLD_AT_THE_END = {"open-meteo"}  # whose precipitation earlier versions stored at the end of its time
_MAX_HOURS = 12  # of a point of earlier versions


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A provider's last 200 response; after a 304 its body is parsed again with the clock of that moment.

    `validators` are the headers that make the next request conditional.
    """

    body: bytes
    validators: Mapping[str, str]


# Keys

DEMAND_PREFIX = "asked/"
LOCATIONS_KEY = "spots"  # the coordinates of every place for which weather is stored
PROVIDERS_KEY = "providers"  # a digest of each provider's settings
_DATASETS = frozenset(dataset.value for dataset in Dataset)


def weather_key(dataset: Dataset, place_id: str) -> str:
    """Return the key of a place's current values, or of its hourly forecast."""
    return f"{dataset.value}/{place_id}"


def place_of_weather_key(key: str) -> str | None:
    """Return the id of the place that a weather key belongs to, or None for any other key."""
    dataset, _, place_id = key.partition("/")
    return place_id if place_id and dataset in _DATASETS else None


def response_key(provider_id: str, place_id: str) -> str:
    """Return the key of the last 200 response of a provider that supports conditional requests."""
    return f"answer/{provider_id}/{place_id}"


def quota_key(provider_id: str) -> str:
    """Return the key of a provider's quota and back-off."""
    return f"ledger/{provider_id}"


def demand_key(place_id: str) -> str:
    """Return the key of the time at which readers last requested a place."""
    return DEMAND_PREFIX + place_id


def place_of_demand_key(key: str) -> str:
    """Return the id of the place that a `demand_key` belongs to."""
    return key.removeprefix(DEMAND_PREFIX)


# Current values


def current_to_bytes(stored: StoredWeather[Current]) -> bytes:
    value = stored.value
    return encode(
        _metadata(stored)
        | {"time": iso(value.time), "sky": _condition_to_text(value.condition)}
        | {name: getattr(value, name) for name in _CURRENT_FIELDS}
    )


def current_from_bytes(record: bytes | None) -> StoredWeather[Current] | None:
    """Return the current values, or None for a record that is missing or unreadable."""
    return decode(record, _current)


def _current(record: bytes) -> StoredWeather[Current]:
    fields = fields_of(record)
    fields.setdefault("precipitation_rate", _earlier_rate(fields))
    value = Current(
        time=instant(fields.get("time")),
        condition=_condition(fields.get("sky")),
        **{name: read(fields.get(name)) for name, read in _CURRENT_FIELDS.items()},
    )
    return _stored(value, fields)


def _earlier_rate(fields: Mapping[str, Any]) -> object:
    """Return mm/h from a record of an earlier version: of the sum of an unknown time none but 0."""
    precipitation: object = fields.get("precipitation")
    is_of_an_hour = text(fields.get("source")) not in _TOLD_AT_THE_END
    return precipitation if is_of_an_hour or number(precipitation) == 0 else None


# Hourly forecasts


def hourly_to_bytes(stored: StoredWeather[HourlyForecast]) -> bytes:
    columns = _columns_of(stored.value.points)
    return encode(
        _metadata(stored)
        | {
            "times": list(map(int, map(datetime.timestamp, columns["time"]))),
            _SKIES: _condition_texts(columns["condition"]),
            "suns": [
                [sun.date.isoformat(), iso(sun.sunrise), iso(sun.sunset), sun.polar]
                for sun in stored.value.sun_times
            ],
            "extremes": [
                [int(one.start.timestamp()), one.hours, one.lowest, one.highest]
                for one in stored.value.extremes
            ],
        }
        | {_OF_HOUR.get(name, name): columns[name] for name in _POINT_FIELDS}
    )


def _columns_of(points: Sequence[HourlyPoint]) -> dict[str, Sequence[Any]]:
    """Return the values of the points by the names of their fields."""
    names = HourlyPoint._fields
    columns: Iterable[Sequence[Any]] = zip(*points, strict=True) if points else [()] * len(names)
    return dict(zip(names, columns, strict=True))


def hourly_from_bytes(
    record: bytes | None, until: datetime | None = None
) -> StoredWeather[HourlyForecast] | None:
    """Return the hourly forecast, or None for a record that is missing or unreadable.

    Whoever needs only its points before `until` need not wait for the others, which may be missing then.
    """
    return decode(record, lambda readable: _hourly(readable, until))


def _hourly(record: bytes, until: datetime | None) -> StoredWeather[HourlyForecast]:
    fields = fields_of(record)
    seconds = fields["times"]
    if not isinstance(seconds, list):
        raise TypeError("an hourly forecast without times")
    if _EARLIER_COLUMNS & fields.keys():
        points = list(_earlier_points(fields, [_from_timestamp(one) for one in seconds]))
    else:
        wanted = seconds if until is None else _before(until, seconds)
        points = _points(fields, [_from_timestamp(one) for one in wanted])
    sun_times = tuple(
        SunTimes(date, instant(item(sun, 1)), instant(item(sun, 2)), one_of(PolarSun, item(sun, 3)))
        for sun in items(fields.get("suns"))
        if (date := day(item(sun, 0))) is not None
    )
    extremes = tuple(
        Extremes(start, hours, number(item(one, 2)), number(item(one, 3)))
        for one in items(fields.get("extremes"))
        if (start := _from_timestamp(item(one, 0))) and (hours := count(item(one, 1)) or 0) <= _MAX_HOURS
    )
    return _stored(HourlyForecast(tuple(points), sun_times, extremes), fields)


def _before(until: datetime, seconds: Sequence[Any]) -> list[Any]:
    end = until.timestamp()
    return list(takewhile(lambda one: number(one) is None or one < end, seconds))


def _points(fields: Mapping[str, Any], times: Sequence[datetime | None]) -> list[HourlyPoint]:
    columns = [
        _column(fields.get(_SKIES), _condition, len(times)),
        *(
            _column(fields.get(_OF_HOUR.get(name, name)), read, len(times))
            for name, read in _POINT_FIELDS.items()
        ),
    ]
    return hourly_points(row for row in zip(times, *columns, strict=True) if row[0] is not None)


def _earlier_points(fields: Mapping[str, Any], times: Sequence[datetime | None]) -> Iterator[HourlyPoint]:
    """Read the points of a record of an earlier version."""
    names = ("condition", *_POINT_FIELDS)
    columns = [
        _column(fields.get(_EARLIER_SKIES), _condition, len(times)),
        *(_column(fields.get(name), read, len(times)) for name, read in _POINT_FIELDS.items()),
    ]
    hours = _column(fields.get("hours"), count, len(times))
    rows = sorted(
        (row for row in zip(times, hours, *columns, strict=True) if row[0] is not None), key=itemgetter(0)
    )
    starts, lengths, *columns = map(list, zip(*rows, strict=True)) if rows else ([], [], *([] for _ in names))
    by_name = dict(zip(names, columns, strict=True))
    if text(fields.get("source")) in _TOLD_AT_THE_END:
        of_hour = ("condition", *_OF_HOUR)
        at_time = [name for name in names if name not in of_hour]
        starts, *columns = moved_to_beginning(
            starts, [by_name[name] for name in at_time], [by_name[name] for name in of_hour]
        )
        by_name = dict(zip((*at_time, *of_hour), columns, strict=True))
        lengths = [1] * len(starts)
    for index, start in enumerate(starts):
        values = {name: column[index] for name, column in by_name.items()}
        condition = values.pop("condition") or UNKNOWN_CONDITION
        following = starts[index + 1] if index + 1 < len(starts) else None
        yield from _hours_of(HourlyPoint(start, condition, **values), lengths[index], following)


def _hours_of(point: HourlyPoint, hours: int | None, following: datetime | None) -> Iterator[HourlyPoint]:
    """Share a point of several hours out, which lasts until the following one where it does not say how long.

    Its temperature and its wind are those at its time; its daylight is that of its middle.
    """
    until = _MAX_HOURS if following is None else round((following - point.time) / HOUR)
    told = min(hours or (1 if following is None else max(1, until)), _MAX_HOURS)
    if told == 1:
        yield point
        return
    share = None if point.precipitation is None else point.precipitation / told
    for n in range(min(told, max(1, until))):
        is_day = point.is_day if n == told // 2 else None
        hour = point._replace(time=point.time + n * HOUR, precipitation=share, is_day=is_day)
        yield hour._replace(temperature=None, wind_speed=None) if n else hour


def _column(column: object, read: _ReadField, length: int) -> list[Any]:
    """Return a column's values, with None for those that are missing at its end."""
    values = [read(value) for value in items(column)[:length]]
    return values + [read(None)] * (length - len(values))


def _from_timestamp(seconds: object) -> datetime | None:
    whole = count(seconds)
    try:
        return None if whole is None else datetime.fromtimestamp(whole, UTC)
    except (ValueError, OverflowError, OSError):
        return None


# Both


def _metadata(stored: StoredWeather[Current] | StoredWeather[HourlyForecast]) -> dict[str, Any]:
    return {
        "source": stored.provider_id,
        "updated_at": iso(stored.updated_at),
        "fetched_at": stored.fetched_at.isoformat(),
        "not_before": iso(stored.not_before),
        "others_not_before": _times_to_json(stored.others_not_before),
    }


def _stored(value: T, fields: Mapping[str, Any]) -> StoredWeather[T]:
    fetched_at = instant(fields.get("fetched_at"))
    if fetched_at is None:
        raise ValueError("weather without fetched_at")
    return StoredWeather(
        value,
        text(fields.get("source")) or "",
        instant(fields.get("updated_at")),
        fetched_at,
        instant(fields.get("not_before")),
        _times(fields.get("others_not_before")),
    )


def _times_to_json(times: Mapping[str, datetime]) -> dict[str, str]:
    return {name: time.isoformat() for name, time in times.items()}


def _times(value: object) -> dict[str, datetime]:
    return {name: time for name, text in mapping(value).items() if (time := instant(text)) is not None}


def _condition_to_text(condition: DetailedCondition) -> str:
    return f"{condition.kind.value}/{condition.intensity.value}"


def _condition_texts(conditions: Sequence[DetailedCondition]) -> list[str]:
    """Return the texts of the hours' conditions; the hours of a forecast share a few objects."""
    ids = list(map(id, conditions))
    texts = {
        key: _condition_to_text(condition)
        for key, condition in dict(zip(ids, conditions, strict=True)).items()
    }
    return [texts[key] for key in ids]


def _condition(value: object) -> DetailedCondition:
    return _condition_from_text(value) if isinstance(value, str) else UNKNOWN_CONDITION


@cache
def _condition_from_text(text: str) -> DetailedCondition:
    """Return the condition. A kind that only a later version has is unknown, such an intensity is plain."""
    kind_text, _, intensity = text.partition("/")
    kind = one_of(Condition, kind_text)
    if kind is None:
        return UNKNOWN_CONDITION
    return DetailedCondition(kind, one_of(Intensity, intensity) or Intensity.PLAIN)


# Responses for conditional requests


def response_to_bytes(response: StoredResponse) -> bytes:
    """Return a line of JSON, then the compressed body."""
    return encode({"validators": dict(response.validators)}) + b"\n" + zlib.compress(response.body)


def response_from_bytes(record: bytes | None) -> StoredResponse | None:
    """Return the response, or None for a record that is missing or unreadable."""
    return decode(record, _response)


def _response(record: bytes) -> StoredResponse:
    head, _, body = record.partition(b"\n")
    return StoredResponse(zlib.decompress(body), texts(fields_of(head).get("validators")))


# Quotas


def quota_to_bytes(quota: ProviderQuota) -> bytes:
    return encode(
        {
            "windows": [
                [iso(window.start), window.units] if window else None
                for window in (quota.minute, quota.hour, quota.day)
            ],
            "failures": quota.failures,
            "rest_until": iso(quota.backoff_until),
            "cause": quota.cause,
            "last_success": iso(quota.last_success),
            "refused": _times_to_json(quota.skipped_places),
            "failed_at": iso(quota.failed_at),
            "retry_after": iso(quota.retry_after),
            "expires": iso(quota.expires),
            "next_due": iso(quota.next_due),
            "history": history_fields(quota.history),
        }
    )


def quota_from_bytes(record: bytes | None) -> ProviderQuota:
    """Return the quota, or a new one for a record that is missing or unreadable."""
    return decode(record, _quota) or ProviderQuota()


def _quota(record: bytes) -> ProviderQuota:
    fields = fields_of(record)
    minute, hour, whole_day = (_window(item(fields.get("windows"), index)) for index in range(3))
    return ProviderQuota(
        minute,
        hour,
        whole_day,
        failures=count(fields.get("failures")) or 0,
        backoff_until=instant(fields.get("rest_until")),
        cause=stored_cause(fields),
        last_success=instant(fields.get("last_success")),
        skipped_places=_times(fields.get("refused")),
        failed_at=instant(fields.get("failed_at")),
        retry_after=instant(fields.get("retry_after")),
        expires=instant(fields.get("expires")),
        next_due=instant(fields.get("next_due")),
        history=history(fields.get("history")),
    )


def _window(value: object) -> Window | None:
    start, units = instant(item(value, 0)), number(item(value, 1))
    return None if start is None or units is None else Window(start, float(units))


# Instants: when a place was last requested by readers


def instant_to_bytes(time: datetime) -> bytes:
    return encode({"at": time.isoformat()})


def instant_from_bytes(record: bytes | None) -> datetime | None:
    """Return the instant, or None for a record that is missing or unreadable."""
    return decode(record, lambda readable: instant(fields_of(readable).get("at")))


# Providers: by id a digest of the settings, and when these last changed (None: never)


def providers_to_bytes(providers: Mapping[str, tuple[str, datetime | None]]) -> bytes:
    return encode({"providers": {name: [digest, iso(at)] for name, (digest, at) in providers.items()}})


def providers_from_bytes(record: bytes | None) -> dict[str, tuple[str, datetime | None]]:
    """Return the providers; none for a record that is missing or unreadable."""
    return decode(record, _providers) or {}


def _providers(record: bytes) -> dict[str, tuple[str, datetime | None]]:
    stored = mapping(fields_of(record).get("providers"))
    digests = {name: (text(item(one, 0)), instant(item(one, 1))) for name, one in stored.items()}
    return {name: (digest, at) for name, (digest, at) in digests.items() if digest is not None}


# Locations: latitude and longitude by place id


def locations_to_bytes(locations: Mapping[str, tuple[float, float]]) -> bytes:
    return encode({"spots": locations})


def locations_from_bytes(record: bytes | None) -> dict[str, tuple[float, float]]:
    """Return the locations; none for a record that is missing or unreadable."""
    return decode(record, _locations) or {}


def _locations(record: bytes) -> dict[str, tuple[float, float]]:
    spots = mapping(fields_of(record).get("spots"))
    pairs = {place: (number(item(spot, 0)), number(item(spot, 1))) for place, spot in spots.items()}
    return {
        place: (float(latitude), float(longitude))
        for place, (latitude, longitude) in pairs.items()
        if latitude is not None and longitude is not None
    }
