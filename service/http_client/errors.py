"""Errors of requests, urllib3 and the socket as an `UpstreamError` with a plain sentence and without keys.

Their own messages are not passed on: they contain the whole URL, key included. For the same reason keys are
kept out of the stored address of a response, and urllib3's log is silenced.
"""

import logging
import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from requests.exceptions import ProxyError, Timeout
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.exceptions import ProxyError as PoolProxyError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.core.secrets import Secrets, is_credential, may_be_secret

_ERRORS: tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...] = (
    (
        (TimeoutError, PoolTimeoutError, Timeout),
        Cause.TIMEOUT,
        "{host} did not answer in full within the time",
    ),
    ((ConnectionError,), Cause.UNREACHABLE, "{host} closed the connection before its answer was complete"),
    ((IncompleteRead,), Cause.UNREADABLE, "the answer of {host} broke off before its end"),
    ((HTTPException, InvalidHeader), Cause.UNREADABLE, "the answer of {host} is not HTTP"),
    ((ProxyError, PoolProxyError), Cause.UNREACHABLE, "the proxy did not connect to {host}"),
)
_MAX_DEPTH = 10  # exceptions are usually wrapped three times
_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_URLLIB3_LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


def to_upstream_error(error: Exception, host: str) -> UpstreamError:
    """Return the error for this host; an `UpstreamError` that was wrapped is returned itself."""
    errors = list(_innermost_first(error))
    wrapped = next((inner for inner in errors if isinstance(inner, UpstreamError)), None)
    known = filter(None, (_known_error(inner, host) for inner in errors))
    return wrapped or next(known, _other_error(error, host))


def _innermost_first(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and those it wraps; the innermost is the most precise."""
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and len(chain) < _MAX_DEPTH:
        chain.append(inner)
        parts = (getattr(inner, "reason", None), *inner.args)
        inner = next((part for part in parts if isinstance(part, BaseException)), inner.__cause__)
    return reversed(chain)


def _known_error(error: BaseException, host: str) -> UpstreamError | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"the certificate of {host} is not accepted: {error.verify_message}"
        return UpstreamError(Cause.UNREACHABLE, why, is_sent=False)
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        why = f"no TLS with {host}: {error.reason or 'it was broken off'}"
        return UpstreamError(Cause.UNREACHABLE, why)
    if type(error) is OSError:  # its subclasses in requests have messages with the whole URL
        return UpstreamError(Cause.UNREACHABLE, f"the connection to {host} failed: {error.strerror or error}")
    for kinds, cause, sentence in _ERRORS:
        if isinstance(error, kinds):
            is_sent = not isinstance(error, (ProxyError, PoolProxyError))
            return UpstreamError(cause, sentence.format(host=host), is_sent=is_sent)
    return None


def _other_error(error: Exception, host: str) -> UpstreamError:
    if isinstance(error, ValueError) and not isinstance(error, HTTPError):
        detail = f"the request to {host} cannot be sent: a header is malformed"
        return UpstreamError(Cause.REJECTED, detail, is_sent=False)
    return UpstreamError(Cause.UNREACHABLE, f"{host} cannot be asked ({type(error).__name__})")


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
