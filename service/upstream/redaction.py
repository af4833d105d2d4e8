"""Keeping keys out of what is written down: sentences for the log, and the address an answer came from."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from service.domain.ports import Request

_PARAMS = frozenset({"apikey", "appid", "api_key", "api-key", "key", "token", "access_token"})
_HEADERS = frozenset({"x-api-key", "apikey", "authorization", "proxy-authorization", "cookie"})
_NAMED = re.compile(r"\b(api[_-]?key|appid|token|access_token)(\W{1,4})[\w.~+/-]{4,}", re.IGNORECASE)
_MARKUP = re.compile(r"<(script|style)\b.{0,2000}?</\1\s*>|<[^<>]{0,500}>", re.IGNORECASE | re.DOTALL)
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
    """What an error's body says, in one line of 200 characters at the most, without markup and keys."""
    text = body.decode("utf-8", "replace")
    for secret in secrets:
        text = text.replace(secret, "…")
    text = _NAMED.sub(r"\1\2…", _MARKUP.sub(" ", text))
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_EXTRACT else line[: _LONGEST_EXTRACT - 1] + "…"


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
