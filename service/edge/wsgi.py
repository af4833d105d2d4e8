"""The edge as WSGI middleware, inside `create_app()`: every worker class goes through it."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from service.edge import tags
from service.edge.coding import Coding, chosen, coded, worth_coding

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
StartResponse = Callable[[str, list[tuple[str, str]], ExcInfo | None], Callable[[bytes], object]]
Application = Callable[[Environ, Any], Iterable[bytes]]

_KEPT_IN_304 = {
    "access-control-allow-origin",
    "cache-control",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
    "content-security-policy",
    "last-modified",
    "vary",
}


class Edge:
    """Codes bodies, tags them, and answers 304 to whoever has them already.

    The application's answers are small and whole, so they are gathered before they are sent. A HEAD reaches
    it as a GET, so that its headers are those of the answer it asks about.
    """

    def __init__(self, application: Application) -> None:
        """Stand in front of this application."""
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        head = environ.get("REQUEST_METHOD") == "HEAD"
        status, headers, body = self._gathered({**environ, "REQUEST_METHOD": "GET"} if head else environ)
        status, headers, body = _finished(environ, status, headers, body)
        start_response(status, headers, None)
        return [] if head or not body else [body]

    def _gathered(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> object:
            started.append((status, headers))
            return written.append

        parts = self._application(environ, start)
        try:
            written.extend(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        status, headers = started[-1]
        return status, headers, b"".join(written)


def _finished(
    environ: Environ, status: str, headers: list[tuple[str, str]], body: bytes
) -> tuple[str, list[tuple[str, str]], bytes]:
    """The answer as it goes out: coded and tagged, or 304."""
    named = {name.lower(): value for name, value in headers}
    plain = [(name, value) for name, value in headers if name.lower() != "content-length"]
    coding = Coding.IDENTITY
    if worth_coding(named.get("content-type", ""), len(body)):
        plain.append(("Vary", "Accept-Encoding"))
        coding = chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
    if status.startswith("200") and "no-store" not in named.get("cache-control", ""):
        digest = tags.digest(body)
        plain.append(("ETag", tags.tag(digest, coding)))
        if tags.matches(environ.get("HTTP_IF_NONE_MATCH", ""), digest):
            return "304 Not Modified", _of_304(plain), b""
    if coding is not Coding.IDENTITY:
        body = coded(body, coding)
        plain.append(("Content-Encoding", coding.value))
    return status, [*plain, ("Content-Length", str(len(body)))], body


def _of_304(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() in _KEPT_IN_304 | {"etag"}]
