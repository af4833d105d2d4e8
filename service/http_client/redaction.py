"""Keeping keys out of what is written down: failures, the address an answer came from, urllib3's own log."""

import logging
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from service.core.ports import Request
from service.core.secret_names import is_credential, may_be_secret
from service.core.secrets import Secrets

_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_URLLIB3 = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


def secrets_of(request: Request) -> Secrets:
    """The values in a request that nobody else should read."""
    params = urlencode({name: value for name, value in request.params.items() if may_be_secret(name)})
    headers = [
        value
        for name, value in request.headers.items()
        if name.lower() in _HEADERS or is_credential(name) or name.lower().endswith("key")
    ]
    return Secrets.of([request.url, f"?{params}"], headers)


def without_keys(url: str) -> str:
    """The URL less its fragment and the parameters that carry keys; untouched where there are none."""
    url = urldefrag(url).url
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _is_key(name)]
    return url if len(kept) == len(query) else parts._replace(query=urlencode(kept)).geturl()


def silence_urllib3() -> None:
    """Let it say nothing but errors, whatever level is set: the rest names whole URLs, keys included."""
    for module in _URLLIB3:
        logging.getLogger(f"urllib3.{module}").addFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _is_key(name: str) -> bool:
    return is_credential(name) or name.lower() in {"key", "appid"}
