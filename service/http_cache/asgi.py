"""The response cache as an ASGI application: stored responses from the event loop, all others from a thread.

The thread runs the WSGI middleware and returns a whole response. A bridge that passes on the parts as they
come wakes the thread and the loop for each of them, which is half of what it costs to render a page.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from time import monotonic
from typing import Any

from service.http_cache.responses import WireResponse, as_asgi
from service.http_cache.wsgi import CachingMiddleware, Environ

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

_SAFE_METHODS = {"GET", "HEAD"}
_EMPTY_BODY = {"type": "http.response.body", "body": b""}
_DEFAULT_SERVER = ("localhost", 80)  # a2wsgi's, where the server names no address


def asgi_application(  # noqa: C901 - each call would cost a quarter of the look-up
    middleware: CachingMiddleware,
    environ_of: Callable[[Scope], Environ],
    executor: Executor,
    fallback: Application,
) -> Application:
    """Return an ASGI application that serves GET and HEAD, and leaves everything else to `fallback`.

    The path of a hit is written out here and reduced to one look-up, for everything else costs more than
    that: its key is made of what the server has parsed anyway.

    Args:
        middleware: the WSGI middleware, whose cache is shared.
        environ_of: makes the WSGI environ of a scope.
        executor: the threads in which the middleware runs.
        fallback: called for other methods, and for what is no HTTP request.
    """
    cache = middleware.cache
    hot_responses, clock = (cache.hot_responses, cache.clock) if cache else ({}, monotonic)

    async def application(scope: Scope, receive: Any, send: Send) -> None:
        method = scope.get("method")  # absent for lifespan and websocket
        if method not in _SAFE_METHODS:
            return await fallback(scope, receive, send)
        accept_encoding = if_none_match = since = b""
        for name, value in scope["headers"]:  # fields of the same name are one list (RFC 9110 §5.3)
            if name == b"accept-encoding":
                accept_encoding = accept_encoding + b", " + value if accept_encoding else value
            elif name == b"if-none-match":
                if_none_match = if_none_match + b", " + value if if_none_match else value
            elif name == b"if-modified-since":
                since = value
        hot_key = (
            scope["server"],
            scope["path"],
            scope["query_string"],
            accept_encoding,
            scope.get("root_path"),
        )
        response = hot_responses.get(hot_key)
        if response is None or not response.valid_from <= clock() < response.valid_until:
            response = find_ready(scope, hot_key, accept_encoding)
            if response is None:
                response = await get_running_loop().run_in_executor(executor, respond, scope)
        if (if_none_match or since) and (start := _not_modified_start(response, if_none_match, since)):
            response.sent_not_modified[0] += 1
            await send(start)
            return await send(_EMPTY_BODY)
        response.sent[0] += 1
        await send(response.start)
        return await send(response.body if method == "GET" else _EMPTY_BODY)

    def find_ready(scope: Scope, hot_key: tuple[object, ...], accept_encoding: bytes) -> WireResponse | None:
        if cache is None or scope.get("root_path"):
            return None
        _, port = scope["server"] or _DEFAULT_SERVER
        path = scope["path"].encode().decode("latin-1")  # as in PATH_INFO: both adapters share the key
        key = cache.cache_keys.of(str(port or 0), path, scope["query_string"].decode("latin-1"))
        return cache.find_ready(key, accept_encoding.decode("latin-1"), hot_key) if key else None

    def respond(scope: Scope) -> WireResponse:
        return middleware.respond(environ_of(scope))

    return application


def _not_modified_start(
    response: WireResponse, if_none_match: bytes, since: bytes
) -> MutableMapping[str, Any] | None:
    """Return the first message of a 304; None for a client that needs the body. A tag wins over a time."""
    is_own_tag = bool(if_none_match) and if_none_match == response.etag
    if is_own_tag and response.not_modified_start is not None:
        return response.not_modified_start
    headers = response.not_modified(if_none_match.decode("latin-1"), since.decode("latin-1"))
    if headers is None:
        return None
    start = {"type": "http.response.start", "status": 304, "headers": as_asgi(headers), "joined": []}
    if is_own_tag:
        response.not_modified_start = start  # sent again to the others of this second
    return start
