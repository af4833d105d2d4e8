"""The response cache as WSGI middleware; `create_app()` installs it, so every worker class uses it."""

import re
from collections.abc import Callable, Iterable
from time import perf_counter
from types import TracebackType
from typing import Any

from service.core.counters import Counters
from service.core.logs import request_id, usable_request_id
from service.http_cache import cache_tags
from service.http_cache.entries import Miss
from service.http_cache.response_cache import CacheKey, ResponseCache
from service.http_cache.responses import (
    AppResponse,
    Coding,
    EncodedResponse,
    Headers,
    WireResponse,
    forward_status,
    negotiate,
)

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
StartResponse = Callable[[str, list[tuple[str, str]], ExcInfo | None], Callable[[bytes], object]]
Application = Callable[[Environ, Any], Iterable[bytes]]
PlainResponse = tuple[str, Headers, bytes]

_SAFE_METHODS = {"GET", "HEAD"}
_ANY_HOST = "localhost"  # what the application is told; no response names it
_ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)
_REQUEST_ID, _ID = "X-Request-Id", "portal_widgets.request_id"  # the header, and its key in the environ
_NOT_ASCII = re.compile(rb"[^\x21-\x7e]")


class CachingMiddleware:
    """Serves stored responses, or calls the application; encodes bodies, adds ETags, and answers with 304.

    The application's responses are small and do not stream, so each is collected before it is sent. A HEAD
    reaches the application as a GET, so that its headers are those of the GET (RFC 9110 §9.3.2). Where a
    response may be stored, the application is given the cache key alone and no header of the request: it
    cannot depend on what it does not see.
    """

    def __init__(
        self,
        application: Application,
        cache: ResponseCache | None = None,
        counters: Counters | None = None,
        route_of: Callable[[str], str] = lambda _path: "",
        refusal: Callable[[Environ, str], PlainResponse] = lambda *_: ("429 Too Many Requests", [], b""),
    ) -> None:
        """Wrap this application.

        Args:
            application: all of whose responses pass through here.
            cache: None to call the application for every request.
            counters: count the responses, and the time that the application takes.
            route_of: returns the rule of the route for a path as in PATH_INFO: what responses are counted by.
            refusal: makes the status, headers and body for a client with this address that asks for too much.
        """
        self._application, self.cache = application, cache
        self._counters, self._route_of, self._refusal = counters or Counters(), route_of, refusal

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one request."""
        response = self.respond(environ)
        if_none_match, since = environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")
        if if_none_match or since:
            headers = response.not_modified(if_none_match or "", since or "")
            if headers is not None:
                response.sent_not_modified[0] += 1
                start_response("304 Not Modified", headers, None)
                return []
        response.sent[0] += 1
        start_response(response.encoded.status, response.headers.copy(), None)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.encoded.body]

    def respond(self, environ: Environ, *, waits: bool = True) -> WireResponse:
        """Return the whole response; 304, and the missing body of a HEAD, are left to the caller.

        It waits for a response that another thread is making, unless there is no other.
        """
        if environ["REQUEST_METHOD"] not in _SAFE_METHODS:
            return self._forward(environ, "method")
        if self.cache is None or environ.get("SCRIPT_NAME"):
            return self._forward(environ, "bypass")
        return self._find_or_make(environ, self.cache, waits=waits)

    def refuse(self, environ: Environ, address: str) -> WireResponse:
        """Return the response to a client that asks for too much; called from one thread."""
        environ[_ID] = usable_request_id(environ.get("HTTP_X_REQUEST_ID"))
        token = request_id.set(environ[_ID])
        try:
            status, headers, body = self._refusal(environ, address)
        finally:
            request_id.reset(token)
        route = self._route_of(environ["PATH_INFO"])
        response = AppResponse(status, headers, body, self._counters.response(route, status[:3]))
        extra = [("Cache-Status", forward_status("bypass")), (_REQUEST_ID, environ[_ID])]
        return WireResponse(
            EncodedResponse(response, Coding.IDENTITY), extra, response.counter.cells("bypass")
        )

    def _find_or_make(self, environ: Environ, cache: ResponseCache, *, waits: bool) -> WireResponse:
        get = environ.get
        port, path, query = get("SERVER_PORT", ""), environ["PATH_INFO"], get("QUERY_STRING", "")
        accept_encoding = get("HTTP_ACCEPT_ENCODING", "")
        hot_key = (port, path, query, accept_encoding)
        response = cache.hot_responses.get(hot_key)
        if response is not None and response.valid_from <= cache.clock() < response.valid_until:
            return response
        key = cache.cache_keys.of(port, path, query)
        if key is None:
            return self._forward(environ, "bypass")
        response = cache.find_ready(key, accept_encoding, hot_key)
        if response is not None:
            return response
        found = cache.find(key, waits=waits)
        if isinstance(found, Miss):
            return self.make(found, key, environ, cache)
        return cache.wire_response(key, found.entry, accept_encoding)

    def make(self, miss: Miss, key: CacheKey, environ: Environ, cache: ResponseCache) -> WireResponse:
        """Make the response for this key, and store it."""
        environ[_ID] = usable_request_id(environ.get("HTTP_X_REQUEST_ID"))
        reason, counted_as = ("stale", "expired") if miss.stale else ("uri-miss", "miss")
        begun = cache.clock()
        accept_encoding = environ.get("HTTP_ACCEPT_ENCODING", "")
        try:
            with cache_tags.recording() as dependencies:
                response = self._call_application(_keyed_environ(environ, key))
            entry = cache.store(key, response, dependencies, begun, miss.flight)
            if entry is not None:
                encoded = cache.encoded(key, entry, accept_encoding)
        finally:
            cache.finish(key, miss.flight)
        if entry is None:
            return _not_stored(response, environ, reason, counted_as)
        status = forward_status(reason, stored=True)
        headers = [("Age", "0"), ("Cache-Status", status), *entry.expiry_headers(cache.clock())]
        headers.append((_REQUEST_ID, environ[_ID]))
        return WireResponse(encoded, headers, response.counter.cells(counted_as))

    def _forward(self, environ: Environ, reason: str) -> WireResponse:
        environ[_ID] = usable_request_id(environ.get("HTTP_X_REQUEST_ID"))
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        response = self._call_application({**environ, "REQUEST_METHOD": "GET"} if is_head else environ)
        return _not_stored(response, environ, reason, "bypass")

    def _call_application(self, environ: Environ) -> AppResponse:
        started: list[tuple[str, Headers]] = []
        written: list[bytes] = []
        route, begun = self._route_of(environ["PATH_INFO"]), perf_counter()

        def start(status: str, headers: Headers, _exc_info: object = None) -> object:
            started.append((status, headers))
            return written.append

        token = request_id.set(environ[_ID])
        try:
            parts = self._application(sanitised(environ), start)
            try:
                written.extend(parts)
            finally:
                if close := getattr(parts, "close", None):
                    close()
        finally:
            request_id.reset(token)
        status, headers = started[-1]  # an application may start again, with exc_info (PEP 3333)
        self._counters.render_seconds.observe(perf_counter() - begun, route)
        return AppResponse(status, headers, b"".join(written), self._counters.response(route, status[:3]))


def _keyed_environ(environ: Environ, key: CacheKey) -> Environ:
    """Return the environ without what the cache key does not hold: headers, body, other parameters."""
    plain = {name: value for name, value in environ.items() if not name.startswith(("HTTP_", "CONTENT_"))}
    return {**plain, "REQUEST_METHOD": "GET", "QUERY_STRING": key.query}


def _not_stored(response: AppResponse, environ: Environ, reason: str, counted_as: str) -> WireResponse:
    accept_encoding = environ.get("HTTP_ACCEPT_ENCODING", "")
    coding = negotiate(accept_encoding) if response.is_compressible else Coding.IDENTITY
    headers = [("Cache-Status", forward_status(reason)), (_REQUEST_ID, environ[_ID])]
    return WireResponse(EncodedResponse(response, coding), headers, response.counter.cells(counted_as))


def sanitised(environ: Environ) -> Environ:
    """Return the request as the application may see it.

    It never learns under which name it was requested, for anybody can write that. An empty path becomes the
    root, as the framework would redirect there, and to that name.
    """
    query = ascii_query(environ.get("QUERY_STRING", "").encode("latin-1")).decode("ascii")
    path = environ.get("PATH_INFO") or "/"
    return {**environ, "HTTP_HOST": _ANY_HOST, "PATH_INFO": path, "QUERY_STRING": query}


def ascii_query(query: bytes) -> bytes:
    """Return the query percent-encoded, as some clients leave that to the server."""
    return _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), query)


def origin_form(path: str) -> str:
    """Return the path of a request in the form for proxies, which servers must take (RFC 9112 §3.2.2)."""
    return _ABSOLUTE.sub("", path) or "/"
