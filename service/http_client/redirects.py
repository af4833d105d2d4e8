"""Where an upstream may send us on to, and what may travel there. Pure."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request

STATUSES = frozenset({301, 302, 303, 307, 308})
_FOR_ANYBODY = frozenset({"accept", "accept-language"})  # neither keys nor what one host's cache told us
_PORTS = {"http": 80, "https": 443}


def onward(request: Request, asked: str, location: str | None) -> Request:
    """The request that a redirect asks for; `asked` is the URL that answered with it.

    Raises:
        UpstreamError: REDIRECTS, when it names no place or leads from https to http.
    """
    here = urlsplit(asked)
    if not location:
        raise UpstreamError(Cause.REDIRECTS, f"{here.hostname} redirects without saying where")
    target = _joined(asked, location)
    there = urlsplit(target)
    if here.scheme == "https" and there.scheme == "http":
        raise UpstreamError(
            Cause.REDIRECTS, f"{here.hostname} redirects from https to http, which is not followed"
        )
    headers = request.headers if _same_host(here, there) else _public(request.headers)
    return Request(target, {}, headers, request.head)


def _joined(asked: str, location: str) -> str:
    """Header bytes arrive as Latin-1; what stands in URLs is UTF-8."""
    try:
        return urljoin(asked, location.encode("latin-1").decode("utf-8").strip())
    except ValueError:
        raise UpstreamError(
            Cause.REDIRECTS, f"{urlsplit(asked).hostname} redirects to what is no URL"
        ) from None


def _same_host(here: SplitResult, there: SplitResult) -> bool:
    """The same service: the same name and port, or its move from http to https."""
    try:
        ports = here.port or _PORTS.get(here.scheme), there.port or _PORTS.get(there.scheme)
    except ValueError:
        return False
    same_port = ports[0] == ports[1] and here.scheme == there.scheme
    return here.hostname == there.hostname and (same_port or ports == (80, 443))


def _public(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in _FOR_ANYBODY}
