"""From what requests, urllib3 and the socket raise to one of our failures, with a plain sentence.

Their own texts are not passed on: they name the whole URL, key included.
"""

import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead

from requests.exceptions import ProxyError, Timeout
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.exceptions import ProxyError as PoolProxyError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from service.core.errors import Cause, UpstreamError

_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...] = (
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
_DEEPEST = 10  # errors are wrapped some three times over


def failure(error: Exception, host: str) -> UpstreamError:
    """What went wrong with this host; a failure of ours that was wrapped on its way comes out as it was."""
    errors = list(_from_the_root(error))
    ours = next((inner for inner in errors if isinstance(inner, UpstreamError)), None)
    return ours or next(filter(None, (_told(inner, host) for inner in errors)), _unknown(error, host))


def _from_the_root(error: BaseException) -> Iterator[BaseException]:
    """The error and those it is made of, innermost first: the innermost knows best."""
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and len(chain) < _DEEPEST:
        chain.append(inner)
        parts = (getattr(inner, "reason", None), *inner.args)
        inner = next((part for part in parts if isinstance(part, BaseException)), inner.__cause__)
    return reversed(chain)


def _told(error: BaseException, host: str) -> UpstreamError | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"the certificate of {host} is not accepted: {error.verify_message}"
        return UpstreamError(Cause.UNREACHABLE, why)
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        why = f"no TLS with {host}: {error.reason or 'it was broken off'}"
        return UpstreamError(Cause.UNREACHABLE, why)
    if type(error) is OSError:  # the kinds of requests are OSErrors too, and name the whole URL
        return UpstreamError(Cause.UNREACHABLE, f"the connection to {host} failed: {error.strerror or error}")
    for kinds, cause, sentence in _SENTENCES:
        if isinstance(error, kinds):
            return UpstreamError(cause, sentence.format(host=host))
    return None


def _unknown(error: Exception, host: str) -> UpstreamError:
    if isinstance(error, ValueError) and not isinstance(error, HTTPError):
        return UpstreamError(Cause.REJECTED, f"the request to {host} cannot be sent: a header is malformed")
    return UpstreamError(Cause.UNREACHABLE, f"{host} cannot be asked ({type(error).__name__})")
