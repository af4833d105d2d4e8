"""The door: one request, followed through its redirects, as a complete answer or one failure."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.adapters import DEFAULT_CA_BUNDLE_PATH
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from service.core.errors import Cause, SettingsError, UpstreamError
from service.core.ports import Answer, Request
from service.http_client import body as reading
from service.http_client import redirects, statuses
from service.http_client.address_policy import AddressPolicy
from service.http_client.errors import failure
from service.http_client.redaction import secrets_of, silence_urllib3, without_keys
from service.http_client.request import prepared
from service.http_client.transport import Transport

_REDIRECTS = 3
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie"})


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What holds for every request.

    Attributes:
        deadline: for the whole exchange: name look-up, connecting, redirects and body.
        max_bytes: of a body, decompressed.
        allow_private: host names, addresses or networks (CIDR) that may be reached though private, at any
            port.
        proxy: URL of the egress proxy. It connects for us, so its own rules decide which addresses are
            private; ours still judge scheme and port.
        ca_file: further certificate authorities, in PEM.
    """

    deadline: timedelta = timedelta(seconds=10)
    max_bytes: int = 8_000_000
    allow_private: Sequence[str] = ()
    proxy: str = field(default="", repr=False)
    ca_file: str = ""


class HttpClient:
    """The `Upstream` port over HTTP/1.1, for use from several threads. Keeps connections, never cookies."""

    def __init__(
        self, user_agent: str, clock: Callable[[], datetime], rules: ClientLimits = ClientLimits()
    ) -> None:
        """Take the User-Agent to send, the clock that dates in Retry-After are measured by, and the rules.

        Raises:
            SettingsError: when the proxy or the file of authorities cannot be used.
        """
        silence_urllib3()
        self._user_agent = user_agent
        self._clock = clock
        self._rules = rules
        self._proxies = _proxies(rules.proxy)
        self._guard = AddressPolicy.allowing(rules.allow_private)
        # Framing adds to a body; one that needs as much again as itself is no honest one.
        self._wire = Transport(self._guard, _authorities(rules.ca_file), limit=2 * rules.max_bytes + 65_536)

    def fetch(self, request: Request) -> Answer:
        """Ask once, as the port has it.

        Raises:
            UpstreamError: for every way this can fail.
        """
        redirecting: list[str] = []
        try:
            return self._followed(request, redirecting)
        except UpstreamError as error:
            is_told = not redirecting or error.cause is Cause.REDIRECTS
            detail = error.detail if is_told else f"{redirecting[0]} redirects: {error.detail}"
            raise replace(error, detail=secrets_of(request).text(detail)) from None

    def _followed(self, request: Request, redirecting: list[str]) -> Answer:
        """The answer at the end of all redirects; `redirecting` gets the hosts that sent us on."""
        ends = monotonic() + self._rules.deadline.total_seconds()
        asked: set[str | None] = set()
        while len(asked) <= _REDIRECTS:
            ready = prepared(request, self._user_agent)
            if ready.url in asked:
                raise UpstreamError(Cause.REDIRECTS, f"{_host(ready)} redirects in a circle")
            asked.add(ready.url)
            with closing(self._send(ready, ends)) as response:
                if response.status_code not in redirects.STATUSES:
                    return self._answer(response, _host(ready), has_no_body=request.head)
                request = redirects.onward(request, ready.url or "", response.headers.get("location"))
                redirecting.append(_host(ready))
        raise UpstreamError(
            Cause.REDIRECTS, f"{_host(ready)} redirects further: {_REDIRECTS} times are followed"
        )

    def _send(self, ready: PreparedRequest, ends: float) -> Response:
        """The head of the answer; its body has still to be read."""
        host = _host(ready)
        left = ends - monotonic()
        if left <= 0:
            raise UpstreamError(Cause.TIMEOUT, f"{host} did not answer in full within the time")
        if self._proxies:
            self._judge_port(ready)
        try:
            timeout = Timeout(total=left)
            return self._wire.send(ready, stream=True, timeout=timeout, proxies=self._proxies)  # type: ignore[arg-type] # requests takes urllib3's Timeout, its stubs do not say so
        except (RequestException, HTTPError, OSError, ValueError) as error:
            raise failure(error, host) from None  # the cause's own text names the whole URL, key included

    def _answer(self, response: Response, host: str, *, has_no_body: bool) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if not statuses.is_answer(response.status_code):
            raise statuses.refused(response.url, response.status_code, headers, self._clock())
        try:
            body = b"" if has_no_body else reading.whole(response, self._rules.max_bytes)
        except (HTTPError, OSError) as error:
            raise failure(error, host) from None
        kept = {name: value for name, value in headers.items() if name not in _OF_THE_WIRE}
        return Answer(response.status_code, kept, body, without_keys(response.url))

    def _judge_port(self, ready: PreparedRequest) -> None:
        parts = urlsplit(ready.url or "")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        refusal = self._guard.refusal(_host(ready), port, address=None)
        if refusal:
            raise UpstreamError(Cause.ADDRESS_REFUSED, refusal)

    def close(self) -> None:
        """Close the connections that were kept."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _host(ready: PreparedRequest) -> str:
    return urlsplit(ready.url or "").hostname or ""


def _proxies(proxy: str) -> Mapping[str, str]:
    if proxy and not proxy.lower().startswith(("http://", "https://")):
        raise SettingsError(["upstream.proxy: not a URL that begins with http:// or https://"])
    return {"http": proxy, "https": proxy} if proxy else {}


def _authorities(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
    except OSError as error:
        raise SettingsError(
            [f"upstream.ca_file: no certificates can be read from it ({error.strerror or error})"]
        ) from error
    return context
