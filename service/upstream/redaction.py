"""Keeping keys out of what is written down: sentences for the log, and the address an answer came from."""

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from service.domain.ports import Request

_PARAMS = frozenset({"apikey", "appid", "api_key", "api-key", "key", "token", "access_token"})
_HEADERS = frozenset({"x-api-key", "apikey", "authorization", "proxy-authorization", "cookie"})
_NAMED = re.compile(r"\b(api[_-]?key|appid|token|access_token)(\W{1,4})[\w.~+/-]{4,}", re.IGNORECASE)
_REASONS = ("reason", "message", "detail", "title", "error")  # where JSON says in words what is wrong
_SHORTEST_SECRET = 4
_LONGEST_EXTRACT = 200


def secrets_of(request: Request) -> frozenset[str]:
    """The values in a request that nobody else should read."""
    query = [*request.params.items(), *parse_qsl(_query(request.url))]
    params = [value for name, value in query if name.lower() in _PARAMS]
    headers = [value for name, value in request.headers.items() if name.lower() in _HEADERS]
    return frozenset(value for value in (*params, *headers) if len(value) >= _SHORTEST_SECRET)


def without_keys(url: str) -> str:
    """The URL less its fragment and the parameters that carry keys; untouched where there are none."""
    url = urldefrag(url).url
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name.lower() not in _PARAMS]
    return url if len(kept) == len(query) else parts._replace(query=urlencode(kept)).geturl()


def extract(body: bytes, secrets: Iterable[str]) -> str:
    """What an error's body says, in one line of 200 characters at the most, without keys.

    Nothing for a page: it says to visitors what the status says, and everything else the portal has.
    """
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return ""
    text = _reason(text)
    for secret in secrets:
        text = text.replace(secret, "…")
    text = _NAMED.sub(r"\1\2…", text)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_EXTRACT else line[: _LONGEST_EXTRACT - 1] + "…"


def _reason(text: str) -> str:
    try:
        told = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text
    named = [told.get(name) for name in _REASONS] if isinstance(told, dict) else []
    return next((said for said in named if isinstance(said, str) and said), text)


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
