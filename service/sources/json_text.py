"""Opening a text that should be JSON."""

import json

from service.sources.refusals import described, unreadable


def opened(text: str, expected: str) -> object:
    """The value in the text; `expected` names to an editor what it should be.

    Raises:
        UpstreamError: where the text is no JSON.
    """
    try:
        value: object = json.loads(text.lstrip("\ufeff \t\r\n"), strict=False, parse_constant=lambda _: None)
    except RecursionError as fault:
        raise unreadable(f"The answer is nested too deeply to be {expected}.") from fault
    except ValueError as fault:
        what = described(text)
        raise unreadable(
            f"The answer begins like JSON but is damaged; {expected} was expected."
            if what == "JSON"
            else f"This is {what}, not {expected}."
        ) from fault
    return value
