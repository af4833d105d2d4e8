"""What of a request gets no further: the Host header, an empty path, bytes that are no text in the query."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NOBODY = "localhost"  # what the framework is told instead; no answer names it
_ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[^\x21-\x7e]")


def sanitise_request(app: "WSGIApplication") -> "WSGIApplication":
    """The same application, which never learns under which name it was asked: anybody can write that."""

    def guarding(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["HTTP_HOST"] = _NOBODY
        environ["PATH_INFO"] = environ.get("PATH_INFO") or "/"  # else it redirects there, and to that name
        query = environ.get("QUERY_STRING", "").encode("latin-1")
        environ["QUERY_STRING"] = ascii_query(query).decode("ascii")
        return app(environ, start_response)

    return guarding


def ascii_query(query: bytes) -> bytes:
    """The query as it should have been sent: some clients leave the percent signs to the server."""
    return _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), query)


def origin_form(path: str) -> str:
    """The path alone of a request to a proxy, which every server has to take (RFC 9112 §3.2.2)."""
    return _ABSOLUTE.sub("", path) or "/"
