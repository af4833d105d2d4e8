"""The HTTP client: `HttpClient.fetch` turns a request into a complete response or one error.

It follows redirects, and keeps to the deadline, the size limit and the address policy of `ClientLimits`. It
never reads cookies, proxies or passwords from its surroundings.
"""

import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH
from requests.exceptions import InvalidHeader
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from service.core.errors import Cause, SettingsError, UpstreamError
from service.core.ports import Request, Response
from service.core.secrets import loggable_path
from service.http_client.address_policy import AddressPolicy
from service.http_client.body import ACCEPTED_CODINGS, read_body
from service.http_client.caching_headers import retry_after
from service.http_client.errors import request_secrets, silence_urllib3, to_upstream_error, without_keys
from service.http_client.transport import Transport

_MAX_REDIRECTS = 3
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_HEADERS_FOR_ANY_HOST = frozenset({"accept", "accept-language"})  # neither keys nor another host's validators
_COOKIE = re.compile(
    r"\s*+([!#$%&'*+.^_`|~\w-]++)\s*+=\s*+([!-:<-~]*+)\s*+(?:;|$)", re.ASCII
)  # of `Set-Cookie`
_IS_OVER = re.compile(r";\s*+(?:max-age\s*+=\s*+(?:0|-)|expires\s*+=[^;]*?\b19\d\d\b)", re.IGNORECASE)
_MAX_COOKIES, _MAX_COOKIE = 20, 4_096  # of one response; characters, as browsers take them
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie"})
_CAUSES: Mapping[int, Cause] = {
    HTTPStatus.TOO_MANY_REQUESTS: Cause.RATE_LIMITED,
    HTTPStatus.UNAUTHORIZED: Cause.FORBIDDEN,
    HTTPStatus.FORBIDDEN: Cause.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Cause.GONE,
    HTTPStatus.GONE: Cause.GONE,
}
# The characters of URLs and mail addresses that cannot end a comment or a header.
_SAFE_IN_COMMENT = ":/?#@!$&'*+,=%~[]"


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """The limits of every request.

    Attributes:
        deadline: for the whole exchange: name look-up, connecting, redirects and body.
        max_bytes: size limit of a body after decompression.
        allow_private: host names, addresses or networks (CIDR) that may be reached although they are private,
            at any port.
        proxy: URL of the egress proxy. It connects for us, so its own rules decide which addresses are
            private; scheme and port are still checked here.
        ca_file: PEM file of further certificate authorities.
    """

    deadline: timedelta = timedelta(seconds=10)
    max_bytes: int = 20_000_000
    allow_private: Sequence[str] = ()
    proxy: str = field(default="", repr=False)
    ca_file: str = ""


class HttpClient:
    """The `Upstream` port over HTTP/1.1, for use from several threads. It pools connections."""

    def __init__(
        self,
        user_agent: str,
        clock: Callable[[], datetime],
        limits: ClientLimits = ClientLimits(),
        permit: Callable[[str], None] | None = None,
    ) -> None:
        """Make a client that sends this User-Agent; the clock is needed for dates in `Retry-After`.

        `permit` is called with the URL before each request, also one that follows a redirect, and may raise
        UpstreamError to refuse it.

        Raises:
            SettingsError: when the proxy or the file of authorities cannot be used.
        """
        silence_urllib3()
        self._user_agent = user_agent
        self._clock = clock
        self._limits, self._permit = limits, permit
        self._proxies = _proxies(limits.proxy)
        self._address_policy = AddressPolicy.allowing(limits.allow_private)
        # Framing adds to a body; chunks may double it at most before it counts as an attack.
        max_received = 2 * limits.max_bytes + 65_536
        self._transport = Transport(self._address_policy, _tls_context(limits.ca_file), max_received)

    def fetch(self, request: Request) -> Response:
        """Send one request, follow its redirects and return the complete response.

        Raises:
            UpstreamError: for every way this can fail.
        """
        redirecting: list[str] = []
        try:
            return self._follow(request, redirecting)
        except UpstreamError as error:
            names_host = not redirecting or error.cause is Cause.REDIRECTS
            detail = error.detail if names_host else f"{redirecting[0]} redirects: {error.detail}"
            detail = request_secrets(request).redact(detail)
            raise replace(error, detail=detail, is_sent=error.is_sent or bool(redirecting)) from None

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, request: Request, redirecting: list[str]) -> Response:
        """Return the response after all redirects; append the redirecting hosts to `redirecting`.

        A guard that redirects to the same URL with a cookie is answered with it, once: the cookie is of this
        exchange alone, and goes to no other host.
        """
        ends = monotonic() + self._limits.deadline.total_seconds()
        visited: list[tuple[str | None, str | None]] = []
        while len(visited) <= _MAX_REDIRECTS:
            prepared = _prepare(request, self._user_agent)
            visit = prepared.url, prepared.headers.get("cookie")
            if visit in visited or [url for url, _ in visited].count(prepared.url) > 1:
                raise UpstreamError(Cause.REDIRECTS, f"{_host(prepared)} redirects in a circle")
            visited.append(visit)
            if self._permit is not None:
                self._permit(prepared.url or "")
            with closing(self._send(prepared, ends)) as response:
                if response.status_code not in _REDIRECT_STATUSES:
                    return self._complete(response, _host(prepared), has_no_body=request.head)
                request = with_cookies(request, response.raw.headers.getlist("set-cookie"))
                request = redirected_request(request, prepared.url or "", response.headers.get("location"))
                redirecting.append(_host(prepared))
        raise UpstreamError(
            Cause.REDIRECTS, f"{_host(prepared)} redirects further: {_MAX_REDIRECTS} times are followed"
        )

    def _send(self, prepared: requests.PreparedRequest, ends: float) -> requests.Response:
        """Return the response with its headers; its body has still to be read."""
        host = _host(prepared)
        seconds = ends - monotonic()
        if seconds <= 0:
            raise UpstreamError(Cause.TIMEOUT, f"{host} did not answer in full within the time")
        if self._proxies:
            self._check_port(prepared)
        try:
            timeout = Timeout(total=seconds)
            return self._transport.send(prepared, stream=True, timeout=timeout, proxies=self._proxies)  # type: ignore[arg-type] # requests takes urllib3's Timeout, its stubs do not say so
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise to_upstream_error(
                error, host
            ) from None  # the original message has the whole URL, with its key

    def _complete(self, response: requests.Response, host: str, *, has_no_body: bool) -> Response:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status_code
        is_success = 200 <= status < 300  # noqa: PLR2004 - RFC 9110's class of successes
        if not is_success and status != HTTPStatus.NOT_MODIFIED:
            raise _status_error(response.url, status, headers, self._clock())
        try:
            body = b"" if has_no_body else read_body(response, self._limits.max_bytes)
        except (HTTPError, OSError) as error:
            raise to_upstream_error(error, host) from None
        end_to_end = {name: value for name, value in headers.items() if name not in _TRANSFER_HEADERS}
        return Response(status, end_to_end, body, without_keys(response.url))

    def _check_port(self, prepared: requests.PreparedRequest) -> None:
        parts = urlsplit(prepared.url or "")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
        refusal = self._address_policy.refusal(_host(prepared), port, address=None)
        if refusal:
            raise _unsent(Cause.ADDRESS_REFUSED, refusal)


_unsent = partial(UpstreamError, is_sent=False)


def _prepare(request: Request, user_agent: str) -> requests.PreparedRequest:
    """Return the request as it is sent, its URL normalised and checked.

    Raises:
        UpstreamError: ADDRESS_REFUSED for a URL that is malformed, is not of the web, or carries a user name;
            REJECTED for a header that cannot be sent.
    """
    own_headers = {"user-agent": user_agent, "accept-encoding": ACCEPTED_CODINGS}
    headers = {name.title(): value for name, value in {**request.headers, **own_headers}.items()}
    try:
        method = "HEAD" if request.head else "GET"
        prepared = requests.Request(
            method, request.url, headers=headers, params=dict(request.params)
        ).prepare()
        parts = urlsplit(prepared.url or "")
    except InvalidHeader:
        raise _unsent(Cause.REJECTED, "the request cannot be sent: a header is malformed") from None
    except ValueError:  # everything that requests objects to in URLs, and names that IDNA cannot write
        raise _unsent(Cause.ADDRESS_REFUSED, "that is no URL that can be asked") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _unsent(Cause.ADDRESS_REFUSED, "only http and https URLs are asked")
    if "@" in parts.netloc:
        detail = f"the URL of {parts.hostname} carries a user name, which is not sent"
        raise _unsent(Cause.ADDRESS_REFUSED, detail)
    return prepared


def with_cookies(request: Request, set_cookies: Sequence[str]) -> Request:
    """Return the request with the cookies that a redirect sets; one that is malformed or over is left out."""
    headers = dict(request.headers)
    pairs = (pair.partition("=") for pair in headers.pop("cookie", "").split("; ") if pair)
    cookies = {name: value for name, _, value in pairs}
    for written in set_cookies[:_MAX_COOKIES]:
        match = _COOKIE.match(written)
        if match and len(written) <= _MAX_COOKIE:
            cookies[match[1]] = match[2]
            if _IS_OVER.search(written):
                del cookies[match[1]]
    if cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return replace(request, headers=headers)


def redirected_request(request: Request, url: str, location: str | None) -> Request:
    """Return the request that a redirect asks for; `url` is the one that redirected.

    Raises:
        UpstreamError: REDIRECTS, when the location is missing or malformed or leads from https to http.
    """
    here = urlsplit(url)
    if not location:
        raise UpstreamError(Cause.REDIRECTS, f"{here.hostname} redirects without saying where")
    try:
        # Header bytes arrive as Latin-1; URLs are UTF-8.
        target = urljoin(url, location.encode("latin-1").decode("utf-8").strip())
        there = urlsplit(target)
    except ValueError:
        raise UpstreamError(Cause.REDIRECTS, f"{here.hostname} redirects to what is no URL") from None
    if here.scheme == "https" and there.scheme == "http":
        raise UpstreamError(
            Cause.REDIRECTS, f"{here.hostname} redirects from https to http, which is not followed"
        )
    headers = request.headers
    if not _is_same_service(here, there):
        headers = {name: value for name, value in headers.items() if name.lower() in _HEADERS_FOR_ANY_HOST}
    return Request(target, {}, headers, request.head)


def _is_same_service(here: SplitResult, there: SplitResult) -> bool:
    """Return whether both are of one host and port, or the second is the first's move from http to https."""
    try:
        ports = tuple(parts.port or _DEFAULT_PORTS.get(parts.scheme) for parts in (here, there))
    except ValueError:
        return False
    same_port = ports[0] == ports[1] and here.scheme == there.scheme
    return here.hostname == there.hostname and (same_port or ports == (80, 443))


def _status_error(url: str, status: int, headers: Mapping[str, str], now: datetime) -> UpstreamError:
    """Return the error that a status means; `now` is what a date in `Retry-After` is measured from.

    The body is not quoted: it may echo the request, keys included.
    """
    parts = urlsplit(url)
    wait = retry_after(headers.get("retry-after"), now)
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    detail = f"{parts.hostname} answered {status}{phrase} for {loggable_path(parts.path)}"
    if wait:
        detail += f"; it may be asked again from {now + wait:%Y-%m-%d %H:%M:%S} UTC on"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = Cause.BROKEN
    elif status >= HTTPStatus.BAD_REQUEST:
        cause = _CAUSES.get(status, Cause.REJECTED)
    else:  # neither a success nor an error: no response to a plain GET
        cause = Cause.UNREADABLE
    return UpstreamError(cause, detail, wait, status)


def _host(prepared: requests.PreparedRequest) -> str:
    return urlsplit(prepared.url or "").hostname or ""


def _proxies(proxy: str) -> Mapping[str, str]:
    if proxy and not proxy.lower().startswith(("http://", "https://")):
        raise SettingsError(["upstream.proxy: not a URL that begins with http:// or https://"])
    return {"http": proxy, "https": proxy} if proxy else {}


@cache
def _default_tls_context() -> ssl.SSLContext:
    """Return the context of all clients without authorities of their own: the file takes 20 ms to read."""
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


def _tls_context(ca_file: str) -> ssl.SSLContext:
    if not ca_file:
        return _default_tls_context()
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:
        raise SettingsError(
            [f"upstream.ca_file: no certificates can be read from it ({error.strerror or error})"]
        ) from error
    return context


def user_agent(version: str, contact: str, public_url: str) -> str:
    """Return the User-Agent: `portal-widgets/0.1.0 (+https://widgets.example.gov.vn; ops@example.gov.vn)`.

    MET Norway requires a name and a way to reach the operator. ASCII only: anything else, blanks, line ends
    and parentheses are percent-encoded. Empty parts are left out.
    """
    product = f"portal-widgets/{quote(version, safe='+')}"
    site = f"+{quote(public_url.strip(), safe=_SAFE_IN_COMMENT)}" if public_url.strip() else ""
    comment = "; ".join(part for part in (site, quote(contact.strip(), safe=_SAFE_IN_COMMENT)) if part)
    return f"{product} ({comment})" if comment else product
