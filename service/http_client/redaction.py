"""Keeping keys out of error messages, of the stored address of a response, and of urllib3's own log."""

import logging
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from service.core.ports import Request
from service.core.secrets import Secrets, is_credential, may_be_secret

_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_URLLIB3_LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


def request_secrets(request: Request) -> Secrets:
    """Return the values in a request that may authenticate it."""
    params = urlencode({name: value for name, value in request.params.items() if may_be_secret(name)})
    headers = [
        value
        for name, value in request.headers.items()
        if name.lower() in _CREDENTIAL_HEADERS or is_credential(name) or name.lower().endswith("key")
    ]
    return Secrets.of([request.url, f"?{params}"], headers)


def without_keys(url: str) -> str:
    """Return the URL without its fragment and without parameters that contain keys."""
    url = urldefrag(url).url
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    public = [(name, value) for name, value in query if not _is_key(name)]
    return url if len(public) == len(query) else parts._replace(query=urlencode(public)).geturl()


def silence_urllib3() -> None:
    """Let urllib3 log errors only: its other messages contain whole URLs, keys included."""
    for name in _URLLIB3_LOGGERS:
        logging.getLogger(f"urllib3.{name}").addFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _is_key(name: str) -> bool:
    return is_credential(name) or name.lower() in {"key", "appid"}
