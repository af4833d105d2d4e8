"""The form of the records in the store: JSON with a version in `v`, and readers for its fields.

A record may have been written by an earlier version, which did not know a field yet, or by a later one, which
writes more. So these readers require no field: one that is missing, or has another type than it should have,
is read as None, or as an empty list or mapping, and affects no other field. Unknown fields are ignored.

`v` says in which form a record was written and excludes no reader. That works because a field never changes
its meaning or its unit: what has to mean something else gets another name.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from math import isfinite
from typing import Any, TypeVar

from service.core.errors import Cause
from service.core.request_history import HOURS, RequestHistory

E = TypeVar("E", bound=Enum)
R = TypeVar("R")

_VERSION = 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_MAX_INTEGER = 10**15  # larger whole numbers are no measurements, and may not fit a float
_UNREADABLE = (
    ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, RecursionError, zlib.error
)  # fmt: skip


def encode(fields: Mapping[str, Any]) -> bytes:
    """Return a record of these fields: a line of JSON, in UTF-8."""
    return encode_text(_ENCODER.encode({"v": _VERSION, **fields}))


def encode_text(text: str) -> bytes:
    """Return the text in UTF-8; a lone surrogate, which JSON can smuggle in, becomes `?`."""
    return text.encode(errors="replace")


def decode(record: bytes | None, parse: Callable[[bytes], R]) -> R | None:
    """Return what `parse` makes of a record, or None for one that is missing or unreadable."""
    if record is None:
        return None
    try:
        return parse(record)
    except _UNREADABLE:
        return None  # the next fetch replaces it


def fields_of(record: bytes) -> dict[str, Any]:
    """Return the fields of a record.

    Raises:
        ValueError, TypeError: when it is not a JSON object.
    """
    fields = json.loads(record)
    if not isinstance(fields, dict):
        raise TypeError("a record is an object")
    return fields


def text(value: object) -> str | None:
    """Return a text, which may be empty."""
    return value if isinstance(value, str) else None


def number(value: object) -> float | None:
    """Return a finite number; a boolean is none."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_MAX_INTEGER < value < _MAX_INTEGER else None
    return None


def count(value: object) -> int | None:
    """Return a whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _MAX_INTEGER else None


def flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def instant(value: object) -> datetime | None:
    """Return a moment in ISO 8601 with its UTC offset."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def iso(at: datetime | None) -> str | None:
    """Return the value that `instant` reads."""
    return at.isoformat() if at else None


def day(value: object) -> date | None:
    """Return a date in ISO 8601."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def one_of(kind: type[E], value: object) -> E | None:
    """Return a member of an enumeration by its value, or None, as for a member of a later version."""
    try:
        return kind(value)
    except ValueError:
        return None


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def item(value: object, index: int) -> Any:
    """Return an element of a list, or None."""
    elements = items(value)
    return elements[index] if index < len(elements) else None


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def texts(value: object) -> Mapping[str, str]:
    """Return those values of an object that are texts, by name."""
    return {name: part for name, part in mapping(value).items() if isinstance(part, str)}


def history_fields(history: RequestHistory) -> dict[str, Any]:
    """Return the value that `history` reads."""
    return {"hour": iso(history.hour), "answered": history.answered, "failed": history.failed}


def history(value: object) -> RequestHistory:
    """Return the requests by hour; none where there is no hour to count from."""
    fields = mapping(value)
    hour = instant(fields.get("hour"))
    if hour is None:
        return RequestHistory()
    answered, failed = (
        tuple(count(item(fields.get(name), index)) or 0 for index in range(HOURS))
        for name in ("answered", "failed")
    )
    return RequestHistory(hour, answered, failed)


def stored_cause(fields: Mapping[str, Any]) -> Cause | None:
    """Return the cause of a failure; early records have a sentence instead, which no reader may see."""
    value = fields.get("cause") or fields.get("trouble")
    if value is None:
        return None
    return next((cause for cause in Cause if cause == value), Cause.UNKNOWN)
