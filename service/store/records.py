"""Domain ⇄ bytes: JSON with a version in front. A record of another version is as if it were not there.

Steps are kept as columns: a third of the size, and read in a fraction of the time.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from service.domain.failures import Cause
from service.domain.ledger import Ledger, Window
from service.domain.weather import Condition, Current, Detail, Kept, Outlook, Sky, Step, Sun, T

R = TypeVar("R")

_VERSION = 1
_CURRENT_FIELDS = (
    "temperature",
    "apparent_temperature",
    "apparent_temperature_derived",
    "humidity",
    "wind_speed",
    "wind_direction",
    "wind_gust",
    "pressure",
    "cloud_cover",
    "precipitation",
    "is_day",
)
_STEP_FIELDS = ("hours", "temperature", "precipitation", "precipitation_probability", "wind_speed", "is_day")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A provider's last 200, for the day it answers 304: the same bytes are read again with a later clock.

    `validators` are the headers that make the next request conditional.
    """

    body: bytes
    validators: Mapping[str, str]


def current_to_bytes(kept: Kept[Current]) -> bytes:
    """A kept moment as bytes."""
    value = kept.value
    return _dump(
        _about(kept)
        | {"time": value.time.isoformat(), "sky": _sky_text(value.sky)}
        | {name: getattr(value, name) for name in _CURRENT_FIELDS}
    )


def current_from_bytes(record: bytes | None) -> Kept[Current] | None:
    """The kept moment, or None where the record is missing or not readable."""
    return _read(record, _current)


def outlook_to_bytes(kept: Kept[Outlook]) -> bytes:
    """Kept hours and suns as bytes."""
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


def outlook_from_bytes(record: bytes | None) -> Kept[Outlook] | None:
    """The kept hours and suns, or None where the record is missing or not readable."""
    return _read(record, _outlook)


def answer_to_bytes(answer: KeptAnswer) -> bytes:
    """A provider's last answer as bytes: a line of JSON, then the compressed body."""
    return _dump({"validators": dict(answer.validators)}) + b"\n" + zlib.compress(answer.body)


def answer_from_bytes(record: bytes | None) -> KeptAnswer | None:
    """The kept answer, or None where the record is missing or not readable."""
    return _read(record, _answer)


def ledger_to_bytes(ledger: Ledger) -> bytes:
    """A provider's account as bytes."""
    return _dump(
        {
            "windows": [
                [_iso(window.start), window.units] if window else None
                for window in (ledger.minute, ledger.hour, ledger.day)
            ],
            "failures": ledger.failures,
            "rest_until": _iso(ledger.rest_until),
            "cause": ledger.cause,
            "last_success": _iso(ledger.last_success),
            "refused": {place: until.isoformat() for place, until in ledger.refused.items()},
        }
    )


def ledger_from_bytes(record: bytes | None) -> Ledger:
    """The kept account, or a new one where there is none."""
    return _read(record, _ledger) or Ledger()


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
    return _read(record, lambda kept: datetime.fromisoformat(_object(kept)["at"]))


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
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, zlib.error):
        return None  # another version's record, which the next fetch replaces


def _object(record: bytes) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(record)
    if kept["v"] != _VERSION:
        raise ValueError
    return kept


def _dump(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {"v": _VERSION, **fields}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def _about(kept: Kept[Current] | Kept[Outlook]) -> dict[str, Any]:
    return {
        "source": kept.source,
        "updated_at": _iso(kept.updated_at),
        "fetched_at": kept.fetched_at.isoformat(),
        "not_before": _iso(kept.not_before),
    }


def _kept(value: T, fields: Mapping[str, Any]) -> Kept[T]:
    return Kept(
        value,
        str(fields["source"]),
        _instant(fields["updated_at"]),
        datetime.fromisoformat(fields["fetched_at"]),
        _instant(fields["not_before"]),
    )


def _current(record: bytes) -> Kept[Current]:
    fields = _object(record)
    value = Current(
        time=datetime.fromisoformat(fields["time"]),
        sky=_sky(fields["sky"]),
        **{name: fields[name] for name in _CURRENT_FIELDS},
    )
    return _kept(value, fields)


def _outlook(record: bytes) -> Kept[Outlook]:
    fields = _object(record)
    columns = zip(fields["times"], fields["skies"], *(fields[name] for name in _STEP_FIELDS), strict=True)
    steps = tuple(
        Step(datetime.fromtimestamp(at, UTC), hours, _sky(sky), *values)
        for at, sky, hours, *values in columns
    )
    suns = tuple(
        Sun(date.fromisoformat(day), _instant(up), _instant(down)) for day, up, down in fields["suns"]
    )
    return _kept(Outlook(steps, suns), fields)


def _answer(record: bytes) -> KeptAnswer:
    head, _, body = record.partition(b"\n")
    fields = _object(head)
    return KeptAnswer(zlib.decompress(body), dict(fields["validators"]))


def _ledger(record: bytes) -> Ledger:
    fields = _object(record)
    minute, hour, day = (
        Window(datetime.fromisoformat(kept[0]), float(kept[1])) if kept else None
        for kept in fields["windows"]
    )
    return Ledger(
        minute,
        hour,
        day,
        int(fields["failures"]),
        _instant(fields["rest_until"]),
        kept_cause(fields),
        _instant(fields["last_success"]),
        {place: datetime.fromisoformat(until) for place, until in fields["refused"].items()},
    )


def _spots(record: bytes) -> dict[str, tuple[float, float]]:
    spots = _object(record)["spots"]
    return {place: (float(latitude), float(longitude)) for place, (latitude, longitude) in spots.items()}


def _sky_text(sky: Sky) -> str:
    return f"{sky.condition.value}/{sky.detail.value}"


@cache
def _sky(text: str) -> Sky:
    condition, _, detail = text.partition("/")
    return Sky(Condition(condition), Detail(detail))


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
