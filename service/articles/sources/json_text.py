"""Opening a text that should be JSON."""

import json
import re

from service.articles.sources.messages import described, unreadable
from service.articles.text import unicode

# Escapes that may stand for a control or for half of a surrogate pair: more than those, never fewer.
_ESCAPED = re.compile(r"\\(?:[bf]|u(?:00[01789][0-9a-f]|d[89a-f]|f[df]))", re.IGNORECASE)


def opened(text: str, expected: str) -> object:
    """The value in the text; `expected` names to an editor what it should be.

    Raises:
        UpstreamError: where the text is no JSON.
    """
    try:
        return loaded(text.lstrip("\ufeff \t\r\n"))
    except RecursionError as fault:
        raise unreadable(f"The answer is nested too deeply to be {expected}.") from fault
    except ValueError as fault:
        what = described(text)
        raise unreadable(
            f"The answer begins like JSON but is damaged; {expected} was expected."
            if what == "JSON"
            else f"This is {what}, not {expected}."
        ) from fault


def loaded(text: str) -> object:
    """The value, its strings and names without controls and lone surrogates; what is not a number is null.

    Raises:
        ValueError: where the text is no JSON.
        RecursionError: where it is nested too deeply.
    """
    value: object = json.loads(text, strict=False, parse_constant=lambda _: None)
    return _sound(value) if _ESCAPED.search(text) else value


def _sound(value: object) -> object:
    if isinstance(value, str):
        return unicode.remove_controls(value)
    if isinstance(value, dict):
        return {unicode.remove_controls(name): _sound(part) for name, part in value.items()}
    return [_sound(part) for part in value] if isinstance(value, list) else value
