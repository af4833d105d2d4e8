"""Opening the body of an answer that should be JSON."""

import json
import re

from service.core.errors import Cause, UpstreamError

_BARE_NOT_A_NUMBER = re.compile(r"(?<=[:,\[])\s*[-+]?(?:nan|inf(?:inity)?)(?=\s*[,\]}])", re.IGNORECASE)


def open_json(body: bytes) -> object:
    """The value in the body; what is not a number (`nan`, `NaN`, `Infinity`) is null.

    Raises:
        UpstreamError: unreadable, where the body is not JSON in UTF-8.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UpstreamError(Cause.UNREADABLE, "The answer is not text in UTF-8.") from fault
    try:
        return _loads(text)
    except ValueError:
        # Open-Meteo writes a bare `nan` for a place outside a model: it must not cost the other places.
        return _loads_or_refuse(_BARE_NOT_A_NUMBER.sub("null", text))
    except RecursionError as fault:
        raise UpstreamError(Cause.UNREADABLE, "The answer is nested too deeply.") from fault


def _loads(text: str) -> object:
    value: object = json.loads(text, parse_constant=lambda _: None)
    return value


def _loads_or_refuse(text: str) -> object:
    try:
        return _loads(text)
    except (ValueError, RecursionError) as fault:
        raise UpstreamError(Cause.UNREADABLE, "The answer is not JSON.") from fault
