"""The fields of a kept record, each read for what it is.

A record may have been written by an earlier version, which did not know a field yet, or by a later one, which
writes more. So no field is required by these functions: one that is missing, or is of another kind than it
should be, reads as None, or as an empty list or mapping, and costs nothing but itself. Fields that nobody
reads are left alone.

`v`, the number in front of every record, says in which form it was written, and stops nobody from reading it.
That works because a field never changes its meaning or its unit: what has to mean something else gets another
name.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from math import isfinite
from typing import Any, TypeVar

E = TypeVar("E", bound=Enum)

FAULTS = (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, RecursionError)
_LARGEST = 10**15  # of whole numbers: what lies beyond is no measurement, and may not fit a float


def fields_of(record: bytes) -> dict[str, Any]:
    """The fields of a record.

    Raises:
        ValueError, TypeError: for what is no JSON, or no object.
    """
    told = json.loads(record)
    if not isinstance(told, dict):
        raise TypeError("a record is an object")
    return told


def text(value: object) -> str | None:
    """A text, which may be empty."""
    return value if isinstance(value, str) else None


def number(value: object) -> float | None:
    """A finite number; yes and no are none."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_LARGEST < value < _LARGEST else None
    return None


def count(value: object) -> int | None:
    """A whole number from 0 on."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST else None


def flag(value: object) -> bool | None:
    """Yes or no."""
    return value if isinstance(value, bool) else None


def instant(value: object) -> datetime | None:
    """A moment in ISO 8601 that names its zone."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def day(value: object) -> date | None:
    """A date in ISO 8601."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def one_of(kind: type[E], value: object) -> E | None:
    """A member of an enumeration by its value; a later version may have members that this one has not."""
    try:
        return kind(value)
    except ValueError:
        return None


def items(value: object) -> list[Any]:
    """A list."""
    return value if isinstance(value, list) else []


def item(value: object, index: int) -> Any:
    """A list's element at this place."""
    told = items(value)
    return told[index] if index < len(told) else None


def mapping(value: object) -> dict[str, Any]:
    """An object."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> Mapping[str, str]:
    """An object's texts by name; what else stands in it is left out."""
    return {name: said for name, said in mapping(value).items() if isinstance(said, str)}
