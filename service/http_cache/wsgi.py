"""The edge as WSGI middleware, inside `create_app()`: every worker class goes through it."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from service.http_cache import cache_tags
from service.http_cache.cache_key import CacheKey
from service.http_cache.content_encoding import Coding, chosen
from service.http_cache.entries import Miss
from service.http_cache.response_cache import ResponseCache
from service.http_cache.responses import AppResponse, EncodedResponse, Headers, WireResponse, forwarded

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
StartResponse = Callable[[str, list[tuple[str, str]], ExcInfo | None], Callable[[bytes], object]]
Application = Callable[[Environ, Any], Iterable[bytes]]

_SAFE = {"GET", "HEAD"}


class CachingMiddleware:
    """Answers from memory, or asks the application; codes bodies, tags them, and answers 304.

    The application's answers are small and whole, so they are gathered before they are sent. A HEAD reaches
    it as a GET, so that its headers are those of the answer it asks about. Where an answer may be kept, the
    application is told the question alone, and no header of the request: what it cannot see cannot differ
    between two readers.
    """

    def __init__(self, application: Application, memory: ResponseCache | None = None) -> None:
        """Stand in front of this application; without a memory everything is asked of it."""
        self._application, self.memory = application, memory

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """AppResponse one request."""
        finished = self.finished(environ)
        if if_none_match := environ.get("HTTP_IF_NONE_MATCH"):
            headers = finished.not_modified(if_none_match)
            if headers is not None:
                start_response("304 Not Modified", headers, None)
                return []
        start_response(finished.packed.status, finished.headers.copy(), None)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [finished.packed.body]

    def finished(self, environ: Environ) -> WireResponse:
        """What is to be said, whole, to whoever has nothing of it yet."""
        if environ["REQUEST_METHOD"] not in _SAFE:
            return self._passed_on(environ, "method")
        if self.memory is None or environ.get("SCRIPT_NAME"):
            return self._passed_on(environ, "bypass")
        return self._kept_or_made(environ, self.memory)

    def _kept_or_made(self, environ: Environ, memory: ResponseCache) -> WireResponse:
        get = environ.get
        port, path, query = get("SERVER_PORT", ""), environ["PATH_INFO"], get("QUERY_STRING", "")
        accepted = get("HTTP_ACCEPT_ENCODING", "")
        alias = (port, path, query, accepted)
        finished = memory.at_hand.get(alias)
        if finished is not None and finished.good_from <= memory.clock() < finished.good_until:
            return finished
        question = memory.questions.of(port, path, query)
        if question is None:
            return self._passed_on(environ, "bypass")
        finished = memory.find_now(question, accepted, alias)
        if finished is not None:
            return finished
        found = memory.find(question)
        if isinstance(found, Miss):
            return self._made(found, question, environ, memory)
        return memory.finished(question, found.kept, accepted)

    def _made(self, duty: Miss, question: CacheKey, environ: Environ, memory: ResponseCache) -> WireResponse:
        why, begun = "stale" if duty.stale else "uri-miss", memory.clock()
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        try:
            with cache_tags.recording() as dependencies:
                answer = self._asked(_told(environ, question))
            kept = memory.keep(question, answer, dependencies, begun, duty.flight)
            if kept is not None:
                packed = memory.packed(question, kept, accepted)
        finally:
            memory.land(question, duty.flight)
        if kept is None:
            return _once(answer, accepted, forwarded(why))
        more = [("Age", "0"), ("Cache-Status", forwarded(why, stored=True)), *kept.end(memory.clock())]
        return WireResponse(packed, more)

    def _passed_on(self, environ: Environ, why: str) -> WireResponse:
        head = environ["REQUEST_METHOD"] == "HEAD"
        answer = self._asked({**environ, "REQUEST_METHOD": "GET"} if head else environ)
        return _once(answer, environ.get("HTTP_ACCEPT_ENCODING", ""), forwarded(why))

    def _asked(self, environ: Environ) -> AppResponse:
        started: list[tuple[str, Headers]] = []
        written: list[bytes] = []

        def start(status: str, headers: Headers, _exc_info: object = None) -> object:
            started.append((status, headers))
            return written.append

        parts = self._application(environ, start)
        try:
            written.extend(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        status, headers = started[-1]
        return AppResponse(status, headers, b"".join(written))


def _told(environ: Environ, question: CacheKey) -> Environ:
    """What the application learns of a request whose answer may be kept."""
    plain = {name: value for name, value in environ.items() if not name.startswith(("HTTP_", "CONTENT_"))}
    return {**plain, "REQUEST_METHOD": "GET", "QUERY_STRING": question.query}


def _once(answer: AppResponse, accepted: str, cache_status: str) -> WireResponse:
    """An answer that is not kept."""
    coding = chosen(accepted) if answer.is_coded else Coding.IDENTITY
    return WireResponse(EncodedResponse(answer, coding), [("Cache-Status", cache_status)])
